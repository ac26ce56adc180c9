"""How data become the trainer and the streams of a GAN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfhand.core.config import ConfigError
from tfhand.errors import ArchiveError, PresetError
from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.setup import Prepared, contents, dictation_streams, hand_streams, letter_streams, shares_of, split
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.models.stylegan.config import StyleGANConfig, StyleGANTrainConfig

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.data.streams.writers import HandStream


def prepare_stargan(
    archives: Sequence[Archive], settings: StarGANConfig, training: StarGANTrainConfig, seed: int
) -> Prepared:
    import keras

    from tfhand.data.streams.domains import DomainStream
    from tfhand.models.stargan.trainer import StarGANTrainer

    if len(archives) != 1:
        raise ArchiveError("StarGAN v2 learns from one data set; give --data once.")
    seen, unseen = split(archives[0], training.validation)
    if training.same_writer:
        seen.need_writers()
    shape = settings.characters, settings.image_size, training.batch_size
    stream, shown = DomainStream(seen, *shape, seed=seed), DomainStream(unseen, *shape, seed=seed)
    keras.utils.set_random_seed(seed)
    trainer = StarGANTrainer(settings, training, writers=stream.writer_count, seed=seed)
    return Prepared(trainer, stream, shown, training.batch_size)


def prepare_cgan(archives: Sequence[Archive], settings: CGANConfig, training: CGANTrainConfig, seed: int) -> Prepared:
    """The conditional GAN, on letters or, where writers are asked for, on people's letters."""
    from tfhand.models.cgan.trainer import CGANTrainer

    if settings.writers:
        _verifier(training.verifier, settings)
        stream, shown = hand_streams(archives, settings, training, 1, seed)
        trainer = CGANTrainer(settings, training, stream.writer_count, seed)
    else:
        stream, shown = letter_streams(archives, settings, training, seed)
        trainer = CGANTrainer(settings, training, seed=seed)
    return Prepared(trainer, stream, shown, training.batch_size)


def prepare_cgan_from(
    archives: Sequence[Archive], settings: CGANConfig, training: CGANTrainConfig, seed: int, preset: str
) -> Prepared:
    """The conditional GAN begun with a preset: half of each batch are letters that the preset wrote itself.

    With writers the new people have the last vectors of the table. Only where the data are those that the preset was
    trained on, with the same people held out, nobody is new, and the training just goes on.
    """
    import keras

    from tfhand.data.streams.glyphs import GlyphStream
    from tfhand.models import presets
    from tfhand.models.cgan.replay import ReplayStream, find_hands, replayed_glyphs, with_people
    from tfhand.models.cgan.trainer import CGANTrainer

    shares = shares_of(archives, training)
    seen = [split(archive, training.validation)[0] for archive in archives]
    networks, hands, people = presets.load(preset), None, 0
    if settings.writers and _trained_on(preset, archives) and _count(seen) == networks.people:
        prepared = prepare_cgan(archives, settings, training, seed)
        prepared.trainer.begin(networks.get_weights())
        return prepared
    if settings.writers:
        new = _half_of_hands(seen, shares, settings, training, seed)
        hands = find_hands(networks, _verifier(training.verifier, settings), seen, seed)
        stream = ReplayStream(networks, new)
        people = stream.writer_count
    elif any((archive.places_in(settings.characters) >= 0).any() for archive in seen):
        own, shape = replayed_glyphs(networks, seed), (settings.image_size, training.batch_size)
        archives, shares = [own, *seen], [sum(shares), *shares]
        stream = GlyphStream(archives, shares, settings.characters, *shape, seed, group=training.group)
    else:
        raise ArchiveError(f"The data hold none of {settings.characters}, which is all that {preset} knows.")
    keras.utils.set_random_seed(seed)
    trainer = CGANTrainer(settings, training, people, seed)
    trainer.begin(networks.get_weights() if hands is None else with_people(networks, hands))
    return Prepared(trainer, stream, stream, training.batch_size)


def _trained_on(preset: str, archives: Sequence[Archive]) -> bool:
    """Whether these are the data of the preset's record."""
    from tfhand.models import presets

    known = presets.config(preset)["training"].get("data", ())
    return len(known) == len(archives) and all(
        contents(archive).items() <= each.items() for archive, each in zip(archives, known, strict=True)
    )


def _count(archives: Sequence[Archive]) -> int:
    """The people in all archives."""
    return sum(len(archive.need_writers(least=1)) for archive in archives)


def _half_of_hands(
    archives: Sequence[Archive], shares: Sequence[float], settings: CGANConfig, training: CGANTrainConfig, seed: int
) -> HandStream:
    """Batches of half as many people as there are in a step, everyone of the archives among them."""
    from tfhand.data.streams.writers import HandStream

    if training.hands % 2:
        raise ConfigError(
            f"Half of a batch's people are the preset's own; make --batch-size a multiple of {2 * training.targets}."
        )
    shape = settings.characters, settings.image_size, training.hands // 2, training.targets, 1
    stream = HandStream(archives, shares, *shape, seed)
    if stream.writer_count != _count(archives):
        raise ArchiveError(f"Someone in the data has not written two different ones of {settings.characters}.")
    return stream


def prepare_stylegan(
    archives: Sequence[Archive], settings: StyleGANConfig, training: StyleGANTrainConfig, seed: int
) -> Prepared:
    """StyleGAN, on letters or, where it is asked who wrote them, on what several people write alike."""
    from tfhand.models.stylegan.trainer import StyleGANTrainer

    _verifier(training.verifier, settings)
    if training.same_writer:
        stream, shown = dictation_streams(archives, settings, training, seed)
    else:
        stream, shown = letter_streams(archives, settings, training, seed, training.vary)
    return Prepared(StyleGANTrainer(settings, training, seed), stream, shown, training.batch_size)


def prepare_stylegan_from(
    archives: Sequence[Archive], settings: StyleGANConfig, training: StyleGANTrainConfig, seed: int, preset: str
) -> Prepared:
    """StyleGAN begun with a preset, and with its discriminator where the preset holds that as well."""
    from tfhand.models import presets

    prepared = prepare_stylegan(archives, settings, training, seed)
    prepared.trainer.begin(presets.load(preset).get_weights())
    presets.load_beside(preset, prepared.trainer.beside)
    return prepared


def prepare_hand(archives: Sequence[Archive], settings: HandConfig, training: HandTrainConfig, seed: int) -> Prepared:
    from tfhand.models.hand.trainer import HandTrainer

    verifier = _verifier(training.verifier, settings)
    stream, shown = hand_streams(archives, settings, training, training.references, seed)
    trainer = HandTrainer(settings, training, stream.writer_count, verifier, seed)
    return Prepared(trainer, stream, shown, training.hands * training.targets)


def _verifier(name: str, settings: CGANConfig | HandConfig | StyleGANConfig) -> Any:
    """The verifier that a training names, None if it names none.

    Raises:
        PresetError: it does not know these characters at this size.
    """
    from tfhand.models import presets

    if not name:
        return None
    verifier = presets.load(name)
    if presets.config(name)["class"] != "Verifier":
        raise PresetError(f"The preset {name} is no verifier; choose another for --verifier.")
    if (verifier.characters, verifier.settings.image_size) != (settings.characters, settings.image_size):
        raise PresetError(f"The verifier {name} knows other characters, or glyphs of another size, than this training.")
    return verifier
