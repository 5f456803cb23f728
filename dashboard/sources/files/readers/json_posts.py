"""Finds the posts in JSON values that are in memory, however deep a response wraps them. No file is read here, and no row is built."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from dashboard.sources.files.readers.container_accounts import add_account, find_user, name_list
from dashboard.sources.files.readers.field_paths import KeyPath, find_paths
from dashboard.sources.files.readers.json_rows import NAME_KEYS, is_row, iter_row_posts, list_names
from dashboard.sources.files.shapes.shape import MAX_KEYS, ConvertedPost, Shape, get_value, recognize_object

LIST_KEYS = (
    "data",
    "statuses",
    "tweets",
    "posts",
    "feed",
    "records",
    "items",
    "results",
    "orderedItems",
    "messages",
    "entries",
    "videos",
    "values",
    "rows",
)
OTHER_KEYS = {  # where responses have what isn't posts, or posts of others
    "includes",
    "meta",
    "errors",
    "account",
    "accounts",
    "user",
    "users",
    "author",
    "authors",
    "favourites",
    "likes",
    "bookmarks",
    "mentions",
    "followers",
    "following",
    "hashtags",
    "query",
    "coverage",
    "notes",
    "lists",
    "blocks",
    "mutes",
    "pinned",
    "pageInfo",
    "page_info",
    "paging",
    "pagination",
}
_MAX_DEPTH = 24  # X nests its timelines 14 levels deep
SINGLE_KEYS = ("tweet", "post", "status", "toot", "item", "node", "content", "result")
_MONGO_TYPES = ("$date", "$numberLong", "$numberInt", "$numberDouble", "$oid")
_MAX_REFERENCED_POSTS = 10_000


def iter_posts(value: Any, depth: int = 0, account: str = "") -> Iterator[Any]:
    """Yield the posts in a value: itself, those of a list or a response, or those that it wraps. Raises InvalidFile for a refused shape.

    A value without posts is yielded as it is, so that it's counted as unreadable. `account` is whose posts the value is known to hold.
    """
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("tweet"), dict) and depth < _MAX_DEPTH:
        yield from iter_posts(value["tweet"], depth + 1, account)  # X's archive wraps each of its posts, which may be a million, like this
        return
    if isinstance(value, list) and _has_objects(value):
        if is_row(value[0]):
            yield from (post for _, post in iter_row_posts(iter(enumerate(value, 1))))
            return
        for element in value if depth < _MAX_DEPTH else ():
            yield from iter_posts(element, depth + 1, account)
        return
    if not isinstance(value, dict) or depth >= _MAX_DEPTH:
        yield value
        return
    if "_id" in value:
        value = {key: _unwrap_mongo_value(inner) for key, inner in value.items() if key != "_id" or "id" not in value}
    if (rows := _find_rows(value)) and not is_post(value):
        yield from (post for _, post in iter_row_posts(iter(enumerate(value[rows[0]], 1)), rows[1]))
        return
    if (columns := _take_columns(value)) is not None:
        yield from _iter_column_posts(columns)
        return
    shape = recognize_object(value)
    if shape is not None:
        yield from _iter_shape_posts(shape, value, depth)
    elif is_post(value):
        yield add_account(value, account, _find_usual_paths(tuple(value)).get("account", ()))
    elif inner_values := list(_iter_inner_values(value)):
        account = find_user(value) or account
        for inner_value, name in inner_values:
            yield from iter_posts(inner_value, depth + 1, account or name)
    elif not _is_empty_response(value):
        yield value


def _unwrap_mongo_value(value: Any) -> Any:
    """Return a value of MongoDB's extended JSON, such as {"$date": …} or {"$numberLong": …}, and any other one as it is."""
    while isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _MONGO_TYPES:
        value = next(iter(value.values()))
    return value


def _find_rows(value: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """Return the key of the rows of a table and the names of its columns, which are beside it, None if there are none."""
    names = next(filter(None, (list_names(key, value[key]) for key in NAME_KEYS if key in value)), None)
    if not names:
        return None
    key = next((key for key in LIST_KEYS if isinstance(value.get(key), list) and value[key] and is_row(value[key][0], names)), None)
    return (key, names) if key else None


def _take_columns(value: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """Return the columns of a table that pandas wrote by column (`orient` is columns or list), None for any other object."""
    if value and all(isinstance(column, (dict, list)) for column in value.values()):
        columns = {name: list(column.values()) if isinstance(column, dict) else column for name, column in value.items()}
        row_names = {tuple(column) for column in value.values() if isinstance(column, dict)}
        columns = columns if len(row_names) <= 1 else {}
    else:
        return None
    paths = _find_usual_paths(tuple(columns)) if len(columns) <= MAX_KEYS else {}
    is_table = "text" in paths and any(field in paths for field in ("created_at", "id")) and len(set(map(len, columns.values()))) == 1
    return columns if is_table else None


def _iter_column_posts(columns: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def is_post(value: Mapping[str, Any]) -> bool:
    """Return whether an object has a text and something that posts have with it."""
    paths = _find_usual_paths(tuple(value)) if len(value) <= MAX_KEYS else {}
    texts = [get_value(value, path) for path in paths.get("text", ())]
    return any(isinstance(text, str) for text in texts) and any(field in paths for field in ("created_at", "id", "account", "url"))


@lru_cache(maxsize=64)  # posts of one file share a few sets of keys
def _find_usual_paths(keys: tuple[str, ...]) -> Mapping[str, tuple[KeyPath, ...]]:
    return find_paths(keys)


def _iter_shape_posts(shape: Shape, value: dict[str, Any], depth: int) -> Iterator[Any]:
    if not shape.is_readable:
        raise shape.explain_refusal()
    if shape.posts_at:
        inner_values = [inner for path in shape.posts_at if (inner := get_value(value, path.split("."))) is not None]
        posts = (iter_posts(inner, depth + 1) for inner in inner_values)
        yield from (_convert(shape, post) if shape.convert and isinstance(post, dict) else post for post in chain.from_iterable(posts))
    elif shape.convert:
        post = _convert(shape, value)
        yield from () if post is None else (post,)
        for path in shape.more_posts_at:
            if inner_value := get_value(value, path.split(".")):
                yield from iter_posts(inner_value, depth + 1)
    else:
        yield value


def _convert(shape: Shape, post: dict[str, Any]) -> ConvertedPost | None:
    converted = shape.convert(post) if shape.convert else post
    return None if converted is None else ConvertedPost(converted, shape)


def _iter_inner_values(value: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """Yield the values in which a wrapper has its posts: usual lists, a single post, lists by any name, or posts by their IDs.

    With each comes the account that its name is, "" if it's none.
    """
    usual_lists = [value[key] for key in LIST_KEYS if _has_objects(value.get(key))]
    if usual_lists:
        yield from ((inner, "") for inner in (_complete_response(value) if "includes" in value else usual_lists))
        return
    singles = [value[key] for key in (*SINGLE_KEYS, *LIST_KEYS) if isinstance(value.get(key), dict)]
    if singles:
        yield from ((inner, "") for inner in (_complete_response(value) if "includes" in value else singles[:1]))
        return
    members = value.keys() if value.keys() == {"user"} else value.keys() - OTHER_KEYS
    for key, member in value.items():
        if key in members and (_has_objects(member) or isinstance(member, dict)):
            yield member, name_list(key) if _has_list(member) else ""


def _has_list(member: Any) -> bool:
    """Return whether a value is a list of objects, or an object with one by a usual name."""
    return isinstance(member, list) or any(_has_objects(member.get(key)) for key in LIST_KEYS)


def _is_empty_response(value: Mapping[str, Any]) -> bool:
    """Return whether an object is a response with an empty list of posts, or with none because there were no posts."""
    return "meta" in value or any(value.get(key) == [] for key in LIST_KEYS)


def _has_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(element, (dict, list)) for element in value[:10])


def _complete_response(response: Mapping[str, Any]) -> list[Any]:
    """Return the posts of a response of X's API v2 with what it lists separately: handles, and the texts of what was reposted."""
    includes, data = response.get("includes"), response.get("data")
    users = get_value(includes, ("users",))
    handle_by_id = build_handle_by_id(users if isinstance(users, list) else [])
    originals = [get_value(includes, (key,)) for key in ("tweets", "posts")]
    original_by_id = {
        str(post.get("id")): add_handle(post, handle_by_id)
        for posts in originals
        if isinstance(posts, list)
        for post in posts[:_MAX_REFERENCED_POSTS]
        if isinstance(post, dict)
    }
    tweets = data if isinstance(data, list) else [data]
    return [complete_repost(add_handle(post, handle_by_id), original_by_id) for post in tweets]


def complete_repost(post: Any, original_by_id: Mapping[str, Any]) -> Any:
    """Return a post of X's API v2 with the whole text of the original if it is a repost."""
    references = post.get("referenced_tweets") if isinstance(post, dict) else None
    for reference in references if isinstance(references, list) else ():
        original = original_by_id.get(str(get_value(reference, ("id",)))) if get_value(reference, ("type",)) == "retweeted" else None
        text = (get_value(original, ("note_tweet", "text")) or get_value(original, ("text",))) if original else None
        if isinstance(text, str):
            return {**post, "text": f"RT @{get_value(original, ('username',)) or 'i'}: {text}"}
    return post


def build_handle_by_id(users: list[Any]) -> dict[str, str]:
    """Return the handles of users by their IDs."""
    pairs = ((user.get("id"), user.get("username")) for user in users if isinstance(user, dict))
    return {str(number): handle for number, handle in pairs if isinstance(handle, str)}


def add_handle(post: Any, handle_by_id: Mapping[str, str]) -> Any:
    """Return a post with its author's handle added, if it is known."""
    handle = handle_by_id.get(str(post.get("author_id"))) if isinstance(post, dict) else None
    return post | {"username": handle} if handle and "username" not in post else post
