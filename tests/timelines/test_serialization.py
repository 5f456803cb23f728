"""Serialized timelines: they are restored exactly, or not at all."""

import hashlib
import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from dashboard.core import source_errors, spending_errors
from dashboard.core.posts import SCHEMA, Timeline
from dashboard.core.source_errors import RateLimited, SourceError
from dashboard.timelines import serialization
from tests.support.builders import FETCHED_AT, build_timeline
from tests.support.paths import ROOT

UNSTORED = {spending_errors.TooManyWrongKeys}  # refusals of our own with more to say, which no timeline holds
ERRORS = vars(source_errors) | vars(spending_errors)
NOUNS = [noun for noun in ERRORS.values() if isinstance(noun, type) and issubclass(noun, SourceError) and noun not in UNSTORED]
CUTS = [None, "n", "cap", "network", "rate_limit", "failure", "deadline", "repeats"]
WHOLE = build_timeline(
    {"text": "naïve 👩‍👩‍👧 <b>\n", "likes": 0, "views": 2**62, "lang": "en", "url": "https://x.com/nasa/status/1"},
    {"text": None, "created_at": None, "kind": "reply"},
    cut_by="network",
)


def round_trip(kept: Timeline) -> Timeline:
    """Return a timeline that was put away and taken out."""
    back = serialization.parse_timeline(serialization.dump_timeline(kept))
    assert back is not None
    return back


def failure_fields(failure: SourceError) -> tuple[Any, ...]:
    """Return everything that a failure says."""
    return type(failure), failure.account, failure.detail, failure.advice, failure.title, getattr(failure, "resets_at", None)


def kept_with(**head: Any) -> bytes:
    """Return the bytes of a timeline with other values in their first line."""
    _, first, body = serialization.dump_timeline(WHOLE).split(b"\n", 2)
    return signed(json.dumps(json.loads(first) | head).encode() + b"\n" + body)


def signed(content: bytes) -> bytes:
    """Return a header and a body with a valid signature."""
    head, _, body = content.partition(b"\n")
    return hashlib.blake2b(head + body, digest_size=16).hexdigest().encode() + b"\n" + content


def test_posts_are_restored() -> None:
    """This includes every column, nulls, zeros, line ends and emoji."""
    assert round_trip(WHOLE).posts.equals(WHOLE.posts)


def test_posts_stored_before_there_was_a_column_are_restored() -> None:
    """What was paid for isn't bought again after an update."""
    older = Timeline(WHOLE.account, WHOLE.posts.drop("date_only"), WHOLE.cut_by, WHOLE.fetched_at)
    assert round_trip(older).posts.equals(WHOLE.posts)


@pytest.mark.parametrize("cut_by", CUTS)
def test_the_cut_of_a_timeline_is_restored(cut_by: Any) -> None:
    """So are its account and the time it was read."""
    back = round_trip(build_timeline("hi", account="a@b.social", cut_by=cut_by))
    assert back.account == "a@b.social"
    assert back.cut_by == cut_by
    assert back.fetched_at == FETCHED_AT
    assert back.failure is None


def test_a_timeline_without_posts_keeps_its_columns() -> None:
    """It has the schema, too."""
    assert round_trip(build_timeline()).posts.schema == pl.Schema(SCHEMA)


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("advice", [None, "", "Try “later”."])
def test_every_failure_is_restored(noun: type[SourceError], advice: str | None) -> None:
    """What happened and what to do are known after an hour in the cache."""
    failure = noun("nasa", "It was\nso: <b> 100 %.", advice)
    back = round_trip(build_timeline("hi", cut_by="failure", failure=failure)).failure
    assert back is not None
    assert failure_fields(back) == failure_fields(failure)


@pytest.mark.parametrize("resets_at", [None, datetime(2026, 3, 31, 9, 45, 0, 1, tzinfo=UTC)])
def test_a_rate_limit_keeps_its_reset_time(resets_at: datetime | None) -> None:
    """It may be unknown."""
    back = round_trip(build_timeline("hi", cut_by="rate_limit", failure=RateLimited("nasa", "Wait.", resets_at=resets_at))).failure
    assert isinstance(back, RateLimited)
    assert back.resets_at == resets_at


def test_missing_bytes_are_no_timeline() -> None:
    """An empty cache returns None."""
    assert serialization.parse_timeline(None) is None


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"\n",
        b"hello",
        b"\x80\x04\x95 pickle \n more",
        b"\xff\xfe\n",
        b"[]\n",
        b"null\n",
        b'{"format": 1}\n',
        b'{"format": 1}\nARROW1',
        serialization.dump_timeline(WHOLE).partition(b"\n")[0],
        serialization.dump_timeline(WHOLE).partition(b"\n")[0] + b"\n",
        serialization.dump_timeline(WHOLE)[:-1],
        serialization.dump_timeline(WHOLE)[:400],
        serialization.dump_timeline(WHOLE)[1:],
        kept_with(format=0),
        kept_with(format=999),
        kept_with(format=None),
        kept_with(account=None),
        kept_with(fetched_at="yesterday"),
        kept_with(fetched_at=None),
        kept_with(fetched_at=1774949400),
        kept_with(failure=[1]),
        kept_with(failure="RateLimited"),
        kept_with(failure={"noun": "RateLimited"}),
        kept_with(failure={"noun": [], "account": "nasa", "detail": "", "advice": ""}),
        signed(b"null\n"),
        signed(b"[]\n"),
    ],
)
def test_foreign_old_and_damaged_bytes_are_no_timeline(kept: bytes) -> None:
    """Such a timeline is read again from the network rather than shown wrong."""
    assert serialization.parse_timeline(kept) is None


def test_posts_with_other_columns_are_no_timeline() -> None:
    """A missing column isn't invented."""
    body = io.BytesIO()
    WHOLE.posts.drop("likes").write_ipc(body)
    assert serialization.parse_timeline(signed(serialization.dump_timeline(WHOLE).split(b"\n", 2)[1] + b"\n" + body.getvalue())) is None


DAMAGE = """
from tests.support.builders import build_timeline
from dashboard.timelines import serialization

whole = build_timeline("good", "bad", "hm")
kept, other = serialization.dump_timeline(whole), []
for place in range(0, len(kept), 7):
    damaged = bytearray(kept)
    damaged[place] ^= 128
    try:
        back = serialization.parse_timeline(bytes(damaged))
        if not (back is None or (back.account == whole.account and back.posts.equals(whole.posts))):
            other.append(place)
    except BaseException as error:
        other.append((place, type(error).__name__))
print(len(other))
"""


def test_a_flipped_bit_is_detected() -> None:
    """Damage is detected before Arrow reads it, which could abort the process; tested in a separate one."""
    run = subprocess.run([sys.executable, "-c", DAMAGE], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert run.stdout == "0\n"


def test_the_display_name_is_restored() -> None:
    """It is stored with the posts, because it comes with them."""
    assert round_trip(replace(WHOLE, name="“NASA” 🚀\n")).name == "“NASA” 🚀\n"


def test_a_timeline_stored_before_there_were_names_has_none() -> None:
    """It is still there, because its posts may have cost money."""
    _, first, body = serialization.dump_timeline(WHOLE).split(b"\n", 2)
    header = {name: value for name, value in json.loads(first).items() if name != "name"}
    back = serialization.parse_timeline(signed(json.dumps(header).encode() + b"\n" + body))
    assert back is not None
    assert back.name == ""
    assert back.posts.equals(WHOLE.posts)
