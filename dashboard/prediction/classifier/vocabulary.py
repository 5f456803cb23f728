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
from dashboard.prediction.classifier.tokenizer import CAPITALS, FACE, HASHTAG, STRETCHED, WORD

Array = np.ndarray[Any, Any]
END = 0  # the row of the end of a text
LISTS = 4  # word lists
FULL = 40_000  # rows that are kept from text to text: about 7 MB

_ROOM = 80_000  # rows to begin with: those kept and those of nearly any batch; memory is taken as they are filled
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MARKS = ("!", "!!", "?", "??", "..", "@u", "0", '"', "rt", "but")
_FIRST = ("i", "i'm", "im", "me", "my", "mine", "we", "our", "us")
_SECOND = ("you", "your", "you're", "u", "ur", "yours")
_BOOSTERS = ("very", "so", "really", "too", "extremely", "absolutely", "totally", "super", "such", "most", "more")
_COLUMNS = {word: at for at, words in enumerate([*zip(_MARKS), _FIRST, _SECOND, _BOOSTERS]) for word in words}
_TURNED = np.array([[1.0], [-0.5]], dtype=np.float32)  # what negation makes of what lists say
_BITS = np.array([HASHTAG, CAPITALS, STRETCHED, FACE, WORD])
LOOK = len(_MARKS) + 4 + len(_BITS)  # flags of how a token looks; two more follow
WORDS, FAMILIAR, KNOWN = LOOK - 1, LOOK, LOOK + 1  # flags: it is a word, one that was met in training; it has a vector
HASHTAGS, CAPITALISED = LOOK - len(_BITS), LOOK - len(_BITS) + 1  # flags
SEEN = LISTS + 1 + len(_BITS)  # columns of `seen`
_TYPES: dict[str, tuple[tuple[int, ...], Any]] = {
    "hash": ((), np.uint64),
    "value": ((LISTS,), np.float32),
    "negated": ((), np.bool_),
    "flags": ((LOOK + 2,), np.bool_),
    "vector": ((), np.int32),
    "own": ((), np.int32),
    "letters": ((4,), np.float64),
}


class Texts(NamedTuple):
    """Tokens of some texts, end to end, as rows of a vocabulary, each text closed by END; `starts` has the place of each text's first."""

    ids: Array
    starts: Array
    lengths: Array


@dataclass(frozen=True)
class Lists:
    """What is known beforehand: the row of `polarity` of a term (0: none), the row of a word's vector (0: none), words `met` in training,
    and the row of a token that has a vector of its `own` (0: none).
    """

    terms: dict[str, int]
    polarity: Array
    words: dict[str, int]
    met: frozenset[str]
    own: dict[str, int]

    def of(self, said: Sequence[str]) -> tuple[Array, Array]:
        """Return what each list says of each token, 0 where it is silent, and the rows of their vectors."""
        terms = [_term(self.terms.get, token) for token in said]
        words = [_word(self.words.get, token) for token in said]
        return self.polarity[np.array(terms, dtype=np.int64)], np.array(words, dtype=np.int64)


class Vocabulary:
    """A growing table of tokens."""

    def __init__(self, lists: Lists, letters: Callable[[Sequence[str]], Array] | None = None) -> None:
        """Take the lists, and what gives the four sums of the n-grams of letters of each of some tokens."""
        self._lists, self._letters = lists, letters
        self._known: dict[str, _Entry] = {}
        self._adding = Lock()
        self.tokens, self.written = [""], [""]  # of two rows each, the plain and the negated one; the end of a text has none negated
        self._columns = {name: np.zeros((_ROOM, *shape), dtype=kind) for name, (shape, kind) in _TYPES.items()}

    @property
    def full(self) -> bool:
        """Say whether it holds more than is good to keep."""
        return 2 * len(self.tokens) > FULL

    def column(self, name: str) -> Array:
        """Return a column of the table: a row for each that `read` has given."""
        return self._columns[name]

    def seen(self, ids: Array) -> Array:
        """Return what word lists say of tokens, whether they are negated and how they are written: tokens × SEEN."""
        found = np.empty((len(ids), SEEN), dtype=np.float32)
        found[:, :LISTS], found[:, LISTS] = self._columns["value"][ids], self._columns["negated"][ids]
        found[:, LISTS + 1 :] = self._columns["flags"][ids, LOOK - len(_BITS) : LOOK]
        return found

    def read(self, texts: Sequence[str]) -> Texts:
        """Return the tokens of texts; pieces not met before are looked up."""
        cut = [tokenizer.pieces(text) for text in texts]
        if new := {piece: None for pieces in cut for piece in pieces if piece not in self._known}:
            self._learn(list(new))
        ids: list[int] = []
        lengths = []
        for pieces in cut:
            before = len(ids)
            self._follow(pieces, ids)
            del ids[before + tokenizer.MOST :]
            ids.append(END)
            lengths.append(len(ids) - before)
        counts = np.array(lengths, dtype=np.int64)
        return Texts(np.array(ids, dtype=np.int64), np.cumsum(counts) - counts, counts)

    def _follow(self, pieces: Sequence[str], ids: list[int]) -> None:
        """Add the rows of a text's pieces to `ids`, negated from a negator up to a mark or a “but”."""
        known, negated = self._known, False
        for piece in pieces:
            plain, reversed_, turn = known[piece]
            ids += reversed_ if negated else plain
            if turn is not None:
                negated = turn

    def _learn(self, pieces: Sequence[str]) -> None:
        with self._adding:
            new = [(piece, tokenizer.meaning(piece)) for piece in pieces if piece not in self._known]
            row, entries = 2 * len(self.tokens), []
            for piece, said in new:
                end = row + 2 * len(said.tokens)
                plain = tuple(range(row, end, 2))
                entries.append((piece, (plain, plain if said.deaf else tuple(range(row + 1, end, 2)), said.negates)))
                row = end
            self._add([(piece, token, bits) for piece, said in new for token, bits in said.tokens])
            self._known.update(entries)

    def _add(self, new: Sequence[tuple[str, str, int]]) -> None:
        """Add two rows a token, the plain and the negated one; another thread may have been here first."""
        if not new:
            return
        first, last = 2 * len(self.tokens), 2 * (len(self.tokens) + len(new))
        while last > len(self._columns["hash"]):
            self._columns = {name: np.concatenate([column, np.zeros_like(column)]) for name, column in self._columns.items()}
        said = [token for _, token, _ in new]
        self.tokens += said
        self.written += [piece for piece, _, _ in new]
        pairs = {name: column[first:last].reshape(-1, 2, *column.shape[1:]) for name, column in self._columns.items()}
        self._fill(pairs, said, np.array([bits for _, _, bits in new]))

    def _fill(self, pairs: dict[str, Array], said: Sequence[str], bits: Array) -> None:
        """Write what is known of tokens into zeros: tokens × 2 (plain and negated) × columns."""
        raw, vector = self._lists.of(said)
        pairs["hash"][:], pairs["value"][:], pairs["negated"][:, 1] = _hashes(said), raw[:, None] * _TURNED, True
        pairs["vector"][:] = vector[:, None]
        pairs["own"][:] = np.array([self._lists.own.get(token, 0) for token in said])[:, None]
        if self._letters:
            pairs["letters"][:] = self._letters(said)[:, None]
        flags = _flags(said, bits)
        flags[:, FAMILIAR] = flags[:, WORDS] & [token in self._lists.met for token in said]
        flags[:, KNOWN] = vector > 0
        pairs["flags"][:] = flags[:, None]


_Entry = tuple[tuple[int, ...], tuple[int, ...], bool | None]  # the rows of a piece, those if negated, and what it does to what follows


def _hashes(said: Sequence[str]) -> Array:
    """Return two hashes a token, the plain and the negated one's."""
    encoded = [token.encode("utf-8", "surrogatepass") for token in said]
    found = np.array([(crc32(each), crc32(each, 1)) for each in encoded], dtype=np.uint64)
    return (found + np.uint64(1)) * _GOLDEN


def _flags(said: Sequence[str], bits: Array) -> Array:
    """Return marks, mentions, numbers, persons, boosters, negators, how it is written (_BITS), and two flags that are to be filled."""
    found = np.zeros((len(said), LOOK + 2), dtype=np.bool_)
    columns = np.array([_COLUMNS.get(token, -1) for token in said])
    found[columns >= 0, columns[columns >= 0]] = True
    found[:, _NEGATORS] = [tokenizer.negates(token) for token in said]
    found[:, HASHTAGS:LOOK] = bits[:, None] & _BITS
    return found


_NEGATORS = len(_MARKS) + 3


def _term(row: Callable[[str], int | None], token: str) -> int:
    """Return the row of a token in the word lists, as it is, without possessive or doubled last letter, or of an emoji without its tone."""
    found = row(token) or row(token.removesuffix("'s"))
    if not found and len(token) > 3 and token[-1] == token[-2]:
        found = row(token[:-1])
    return found or (row(token[0]) if token > "\u2000" else 0) or 0


def _word(row: Callable[[str], int | None], token: str) -> int:
    """Return the row of a token's vector: of the token, without its # or of the word that possesses."""
    return row(token) or row(token.removeprefix("#")) or row(token.removesuffix("'s")) or 0
