"""Reads X's archive as X provides it: a zip that is mostly media, with the posts in scripts under data/.

Only those scripts are unpacked, as streams. A zip is treated as hostile: nothing is extracted to disk, member names are never used as
paths, and sizes are checked both as declared and as actually read. JSON is parsed in `x_json.py`, not here.
"""

import io
import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from dashboard.core.errors import InvalidFile
from dashboard.core.formatting.directions import remove_bidi_controls
from dashboard.core.html_entities import unescape_entities
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.json_stream import JsonStream
from dashboard.sources.files.readers.limits import DAMAGED_FILE_ERRORS, MAX_UNPACKED_BYTES, ByteBudget, open_limited_reader
from dashboard.sources.files.readers.x_json import NumberedElement, iter_elements, iter_script_posts
from dashboard.sources.files.times.grammar import format_x_timestamp

Member = tuple[str, zipfile.ZipInfo]  # its path with forward slashes, and the member itself

MAX_MEMBERS = 100_000
MAX_DIRECTORY_BYTES = 24 * 2**20  # of the zip's list of members
MAX_COMPRESSION_RATIO = 200  # unpacked to packed bytes; usually about 10, and 140 if all posts are identical
MIN_RATIO_CHECK_BYTES = 16 * 2**20  # unpacked bytes from which on the ratio is checked
MAX_NOTE_CHARS = 2**24  # characters of long texts that are held until their posts are read
MAX_NOTES_PER_SECOND = 20

_POSTS_SCRIPT_PATTERN = re.compile(
    r"(?:.*/)?(?:(?:tweets?|community-tweet)(?:-part(\d{1,4}))?\.js|data/js/tweets/(\d{4}_\d\d)\.js)", re.IGNORECASE
)
_ENTRY_SIGNATURE = b"PK\x01\x02"  # starts each entry in the list of members
_LOCAL_HEADER_BYTES = 30  # at least, before each member
_UNCHANGED_ADVICE = translatable("Upload the zip exactly as X provides it, or just its tweets.js.")
_MIN_SHARED_CHARS = 60  # a truncated post and its long text must share these, or all of the post if it is shorter


class XArchive:
    """An open archive, of which only the members that matter are read."""

    def __init__(self, file: BinaryIO, budget: ByteBudget) -> None:
        """Read the list of members. Raises InvalidFile if it is damaged, too long, or has unsafe paths."""
        self._byte_budget, self.unmatched_notes = budget, 0
        try:
            self._zip_file = zipfile.ZipFile(_DirectoryLimitedFile(file))
            members = [(remove_bidi_controls(member.filename).replace("\\", "/"), member) for member in self._zip_file.infolist()]
        except DAMAGED_FILE_ERRORS as error:
            raise InvalidFile(
                translatable("The zip is damaged or incomplete."), translatable("Download it again and upload it unchanged.")
            ) from error
        if any(".." in path.split("/") or path.startswith("/") or path[1:2] == ":" for path, _ in members):
            raise InvalidFile(translatable("The zip contains unsafe paths, which X's archives never do."), _UNCHANGED_ADVICE)
        self._header_offsets = sorted(member.header_offset for _, member in members)
        self._members = [(path, member) for path, member in members if "__MACOSX" not in path.split("/")]

    def is_workbook(self) -> bool:
        """Return whether this is an Excel workbook. Raises InvalidFile for one that can't be read without danger."""
        members = [(path, member) for path, member in self._members if path.startswith("xl/") or path == "[Content_Types].xml"]
        if not any(path == "xl/workbook.xml" for path, _ in members):
            return False
        for path, member in members:
            if path.endswith(".xml"):
                self._check_member(path, member)
                if b"<!DOCTYPE" in self._open_member(path, member).read(4096):
                    raise InvalidFile(
                        deferred("%(path)s in the workbook has definitions that Excel never writes.", path=path),
                        translatable("Save it again and upload it."),
                    )
        return True

    def iter_posts(self) -> Iterator[NumberedElement]:
        """Yield the posts of all scripts, with the full text of long ones. Afterwards, `unmatched_notes` counts those without a post."""
        scripts = self._find_post_scripts()
        notes = NoteTweets(self.iter_script_elements("note-tweet.js"))
        for name, member in scripts:
            for number, post in iter_script_posts(self._open_member(name, member), name):
                yield number, notes.complete_post(post)
        self.unmatched_notes = notes.unmatched_texts

    def list_paths(self) -> list[str]:
        """Return the paths of all members."""
        return [path for path, _ in self._members]

    def has_posts_of_x(self) -> bool:
        """Return whether there are scripts with posts of X."""
        return any(_POSTS_SCRIPT_PATTERN.fullmatch(path) for path in self.list_paths())

    def open_path(self, path: str) -> io.BufferedReader:
        """Open a member by its path in `list_paths`. Raises InvalidFile if it can't be read without danger."""
        return self._open_member(*next(entry for entry in self._members if entry[0] == path))

    def explain_refusal(self) -> InvalidFile:
        """Return the error for a zip without posts, which says what the zip seems to be."""
        return InvalidFile(*self._explain_no_posts())

    def find_owner_handle(self) -> str | None:
        """Return the handle of the archive's owner, or None if the archive doesn't include it."""
        for _, element in self.iter_script_elements("account.js"):
            account = element.get("account") if isinstance(element, dict) else None
            handle = account.get("username") if isinstance(account, dict) else None
            if isinstance(handle, str) and handle.strip():
                return handle
        return None

    def has_deleted_posts(self) -> bool:
        """Return whether the archive also contains deleted posts."""
        return any(re.fullmatch(r"(.*/)?deleted-tweets?(-part\d+)?\.js", path) for path, _ in self._members)

    def iter_script_elements(self, script_name: str) -> Iterator[NumberedElement]:
        """Yield the elements of a script that doesn't contain posts, or nothing if the archive doesn't have it."""
        for name, member in _check_unique([member for member in self._members if member[0].rsplit("/", 1)[-1] == script_name]):
            stream = JsonStream(self._open_member(name, member), name)
            if stream.take_assignment():
                yield from iter_elements(stream, name)

    def _find_post_scripts(self) -> list[Member]:
        """Return the members that contain posts, ordered by month and part."""
        matches = [(match, path, member) for path, member in self._members if (match := _POSTS_SCRIPT_PATTERN.fullmatch(path))]
        if not matches:
            raise InvalidFile(*self._explain_no_posts())
        matches.sort(key=lambda script: (script[0][2] or "", int(script[0][1] or 0), script[1]))
        return _check_unique([(path, member) for _, path, member in matches])

    def _open_member(self, path: str, member: zipfile.ZipInfo) -> io.BufferedReader:
        self._check_member(path, member)
        try:
            return open_limited_reader(self._zip_file.open(member), path, self._byte_budget)
        except DAMAGED_FILE_ERRORS as error:
            raise InvalidFile(
                deferred("%(path)s in the zip is damaged.", path=path), translatable("Download the zip again and upload it unchanged.")
            ) from error

    def _check_member(self, path: str, member: zipfile.ZipInfo) -> None:
        """Raise InvalidFile for a member that is encrypted, compressed in a way X doesn't use, too large, or overlaps another one."""
        if member.flag_bits & 0x1:
            raise InvalidFile(
                deferred("%(path)s in the zip is encrypted.", path=path),
                translatable("Unpack the zip with its password and upload just tweets.js."),
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidFile(
                deferred("%(path)s in the zip is compressed in an unusual way.", path=path),
                translatable("Unpack the zip and upload just tweets.js."),
            )
        start, end = member.header_offset, member.header_offset + _LOCAL_HEADER_BYTES + member.compress_size
        if bisect_left(self._header_offsets, end) - bisect_left(self._header_offsets, start) > 1:
            raise InvalidFile(
                deferred("%(path)s overlaps another file in the zip, which never happens in a real archive.", path=path), _UNCHANGED_ADVICE
            )
        if member.file_size > max(MIN_RATIO_CHECK_BYTES, MAX_COMPRESSION_RATIO * member.compress_size):
            detail = deferred(
                "%(path)s would unpack to %(size)s MB, far more than a real archive of this size.",
                path=path,
                size=f"{member.file_size / 2**20:,.0f}",
            )
            raise InvalidFile(detail, _UNCHANGED_ADVICE)
        if member.file_size > MAX_UNPACKED_BYTES:
            detail = deferred(
                "%(path)s unpacks to more than %(limit)s GB, the limit for one file.", path=path, limit=f"{MAX_UNPACKED_BYTES / 2**30:g}"
            )
            raise InvalidFile(detail, translatable("Split tweets.js and upload the parts one at a time."))

    def _explain_no_posts(self) -> tuple[str, str]:
        """Return what this zip seems to be instead of X's archive, judging by its members' names, and what to do."""
        paths = [path.lower() for path, _ in self._members]
        if any(path.startswith("xl/") for path in paths):
            return translatable("This is an Excel file in binary form (.xlsb)."), translatable(
                "Save it as .xlsx or “CSV UTF-8” and upload that."
            )
        if "content.xml" in paths and "mimetype" in paths:
            return translatable("This is a spreadsheet of LibreOffice."), translatable("Save it as .xlsx or CSV and upload that.")
        if any(path.startswith("index/") and path.endswith(".iwa") for path in paths):
            return translatable("This is a spreadsheet of Apple Numbers."), translatable("Export it as CSV or Excel and upload that.")
        if any(path.endswith(".zip") for path in paths):
            return translatable("This zip contains another zip, but no tweets.js."), translatable("Unpack it and upload the zip inside.")
        if any(path.endswith((".csv", ".json", ".jsonl", ".ndjson")) for path in paths):
            return translatable("The zip contains several tables or JSON files."), translatable(
                "Unpack it and upload the file with the posts."
            )
        return translatable("The zip has no tweets.js, so it isn't the archive of an X account."), _UNCHANGED_ADVICE


def _check_unique(members: list[Member]) -> list[Member]:
    """Return the members. Raises InvalidFile if two of them have the same file name."""
    seen = set[str]()
    for path, _ in members:
        name = path.rsplit("/", 1)[-1].lower()
        if name in seen:
            raise InvalidFile(
                deferred("The zip has %(name)s more than once.", name=name),
                translatable("Upload one archive at a time, exactly as X provides it."),
            )
        seen.add(name)
    return members


class NoteTweets:
    """The full texts of long posts, which X stores separately under other IDs. They are matched by time and by how they begin."""

    def __init__(self, numbered_elements: Iterator[NumberedElement]) -> None:
        self._texts_by_second: dict[str, list[str]] = {}
        self._skipped_texts, free_chars = 0, MAX_NOTE_CHARS
        for second, text in (_parse_note(element) for _, element in numbered_elements):
            texts = self._texts_by_second.setdefault(second, [])
            if second and len(text) <= free_chars and len(texts) < MAX_NOTES_PER_SECOND:
                texts.append(text)
                free_chars -= len(text)
            else:
                self._skipped_texts += 1

    @property
    def unmatched_texts(self) -> int:
        """The number of texts without a matching post."""
        return self._skipped_texts + sum(len(texts) for texts in self._texts_by_second.values())

    def complete_post(self, post: Any) -> Any:
        """Return a post with its full text, if one with the same beginning is left for that second."""
        second = post.get("created_at") if isinstance(post, dict) else None
        texts = self._texts_by_second.get(second) if isinstance(second, str) else None
        short_text = post.get("full_text", post.get("text")) if texts else None
        if not texts or not isinstance(short_text, str):
            return post
        beginning = _normalize_for_match(short_text).rstrip("….").rstrip()
        longest = max(
            (text for text in texts if beginning and _normalize_for_match(text).startswith(beginning[:_MIN_SHARED_CHARS])),
            key=len,
            default="",
        )
        if not longest:
            return post
        texts.remove(longest)
        return post | {"full_text": longest} if len(_normalize_for_match(longest)) > len(beginning) else post


def _parse_note(element: Any) -> tuple[str, str]:
    """Return the time of a long text, in the format that posts use, and the text itself; ("", "") if the element isn't one."""
    note = element.get("noteTweet") if isinstance(element, dict) else None
    core = note.get("core") if isinstance(note, dict) else None
    text = core.get("text") if isinstance(core, dict) else None
    try:
        moment = datetime.fromisoformat(note["createdAt"])  # type: ignore[index]
        second = format_x_timestamp(moment.astimezone(UTC)) if moment.tzinfo else ""
    except (KeyError, TypeError, ValueError, OverflowError):
        second = ""
    return (second, text) if isinstance(text, str) and second else ("", "")


def _normalize_for_match(text: str) -> str:
    """Return a text in a form comparable between both scripts: without entities, and without a reply's leading mentions."""
    return re.sub(r"\A(@\w+\s+)+", "", unescape_entities(text))


class _DirectoryLimitedFile:
    """A file for zipfile that refuses a list of members longer than real archives have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek: Callable[..., int] = file.seek
        self.tell: Callable[[], int] = file.tell

    def read(self, size: int = -1, /) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise InvalidFile(translatable("The zip's list of contents is too long."), translatable("Upload just tweets.js."))
        block = self._file.read(size if size >= 0 else MAX_DIRECTORY_BYTES)  # zipfile reads to the end only when it is close
        if len(block) > len(_ENTRY_SIGNATURE) * MAX_MEMBERS and block.count(_ENTRY_SIGNATURE) > MAX_MEMBERS:
            raise InvalidFile(
                deferred("The zip contains more than %(limit)s files.", limit=MAX_MEMBERS), translatable("Upload just tweets.js.")
            )
        return block

    def seekable(self) -> bool:
        return True
