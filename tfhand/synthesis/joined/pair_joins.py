"""Whether a person joins two letters, and at what height: what they did, shrunk towards what people do.

How much likelier than others a pair is joined depends on where the first letter ends and the second begins. The log
odds of classes of letters come from UNIPEN's writers (`pair_table`); how much a person joins at all, and what they do
with a single pair, from their own words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from scipy.special import expit

from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.pair_table import HEIGHTS, LOG_ODDS
from tfhand.synthesis.joined.pieces import mean_space, port_of, spaces

EXITS = {"high": "bovwr", "tail": "fgjpqyz", "low": "acdehiklmnstux"}  # where small letters end
ENTRIES = {"round": "acdgoq", "tall": "bfhklt", "low": "e", "short": "ijmnprsuvwxyz"}  # and where they begin
WIDEST_GAP = 1.0  # x-heights: near `OPENING` gaps cannot be told apart
USUAL_GAP = 0.55  # x-heights between letters of a person who left too few
DRAWN = 0.5  # probability of a join, from which on a ligature is drawn to a letter that stood alone
_EVEN = 0.25, 0.75  # limits of `even_share`
_ENOUGH = 5  # gaps, to go by them
_PAIRS = 2.0  # as much as this many pairs of the person's own the classes count
_HARDLY, _SPREAD = -2.0, 3.0  # log odds of a person of whom nothing is known, and their deviation
_STEPS = 20  # of Newton's method


def pair_class(before: str, after: str) -> tuple[str, str]:
    """The class of the end of a letter, and that of the beginning of the next."""
    return _class(before, EXITS), _class(after, ENTRIES)


def _class(letter: str, classes: dict[str, str]) -> str:
    return next((name for name, letters in classes.items() if letter in letters), _kind(letter))


def _kind(letter: str) -> str:
    if letter.isalpha():
        return "capital" if letter.isupper() else "other"
    return "digit" if letter.isdigit() else "sign"


class PairJoins:
    """How a person joins pairs of letters.

    Args:
        words: that the person wrote.
        always: whether all letters are joined, whatever the person does.

    Attributes:
        always: as given.
        gap: mean space between two letters in x-heights; see `mean_space`.
    """

    def __init__(self, words: Iterable[WordSample], always: bool = False):
        self.always = always
        self._heights: dict[tuple[str, str], list[float | None]] = defaultdict(list)
        gaps = []
        for word in words:
            for cut in range(1, len(word.text)):
                if word.sure[cut - 1] and word.sure[cut]:
                    port = port_of(word, cut)
                    self._heights[word.text[cut - 1], word.text[cut]].append(port.height if port else None)
                    gaps.append(mean_space(spaces(word, cut)))
        self.gap = min(float(np.median(gaps)), WIDEST_GAP) if len(gaps) >= _ENOUGH else USUAL_GAP
        joined = {pair: sum(one is not None for one in found) for pair, found in self._heights.items()}
        self._log_odds = person_log_odds(
            np.array([LOG_ODDS.get(pair_class(*pair), 0.0) for pair in joined]),
            np.array(list(joined.values())),
            np.array([len(self._heights[pair]) for pair in joined]),
        )
        self._joined = joined

    def share(self, before: str, after: str) -> float:
        """The probability that the person joins two letters."""
        if self.always:
            return 1.0
        usual = float(expit(self._log_odds + LOG_ODDS.get(pair_class(before, after), 0.0)))
        count, joined = len(self._heights.get((before, after), ())), self._joined.get((before, after), 0)
        return (usual * _PAIRS + joined) / (_PAIRS + count)

    def are_joined(self, before: str, after: str, least: float = DRAWN) -> bool:
        """Whether two letters are joined that no word shows together: where that is at least so probable."""
        return self.share(before, after) >= least

    @property
    def joined_share(self) -> float:
        """The share of joins at all pairs of the words."""
        count = sum(map(len, self._heights.values()))
        return 1.0 if self.always else sum(self._joined.values()) / max(count, 1)

    @property
    def even_share(self) -> float:
        """From which `share` on a pair may always be joined, for as many joins in the words as the person made."""
        shares = np.sort([self.share(*pair) for pair, found in self._heights.items() for _ in found])[::-1]
        count = round(self.joined_share * len(shares))
        return float(np.clip(shares[count - 1], *_EVEN)) if count else DRAWN

    def height(self, before: str, after: str) -> float:
        """How high over the writing line the two are joined, in x-heights."""
        own = [one for one in self._heights.get((before, after), ()) if one is not None]
        usual = HEIGHTS.get(pair_class(before, after), 0.5)
        return (usual * _PAIRS + sum(own)) / (_PAIRS + len(own))


def person_log_odds(offsets: np.ndarray, joined: np.ndarray, counts: np.ndarray) -> float:
    """The likeliest log odds of a person's joins, given those of the classes of each pair, by Newton's method."""
    found = _HARDLY
    for _ in range(_STEPS):
        shares = expit(found + offsets)
        slope = (joined - counts * shares).sum() - (found - _HARDLY) / _SPREAD**2
        found += float(np.clip(slope / ((counts * shares * (1 - shares)).sum() + 1 / _SPREAD**2), -1, 1))
    return found
