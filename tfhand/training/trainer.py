"""What the trainers of all families share: twins, optimizers, metrics and a state that can be saved whole."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence

import keras
import numpy as np
from keras import ops

from tfhand.training.backend import compile_step, input_gradient, value_and_grad
from tfhand.training.losses import r1_penalty


class Trainer(keras.Model):
    """Networks to ship and their averaged twin, and all that a training of them needs.

    A subclass adds its optimizers in its constructor (`add_optimizer`) and writes `train_step` and `sample_grid`.
    Everything exists before the first step, so that a checkpoint can be restored into it. Initial weights are drawn
    when the networks are made: call keras.utils.set_random_seed before that to repeat a run.

    Args:
        networks: a built model of everything that is shipped, with get_config and from_config.
        metric_names: of the values that `record` will be given; "loss" is always among them.
        average_decay: of the exponential moving average of the networks' weights, per step.
        seed: of all noise drawn in training.

    Attributes:
        people: how many have a vector of their own; 0 unless a subclass says otherwise.
    """

    people = 0

    def __init__(
        self,
        networks: keras.Model,
        metric_names: Iterable[str],
        ema_decay: float = 0.999,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.networks = networks
        self.averaged = type(networks).from_config(networks.get_config())
        self.averaged.trainable = False
        self.begin(networks.get_weights())
        self.ema_decay, self.seed = ema_decay, seed
        self.random = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(name="steps", shape=(), dtype="int", initializer="zeros", trainable=False)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in dict.fromkeys(["loss", *metric_names])}
        self.optimizers = {}

    def begin(self, values: Sequence[np.ndarray]) -> None:
        """Sets the networks and their averaged twin to weights as `get_weights` gives them; call before training."""
        self.networks.set_weights(values)
        self.averaged.set_weights(values)

    def run(self, batches: Iterable[Mapping], callbacks: Sequence[keras.callbacks.Callback], jit: bool = False) -> None:
        """Takes a compiled step on each batch: what Model.fit does, and the same under every backend.

        Args:
            batches: of arrays, all of the same shapes.
            callbacks: told of the run and of every step; one may end it by setting `stop_training`.
            jit: compile with XLA.
        """
        take = compile_step(self.train_step, jit)
        watching, logs = keras.callbacks.CallbackList(callbacks, model=self), {}
        self.stop_training = False
        self.reset_metrics()
        watching.on_train_begin()
        for number, batch in enumerate(batches):
            logs = {name: float(value) for name, value in take(batch).items()}
            watching.on_train_batch_end(number, logs)
            if self.stop_training:
                break
        watching.on_train_end(logs)

    def add_optimizer(
        self, name: str, variables: Sequence, learning_rate: float, beta_1: float = 0.0, beta_2: float = 0.99
    ) -> keras.optimizers.Adam:
        """An Adam for these variables, already built, kept in `optimizers` and in the saved state."""
        optimizer = keras.optimizers.Adam(learning_rate, beta_1, beta_2, epsilon=1e-8, name=name)
        optimizer.build(list(variables))
        self.optimizers[name] = optimizer
        return optimizer

    def apply(self, optimizers, loss_fn: Callable, variables):
        """One step down the gradient of `loss_fn`, which returns (total, named terms) as this does.

        `optimizers` and `variables` are one optimizer and its list of variables, or equally long lists of both for
        networks that move together.
        """
        if isinstance(optimizers, keras.optimizers.Optimizer):
            optimizers, variables = [optimizers], [variables]
        total, terms, gradients = value_and_grad(loss_fn, [each for group in variables for each in group])
        for optimizer, group in zip(optimizers, variables, strict=True):
            optimizer.apply(gradients[: len(group)], group)
            gradients = gradients[len(group) :]
        return total, terms

    def update_ema(self) -> None:
        """The averaged twin moves by 1 - decay towards the networks; call once a step, before `steps` moves on.

        The decay begins low and rises to its setting, (1 + t) / (10 + t) at most: the first weights are soon forgotten.
        """
        step = ops.cast(self.steps, "float32")
        decay = ops.minimum(self.ema_decay, (1 + step) / (10 + step))
        for slow, fast in zip(self.averaged.weights, self.networks.weights, strict=True):
            slow.assign(slow + (1 - decay) * (fast - slow))

    def record(self, values: Mapping) -> dict:
        """Adds scalars to the trackers of their names and gives all running means, as train_step must return them."""
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self.trackers.items()}

    def normal(self, batch, size: int):
        """Standard normal noise of shape (batch, size) from the trainer's own generator."""
        return keras.random.normal((batch, size), seed=self.random)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The trackers, which `run` resets before it begins."""
        return list(self.trackers.values())

    @property
    def parts(self) -> list[keras.Model]:
        """What is trained, piece by piece, to be listed by name and size."""
        return list(self.networks.layers)

    @property
    def beside(self) -> dict[str, keras.Model]:
        """What a preset holds beside the averaged networks, by name, so that another training can begin with it."""
        return {}

    @property
    def state_variables(self) -> list:
        """Everything that a step changes, in a fixed order; metrics are left out.

        Weights, averaged weights, step counter and the like, seed generators, then each optimizer's variables but its
        learning rate: that one is a setting, and a branch may have another.
        """
        of_metrics = {id(variable) for metric in self.metrics for variable in metric.variables}
        state = [variable for variable in self.variables if id(variable) not in of_metrics]
        return state + [
            variable
            for optimizer in self.optimizers.values()
            for variable in optimizer.variables
            if variable is not optimizer.learning_rate
        ]

    @abstractmethod
    def train_step(self, batch: Mapping) -> dict:
        """One step of all networks on a batch; ends with update_average, steps + 1 and record."""

    @abstractmethod
    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """A picture that shows what the averaged networks can do; uint8 of shape (height, width), ink white."""


class GAN(Trainer):
    """A trainer with a discriminator, a built model, beside its networks; the rest as `Trainer`."""

    def __init__(self, networks: keras.Model, discriminator: keras.Model, metric_names: Iterable[str], **kwargs):
        super().__init__(networks, metric_names, **kwargs)
        self.discriminator = discriminator

    @property
    def parts(self) -> list[keras.Model]:
        return [*super().parts, self.discriminator]

    def lazy_r1(self, judge: Callable, images, every: int):
        """R1 at each `every`-th step, so many times stronger, and 0 at the others; a scalar.

        Karras et al., 2020 (arXiv 1912.04958), section 3.1.

        Args:
            judge: gives logits of images, whose sum is differentiated.
            images: real ones, (B, S, S, 1).
            every: steps from one to the next.
        """

        def penalty():
            _, gradient = input_gradient(judge, images)
            return every * r1_penalty(gradient)

        return ops.cond(ops.equal(self.steps % every, 0), penalty, lambda: ops.zeros(()))


def mismatched_labels(characters) -> tuple:
    """Other characters (B,) for images that show these (B,), and a mask (B,): 0 where it is the same by chance."""
    called = ops.roll(characters, 1, axis=0)
    return called, ops.cast(ops.not_equal(called, characters), "float32")


def tile(images, gap: int = 2) -> np.ndarray:
    """Rows of pictures as one picture.

    Args:
        images: floats in [-1, 1] of shape (rows, columns, H, W, 1).
        gap: pixels of grey between them.

    Returns:
        uint8 array of shape (rows * (H + gap) - gap, columns * (W + gap) - gap).
    """
    images = np.asarray(ops.convert_to_numpy(images))[..., 0]
    pixels = np.clip(np.rint((images + 1) * 127.5), 0, 255).astype(np.uint8)
    padded = np.pad(pixels, ((0, 0), (0, 0), (0, gap), (0, gap)), constant_values=96)
    rows, columns, height, width = padded.shape
    picture = padded.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)
    return picture[: rows * height - gap, : columns * width - gap]
