from __future__ import annotations

import re

import pytest

from tfhand.errors import HandError


@pytest.mark.parametrize("quoted", ["two\nlines", "a\x1b[31mcolour", "half \ud800 a pair", "\u2028"])
def test_a_sentence_is_one_printable_line_whatever_it_quotes(quoted):
    sentence = str(HandError(f"There is {quoted} in the list."))
    assert sentence.isprintable()
    assert re.fullmatch(r"There is .* in the list\.", sentence)
