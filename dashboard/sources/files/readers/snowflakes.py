"""Reads the day from the ID of a post of X. Other meanings of IDs belong in `post_ids.py`."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

_SNOWFLAKE_PATTERN = re.compile(r"\d{17,19}", re.ASCII)
_SNOWFLAKE_ORIGIN = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)


def parse_snowflake_day(value: Any) -> date | None:
    """Return the day that an ID of X reveals, None for other IDs."""
    text = str(value) if isinstance(value, (str, int)) else ""
    if not _SNOWFLAKE_PATTERN.fullmatch(text):
        return None
    return (_SNOWFLAKE_ORIGIN + timedelta(milliseconds=int(text) >> 22)).date()
