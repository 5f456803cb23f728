"""What a model file knows about tokens: polarity in the word lists, rows of vectors and embeddings, and which tokens are familiar.

How a text is split into tokens is in `tokenizer.py`, and what is remembered of each token in `vocabulary.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

Array = np.ndarray[Any, Any]


class TokenFacts(NamedTuple):
    """What is known about tokens: one row or number per token.

    `polarity` in each word list (tokens × lists, 0 if unlisted), the rows of vectors and of trained embeddings (0 for none), and whether a
    token occurs often in the training data.
    """

    polarity: Array
    vector_rows: Array
    embedding_rows: Array
    is_familiar: Array


@dataclass(frozen=True)
class LookupTables:
    """What a model file knows about tokens.

    `polarity_rows`, `vector_rows` and `embedding_rows` map a token to its row in `polarity` (terms × word lists), in the GloVe vectors and
    in the trained embeddings; row 0 means none. `familiar_words` are those that occur often in the training data.
    """

    polarity_rows: dict[str, int]
    polarity: Array
    vector_rows: dict[str, int]
    familiar_words: frozenset[str]
    embedding_rows: dict[str, int]

    def look_up(self, token_strings: Sequence[str]) -> TokenFacts:
        """Return what the tables know about each token."""
        polarity_rows = [_find_polarity_row(self.polarity_rows.get, token) for token in token_strings]
        vector_rows = [_find_vector_row(self.vector_rows.get, token) for token in token_strings]
        return TokenFacts(
            self.polarity[np.array(polarity_rows, dtype=np.int64)],
            np.array(vector_rows, dtype=np.int64),
            np.array([self.embedding_rows.get(token, 0) for token in token_strings]),
            np.array([token in self.familiar_words for token in token_strings]),
        )


class TokenLookup(Protocol):
    """What a model file knows about tokens."""

    def look_up(self, token_strings: Sequence[str], /) -> TokenFacts:
        """Return what is known about each token."""


def _find_polarity_row(get_row: Callable[[str], int | None], token: str) -> int:
    """Return a token's row in the word lists: of the token itself, without 's, without a doubled last letter, or without a skin tone."""
    row = get_row(token) or get_row(token.removesuffix("'s"))
    if not row and len(token) > 3 and token[-1] == token[-2]:
        row = get_row(token[:-1])
    if not row and token > "\u2000":
        row = get_row(token[0])
    return row or 0


def _find_vector_row(get_row: Callable[[str], int | None], token: str) -> int:
    """Return a token's row in the vectors: of the token itself, without #, or without 's."""
    return get_row(token) or get_row(token.removeprefix("#")) or get_row(token.removesuffix("'s")) or 0
