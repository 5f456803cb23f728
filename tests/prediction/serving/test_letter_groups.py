"""The columns of words are kept within a limit of memory."""

import tracemalloc
from collections.abc import Sequence

import pytest

from dashboard.prediction.serving.letter_groups import LetterGroupColumns


@pytest.mark.slow
@pytest.mark.parametrize("longest", [1, 4])
@pytest.mark.parametrize("letter", ["a", "語"])
def test_kept_columns_take_limited_memory(letter: str, longest: int) -> None:
    """This holds for long words of any script, and however many groups they have."""
    words = LetterGroupColumns(lambda groups: [0] * len(groups), 1, longest, max_bytes=500_000)
    tracemalloc.start()
    try:
        for number in range(1_500):
            words.find(f"{number}".rjust(64, letter))
        assert tracemalloc.get_traced_memory()[1] < 600_000
    finally:
        tracemalloc.stop()


def test_a_word_has_the_same_columns_each_time() -> None:
    """The second time, nothing is looked up."""
    lookups = list[list[str]]()

    def look_up(groups: Sequence[str]) -> list[int]:
        lookups.append(list(groups))
        return [len(groups)]

    words = LetterGroupColumns(look_up, 2, 3)
    assert words.find("ab") == [5]
    assert words.find("ab") == [5]
    assert lookups == [[" a", "ab", "b ", " ab", "ab "]]
