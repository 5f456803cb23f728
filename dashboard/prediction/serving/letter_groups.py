"""The groups of letters within words, as scikit-learn's `analyzer="char_wb"` makes them, and the columns that they have in a vocabulary.

No group spans two words, so the columns of a word are kept for the next text that contains it. Values of columns don't go here.
"""

import sys
from collections.abc import Callable, Sequence

_MAX_KEPT_BYTES = 12_000_000  # of the words that are kept, and their columns
_ENTRY_BYTES = 150  # of a word in a dictionary that has just grown
_MAX_KEPT_CHARACTERS = 64  # of a word; longer ones rarely occur twice


class LetterGroupColumns:
    """Finds the columns of words. `max_bytes` bounds what the kept words take."""

    def __init__(
        self, look_up: Callable[[Sequence[str]], list[int]], shortest: int, longest: int, max_bytes: int = _MAX_KEPT_BYTES
    ) -> None:
        self._look_up, self._shortest, self._longest, self._max_bytes = look_up, shortest, longest, max_bytes
        self._kept: dict[str, list[int]] = {}
        self._kept_bytes = 0

    def find(self, word: str) -> list[int]:
        """Return the column of each known group of letters of a word, which callers must not change."""
        columns = self._kept.get(word)
        if columns is None:
            columns = self._look_up(_list_letter_groups(word, self._shortest, self._longest))
            if len(word) <= _MAX_KEPT_CHARACTERS:
                self._keep(word, columns)
        return columns

    def _keep(self, word: str, columns: list[int]) -> None:
        """Keep the columns of a word, and forget all others when they take too much memory."""
        size = sys.getsizeof(word) + sys.getsizeof(columns) + _ENTRY_BYTES
        if self._kept_bytes + size > self._max_bytes:
            self._kept.clear()
            self._kept_bytes = 0
        self._kept[word] = columns
        self._kept_bytes += size


def _list_letter_groups(word: str, shortest: int, longest: int) -> list[str]:
    """Return the groups of letters of each size in a word with a space on each side."""
    padded, groups = f" {word} ", list[str]()
    for size in range(shortest, longest + 1):
        group_count = max(len(padded) - size, 0) + 1
        groups += [padded[start : start + size] for start in range(group_count)]
        if group_count == 1:  # the whole word, which counts only once
            break
    return groups
