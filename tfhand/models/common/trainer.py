"""What the trainings share whose networks draw a letter from a character and a hand code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from keras import ops

from tfhand.models.cgan.config import CGANTrainConfig
from tfhand.models.common.discriminator import GlyphDiscriminator
from tfhand.models.common.networks import CodeNetworks
from tfhand.models.hand.config import HandTrainConfig
from tfhand.training import losses
from tfhand.training.trainer import GAN, mismatched_labels


class CodeGANTrainer(GAN):
    """A trainer whose letters a `GlyphDiscriminator` judges: is it this character, and is it this person's.

    Args:
        networks: that write letters, built.
        plan: weights and rates.
        people: how many the discriminator knows; 0 leaves the second question out.
        metric_names: as `GAN`.
        seed: of all noise drawn in training.
        group: letters of one character that the discriminator compares; 0 for none.
    """

    def __init__(
        self,
        networks: CodeNetworks,
        plan: HandTrainConfig | CGANTrainConfig,
        people: int,
        metric_names: Iterable[str],
        seed: int = 0,
        group: int = 0,
    ):
        judge = GlyphDiscriminator(networks.settings, people, group)
        super().__init__(networks, judge, metric_names, ema_decay=plan.ema_decay, seed=seed)
        self.settings, self.plan, self.people = networks.settings, plan, people

    def whose(self, letters: Mapping) -> tuple:
        """What the discriminator is asked about the person: (writer, form), or nothing where there are no people."""
        return (letters["writer"], letters["form"]) if self.people else ()

    def discriminator_loss(self, letters: Mapping, real, written, mismatched: bool = False, relativistic: bool = False):
        """The discriminator's loss at real letters, written ones, and real ones that are called another person's.

        Args:
            letters: as `flat_letters` gives them; writer and form are needed only where there are people.
            real, written: (B, S, S, 1) as the discriminator is shown them.
            mismatched: count real letters that are called another character as fakes as well.
            relativistic: judge every real letter against a fake one, and keep the gradient small at both. RpGAN with R1
                and R2, Huang et al. 2024 (arXiv 2501.05441), section 2.

        Returns:
            (total, named terms), among the terms "lead" (B,) of the real letters, as `losses.lead` has it.
        """
        plan, judge, characters = self.plan, self.discriminator, letters["character"]
        own = self.whose(letters)
        right, drawn = (judge.features(images)[1] for images in (real, written))  # apart: groups must not mix
        hand = None
        if own:
            other = [ops.roll(each, plan.targets, axis=0) for each in own]  # the next person of the batch
            hand = [judge.is_hand(*asked, characters) for asked in ((right, *own), (drawn, *own), (right, *other))]
        counted = own if plan.same_writer else ()  # a question that weighs nothing is not made smooth either
        logits, fake = judge.is_character(right, characters), judge.is_character(drawn, characters)
        of_real, of_fake = (fake, logits) if relativistic else (0.0, 0.0)  # rivals
        smooth = (real, written) if relativistic else (real,)
        penalty = sum(
            self.lazy_r1(lambda x: judge(x, characters, *counted), images, plan.r1_every) for images in smooth
        )
        wrong = None
        if mismatched:
            called, mask = mismatched_labels(characters)
            wrong = judge.is_character(right, called) - of_fake, mask
        logits, fake = logits - of_real, fake - of_fake
        total, terms = losses.discriminator_loss(logits, fake, penalty, plan, wrong=wrong, hand=hand)
        return total, {**terms, "lead": losses.lead(logits, None if relativistic else wrong)}  # pairs are even at 0


def flat_letters(batch: Mapping) -> dict:
    """A `HandStream`'s batch letter by letter: image (B, S, S, 1), character (B,), writer (B,) and form (B, 4)."""
    hands, targets = batch["characters"].shape
    return {
        "image": ops.reshape(batch["targets"], (hands * targets, *batch["targets"].shape[2:])),
        "character": ops.reshape(batch["characters"], (-1,)),
        "writer": ops.repeat(batch["writer"], targets, axis=0),
        "form": ops.repeat(batch["form"], targets, axis=0),
    }
