"""Decides the kind of each post: one of `posts.POST_KINDS`. Other fields don't belong here."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from dashboard.core.posts import POST_KINDS
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, is_truthy
from dashboard.sources.files.readers.count_columns import parse_count
from dashboard.sources.files.readers.raw_posts import RawPosts
from dashboard.sources.files.shapes.shape import get_value

_REPOST_PREFIX = re.compile(r"RT @\w")
_FLAGS = ("repost", "reply", "quote")
_FIRST_ID = 10_000_000  # smaller numbers count reposts
_KIND_BY_REFERENCE_TYPE = {"retweeted": "repost", "reposted": "repost", "replied_to": "reply", "quoted": "quote"}
_KIND_BY_WORD = {
    "retweet": "repost",
    "retweeted": "repost",
    "rt": "repost",
    "retweets": "repost",
    "reposts": "repost",
    "reshare": "repost",
    "repost": "repost",
    "reblog": "repost",
    "boost": "repost",
    "announce": "repost",
    "reply": "reply",
    "replies": "reply",
    "replied": "reply",
    "repliedto": "reply",
    "repliesto": "reply",
    "mentionsinreplyto": "reply",
    "mentionsinretweet": "repost",
    "comment": "reply",
    "quote": "quote",
    "quoted": "quote",
    "quotetweet": "quote",
    "quotetweets": "quote",
    "quoteretweet": "quote",
    "quoterepost": "quote",
    "retweetwithcomment": "quote",
    "quotedtweet": "quote",
    "quotepost": "quote",
    **dict.fromkeys(
        ("antwort", "kommentar", "reponse", "commentaire", "respuesta", "comentario", "resposta", "risposta", "commento"), "reply"
    ),
    **dict.fromkeys(("zitat", "citation", "cita", "citacao", "citazione"), "quote"),
    **dict.fromkeys(("geteilt", "partage", "republication", "compartido", "republicacion", "compartilhado", "repostagem"), "repost"),
}
_NETWORK_PREFIX = re.compile(r"(?:twitter|x|facebook|instagram|mastodon|bluesky|linkedin|threads|tiktok|youtube)(?: |$)")


def list_named_kinds(batch: RawPosts) -> list[str | None]:
    """Return the kind that Chorus's own export names for each post, None for posts of other tools, which have no such column."""
    if "kind" not in batch.fields:
        return [None] * len(batch)
    return [kind if kind in POST_KINDS else None for kind in batch.list_values("kind")]


class PostKinds:
    """The kinds of one file's posts. `inspect` comes first, and shows which columns have numbers of reposts."""

    def __init__(self) -> None:
        self._columns_of_counts = set[int]()  # among those that may have flags instead

    def inspect(self, posts_with_paths: Iterable[tuple[RawPost, FieldPaths]]) -> None:
        """Detect from the first posts which columns count reposts, so that a 1 in them isn't taken for a flag."""
        for post, paths in posts_with_paths:
            self._columns_of_counts.update(
                number for number, path in enumerate(paths.get("repost_or_count", ())) if _is_count(get_value(post, path))
            )

    def parse_all(self, batch: RawPosts, texts: Sequence[str], named_kinds: Sequence[str | None]) -> list[str]:
        """Return the kinds of posts with these texts, the named ones as they are.

        The posts it references decide; without a list of them its flags do, and a text that begins with `RT @` makes it a repost.
        """
        kinds = self._find_flags(batch)
        for position, references in enumerate(_list_references(batch)):
            if (referenced := _parse_references(references)) is not None:
                kinds[position] = referenced
        return [
            name or (_choose_kind(kinds.get(position, ()), text) if position in kinds or text[:2] == "RT" else "post")
            for position, (name, text) in enumerate(zip(named_kinds, texts, strict=True))
        ]

    def _find_flags(self, batch: RawPosts) -> dict[int, set[str | None]]:
        """Return what posts are by their flags, their conversations and words for their kinds, by their positions."""
        kinds: defaultdict[int, set[str | None]] = defaultdict(set)
        for flag in _FLAGS:
            for column in batch.list_columns(flag):
                for position in _find_truthy(column):
                    kinds[position].add(flag)
        for position in self._find_other_reposts(batch):
            kinds[position].add("repost")
        if "conversation" in batch.fields:
            for position, ids in enumerate(zip(batch.list_values("conversation"), batch.list_values("id"), strict=True)):
                if _is_reply(*ids):
                    kinds[position].add("reply")
        if "kind_word" in batch.fields:
            words = batch.list_values("kind_word")
            kind_by_word = {word: parse_kind_word(word) for word in set(words)}
            for position, word in enumerate(words):
                kinds[position].add(kind_by_word[word])
        return kinds

    def _find_other_reposts(self, batch: RawPosts) -> list[int]:
        """Return the positions of reposts by columns that may hold numbers of reposts instead, which say nothing about the kind of a post.

        A column that had a number once has numbers from there on.
        """
        positions = list[int]()
        for number, column in enumerate(batch.list_columns("repost_or_count")):
            if number not in self._columns_of_counts and _has_counts(column):
                self._columns_of_counts.add(number)
            positions += [] if number in self._columns_of_counts else _find_truthy(column)
        for column in batch.list_columns("reposter"):
            positions += [position for position in _find_truthy(column) if _is_name(column[position])]
        return positions


def _find_truthy(column: Sequence[Any]) -> list[int]:
    """Return the positions of the values that stand for "yes"."""
    try:
        truthy = {value for value in set(column) if is_truthy(value)}
    except TypeError:  # objects can't be in a set
        return [position for position, value in enumerate(column) if is_truthy(value)]
    return [position for position, value in enumerate(column) if value in truthy] if truthy else []


def _has_counts(column: Sequence[Any]) -> bool:
    """Return whether any value is a number of reposts."""
    try:
        return any(map(_is_count, set(column)))
    except TypeError:  # objects can't be in a set
        return any(map(_is_count, column))


def _is_count(value: Any) -> bool:
    """Return whether a value is a number of reposts: more than the 1 of a flag, and less than the ID of a post."""
    return 1 < (parse_count(value) or 0) < _FIRST_ID


def _is_name(value: Any) -> bool:
    """Return whether a value says who reposted a post, rather than how many people did, or all of them."""
    count = parse_count(value)
    return not isinstance(value, list) and (count is None or count >= _FIRST_ID)


def _list_references(batch: RawPosts) -> list[Any]:
    """Return the first value that isn't empty of each post's references to others."""
    columns = batch.list_columns("references")
    return [next(filter(None, values), None) for values in zip(*columns, strict=True)]


def _parse_references(references: Any) -> set[str | None] | None:
    """Return what references make of a post, None if they aren't a list."""
    if isinstance(references, list):
        return {_KIND_BY_REFERENCE_TYPE.get(str(reference.get("type"))) for reference in references if isinstance(reference, dict)}
    if isinstance(references, str) and references.startswith("["):  # a list that a table has as text
        return {kind for reference_type, kind in _KIND_BY_REFERENCE_TYPE.items() if reference_type in references[:2_000]}
    return None


def parse_kind_word(value: Any) -> str | None:
    """Return the kind that a word such as “Retweet”, “@Reply” or “Twitter Reply” stands for, or None if it stands for none."""
    if not isinstance(value, str):
        return None
    word = _NETWORK_PREFIX.sub("", unicodedata.normalize("NFKD", value[:40].lower().strip()), count=1)
    return _KIND_BY_WORD.get(re.sub(r"[^a-z]", "", word))


def _is_reply(conversation_id: Any, post_id: Any) -> bool:
    """Return whether another post started a conversation."""
    return is_truthy(conversation_id) and post_id is not None and str(conversation_id) != str(post_id)


def _choose_kind(kinds: Collection[str | None], text: str) -> str:
    """Return what a post is foremost, of all that it is."""
    if "repost" in kinds or _REPOST_PREFIX.match(text):
        return "repost"
    return "reply" if "reply" in kinds else "quote" if "quote" in kinds else "post"
