"""What a known shape is, and the registry of all of them. Which shapes exist is in the modules beside this one; no file is read here."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dashboard.core.deferred_texts import defer, defer_sentences
from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred
from dashboard.core.registry import Registry


@dataclass(frozen=True)
class Shape:
    """The files of one tool: how to recognise them, and what their columns mean.

    `keys` are names that the header of a table or a JSON object must all have; "a|b" stands for either, "a.b" for the key `b` inside `a`.
    `fields` has the names of each field, best first, in the notation of `column_names.NAMES_BY_FIELD`; they take precedence over those,
    and an empty tuple says that no column has the field. `is_exact` says that there are no other keys, and `absent_keys` are
    those that it must not have.

    In JSON, an object that isn't a post itself has `posts_at`, the paths to its posts; a post that has others inside it, such as replies,
    has `more_posts_at`. Posts that names can't describe have `convert`: it returns a post in the form of Chorus's own export, or with usual
    keys, or None if the object isn't a post after all.

    A shape with a `refusal` is refused unless a column is known to hold texts: `refusal` says why, and `advice` what to upload instead.
    """

    name: str
    title: str  # the tool and its file, as people call them
    source: str  # where people get the file, for the documentation
    keys: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    date_order: str = ""  # of its dates such as 11/02/2026, if it's always the same: "dmy" or "mdy"
    line_break: str = "\n"  # in its texts
    posts_at: tuple[str, ...] = ()
    convert: Callable[[Mapping[str, Any]], Mapping[str, Any] | None] | None = None
    more_posts_at: tuple[str, ...] = ()
    is_exact: bool = False
    absent_keys: tuple[str, ...] = ()
    refusal: str = ""
    advice: str = ""

    @property
    def is_readable(self) -> bool:
        """Say whether files of this shape have posts that can be read."""
        return not self.refusal

    def explain_refusal(self) -> InvalidFile:
        """Return the error for a file of a shape without posts."""
        return InvalidFile(defer_sentences(deferred("This is a file of %(title)s.", title=self.title), defer(self.refusal)), self.advice)


class ConvertedPost(dict[str, Any]):
    """A post in another form than the one it has in its file; `shape` is that of the file."""

    def __init__(self, post: Mapping[str, Any], shape: Shape) -> None:
        super().__init__(post)
        self.shape = shape


LIKES_OF_POSTS = (
    "favorite_count",
    "like_count",
    "likes",
    "likes_count",
)  # beside columns on the author, favourites_count is what they like
MAX_KEYS = 200  # of a post; objects with more have no shape, because the keys of the latest objects are held in memory
SHAPES: Registry[Shape] = Registry("shape", filled_by="dashboard.sources.files.shapes.known")


def normalize_name(name: str) -> str:
    """Return a name in the form in which names are compared: lower-case letters, digits and dots. Apify's `/` is a dot."""
    return re.sub(r"[^a-z0-9.]", "", name.lower().replace("/", "."))


Alternatives = tuple[tuple[str, ...], ...]  # paths of which one has to exist


def recognize_object(post: Mapping[str, Any]) -> Shape | None:
    """Return the shape of a JSON object or of a row of a table, by its keys and those inside them; None if it's none of the known ones."""
    for shape, inner_keys in find_candidates(tuple(post)) if len(post) <= MAX_KEYS else ():
        if not inner_keys or all(any(get_value(post, path) is not None for path in alternatives) for alternatives in inner_keys):
            return shape
    return None


@lru_cache(maxsize=256)
def find_candidates(keys: tuple[str, ...]) -> tuple[tuple[Shape, tuple[Alternatives, ...]], ...]:
    """Return the shapes that have these keys, each with the paths that must be checked inside the objects at the keys."""
    key_by_name = {normalize_name(key): key for key in keys}
    matches = ((shape, _match_keys(shape, key_by_name)) for shape in SHAPES)
    return tuple((shape, inner_keys) for shape, inner_keys in matches if inner_keys is not None)


def _match_keys(shape: Shape, key_by_name: Mapping[str, str]) -> tuple[Alternatives, ...] | None:
    """Return the paths of a shape that lead into other objects, or None if one of its keys is missing."""
    inner_keys = list[Alternatives]()
    if shape.is_exact and len(key_by_name) != len(shape.keys):
        return None
    if any(normalize_name(name) in key_by_name for name in shape.absent_keys):
        return None
    for names in shape.keys:
        paths = tuple(path for name in names.split("|") if (path := find_path(name, key_by_name)))
        if not paths:
            return None
        if all(len(path) > 1 for path in paths):
            inner_keys.append(paths)
    return tuple(inner_keys)


def find_path(name: str, key_by_name: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the path to a name among keys, which are by their normalised names: one key, or a key and those inside its object."""
    return _find_split_path(*split_name(name), key_by_name)


@lru_cache(maxsize=4096)
def split_name(name: str) -> tuple[str, str, tuple[str, ...]]:
    """Return a name normalised, the normalised name of its outermost object, and the keys inside that, which are compared exactly."""
    outer, _, inner = name.partition(".")
    return normalize_name(name), normalize_name(outer), tuple(inner.split(".")) if inner else ()


def _find_split_path(
    full_name: str, outer_name: str, inner_keys: tuple[str, ...], key_by_name: Mapping[str, str]
) -> tuple[str, ...] | None:
    if full_name in key_by_name:
        return (key_by_name[full_name],)
    return (key_by_name[outer_name], *inner_keys) if inner_keys and outer_name in key_by_name else None


def get_value(post: Any, path: Iterable[str]) -> Any:
    """Return the value at a path, None if there is none. In a list, the key is a position, such as "0"."""
    for key in path:
        if isinstance(post, dict):
            post = post.get(key)
        elif isinstance(post, list) and key.isdecimal() and int(key) < len(post):
            post = post[int(key)]
        else:
            return None
    return post
