"""Reads posts from the scripts of X's archive, which assign a list to a variable. The archive itself is read in `x_zip.py`."""

import io
import re
from collections.abc import Iterator

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.json_elements import NumberedElement, iter_elements
from dashboard.sources.files.readers.json_posts import iter_posts
from dashboard.sources.files.readers.json_stream import JsonStream

_POSTS_VARIABLE = re.compile(r"(window\.)?YTD\.(?:tweets?|community_tweet)\.part\d+|Grailbird\.data\.tweets_\d{4}_\d\d", re.ASCII)
_PART_VARIABLE = re.compile(r"(?:window\.)?YTD\.(\w{1,60})\.part\d+", re.ASCII)


def iter_script_posts(file: io.BufferedReader, file_name: str) -> Iterator[NumberedElement]:
    """Yield the posts of a script of X's archive: `window.YTD.tweets.part0 = [{"tweet": {…}}, …]`.

    Raises InvalidFile for the archive's other scripts.
    """
    stream = JsonStream(file, file_name)
    name = stream.take_assignment()
    if not _POSTS_VARIABLE.fullmatch(name):
        raise _no_posts_error(name, file_name)
    for number, element in iter_elements(stream, file_name):
        yield from ((number, post) for post in iter_posts(element))


def _no_posts_error(variable_name: str, file_name: str) -> InvalidFile:
    part = _PART_VARIABLE.fullmatch(variable_name)
    if part and part[1].startswith("deleted"):
        return InvalidFile(
            deferred("%(file)s contains deleted posts, which we don’t read.", file=file_name),
            translatable("Upload tweets.js from the same archive instead."),
        )
    if part:
        return InvalidFile(
            deferred("%(file)s is the part “%(part)s” of X’s archive, which has no posts in it.", file=file_name, part=part[1]),
            translatable("Upload tweets.js or the whole zip instead."),
        )
    return InvalidFile(
        deferred("%(file)s is a script that isn’t part of X’s archive.", file=file_name),
        translatable("Upload data/tweets.js from the archive, or the whole zip."),
    )
