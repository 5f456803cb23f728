"""Thousands of damaged and hostile archives, read by a process of their own: it survives, and nothing is left outside its folder."""

import gzip
import io
import json
import random
import stat
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.archive_files import ACCOUNT_SCRIPT, build_script, build_tweet, build_zip
from tests.support.fault_suite import count_inputs, scale_examples
from tests.support.paths import ROOT

pytestmark = pytest.mark.faults
COUNT = scale_examples(300)
MAX_MEGABYTES = 512  # of the whole process
TWEETS = build_script([build_tweet(number) for number in range(20)])
TABLE = "id,created_at,text,account\n" + "".join(f"{number},2026-01-01T00:00:00Z,Fog,harbour\n" for number in range(20))
NAMES = [
    "data/tweets.js",
    "../../tweets.js",
    "/etc/tweets.js",
    "..\\tweets.js",
    "C:\\tweets.js",
    "tweets.js\0.txt",
    "x" * 300,
    "",
    "data/",
    ".",
]
LENGTHS = [  # where a zip says how long something is: signature of the record, offset in it, and form
    *((b"PK\1\2", offset, form) for offset, form in ((20, "<I"), (24, "<I"), (28, "<H"), (42, "<I"))),
    *((b"PK\3\4", offset, "<I") for offset in (18, 22)),
    *((b"PK\5\6", offset, form) for offset, form in ((10, "<H"), (12, "<I"), (16, "<I"))),
]
IMPORT_ALL = """
import json, re, sys
from pathlib import Path
from dashboard.core.errors import InvalidFile
from dashboard.sources.files.store import DatasetStore
inputs, store = Path(sys.argv[1]), DatasetStore(Path(sys.argv[2]))
imported = 0
for path in sorted(inputs.iterdir()):
    with path.open("rb") as file:
        try:
            store.import_file(file, path.name.partition("-")[2])
            imported += 1
        except InvalidFile as error:
            assert error.message and error.advice
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
print(json.dumps([imported, peak]))
"""


def build_tar(numbers: random.Random) -> bytes:
    """Return a tar with a hostile name, or a link that leads out of it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo(numbers.choice(NAMES[:-3]).replace("\0", ""))
        member.type = numbers.choice([tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
        member.linkname = "/etc/passwd"
        member.size = len(TWEETS) if member.type == tarfile.REGTYPE else 0
        archive.addfile(member, io.BytesIO(TWEETS.encode()))
    return file.getvalue()


def build_hostile_zip(numbers: random.Random) -> bytes:
    """Return a zip whose members have hostile names, are links, or are archives themselves."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in numbers.sample(NAMES, 3):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = numbers.choice([0, (stat.S_IFLNK | 0o777) << 16])
            archive.writestr(entry, numbers.choice([TWEETS, "/etc/passwd", build_zip({"tweets.js": TWEETS})]))
    return file.getvalue()


def declare_huge_sizes(numbers: random.Random) -> bytes:
    """Return a zip that lies about how long its members, their names or its list of contents are."""
    content = bytearray(build_zip({"data/tweets.js": TWEETS, "data/account.js": ACCOUNT_SCRIPT}))
    signature, offset, form = numbers.choice(LENGTHS)
    largest = 2 ** (8 * struct.calcsize(form)) - 1
    struct.pack_into(form, content, content.index(signature) + offset, numbers.choice([largest, largest // 2, numbers.randrange(largest)]))
    return bytes(content)


def nest(numbers: random.Random) -> bytes:
    """Return an archive in an archive in an archive."""
    content, packers = TWEETS.encode(), [gzip.compress, lambda inner: build_zip({"data/tweets.js": inner})]
    for _ in range(numbers.randrange(2, 6)):
        content = numbers.choice(packers)(content)
    return content


def build_bomb(numbers: random.Random) -> bytes:
    """Return a small file that unpacks to many megabytes."""
    script = f"window.YTD.tweets.part0 = [{numbers.choice([' ', '[', '1,'])}".encode() + bytes(2**24)
    return numbers.choice([gzip.compress(script, 1), build_zip({"data/tweets.js": script})])


WHOLE: list[Callable[[random.Random], bytes]] = [
    lambda _: build_zip({"data/tweets.js": TWEETS, "data/account.js": ACCOUNT_SCRIPT}),
    lambda _: gzip.compress(TABLE.encode()),
    build_tar,
    lambda numbers: gzip.compress(build_tar(numbers)),
]
HOSTILE = [build_hostile_zip, declare_huge_sizes, nest, build_bomb]


def mutate(content: bytes, numbers: random.Random) -> bytes:
    """Return a file with some flipped, missing, doubled or exchanged bytes."""
    changed = bytearray(content)
    for _ in range(numbers.randrange(1, 8)):
        changed[numbers.randrange(len(changed))] ^= 1 << numbers.randrange(8)
    start, end = sorted(numbers.randrange(len(changed)) for _ in range(2))
    kind = numbers.randrange(4)
    if kind == 1:
        del changed[end:]
    elif kind == 2:
        del changed[start:end]
    elif kind == 3:
        changed[start:start] = changed[start:end]
    return bytes(changed)


def build_input(number: int) -> bytes:
    """Return one of the inputs: mostly damaged archives, and hostile ones."""
    numbers = random.Random(number)
    if number % 60 == 0:
        return build_bomb(numbers)
    return numbers.choice(HOSTILE[:-1])(numbers) if number % 3 == 0 else mutate(numbers.choice(WHOLE)(numbers), numbers)


def test_a_process_survives_whatever_archives_it_reads(tmp_path: Path) -> None:
    """Each is imported or refused with advice, in bounded memory; the folder has complete files only, and nothing is outside it."""
    inputs, imports = tmp_path / "inputs", tmp_path / "imports"
    inputs.mkdir()
    for number in range(COUNT):
        suffix = random.Random(number).choice(["a.zip", "a.csv.gz", "tweets.js", "a.tar", "a.csv"])
        (inputs / f"{number:06}-{suffix}").write_bytes(build_input(number))
    count_inputs("damaged and hostile archives", COUNT)
    command = [sys.executable, "-c", IMPORT_ALL, str(inputs), str(imports)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-2000:]
    imported, peak_megabytes = json.loads(finished.stdout)
    assert 0 < imported < COUNT
    assert peak_megabytes < MAX_MEGABYTES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["imports", "inputs"]
    assert len([path for path in imports.iterdir() if (path / "about.json").exists()]) == imported
    assert [path for path in imports.iterdir() if path.is_dir() and not (path / "about.json").exists()] == []
