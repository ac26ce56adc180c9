"""What forms of letters are like over people, and how much one person's writings of a character differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.hands.glyph import as_network_input
from tfhand.models.alphabet.networks import AlphabetNetworks
from tfhand.models.batches import predict_in_batches

_NIB = 2.4  # pixels at 32, of the letters whose forms are measured
_EACH = 3  # letters of one character by one person, at most
_PEOPLE = 4  # whose alphabets are decoded at a time
_SHRINKAGE = 0.3  # of a character's covariance towards that of all characters


def form_statistics(networks: AlphabetNetworks, archives: Sequence[Archive]) -> dict[str, np.ndarray]:
    """By the name of the weight of `AlphabetNetworks` that it is for, each statistic of archives' letters."""
    forms, characters, people = (np.concatenate(each) for each in zip(*_forms(networks, archives), strict=True))
    count, size = len(networks.characters), networks.config.form_size
    usual, spread, residuals = np.zeros((count, size)), np.ones((count, size)), []
    for character in range(count):
        own, who = forms[characters == character], people[characters == character]
        if len(own) > 1:
            usual[character], spread[character] = own.mean(axis=0), np.maximum(own.std(axis=0), 1e-3)
        residuals.append(_within(own, who))
    pooled = _covariance(np.concatenate(residuals), np.eye(size) * 1e-6)
    factors = [
        np.linalg.cholesky(_SHRINKAGE * pooled + (1 - _SHRINKAGE) * _covariance(each, pooled)) for each in residuals
    ]
    written = np.zeros((networks.config.known, count), np.float32)
    sums = np.zeros((networks.config.known, count, size), np.float32)
    np.add.at(written, (people, characters), 1)
    np.add.at(sums, (people, characters), forms)
    means = sums / np.maximum(written, 1)[..., None]  # (known, C, D)
    letters = np.minimum(written, 1)
    return {
        "usual": usual,
        "spread": spread,
        "variation": np.stack(factors),
        "known_forms": letters[..., None] * (means - usual) / spread,
        "known_letters": letters,
        "known_embeddings": predict_in_batches(partial(_embedded, networks), means, letters, chunk=_PEOPLE),
    }


def _embedded(networks: AlphabetNetworks, forms: np.ndarray, letters: np.ndarray) -> np.ndarray:
    """People (B, E) by forms (B, C, D) of all characters; letters (B, C), 1 where written."""
    characters = np.repeat(np.arange(letters.shape[1], dtype=np.int32)[None], len(letters), axis=0)
    points, counts = networks.decode(forms.reshape(-1, forms.shape[-1]), characters.ravel())
    shape = characters.shape
    found = networks.embed(
        ops.reshape(points, (*shape, *points.shape[1:])), ops.reshape(counts, shape), characters, letters
    )
    return np.asarray(ops.convert_to_numpy(found))


def _forms(
    networks: AlphabetNetworks, archives: Sequence[Archive]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each archive forms (n, D), characters (n,) and people (n,): a few letters of each person and character."""
    first = 0
    for archive in archives:
        labels, writers = archive.places_in(networks.characters), archive.need_writers(least=1)
        people = np.searchsorted(writers, np.asarray(archive.writers))
        some = np.flatnonzero((labels >= 0) & (_rank(people * (labels.max() + 2) + labels) < _EACH))
        images = as_network_input(archive.render(some, networks.image_size, _NIB))
        forms = predict_in_batches(networks.forms_of, images, labels[some].astype(np.int32))
        yield forms, labels[some], first + people[some]
        first += len(writers)


def _rank(kinds: np.ndarray) -> np.ndarray:
    """How many of the same kind stand before each, (n,), in a random order of all."""
    order = np.random.default_rng(0).permutation(len(kinds))
    order = order[np.argsort(kinds[order], kind="stable")]
    _, starts, counts = np.unique(kinds[order], return_index=True, return_counts=True)
    ranks = np.empty(len(kinds), int)
    ranks[order] = np.arange(len(kinds)) - np.repeat(starts, counts)
    return ranks


def _within(forms: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Differences (n, D) of forms from their person's mean, for people with more than one; unbiased in variance."""
    found = [np.zeros((0, forms.shape[1]))]
    for person in np.unique(people):
        own = forms[people == person]
        if len(own) > 1:
            found.append((own - own.mean(axis=0)) * (len(own) / (len(own) - 1)) ** 0.5)
    return np.concatenate(found)


def _covariance(residuals: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Covariance (D, D) of residuals (n, D) of mean 0, always positive definite."""
    if len(residuals) < 2:
        return otherwise
    return residuals.T @ residuals / len(residuals) + 1e-6 * np.eye(residuals.shape[1])
