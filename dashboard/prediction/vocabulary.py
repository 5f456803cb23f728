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

from dashboard.prediction import tokens
from dashboard.prediction.tokens import CAPITALS, FACE, HASHTAG, STRETCHED, WORD

Array = np.ndarray[Any, Any]
END = 0  # the row of the end of a text
LISTS = 4  # word lists
FULL = 40_000  # rows that are kept from text to text: about 20 MB

_GOLDEN = 0x9E3779B97F4A7C15
_MARKS = ("!", "!!", "?", "??", "..", "@u", "0", '"', "rt", "but")
_FIRST = ("i", "i'm", "im", "me", "my", "mine", "we", "our", "us")
_SECOND = ("you", "your", "you're", "u", "ur", "yours")
_BOOSTERS = ("very", "so", "really", "too", "extremely", "absolutely", "totally", "super", "such", "most", "more")
_COLUMNS = {word: at for at, words in enumerate([*zip(_MARKS), _FIRST, _SECOND, _BOOSTERS]) for word in words}
_BITS = np.array([HASHTAG, CAPITALS, STRETCHED, FACE, WORD])
SAID, LOOK = 8 * LISTS, len(_MARKS) + 4 + len(_BITS)  # columns of sums: what word lists say, then how a text looks, then the three below
WORDS, FAMILIAR, KNOWN = SAID + LOOK, SAID + LOOK + 1, SAID + LOOK + 2
SEEN = LISTS + 1 + len(_BITS)  # columns of `seen`: what word lists say of a token, whether it is negated, how it is written
_TYPES: dict[str, tuple[tuple[int, ...], Any]] = {
    "hash": ((), np.uint64),
    "sums": ((KNOWN + 1,), np.float32),
    "value": ((LISTS,), np.float32),
    "negated": ((), np.bool_),
    "vector": ((), np.int32),
    "own": ((), np.int32),
    "seen": ((SEEN,), np.float32),
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
        terms = [_first(self.terms, _forms(token)) for token in said]
        words = [_first(self.words, (token, token.removeprefix("#"), token.removesuffix("'s"))) for token in said]
        return self.polarity[np.array(terms, dtype=np.int64)], np.array(words, dtype=np.int64)


class Vocabulary:
    """A growing table of tokens."""

    def __init__(self, lists: Lists, letters: Callable[[Sequence[str]], Array] | None = None) -> None:
        """Take the lists, and what gives the four sums of the n-grams of letters of each of some tokens."""
        self._lists, self._letters = lists, letters
        self._known: dict[str, _Entry] = {}
        self._adding = Lock()
        self.tokens, self.written = ["", ""], ["", ""]  # by row; row 1 is not used, so that plain ones are even and negated ones odd
        self._columns = {name: np.zeros((1024, *shape), dtype=kind) for name, (shape, kind) in _TYPES.items()}

    @property
    def full(self) -> bool:
        """Say whether it holds more than is good to keep."""
        return len(self.tokens) > FULL

    def column(self, name: str) -> Array:
        """Return a column of the table: a row for each that `read` has given."""
        return self._columns[name]

    def read(self, texts: Sequence[str]) -> Texts:
        """Return the tokens of texts; pieces not met before are looked up."""
        cut = [tokens.pieces(text) for text in texts]
        if new := {piece: None for pieces in cut for piece in pieces if piece not in self._known}:
            self._learn(list(new))
        ids: list[int] = []
        lengths = []
        for pieces in cut:
            before = len(ids)
            self._follow(pieces, ids)
            del ids[before + tokens.MOST :]
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
            new = [(piece, tokens.meaning(piece)) for piece in pieces if piece not in self._known]
            row, entries = len(self.tokens), []
            for piece, said in new:
                plain = tuple(range(row, row + 2 * len(said.tokens), 2))
                entries.append((piece, (plain, plain if said.deaf else tuple(each + 1 for each in plain), said.negates)))
                row += 2 * len(said.tokens)
            self._add([(piece, token, bits) for piece, said in new for token, bits in said.tokens])
            self._known.update(entries)

    def _add(self, new: Sequence[tuple[str, str, int]]) -> None:
        """Add two rows a token, the plain and the negated one; another thread may have been here first."""
        if not new:
            return
        first, last = len(self.tokens), len(self.tokens) + 2 * len(new)
        while last > len(self._columns["hash"]):
            self._columns = {name: np.concatenate([column, np.zeros_like(column)]) for name, column in self._columns.items()}
        said = [token for _, token, _ in new]
        self.tokens += [token for token in said for _ in range(2)]
        self.written += [piece for piece, _, _ in new for _ in range(2)]
        polarity, vector = self._lists.of(said)
        both = np.arange(2 * len(new)) % 2 == 1
        bits, raw = np.repeat([bits for _, _, bits in new], 2), np.repeat(polarity, 2, axis=0)
        value = np.where(both[:, None], -0.5 * raw, raw)
        familiar = np.repeat([token in self._lists.met for token in said], 2)
        rows = {"hash": [_hash(token, negated) for token in said for negated in (0, 1)], "negated": both, "value": value}
        rows |= {
            "vector": np.repeat(vector, 2),
            "own": np.repeat([self._lists.own.get(token, 0) for token in said], 2),
            "seen": np.hstack([value, both[:, None], (bits[:, None] & _BITS) > 0]),
            "sums": np.hstack([_listed(raw, value, bits, both), np.repeat(_look(said, bits[::2]), 2, axis=0)]),
        }
        rows["sums"] = np.hstack([rows["sums"], _counted(bits, familiar, rows["vector"])])
        if self._letters:
            rows["letters"] = np.repeat(self._letters(said), 2, axis=0)
        for name, column in rows.items():
            self._columns[name][first:last] = column


_Entry = tuple[tuple[int, ...], tuple[int, ...], bool | None]  # the rows of a piece, those if negated, and what it does to what follows


def _hash(token: str, negated: int) -> int:
    return (crc32(token.encode("utf-8", "surrogatepass"), negated) + 1) * _GOLDEN & 0xFFFFFFFFFFFFFFFF


def _listed(raw: Array, value: Array, bits: Array, negated: Array) -> Array:
    """Return what adds up over a text: sums and counts of either side, what was negated, what stood in hashtags and capitals."""
    turned = raw * negated[:, None]
    sides = [np.maximum(value, 0), np.minimum(value, 0), value > 0, value < 0, np.maximum(turned, 0), np.minimum(turned, 0)]
    return np.hstack([*sides, *(value * ((bits & bit) > 0)[:, None] for bit in (HASHTAG, CAPITALS))])


def _look(said: Sequence[str], bits: Array) -> Array:
    """Return marks, mentions and numbers, persons, boosters, negators, hashtags, capitals, stretched words, faces and words."""
    found = np.zeros((len(said), LOOK), dtype=np.float32)
    for row, token in enumerate(said):
        if token in _COLUMNS:
            found[row, _COLUMNS[token]] = 1
        found[row, _NEGATORS] = tokens.negates(token)
    found[:, _NEGATORS + 1 :] = (bits[:, None] & _BITS) > 0
    return found


_NEGATORS = len(_MARKS) + 3


def _counted(bits: Array, met: Array, vector: Array) -> Array:
    """Return whether a token is a word, one that was met in training, and whether it has a vector."""
    word = (bits & WORD) > 0
    return np.stack([word, word & met, vector > 0], axis=1)


def _forms(token: str) -> tuple[str, ...]:
    """Return how a token may stand in a word list: as it is, without possessive or doubled last letter, an emoji without its tone."""
    shorter = token[:-1] if len(token) > 3 and token[-1] == token[-2] else token
    return (token, token.removesuffix("'s"), shorter, token[:1] if token[:1] > "\u2000" else token)


def _first(places: dict[str, int], forms: Sequence[str]) -> int:
    return next((places[form] for form in forms if form in places), 0)
