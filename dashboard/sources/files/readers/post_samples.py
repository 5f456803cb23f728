"""Takes the first posts of a file, which show how the file is written. What they show is decided in `rows.py`."""

from collections.abc import Callable, Iterator
from typing import Any

from dashboard.sources.files.readers.limits import MAX_ELEMENT_CHARS
from dashboard.sources.files.readers.raw_posts import RawPosts, Unreadable

_INSPECTED_POSTS, _INSPECTED_CHARS = 2_000, 2**22  # the sample inspected before the first row is built


def take_sample(groups: Iterator[RawPosts], count_unreadable: Callable[[RawPosts, int], None]) -> tuple[list[RawPosts], list[RawPosts]]:
    """Take the first posts, up to a number of posts and characters that fits in memory easily, and what else is in the last group taken.

    What their reader couldn't read isn't part of the sample. `count_unreadable` gets its group and position.
    """
    sample, posts, characters = list[RawPosts](), 0, 0
    for group in groups:
        taken = list[int]()
        for position in range(len(group)):
            if posts >= _INSPECTED_POSTS or characters >= _INSPECTED_CHARS:
                return [*sample, group.select(taken)], [group.select(range(position, len(group)))]
            if isinstance(post := group.post(position), Unreadable):
                count_unreadable(group, position)
                continue
            taken.append(position)
            posts, characters = posts + 1, characters + _count_characters(post)
        if taken:
            sample.append(group.select(taken))
        if posts >= _INSPECTED_POSTS or characters >= _INSPECTED_CHARS:
            break
    return sample, []


def _count_characters(post: Any) -> int:
    try:
        return len(str(post))
    except (RecursionError, ValueError):  # nested too deeply, or a number with too many digits to print
        return MAX_ELEMENT_CHARS
