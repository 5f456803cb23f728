"""What is known of each piece of text, looked up once and remembered: where it falls among the hashes, what word lists say, how it looks.

A table with a row a token, plain and negated; row END stands at the end of each text. It grows with what is read, and whoever owns it
starts anew when it is `full`. Safe to read with from several threads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from dashboard.prediction.classifier import tokenizer
from dashboard.prediction.classifier.tokenizer import ALL_CAPS_BIT, ELONGATED_BIT, EMOJI_BIT, HASHTAG_BIT, WORD_BIT

Array = np.ndarray[Any, Any]
END_OF_TEXT = 0  # the row of the end of a text
LEXICON_COUNT = 4  # word lists
MAX_KEPT_ROWS = 40_000  # rows that are kept from text to text: about 7 MB

_INITIAL_ROWS = 80_000  # rows to begin with: those kept and those of nearly any batch; memory is taken as they are filled
_HASH_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SPECIAL_TOKENS = ("!", "!!", "?", "??", "..", "@u", "0", '"', "rt", "but")
_FIRST_PERSON_PRONOUNS = ("i", "i'm", "im", "me", "my", "mine", "we", "our", "us")
_SECOND_PERSON_PRONOUNS = ("you", "your", "you're", "u", "ur", "yours")
_BOOSTERS = ("very", "so", "really", "too", "extremely", "absolutely", "totally", "super", "such", "most", "more")
_WORD_FLAG_COLUMNS = {
    word: at
    for at, words in enumerate([*zip(_SPECIAL_TOKENS), _FIRST_PERSON_PRONOUNS, _SECOND_PERSON_PRONOUNS, _BOOSTERS])
    for word in words
}
_NEGATION_FACTORS = np.array([[1.0], [-0.5]], dtype=np.float32)  # what negation makes of what lists say
_SURFACE_BITS = np.array([HASHTAG_BIT, ALL_CAPS_BIT, ELONGATED_BIT, EMOJI_BIT, WORD_BIT])
SURFACE_FLAG_COUNT = len(_SPECIAL_TOKENS) + 4 + len(_SURFACE_BITS)  # flags of how a token looks; two more follow
WORD_FLAG, FAMILIAR_WORD_FLAG, HAS_VECTOR_FLAG = (
    SURFACE_FLAG_COUNT - 1,
    SURFACE_FLAG_COUNT,
    SURFACE_FLAG_COUNT + 1,
)  # flags: it is a word, one that was met in training; it has a vector
HASHTAG_FLAG, ALL_CAPS_FLAG = SURFACE_FLAG_COUNT - len(_SURFACE_BITS), SURFACE_FLAG_COUNT - len(_SURFACE_BITS) + 1  # flags
TOKEN_FEATURE_COUNT = LEXICON_COUNT + 1 + len(_SURFACE_BITS)  # columns of `seen`
_COLUMN_TYPES: dict[str, tuple[tuple[int, ...], Any]] = {
    "hash": ((), np.uint64),
    "value": ((LEXICON_COUNT,), np.float32),
    "negated": ((), np.bool_),
    "flags": ((SURFACE_FLAG_COUNT + 2,), np.bool_),
    "vector": ((), np.int32),
    "own": ((), np.int32),
    "letters": ((4,), np.float64),
}


class TokenizedTexts(NamedTuple):
    """Tokens of some texts, end to end, as rows of a vocabulary, each text closed by END; `starts` has the place of each text's first."""

    token_ids: Array
    offsets: Array
    lengths: Array


@dataclass(frozen=True)
class LookupTables:
    """What is known beforehand: the row of `polarity` of a term (0: none), the row of a word's vector (0: none), words `met` in training,
    and the row of a token that has a vector of its `own` (0: none).
    """

    polarity_rows: dict[str, int]
    polarity: Array
    vector_rows: dict[str, int]
    familiar_words: frozenset[str]
    embedding_rows: dict[str, int]

    def look_up(self, token_strings: Sequence[str]) -> tuple[Array, Array]:
        """Return what each list says of each token, 0 where it is silent, and the rows of their vectors."""
        terms = [_find_polarity_row(self.polarity_rows.get, token) for token in token_strings]
        words = [_find_vector_row(self.vector_rows.get, token) for token in token_strings]
        return self.polarity[np.array(terms, dtype=np.int64)], np.array(words, dtype=np.int64)


class Vocabulary:
    """A growing table of tokens."""

    def __init__(self, lookup_tables: LookupTables, char_ngram_sums: Callable[[Sequence[str]], Array] | None = None) -> None:
        """Take the lists, and what gives the four sums of the n-grams of letters of each of some tokens."""
        self._lookup_tables, self._char_ngram_sums = lookup_tables, char_ngram_sums
        self._entries: dict[str, _PieceEntry] = {}
        self._write_lock = Lock()
        self.tokens, self.surface_forms = [""], [""]  # of two rows each, the plain and the negated one; the end of a text has none negated
        self._columns = {name: np.zeros((_INITIAL_ROWS, *shape), dtype=kind) for name, (shape, kind) in _COLUMN_TYPES.items()}

    @property
    def is_full(self) -> bool:
        """Say whether it holds more than is good to keep."""
        return 2 * len(self.tokens) > MAX_KEPT_ROWS

    def column(self, name: str) -> Array:
        """Return a column of the table: a row for each that `read` has given."""
        return self._columns[name]

    def token_features(self, token_ids: Array) -> Array:
        """Return what word lists say of tokens, whether they are negated and how they are written: tokens × SEEN."""
        found = np.empty((len(token_ids), TOKEN_FEATURE_COUNT), dtype=np.float32)
        found[:, :LEXICON_COUNT], found[:, LEXICON_COUNT] = self._columns["value"][token_ids], self._columns["negated"][token_ids]
        found[:, LEXICON_COUNT + 1 :] = self._columns["flags"][token_ids, SURFACE_FLAG_COUNT - len(_SURFACE_BITS) : SURFACE_FLAG_COUNT]
        return found

    def encode(self, texts: Sequence[str]) -> TokenizedTexts:
        """Return the tokens of texts; pieces not met before are looked up."""
        cut = [tokenizer.split_into_pieces(text) for text in texts]
        if new := {piece: None for pieces in cut for piece in pieces if piece not in self._entries}:
            self._add_pieces(list(new))
        ids: list[int] = []
        lengths = []
        for pieces in cut:
            before = len(ids)
            self._append_token_ids(pieces, ids)
            del ids[before + tokenizer.MAX_TOKENS_PER_TEXT :]
            ids.append(END_OF_TEXT)
            lengths.append(len(ids) - before)
        counts = np.array(lengths, dtype=np.int64)
        return TokenizedTexts(np.array(ids, dtype=np.int64), np.cumsum(counts) - counts, counts)

    def _append_token_ids(self, pieces: Sequence[str], token_ids: list[int]) -> None:
        """Add the rows of a text's pieces to `ids`, negated from a negator up to a mark or a “but”."""
        known, negated = self._entries, False
        for piece in pieces:
            plain, reversed_, turn = known[piece]
            token_ids += reversed_ if negated else plain
            if turn is not None:
                negated = turn

    def _add_pieces(self, pieces: Sequence[str]) -> None:
        with self._write_lock:
            new = [(piece, tokenizer.parse_piece(piece)) for piece in pieces if piece not in self._entries]
            row, entries = 2 * len(self.tokens), []
            for piece, said in new:
                end = row + 2 * len(said.tokens)
                plain = tuple(range(row, end, 2))
                entries.append((piece, (plain, plain if said.ignores_negation else tuple(range(row + 1, end, 2)), said.negation)))
                row = end
            self._add_tokens([(piece, token, bits) for piece, said in new for token, bits in said.tokens])
            self._entries.update(entries)

    def _add_tokens(self, new_tokens: Sequence[tuple[str, str, int]]) -> None:
        """Add two rows a token, the plain and the negated one; another thread may have been here first."""
        if not new_tokens:
            return
        first, last = 2 * len(self.tokens), 2 * (len(self.tokens) + len(new_tokens))
        while last > len(self._columns["hash"]):
            self._columns = {name: np.concatenate([column, np.zeros_like(column)]) for name, column in self._columns.items()}
        said = [token for _, token, _ in new_tokens]
        self.tokens += said
        self.surface_forms += [piece for piece, _, _ in new_tokens]
        pairs = {name: column[first:last].reshape(-1, 2, *column.shape[1:]) for name, column in self._columns.items()}
        self._fill_columns(pairs, said, np.array([bits for _, _, bits in new_tokens]))

    def _fill_columns(self, column_pairs: dict[str, Array], token_strings: Sequence[str], bits: Array) -> None:
        """Write what is known of tokens into zeros: tokens × 2 (plain and negated) × columns."""
        raw, vector = self._lookup_tables.look_up(token_strings)
        column_pairs["hash"][:], column_pairs["value"][:], column_pairs["negated"][:, 1] = (
            _hash_tokens(token_strings),
            raw[:, None] * _NEGATION_FACTORS,
            True,
        )
        column_pairs["vector"][:] = vector[:, None]
        column_pairs["own"][:] = np.array([self._lookup_tables.embedding_rows.get(token, 0) for token in token_strings])[:, None]
        if self._char_ngram_sums:
            column_pairs["letters"][:] = self._char_ngram_sums(token_strings)[:, None]
        flags = _build_flags(token_strings, bits)
        flags[:, FAMILIAR_WORD_FLAG] = flags[:, WORD_FLAG] & [token in self._lookup_tables.familiar_words for token in token_strings]
        flags[:, HAS_VECTOR_FLAG] = vector > 0
        column_pairs["flags"][:] = flags[:, None]


_PieceEntry = tuple[
    tuple[int, ...], tuple[int, ...], bool | None
]  # the rows of a piece, those if negated, and what it does to what follows


def _hash_tokens(token_strings: Sequence[str]) -> Array:
    """Return two hashes a token, the plain and the negated one's."""
    encoded = [token.encode("utf-8", "surrogatepass") for token in token_strings]
    found = np.array([(crc32(each), crc32(each, 1)) for each in encoded], dtype=np.uint64)
    return (found + np.uint64(1)) * _HASH_MULTIPLIER


def _build_flags(token_strings: Sequence[str], bits: Array) -> Array:
    """Return marks, mentions, numbers, persons, boosters, negators, how it is written (_BITS), and two flags that are to be filled."""
    found = np.zeros((len(token_strings), SURFACE_FLAG_COUNT + 2), dtype=np.bool_)
    columns = np.array([_WORD_FLAG_COLUMNS.get(token, -1) for token in token_strings])
    found[columns >= 0, columns[columns >= 0]] = True
    found[:, _NEGATOR_FLAG] = [tokenizer.is_negator(token) for token in token_strings]
    found[:, HASHTAG_FLAG:SURFACE_FLAG_COUNT] = bits[:, None] & _SURFACE_BITS
    return found


_NEGATOR_FLAG = len(_SPECIAL_TOKENS) + 3


def _find_polarity_row(get_row: Callable[[str], int | None], token: str) -> int:
    """Return the row of a token in the word lists, as it is, without possessive or doubled last letter, or of an emoji without its tone."""
    found = get_row(token) or get_row(token.removesuffix("'s"))
    if not found and len(token) > 3 and token[-1] == token[-2]:
        found = get_row(token[:-1])
    return found or (get_row(token[0]) if token > "\u2000" else 0) or 0


def _find_vector_row(get_row: Callable[[str], int | None], token: str) -> int:
    """Return the row of a token's vector: of the token, without its # or of the word that possesses."""
    return get_row(token) or get_row(token.removeprefix("#")) or get_row(token.removesuffix("'s")) or 0
