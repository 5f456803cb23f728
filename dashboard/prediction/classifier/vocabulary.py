"""A growing table of everything the classifier knows about each token: hash, polarity in the word lists, vector rows and flags.

A token is looked up once and then remembered. What a text's tokens add up to is in `features.py`.

The table has two rows per token, the plain and the negated one; row END_OF_TEXT closes each text. Its owner replaces it when `is_full`.
Several threads may encode texts at the same time.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from threading import Lock
from typing import Any, NamedTuple, Protocol

import numpy as np

from dashboard.prediction.classifier import tokenizer
from dashboard.prediction.classifier.kept_products import KeptProducts
from dashboard.prediction.classifier.token_columns import (
    COLUMN_TYPES,
    FAMILIAR_WORD_FLAG,
    HAS_VECTOR_FLAG,
    LEXICON_COUNT,
    NEGATION_FACTORS,
    SURFACE_BITS,
    SURFACE_FLAG_COUNT,
    TOKEN_FEATURE_COUNT,
    WORD_FLAG,
    build_flags,
    build_summands,
    hash_tokens,
)
from dashboard.prediction.classifier.token_lookup import TokenLookup

Array = np.ndarray[Any, Any]
END_OF_TEXT = 0  # the token ID that closes each text
MAX_KEPT_ROWS = 40_000  # rows kept between batches: about 15 MB
_INITIAL_ROWS = 80_000  # enough for the kept rows plus nearly any batch; the system allocates memory as rows are filled


class TokenizedTexts(NamedTuple):
    """Texts as token IDs (rows of a vocabulary), concatenated, each closed by END_OF_TEXT.

    `offsets` is where each text starts in `token_ids`, and `lengths` how many tokens it has, including END_OF_TEXT.
    """

    token_ids: Array
    offsets: Array
    lengths: Array


class Tokenizer(Protocol):
    """What splits texts into pieces, and pieces into tokens; the English one is a module."""

    def split_into_pieces(self, text: str, /) -> list[str]:
        """Split a text into pieces, each as it was written."""

    def parse_piece(self, piece: str, /) -> tokenizer.ParsedPiece:
        """Parse a piece. The result doesn't depend on the piece's context."""

    def is_negator(self, word: str, /) -> bool:
        """Return whether a token negates those that follow."""


_PieceEntry = tuple[
    tuple[int, ...], tuple[int, ...], bool | None
]  # of a piece: its plain token IDs, its negated ones, and how it affects negation


class Vocabulary:
    """A growing table of tokens; see the module's docstring."""

    def __init__(
        self,
        lookup_tables: TokenLookup,
        char_ngram_sums: Callable[[Sequence[str]], Array] | None = None,
        text_tokenizer: Tokenizer = tokenizer,
        max_kept_products: int = 0,
    ) -> None:
        """Create an empty table. `char_ngram_sums` maps tokens to the four sums over their character n-grams (tokens × 4)."""
        self.kept_products = KeptProducts(max_kept_products)
        self._lookup_tables, self._char_ngram_sums, self._tokenizer = lookup_tables, char_ngram_sums, text_tokenizer
        self._entries: dict[str, _PieceEntry] = {}
        self._plain_ids: dict[str, tuple[int, ...]] = {}
        self._negating_pieces = set[str]()
        self._write_lock = Lock()
        self.tokens, self.surface_forms = [""], [""]  # index: token ID // 2; the first entry is the end of a text
        self._columns = {name: np.zeros((_INITIAL_ROWS, *shape), dtype=dtype) for name, (shape, dtype) in COLUMN_TYPES.items()}

    @property
    def is_full(self) -> bool:
        """Whether the table has more rows than should be kept between batches."""
        return 2 * len(self.tokens) > MAX_KEPT_ROWS

    def column(self, name: str) -> Array:
        """Return a column of the table, indexed by token ID."""
        return self._columns[name]

    def token_features(self, token_ids: Array) -> Array:
        """Return polarity, negation and how tokens are written: tokens × TOKEN_FEATURE_COUNT, float32."""
        result = np.empty((len(token_ids), TOKEN_FEATURE_COUNT), dtype=np.float32)
        result[:, :LEXICON_COUNT] = self._columns["value"][token_ids]
        result[:, LEXICON_COUNT] = self._columns["negated"][token_ids]
        result[:, LEXICON_COUNT + 1 :] = self._columns["flags"][token_ids, SURFACE_FLAG_COUNT - len(SURFACE_BITS) : SURFACE_FLAG_COUNT]
        return result

    def encode(self, texts: Sequence[str]) -> TokenizedTexts:
        """Return texts as token IDs, adding new tokens to the table."""
        pieces_by_text = [self._tokenizer.split_into_pieces(text) for text in texts]
        if not all(map(self._plain_ids.__contains__, chain.from_iterable(pieces_by_text))):
            self._add_pieces(sorted(set(chain.from_iterable(pieces_by_text)).difference(self._plain_ids)))
        token_ids: list[int] = []
        offsets = []
        for pieces in pieces_by_text:
            offsets.append(len(token_ids))
            self._append_token_ids(pieces, token_ids)
            del token_ids[offsets[-1] + tokenizer.MAX_TOKENS_PER_TEXT :]
            token_ids.append(END_OF_TEXT)
        bounds = np.array([*offsets, len(token_ids)], dtype=np.int64)
        return TokenizedTexts(np.array(token_ids, dtype=np.int64), bounds[:-1], bounds[1:] - bounds[:-1])

    def _append_token_ids(self, pieces: Sequence[str], token_ids: list[int]) -> None:
        """Append the IDs of a text's pieces: the negated ones from a negator up to a punctuation mark or a “but”."""
        if self._negating_pieces.isdisjoint(pieces):
            token_ids += chain.from_iterable(map(self._plain_ids.__getitem__, pieces))
            return
        entries, is_negated = self._entries, False
        for piece in pieces:
            plain_ids, negated_ids, negation = entries[piece]
            token_ids += negated_ids if is_negated else plain_ids
            if negation is not None:
                is_negated = negation

    def _add_pieces(self, pieces: Sequence[str]) -> None:
        with self._write_lock:
            parsed_pieces = [(piece, self._tokenizer.parse_piece(piece)) for piece in pieces if piece not in self._plain_ids]
            next_id, entries = 2 * len(self.tokens), []
            for piece, parsed in parsed_pieces:
                end_id = next_id + 2 * len(parsed.tokens)
                plain_ids = tuple(range(next_id, end_id, 2))
                negated_ids = plain_ids if parsed.ignores_negation else tuple(range(next_id + 1, end_id, 2))
                entries.append((piece, (plain_ids, negated_ids, parsed.negation)))
                next_id = end_id
            self._add_tokens([(piece, token, bits) for piece, parsed in parsed_pieces for token, bits in parsed.tokens])
            self._entries.update(entries)
            self._negating_pieces.update(piece for piece, (_, _, negation) in entries if negation)
            # Last, because other threads use a piece as soon as it is there.
            self._plain_ids.update((piece, plain_ids) for piece, (plain_ids, _, _) in entries)

    def _add_tokens(self, new_tokens: Sequence[tuple[str, str, int]]) -> None:
        """Add two rows per token, the plain and the negated one. The list is empty if another thread has already added the tokens."""
        if not new_tokens:
            return
        first, last = 2 * len(self.tokens), 2 * (len(self.tokens) + len(new_tokens))
        while last > len(self._columns["hash"]):
            self._columns = {name: np.concatenate([column, np.zeros_like(column)]) for name, column in self._columns.items()}
        token_strings = [token for _, token, _ in new_tokens]
        self.tokens += token_strings
        self.surface_forms += [piece for piece, _, _ in new_tokens]
        column_pairs = {name: column[first:last].reshape(-1, 2, *column.shape[1:]) for name, column in self._columns.items()}
        self._fill_columns(column_pairs, token_strings, np.array([bits for _, _, bits in new_tokens]))

    def _fill_columns(self, column_pairs: dict[str, Array], token_strings: Sequence[str], bits: Array) -> None:
        """Fill columns, which are zero so far, for new tokens: tokens × 2 (plain, negated) × the column's shape."""
        facts = self._lookup_tables.look_up(token_strings)
        column_pairs["hash"][:] = hash_tokens(token_strings)
        column_pairs["value"][:] = facts.polarity[:, None] * NEGATION_FACTORS
        column_pairs["negated"][:, 1] = True
        column_pairs["vector"][:] = facts.vector_rows[:, None]
        column_pairs["own"][:] = facts.embedding_rows[:, None]
        if self._char_ngram_sums:
            column_pairs["letters"][:] = self._char_ngram_sums(token_strings)[:, None]
        flags = build_flags(token_strings, bits, self._tokenizer.is_negator)
        flags[:, FAMILIAR_WORD_FLAG] = flags[:, WORD_FLAG] & facts.is_familiar
        flags[:, HAS_VECTOR_FLAG] = facts.vector_rows > 0
        column_pairs["flags"][:] = flags[:, None]
        column_pairs["summands"][:] = build_summands(facts.polarity, flags)
