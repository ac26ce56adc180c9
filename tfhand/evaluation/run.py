"""One entry to all evaluations: which one a preset gets depends on what it can do."""

from __future__ import annotations

from tfhand.data import sources
from tfhand.data.written import Written
from tfhand.errors import HandwritingError, PresetError
from tfhand.evaluation.config import EvaluationConfig
from tfhand.evaluation.hands_evaluation import evaluate_hands
from tfhand.evaluation.letters_evaluation import evaluate_alignment, evaluate_translation, evaluate_unconditional
from tfhand.evaluation.one_hand_evaluation import evaluate_one_hand
from tfhand.evaluation.report import Report, Tell
from tfhand.evaluation.training_overlap import held_out, overlap_warnings
from tfhand.evaluation.words.evaluation import evaluate_words
from tfhand.hands.hand import Hand
from tfhand.models import registry
from tfhand.models.registry import require_capability
from tfhand.models.spec import Capability


def evaluate(config: EvaluationConfig, tell: Tell = lambda what: None, warn: Tell = lambda sentence: None) -> Report:
    """Evaluates a preset.

    A preset that translates letters is asked whether they are read as what they should be; one that keeps a person's
    hand is compared with people's own letters; any other that writes is evaluated on letters that it makes of noise. An
    aligner is asked whether it finds the letters of words. With `words` it is joined writing that is compared.

    Args:
        config: which preset, on whose letters, and how.
        tell: is called with the progress now and then.
        warn: is called with a sentence where a network knows the people that it is to be evaluated on.

    Raises:
        HandwritingError: a preset, an archive or a Hand that is missing or cannot serve.

    Example:
        report = tfhand.evaluation.evaluate(EvaluationConfig("hand62", data=("unipen_writers.npz",)))
        report.save("evaluation/")
    """
    if config.words:
        return evaluate_words(config, tell, warn)
    if config.hand:
        hand = Hand.load(config.hand)
        size = require_capability(config.preset, Capability.RATES_SAMPLES, "PRESET")["image_size"]
        require_capability(config.reader, Capability.READS, "--reader", size)
        _check_verifiers(config, size)
        return evaluate_one_hand(config, hand, tell)
    if Capability.ALIGNS in registry.capabilities(config.preset):
        _check_alone(config)
        words = [sources.load_words(name) for name in config.data]
        people = [_compared(config, *each) for each in zip(config.data, words, strict=True)]
        return evaluate_alignment(config, words, people, tell)
    able = _checked(config)
    archives = [sources.load(name) for name in config.data]
    people = [_compared(config, *each) for each in zip(config.data, archives, strict=True)]
    if Capability.KEEPS_HAND not in able:
        return evaluate_unconditional(config, archives, people, tell)
    translates = Capability.TRANSLATES in able
    others = (config.reader,) if translates else (config.reader, *config.verifier, *config.beside)
    for sentence in overlap_warnings(others, config.data, people):
        warn(sentence)
    return (evaluate_translation if translates else evaluate_hands)(config, archives, people, tell)


def _check_alone(config: EvaluationConfig) -> None:
    """Raises HandwritingError where --beside or --projections ask what only letters can be asked."""
    for flag, asked in (("--beside", config.beside), ("--projections", config.projections)):
        if asked:
            raise HandwritingError(f"The preset {config.preset} is judged alone; leave {flag} out.")


def _compared(config: EvaluationConfig, name: str, archive: Written) -> list[int]:
    """The writers of an archive on whom the preset is evaluated."""
    if not config.unseen:
        return held_out(config.preset, name)
    return archive.split_writers(config.unseen)[1].tolist()


def _checked(config: EvaluationConfig) -> Capability:
    """What the preset can do, after a look at all other presets of the evaluation.

    Raises:
        HandwritingError: one of them cannot do its part, or a setting does not fit the preset.
    """
    size = require_capability(config.preset, Capability.WRITES, "PRESET")["image_size"]
    able = registry.capabilities(config.preset)
    keeps_hand, translates = Capability.KEEPS_HAND in able, Capability.TRANSLATES in able
    if keeps_hand:
        require_capability(config.reader, Capability.READS, "--reader", size)
    if config.projections and Capability.HAS_STYLES not in able:
        raise HandwritingError(f"The preset {config.preset} is no StyleGAN; leave --projections out.")
    if config.beside and (translates or not keeps_hand):
        raise HandwritingError(f"The preset {config.preset} is judged alone; leave --beside out.")
    if not keeps_hand or translates:
        return able
    _check_verifiers(config, size)
    for name in config.beside:
        require_capability(name, Capability.WRITES, "--beside", size)
        if Capability.KEEPS_HAND not in registry.capabilities(name):
            raise PresetError(f"The preset {name} knows characters and no hands; choose another for --beside.")
    if config.projections:
        require_capability(config.features, Capability.READS, "--features", size)
    return able


def _check_verifiers(config: EvaluationConfig, size: int) -> None:
    for name in config.verifier:
        require_capability(name, Capability.VERIFIES, "--verifier", size)
