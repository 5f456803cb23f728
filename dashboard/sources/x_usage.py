"""X's own count of the posts that it has sent on a day, by which Chorus checks its ledger.

X counts a post once per app and day (UTC), and some time after it was read, so its count says only what was charged at least. The request
is free and needs a bearer token; tweepy has no method for it. What a difference means, and when to look for one, doesn't belong here.
"""

import logging
import time
from datetime import date
from typing import Any

import requests

from dashboard.sources import coerce
from dashboard.sources.http_errors import parse_json
from dashboard.sources.http_session import CONNECTION_ERRORS, RESPONSE_ERRORS, TIMEOUT_ERRORS, HttpSession

_log = logging.getLogger(__name__)
USAGE_TIMEOUT_SECONDS = 3.0  # for the whole request, because a report waits for it
MAX_DAILY_POSTS = 10**8  # a larger count is nonsense, and would block the budget until midnight
_MAX_BODY_BYTES = 2**16  # two days of an app take less than 1 KiB


class XUsage:
    """The count of one app, which the bearer token belongs to. Methods may be called from any thread."""

    def __init__(self, bearer_token: str, api_url: str, timeout_seconds: float = USAGE_TIMEOUT_SECONDS) -> None:
        self._bearer_token, self._url, self._timeout_seconds = bearer_token, f"{api_url.rstrip('/')}/2/usage/tweets", timeout_seconds
        self._is_problem_logged = False

    def count_posts(self, day: date) -> int | None:
        """Return the posts that X counted today or yesterday (UTC); None if that isn't known. The first reason is logged."""
        count = self._ask(day)
        if isinstance(count, int):
            return count
        if not self._is_problem_logged:
            self._is_problem_logged = True
            _log.info("The ledger isn't compared with X's own count of posts: %s.", count)
        return None

    def _ask(self, day: date) -> int | str:
        """Return the count, or why there is none."""
        if not self._bearer_token:
            return "it requires X_BEARER_TOKEN"
        try:
            response = self._fetch()
        except (*TIMEOUT_ERRORS, *CONNECTION_ERRORS, *RESPONSE_ERRORS):
            return "X didn't respond in time, or not properly"
        if response.status_code != 200:
            return f"X answered with status {response.status_code}"
        count = parse_daily_count(parse_json(response), day) if len(response.content) <= _MAX_BODY_BYTES else None
        return "X didn't send a plausible count of a single app" if count is None else count

    def _fetch(self) -> requests.Response:
        """Ask X. The session has a circuit breaker of its own, so that a slow count never stops reading."""
        with HttpSession(time.monotonic() + self._timeout_seconds) as session:
            parameters = {"days": "2", "usage.fields": "daily_client_app_usage,daily_project_usage"}
            return session.get(self._url, params=parameters, headers={"Authorization": f"Bearer {self._bearer_token}"})


def parse_daily_count(body: Any, day: date) -> int | None:
    """Return the posts of the only app on a day, or else those of its project; None if there are several apps or anything is unclear."""
    usage = coerce.as_mapping(coerce.as_mapping(body).get("data"))
    apps = coerce.as_list(usage.get("daily_client_app_usage"))
    if len(apps) != 1:
        return None
    for owner in (apps[0], usage.get("daily_project_usage")):
        rows = [coerce.as_mapping(row) for row in coerce.as_list(coerce.as_mapping(owner).get("usage"))]
        counts = [_parse_post_count(row.get("usage")) for row in rows if coerce.as_text(row.get("date"))[:10] == day.isoformat()]
        if counts:
            return counts[0] if len(counts) == 1 else None
    return None


def _parse_post_count(value: Any) -> int | None:
    """Return a count that X sends as a number or as digits; None if it's negative, implausible or neither."""
    is_digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_DAILY_POSTS))
    count = coerce.parse_count(int(value) if is_digits else value)
    return count if count is not None and count <= MAX_DAILY_POSTS else None
