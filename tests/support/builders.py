"""Builders of posts, timelines and queries. There is no test in here."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import settings
from PIL import Image

from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import InvalidQuery
from dashboard.core.posts import Timeline, build_frame
from dashboard.core.query import Query
from tests.support.fault_suite import reduce_examples

FETCHED_AT = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)  # when every built timeline was read
NEWEST_POST_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday

deterministic = settings(derandomize=True, deadline=None, max_examples=reduce_examples(60))  # the same examples on every machine


def parse_utc(text: str) -> datetime:
    """Return an ISO 8601 time as aware UTC; one without a zone is UTC."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def build_posts(*rows: str | dict[str, Any], account: str = "nasa", **shared_fields: Any) -> pl.DataFrame:
    """Return a frame of posts from texts or fields, one per day back from NEWEST; `created_at` can be an ISO text."""
    return build_frame([_build_row(row, place, {"account": account} | shared_fields) for place, row in enumerate(rows)])


def build_posts_at(*moments: str, account: str = "nasa", **shared_fields: Any) -> pl.DataFrame:
    """Return a frame with one post at each moment."""
    return build_posts(*({"created_at": moment} for moment in moments), account=account, **shared_fields)


def build_timeline(
    *rows: str | dict[str, Any], account: str = "nasa", cut_by: Any = None, failure: Any = None, name: str = "", **shared_fields: Any
) -> Timeline:
    """Return the timeline of an account with such posts."""
    return Timeline(account, build_posts(*rows, account=account, **shared_fields), cut_by, FETCHED_AT, failure, name=name)


def build_timeline_at(*moments: str, account: str = "nasa", **shared_fields: Any) -> Timeline:
    """Return the timeline of an account that posted at these moments."""
    return build_timeline(*({"created_at": moment} for moment in moments), account=account, **shared_fields)


def single_post(timeline: Timeline) -> dict[str, Any]:
    """Return the one post of a timeline."""
    (row,) = timeline.posts.to_dicts()
    return row


def build_counts(since: str, until: str, *hours: tuple[str, int], account: str = "nasa", **fields: Any) -> HourlyCounts:
    """Return a network's counts of an account's posts in a span; each hour is its start and a number of posts."""
    posts_by_hour = {parse_utc(start): posts for start, posts in hours}
    return HourlyCounts(account, posts_by_hour, parse_utc(since), parse_utc(until), fields.pop("cut_by", None), FETCHED_AT, **fields)


def build_spans(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Return account, first and last, like analytics.coverage."""
    schema = {"account": pl.String, "first": pl.Datetime("us", "UTC"), "last": pl.Datetime("us", "UTC")}
    return pl.DataFrame([(account, parse_utc(first), parse_utc(last)) for account, first, last in rows], schema=schema, orient="row")


def build_query(users: str = "nasa", **parameters: Any) -> Query:
    """Return the query of a query string."""
    return Query.parse({"users": [users]} | {name: [str(value)] for name, value in parameters.items()})


def list_problems(**args: str | list[str]) -> list[tuple[str, str]]:
    """Return the problems of a query for @nasa with these parameters, each with its field."""
    args = {"users": "nasa"} | args
    with pytest.raises(InvalidQuery) as refused:
        Query.parse({name: [value] if isinstance(value, str) else value for name, value in args.items()})
    return refused.value.problems


def list_problem_fields(**args: str | list[str]) -> list[str]:
    """Return the fields of such a query that have problems."""
    return [field for field, _ in list_problems(**args)]


def decode_png_rows(image: bytes) -> list[bytes]:
    """Return the rows of a PNG, four bytes per pixel."""
    pixels = Image.open(io.BytesIO(image)).convert("RGBA")
    return [row.tobytes() for row in np.asarray(pixels)]


def _build_row(row: str | dict[str, Any], index: int, shared_fields: dict[str, Any]) -> dict[str, Any]:
    plain = {"id": str(1000 - index), "created_at": NEWEST_POST_AT - timedelta(days=index), "text": "", "kind": "post"}
    fields = plain | shared_fields | ({"text": row} if isinstance(row, str) else row)
    moment = fields["created_at"]
    return fields | {"created_at": parse_utc(moment) if isinstance(moment, str) else moment}
