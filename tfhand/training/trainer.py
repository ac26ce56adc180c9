"""What the trainers of all families share: EMA networks, optimizers, metrics and a state that can be saved whole."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tfhand.nn.precision import as_float32
from tfhand.training.backend import divide, fit, input_gradient, value_and_grad
from tfhand.training.lazy import LazyTerm, Tensor, Terms
from tfhand.training.losses import r1_penalty

SEED_PREFIX = "seed_"  # of the names of seed generators in a file of weights


class Trainer(keras.Model):
    """Networks to ship, the moving average of their weights, and all that a training of them needs.

    A subclass adds its optimizers in its constructor (`add_optimizer`) and writes `optimize` and `sample_grid`.
    Everything exists before the first step, so that a checkpoint can be restored into it. Initial weights are drawn
    when the networks are made: call keras.utils.set_random_seed before that to repeat a run.

    `compile` and `fit` are those of any Keras model, with the same callbacks, under TensorFlow; under JAX `fit` runs
    the same steps in a short loop.

    Args:
        networks: a built model of everything that is shipped, with get_config and from_config.
        metric_names: of the values that `optimize` returns; "loss" is always among them.
        ema_decay: of the exponential moving average of the networks' weights, per step.
        seed: of all noise drawn in training.

    Attributes:
        ema: the networks with averaged weights.
        step: number of steps taken, a weight.
        writer_count: how many writers have a vector of their own; 0 unless a subclass says otherwise.
        group, neighbours: rows of a batch that its networks compare, for `forward`; 1 for none.
    """

    writer_count, group, neighbours = 0, 1, 1

    def __init__(self, networks: keras.Model, metric_names: Iterable[str], ema_decay: float = 0.999, seed: int = 0):
        super().__init__()
        self.networks = networks
        self.ema = type(networks).from_config(networks.get_config())
        self.ema.trainable = False
        self.init_weights(networks.get_weights())
        self.ema_decay, self.seed = ema_decay, seed
        self.random = keras.random.SeedGenerator(seed)
        self.step = self.add_weight(name="step", shape=(), dtype="int", initializer="zeros", trainable=False)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in dict.fromkeys(["loss", *metric_names])}
        self.optimizers: dict[str, keras.optimizers.Optimizer] = {}
        self.keep_means = False
        self.built = True  # all weights exist: `BackupAndRestore` loads them before the first step

    def init_weights(self, values: Sequence[np.ndarray]) -> None:
        """Sets the networks and their averages to weights as `get_weights` gives them; call before training."""
        self.networks.set_weights(values)
        self.ema.set_weights(values)

    def compile(self, *, jit_compile: bool = False, steps_per_execution: int = 1) -> None:
        """Readies `fit`. The optimizers are the trainer's own.

        Args:
            jit_compile: compile steps with XLA.
            steps_per_execution: steps in one call of the compiled graph; callbacks run once for all of them.
        """
        super().compile(optimizer=None, jit_compile=jit_compile, steps_per_execution=steps_per_execution)

    def fit(self, x: Iterable[Mapping], *, callbacks: Any = None, **options: Any) -> Any:
        """Trains on batches; see `keras.Model.fit`.

        Args:
            x: a tf.data.Dataset of batches; under JAX any iterable of batches of arrays, taken once.
            callbacks: Keras callbacks, or a `keras.callbacks.CallbackList`.
            **options: of `keras.Model.fit`; under JAX there are none.

        Returns:
            the History under TensorFlow, None under JAX.
        """
        return fit(self, x, callbacks, **options)

    def add_optimizer(
        self, name: str, variables: Sequence, learning_rate: Any, beta_1: float = 0.0, beta_2: float = 0.99
    ) -> keras.optimizers.Adam:
        """An Adam for these variables, already built, kept in `optimizers` and in the saved state.

        The learning rate is a number or one of Keras's schedules.
        """
        optimizer = keras.optimizers.Adam(learning_rate, beta_1, beta_2, epsilon=1e-8, name=name)
        optimizer.build(list(variables))
        self.optimizers[name] = optimizer
        return optimizer

    def forward(self, fn: Callable, *tensors: Tensor, group: int = 1, neighbours: int = 1) -> Any:
        """What networks make of a batch: computed by all devices in parts, and given back as floats of 32 bits.

        All that takes long belongs into it; around it losses see the whole batch.

        Args:
            fn: maps tensors (B, ...) to a tensor (n B, ...) or a structure of such, part i by row i of the tensors
                alone. What it takes from elsewhere than these tensors and the networks' weights gets no gradient.
            *tensors: of the same B.
            group: rows that fn compares, those B / group apart.
            neighbours: rows that it compares, those next to each other.
        """

        def in_32_bits(*rows):
            return keras.tree.map_structure(_float32, fn(*rows))

        return divide(in_32_bits, *tensors, group=group, neighbours=neighbours)

    def minimize(
        self, loss: Callable[[], tuple[Tensor, Terms]], lazy: LazyTerm | None = None, **groups: Sequence
    ) -> tuple[Tensor, Terms]:
        """One step down the gradient of a loss.

        Args:
            loss: takes nothing and returns (total, named terms), as this does.
            lazy: what is added to it at some steps.
            **groups: by the name of an optimizer, the variables that it moves.
        """
        variables = [each for group in groups.values() for each in group]
        total, terms, gradients = value_and_grad(loss, variables)
        if lazy is not None:
            more, lazy_terms, gradients = self._add_lazy_gradients(lazy, variables, gradients)
            total, terms = total + more, {**terms, **lazy_terms}
        for name, group in groups.items():
            self.optimizers[name].apply(gradients[: len(group)], group)
            gradients = gradients[len(group) :]
        return total, terms

    def _add_lazy_gradients(self, lazy: LazyTerm, variables: Sequence, gradients: Sequence) -> tuple:
        """(total, named terms) of a lazy term by the step, and the gradients with its own added where it is due.

        The gradient is taken inside the branch: XLA cannot take every gradient through one.
        """
        known = [
            ops.zeros_like(variable) if gradient is None else gradient
            for variable, gradient in zip(variables, gradients, strict=True)
        ]

        def due():
            total, terms, own = value_and_grad(lazy.loss, variables)
            both = [one if more is None else one + more for one, more in zip(known, own, strict=True)]
            return total, terms, both

        def resting():
            return ops.zeros(()), dict(lazy.resting), known

        return ops.cond(ops.equal(self.step % lazy.every, 0), due, resting)

    def train_step(self, batch: Mapping) -> Terms:
        """One step of all networks on a batch; gives the running means of the metrics."""
        values = self.optimize(batch)
        self.update_ema()
        self.step.assign_add(1)
        return self.update_metrics(values)

    def update_ema(self) -> None:
        """Moves the averaged weights by 1 - decay towards the networks' own.

        The decay begins low and rises to its setting, (1 + t) / (10 + t) at most: the first weights are soon forgotten.
        """
        step = ops.cast(self.step, "float32")
        decay = ops.minimum(self.ema_decay, (1 + step) / (10 + step))
        for slow, fast in zip(self.ema.weights, self.networks.weights, strict=True):
            slow.assign(slow + (1 - decay) * (fast - slow))

    def update_metrics(self, values: Mapping) -> Terms:
        """Adds scalars to the trackers of their names and gives all running means."""
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self.trackers.items()}

    def reset_metrics(self) -> None:
        """Sets the running means to nothing; not at the start of a run that goes on, whose means were restored."""
        if self.keep_means:
            self.keep_means = False
        else:
            super().reset_metrics()

    def normal(self, batch: int, size: int) -> Tensor:
        """Standard normal noise of shape (batch, size) from the trainer's own generator."""
        return keras.random.normal((batch, size), seed=self.random)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The trackers of the metrics."""
        return list(self.trackers.values())

    @property
    def trained_networks(self) -> list[keras.Model]:
        """All networks that are trained, to be listed by name and size."""
        return list(self.networks.layers)

    @property
    def auxiliary(self) -> dict[str, keras.Model]:
        """Networks, by name, that a preset holds beside the averaged ones, so that another training can go on."""
        return {}

    @property
    def state_variables(self) -> list:
        """Everything that a step changes, in a fixed order.

        Weights, averaged weights, step counter and seed generators, running means, then each optimizer's variables but
        its learning rate: that one is a setting, and a branch may have another.
        """
        return [*self.variables, *self.metrics_variables] + [
            variable
            for optimizer in self.optimizers.values()
            for variable in optimizer.variables
            if variable is not optimizer.learning_rate
        ]

    def save_own_variables(self, store: Any) -> None:
        """Called by Keras to save weights, which leaves out seed generators: a restored training needs them too."""
        super().save_own_variables(store)
        for number, state in enumerate(self._seed_states()):
            store[f"{SEED_PREFIX}{number}"] = state

    def load_own_variables(self, store: Any) -> None:
        """Called by Keras to load weights."""
        names = list(store.keys())
        stored = {name: store[name] for name in names}
        for number, state in enumerate(self._seed_states()):
            state.assign(stored.pop(f"{SEED_PREFIX}{number}"))
        super().load_own_variables(stored)

    def _seed_states(self) -> list:
        weights = {id(variable) for variable in self.weights}
        return [variable for variable in self.variables if id(variable) not in weights]

    @abstractmethod
    def optimize(self, batch: Mapping) -> Terms:
        """Moves all networks by one step on a batch; gives "loss", the sum of all totals, and the metrics' values."""

    @abstractmethod
    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """A picture that shows what the averaged networks can do; uint8 of shape (height, width), ink white."""


class GAN(Trainer):
    """A trainer with a discriminator, a built model, beside its networks; the rest as `Trainer`."""

    def __init__(self, networks: keras.Model, discriminator: keras.Model, metric_names: Iterable[str], **options: Any):
        super().__init__(networks, metric_names, **options)
        self.discriminator = discriminator

    @property
    def trained_networks(self) -> list[keras.Model]:
        return [*super().trained_networks, self.discriminator]

    def lazy_r1(
        self, logits: Callable, images: Sequence[Tensor], weight: float, every: int, labels: Sequence[Tensor] = ()
    ) -> LazyTerm:
        """R1 at each `every`-th step, so many times stronger, and 0 at the others.

        Args:
            logits: of images and their labels, (B,); their sum is differentiated by the images.
            images: batches (B, S, S, 1), whose penalties are added up; the real ones alone, usually.
            weight: in the loss; the named term "r1" is without it.
            every: steps from one to the next.
            labels: of the images, (B, ...) each.
        """

        def gradient(images, *labels):
            return input_gradient(lambda images: logits(images, *labels), images)[1]

        def loss():
            compared = {"group": self.group, "neighbours": self.neighbours}
            found = [self.forward(gradient, each, *labels, **compared) for each in images]
            penalty = every * sum(r1_penalty(each) for each in found)
            return weight * penalty, {"r1": penalty}

        return LazyTerm(loss, {"r1": ops.zeros(())}, every)


def _float32(tensor: Tensor) -> Tensor:
    """A float in 32 bits; whole numbers stay."""
    return as_float32(tensor) if keras.backend.is_float_dtype(tensor.dtype) else tensor


def cosine_decay(learning_rate: float, steps: int) -> Any:
    """A learning rate that falls to 0 over some steps along a cosine; as it is for 0 steps.

    Loshchilov & Hutter, 2017 (arXiv 1608.03983), equation 5, without restarts.
    """
    return keras.optimizers.schedules.CosineDecay(learning_rate, steps) if steps else learning_rate


def mismatched_labels(characters: Tensor) -> tuple[Tensor, Tensor]:
    """Other characters (B,) for images of these (B,), and a mask (B,): 0 where the other is the same by chance."""
    other = ops.roll(characters, 1, axis=0)
    return other, ops.cast(ops.not_equal(other, characters), "float32")
