"""Training of the verifier that goes by pen strokes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from keras import ops

from tfhand.models.stroke_verifier.networks import StrokeVerifier
from tfhand.models.verifier.trainer import VerifierTrainer
from tfhand.training.losses import Tensor


class StrokeVerifierTrainer(VerifierTrainer):
    """Trains a `StrokeVerifier` as a `Verifier` is trained; mixtures of people are made of their strokes."""

    networks: StrokeVerifier

    def embed(self, batch: Mapping) -> Tensor:
        points, counts = self._find_strokes(batch["glyphs"], batch["characters"])
        if "partners" in batch:
            points = self._mix(points, counts, batch)
        characters = ops.reshape(batch["characters"], ops.shape(counts))
        known = points, counts, characters, ops.ones(ops.shape(counts))
        return self.forward(partial(self.networks.embed, training=True), *known)

    def _find_strokes(self, glyphs: Tensor, characters: Tensor) -> tuple[Tensor, Tensor]:
        """Points (2 W, N, POINTS, 2) and numbers of strokes (2 W, N) of glyphs (W, 2, N, S, S, 1)."""
        flat = (ops.reshape(each, (-1, *each.shape[2:])) for each in (glyphs, characters))
        return self.forward(self.networks.find_strokes, *flat)

    def _mix(self, points: Tensor, counts: Tensor, batch: Mapping) -> Tensor:
        """The points, those of mixtures moved towards their partners' where both have as many strokes."""
        shares = ops.repeat(batch["partner_shares"], 2)  # of both sets, (2 M,)
        mixed = ops.shape(shares)[0]
        theirs, their_counts = self._find_strokes(batch["partners"], batch["characters"][: mixed // 2])
        alike = ops.cast(ops.equal(counts[:mixed], their_counts), points.dtype)  # (2 M, N)
        moved = (shares[:, None] * alike)[..., None, None] * (theirs - points[:mixed])
        return ops.concatenate([points[:mixed] + moved, points[mixed:]])
