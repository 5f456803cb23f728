"""Hostile files: each raises a clear error, is read in bounded memory, and leaves nothing behind."""

import contextlib
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import limited_zip, limits, reader
from dashboard.sources.files.store import DatasetStore
from tests.support.archive_files import ACCOUNT_SCRIPT, build_script, build_tweet, build_zip, read_through
from tests.support.fault_suite import count_inputs, scale_examples
from tests.support.paths import ROOT

pytestmark = pytest.mark.faults
TWEETS = build_script([build_tweet(number) for number in range(50)])
TABLE = "id,created_at,text,account\n" + "".join(f"{n},2026-01-01T00:00:00Z,Fog {n},harbour\n" for n in range(50))
TEN_GIGABYTES = 10 * 2**30
MEGABYTES_FOR_ALL = 400  # peak of a whole import, interpreter and polars included


def read_refusal(content: bytes, name: str) -> str:
    with pytest.raises(InvalidFile) as error:
        read_through(content, name)
    return error.value.message


def one_member(name: str, content: bytes, **changes: int) -> bytes:
    """Return a zip of one stored member, with some fields of its entry changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    packed = bytearray(file.getvalue())
    entry = packed.rindex(b"PK\x01\x02")
    for field, value in changes.items():
        place, form = {"flags": (8, "<H"), "method": (10, "<H"), "crc": (16, "<I"), "size": (24, "<I"), "start": (42, "<I")}[field]
        struct.pack_into(form, packed, entry + place, value)
        if field in ("flags", "method"):
            struct.pack_into(form, packed, place - 2, value)
    return bytes(packed)


def doubled() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data/tweets.js", TWEETS)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("data/tweets.js", TWEETS)
    return file.getvalue()


def overlapping() -> bytes:
    """Return a zip whose two members start at the same offset."""
    packed = bytearray(build_zip({"data/tweets.js": TWEETS, "data/account.js": ACCOUNT_SCRIPT}))
    struct.pack_into("<I", packed, packed.rindex(b"PK\x01\x02") + 42, 0)
    return bytes(packed)


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("a.csv", lambda: b"", "is empty"),
    "blank": ("a.csv", lambda: b" \n" * 9, "is empty"),
    "web page": ("a.csv", lambda: b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
    "table in a web page": (
        "a.xls",
        lambda: b"<html><body><table border=1><tr><td>date</td></tr></table></body></html>",
        "is a table in a",
    ),
    "many tables without a cell": ("a.xls", lambda: b"<html>" + b"<table " * 2**17, "is a web page"),
    "long ruler": ("a.csv", lambda: b"when,what\n" + b"-" * 2**19 + b"x,b\n", "texts or dates"),
    "XML": ("a.xml", lambda: b'<?xml version="1.0"?><posts><post date="2026-11-02">good</post></posts>', "is XML"),
    "workbook in a zip": ("a.zip", lambda: build_zip({"posts.xlsx": b"PK", "readme.txt": b""}), "contains no CSV or JSON file"),
    "error page": ("tweets.js", lambda: b'<?xml version="1.0"?><Error>AccessDenied</Error>', "is a web page"),
    "Cyrillic table": ("a.csv", lambda: TABLE.replace("Fog", "Туман").encode("cp1251"), "Line 2 of a.csv isn’t encoded as UTF-8"),
    "latin-1 script": ("tweets.js", lambda: b'window.YTD.tweets.part0 = [{"full_text": "N\xe9bel"}]', "isn’t encoded as UTF-8"),
    "latin-1 lines": ("a.jsonl", lambda: b'{"text": "N\xe9bel", "date": "2026-01-01"}\n', "Line 1 isn’t encoded as UTF-8"),
    "picture": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + os.urandom(4096), "a.csv is"),
    "noise": ("a.zip", lambda: bytes(range(1, 256)) * 40, "isn’t a text file"),
    "plain words": ("a.txt", lambda: b"Dear diary\ntoday\n", "isn’t a table"),
    "too many columns": ("a.csv", lambda: (",".join(["text"] * 201) + "\n").encode(), "201 columns; up to 200"),
    "long header": ("a.csv", lambda: b"text,date," + b"x" * 2**21, "Line 1 is longer than 1 MB"),
    "long line": ("a.csv", lambda: TABLE.encode() + b"x" * 2**21, "Line 52 is longer than 1 MB"),
    "endless row": ("a.csv", lambda: TABLE.encode() + b'"\n",' * 2**19, "Line 52 is longer than 1 MB"),
    "long element": ("tweets.js", lambda: build_script([build_tweet(1, "x" * 2**21)]).encode(), "longer than 1 MB"),
    "long line of JSON": ("a.jsonl", lambda: json.dumps({"date": "2026", "text": "x" * 2**21}).encode(), "longer than 1 MB"),
    "deep nesting": ("tweets.js", lambda: b"window.YTD.tweets.part0 = " + b"[" * 200_000, "isn’t valid JSON"),
    "deep line": ("a.jsonl", lambda: b'{"text":' + b"[" * 200_000 + b"\n", "Line 1 isn’t valid JSON"),
    "cut script": ("tweets.js", lambda: TWEETS[:-40].encode(), "is cut short"),
    "cut table": ("a.csv", lambda: b'date,text\n2026-01-01,"never clo', "ends inside a quotation"),
    "cut gzip": ("a.csv.gz", lambda: gzip.compress(TABLE.encode())[:-30], "is damaged or incomplete"),
    "damaged gzip": ("a.csv.gz", lambda: gzip.compress(TABLE.encode())[:40] + b"\xff" * 400, "is damaged or incomplete"),
    "gzip in gzip": ("a.csv.gz.gz", lambda: gzip.compress(gzip.compress(TABLE.encode())), "isn’t a text file"),
    "zip in gzip": ("a.zip.gz", lambda: gzip.compress(build_zip({"tweets.js": TWEETS})), "isn’t a text file"),
    "cut zip": ("a.zip", lambda: build_zip({"data/tweets.js": TWEETS})[:-50], "damaged or incomplete"),
    "zip in zip": ("a.zip", lambda: build_zip({"x.zip": build_zip({"data/tweets.js": TWEETS})}), "contains another zip"),
    "workbook": ("a.xlsx", lambda: build_zip({"xl/workbook.xml": "<x/>"}), "is damaged"),
    "zip of tables": ("a.zip", lambda: build_zip({"a.csv": TABLE, "b.csv": TABLE}), "Unpack it and upload the file with the posts"),
    "zip of nothing": ("a.zip", lambda: build_zip({}), "has no tweets.js"),
    "traversal": ("a.zip", lambda: build_zip({"../../data/tweets.js": TWEETS}), "unsafe paths"),
    "backslash traversal": ("a.zip", lambda: build_zip({"data/tweets.js": TWEETS, "..\\..\\x": "y"}), "unsafe paths"),
    "absolute name": ("a.zip", lambda: build_zip({"data/tweets.js": TWEETS, "C:\\x": "y"}), "unsafe paths"),
    "two archives": ("a.zip", lambda: build_zip({"a/data/tweets.js": TWEETS, "b/data/tweets.js": TWEETS}), "tweets.js more than once"),
    "doubled member": ("a.zip", doubled, "tweets.js more than once"),
    "encrypted": ("a.zip", lambda: one_member("tweets.js", TWEETS.encode(), flags=1), "is encrypted"),
    "odd method": ("a.zip", lambda: one_member("tweets.js", TWEETS.encode(), method=14), "compressed in an unusual way"),
    "wrong checksum": ("a.zip", lambda: one_member("tweets.js", TWEETS.encode(), crc=7), "is damaged"),
    "lying size": ("a.zip", lambda: one_member("tweets.js", TWEETS.encode(), size=2**31 - 1), "far more than a real archive"),
    "lying place": ("a.zip", lambda: one_member("tweets.js", TWEETS.encode(), start=2**30), "damaged"),
    "overlap": ("a.zip", overlapping, "overlaps another file"),
    "bomb of blanks": (
        "a.zip",
        lambda: build_zip({"tweets.js": b"window.YTD.tweets.part0 = [" + b" " * 2**25}),
        "far more than a real archive",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason(case: str, tmp_path: Path) -> None:
    """The folder stays empty."""
    name, made, expected_text = HOSTILE[case]
    with pytest.raises(InvalidFile) as error:
        DatasetStore(tmp_path).import_file(io.BytesIO(made()), name)
    assert expected_text in error.value.message, error.value.message
    assert list(tmp_path.iterdir()) == [], error.value.message


@pytest.mark.parametrize("case", HOSTILE)
def test_a_refusal_says_what_to_do(case: str) -> None:
    """Every message ends with advice."""
    name, made, _ = HOSTILE[case]
    with pytest.raises(InvalidFile) as error:
        read_through(made(), name)
    assert error.value.advice.endswith(".")


@settings(max_examples=scale_examples(300), deadline=None)
@given(some.binary(max_size=400), some.sampled_from(["a.csv", "a.zip", "a.json", "a.jsonl", "tweets.js", "a.csv.gz", ""]))
def test_any_bytes_give_rows_or_a_refusal(content: bytes, name: str) -> None:
    """Random bytes raise nothing but InvalidFile."""
    count_inputs("files of random or changed bytes")
    with contextlib.suppress(InvalidFile):
        read_through(content, name)


@settings(max_examples=scale_examples(300), deadline=None)
@given(
    some.data(),
    some.sampled_from(
        [TWEETS.encode(), TABLE.encode(), build_zip({"tweets.js": TWEETS, "account.js": ACCOUNT_SCRIPT}), gzip.compress(TABLE.encode())]
    ),
)
def test_a_damaged_file_gives_rows_or_a_refusal(data: some.DataObject, whole: bytes) -> None:
    """A valid file with changed or missing bytes raises nothing but InvalidFile."""
    count_inputs("files of random or changed bytes")
    content = bytearray(whole)
    for _ in range(data.draw(some.integers(1, 6))):
        content[data.draw(some.integers(0, len(content) - 1))] = data.draw(some.integers(0, 255))
    with contextlib.suppress(InvalidFile):
        read_through(bytes(content[: data.draw(some.integers(1, len(content)))]), "a.csv")


# --- bounds ----------------------------------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A file of 10 GB that is generated while it is read and counts what was read."""

    def __init__(self, begins: bytes, goes_on: bytes) -> None:
        super().__init__()
        self.begins, self.unit, self.at, self.handed_out = begins, goes_on, 0, 0

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = 0) -> int:
        self.at = place if whence == 0 else TEN_GIGABYTES + place
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        assert 0 < size < 2**25, "nobody may ask for a whole file"
        size, phase = min(size, TEN_GIGABYTES - self.at), max(0, self.at - len(self.begins)) % len(self.unit)
        block = (self.begins[self.at :] + (self.unit * (size // len(self.unit) + 2))[phase:])[:size]
        self.at += len(block)
        self.handed_out += len(block)
        return block


@pytest.mark.parametrize(
    ("name", "begins", "goes_on"),
    [
        ("a.csv", b"text,date\n", b"x"),
        ("a.csv", b"", b"x,"),
        ("a.csv", b"text,date\n", b'"\n",'),
        ("a.jsonl", b'{"text": "', b"x"),
        ("a.jsonl", b'{"data": [{"text": "', b"x"),
        ("a.json", b"[", b"["),
        ("a.json", b'[{"text": "', b"x"),
        ("tweets.js", b'window.YTD.tweets.part0 = [{"full_text": "', b"x"),
        ("tweets.js", b"", b"x"),
        ("tweets.js", b"window.YTD.tweets.part0 = [", b"1"),
        ("a.zip", b"PK\x03\x04", b"x"),
        ("a.gz", b"\x1f\x8b\x08\x08", b"x"),
    ],
)
def test_a_line_of_ten_gigabytes_is_refused_early(name: str, begins: bytes, goes_on: bytes) -> None:
    """A few megabytes are read, less than a hundredth."""
    file = Endless(begins, goes_on)
    with pytest.raises(InvalidFile):
        list(reader.open_reader(file, name))  # type: ignore[arg-type]
    assert file.handed_out < 100 * 2**20


@pytest.mark.slow
def test_a_count_of_a_million_digits_is_unknown() -> None:
    """Its notation isn't looked for: with a time that grows with the square of its length, this test would take an hour."""
    content = json.dumps([{"created_at": "2026-11-02", "text": "good", "likes": f"1.{'1' * 900_000}x"}]).encode()
    rows = [row for batch in reader.open_reader(io.BytesIO(content), "posts.json") for row in batch]
    assert [row["likes"] for row in rows] == [None]


@pytest.mark.slow
def test_unpacked_text_is_limited() -> None:
    """Reading ends at the limit, whatever size the file declares."""
    content = gzip.compress(TABLE.encode() + b"1,2026-01-01T00:00:00Z,fog,harbour\n" * 2**16)
    with pytest.raises(InvalidFile, match=r"more than 0\.000976562 GB of text"):
        list(reader.open_reader(io.BytesIO(content), "a.csv.gz", max_unpacked_bytes=2**20))
    assert limits.MAX_UNPACKED_BYTES == 2 * 2**30


def test_rows_are_limited() -> None:
    """One row more than the limit ends the reading."""
    file_reader = reader.open_reader(io.BytesIO(TABLE.encode()), "a.csv")
    file_reader.tally.count_rows(limits.MAX_ROWS - 49)  # as if they were read already
    with pytest.raises(InvalidFile, match="more than 2,000,000 posts"):
        list(file_reader)


def test_members_of_a_zip_are_limited() -> None:
    """A zip with too many members is refused before they are listed."""
    assert "more than 100,000 files" in read_refusal(repeat_members(build_zip({"tweets.js": TWEETS}), limited_zip.MAX_MEMBERS + 1), "a.zip")


def repeat_members(archive: bytes, times: int) -> bytes:
    """Return a zip that lists the members of another one several times."""
    end = archive.rindex(b"PK\5\6")
    size, start = struct.unpack("<II", archive[end + 12 : end + 20])
    members = archive[start : start + size] * times
    return archive[:start] + members + archive[end : end + 12] + struct.pack("<II", len(members), start) + archive[end + 20 :]


def test_the_directory_of_a_zip_is_limited() -> None:
    """A list of members that is too long isn't read."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(limited_zip.MAX_DIRECTORY_BYTES // 2**15 // 2 + 2):
            entry = zipfile.ZipInfo(f"media/{number}.jpg")
            entry.comment = b"x" * (2**16 - 1)
            archive.writestr(entry, b"")
    assert "list of contents is too long" in read_refusal(file.getvalue(), "a.zip")


def large_archive(path: Path, megabytes: int) -> int:
    """Write an archive with a large tweets.js and twice as much video, and return its number of posts."""
    count = megabytes * 2**20 // 3_000
    rest = [json.dumps(" ".join(format(zlib.crc32(bytes([kind, n // 4])), "x") for n in range(320))) for kind in range(100)]
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("data/tweets_media/film.mp4", "w") as film:
            for _ in range(megabytes * 2):
                film.write(b"\0" * 2**20)
        archive.writestr("data/account.js", ACCOUNT_SCRIPT)
        with archive.open(deflated("data/tweets.js"), "w") as tweets:
            tweets.write(b"window.YTD.tweets.part0 = [")
            for number in range(count):
                element = json.dumps(build_tweet(number, f"Fog {number} at the harbour ☁"))[:-2]
                tweets.write(f'{element}, "entities": {rest[number % 100]}}}}}{"," if number + 1 < count else "]"}'.encode())
    return count


def deflated(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = 1  # type: ignore[attr-defined]
    return entry


@pytest.mark.long
@pytest.mark.parametrize("megabytes", [60, 300])
def test_imports_a_large_archive_in_bounded_memory(tmp_path: Path, megabytes: int) -> None:
    """Hundreds of megabytes of posts beside twice as much film stay under the bound, measured as another process's peak.

    VmHWM, and not getrusage: the latter starts from the peak of the process that forked.
    """
    count = large_archive(tmp_path / "large.zip", megabytes)
    program = (
        "import re; from pathlib import Path; from dashboard.sources.files.store import DatasetStore\n"
        f"found = DatasetStore(Path({str(tmp_path / 'kept')!r})).import_file(open({str(tmp_path / 'large.zip')!r}, 'rb'), 'large.zip')\n"
        "print(found.kept, int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    kept, peak = map(int, done.stdout.split())
    assert kept == count, f"{peak} MB"
    assert peak < MEGABYTES_FOR_ALL, f"{peak} MB"
