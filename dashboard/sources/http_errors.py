"""What comes of asking a network about an account: JSON of the wanted kind, or a noun of `errors.py`, in the same words for all.

What a network itself means by a refusal is its own room's business. No address, no key and no text of an exception leaves.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import requests

from dashboard.core.accounts import Account
from dashboard.core.errors import RateLimited, SourceUnavailable
from dashboard.sources.http_session import CONNECTION_ERRORS, RESPONSE_ERRORS, TIMEOUT_ERRORS

MAX_RATE_LIMIT_WAIT = timedelta(days=1)  # a rate limit that claims to last longer is not believed

_JsonT = TypeVar("_JsonT", dict[str, Any], list[Any])


@dataclass(frozen=True)
class FetchContext:
    """One account, and the network or server that is asked about it, by the name that sentences call it."""

    service_name: str
    account: Account

    def send(self, send_request: Callable[[], requests.Response]) -> requests.Response:
        """Return the answer that a call brings; raise SourceUnavailable without a cause, which might carry an address or a key."""
        answer = self._try_send(send_request)
        if isinstance(answer, SourceUnavailable):
            raise answer
        return answer

    def _try_send(self, send_request: Callable[[], requests.Response]) -> requests.Response | SourceUnavailable:
        try:
            return send_request()
        except TIMEOUT_ERRORS:
            return self.unavailable_error(f"{self.service_name} took too long to answer, so {self.account.label} can't be read right now.")
        except CONNECTION_ERRORS:
            return self.unavailable_error(f"{self.service_name} can't be reached right now, so {self.account.label} can't be read.")
        except RESPONSE_ERRORS:
            return self.invalid_response_error()

    def expect_json(self, response: requests.Response, json_type: type[_JsonT]) -> _JsonT:
        """Return the JSON that an answer holds; raise SourceUnavailable if it is none, or not of this kind."""
        found = parse_json(response)
        if not isinstance(found, json_type):
            raise self.invalid_response_error()
        return found

    def unavailable_error(self, detail: str, advice: str | None = None) -> SourceUnavailable:
        """Return the noun for a server that is not to be had."""
        return SourceUnavailable(str(self.account), detail, advice)

    def invalid_response_error(self) -> SourceUnavailable:
        """Return the noun for an answer that makes no sense."""
        return self.unavailable_error(
            f"{self.service_name} answered with something that can't be read instead of the posts of {self.account.label}."
        )

    def repeated_page_error(self) -> SourceUnavailable:
        """Return the noun for a timeline whose pages come again."""
        return self.unavailable_error(f"{self.service_name} goes round in circles instead of giving older posts of {self.account.label}.")

    def server_error(self, status: int, advice: str | None = None) -> SourceUnavailable:
        """Return the noun for a status that says nothing about the account; the advice is for a server that is overloaded."""
        if status == 503:
            return self.unavailable_error(
                f"{self.service_name} is overloaded or down right now, so {self.account.label} can't be read.", advice
            )
        return self.unavailable_error(
            f"{self.service_name} is in trouble right now (it answered with {status}), so {self.account.label} can't be read."
        )

    def rate_limit_error(self, resets_at: datetime | None, advice: str) -> RateLimited:
        """Say until when we are to wait, in minutes rounded up, for it must not be too early; without such a time, give the advice."""
        until = f" until {resets_at + timedelta(seconds=59):%H:%M} UTC" if resets_at else " for now"
        detail = f"{self.service_name} allows no more reads of {self.account.label}{until}."
        return RateLimited(str(self.account), detail, "Ask again then." if resets_at else advice, resets_at=resets_at)


def parse_json(response: requests.Response) -> Any:
    """Return the JSON of a body, None if it is none."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def parse_epoch_reset(header_value: str | None) -> datetime | None:
    """Read the epoch seconds of a rate-limit header; None if they are missing, nonsense, past or too far ahead."""
    if not header_value or not header_value.isascii() or not header_value.isdigit() or len(header_value) > 11:
        return None
    return _plausible_reset(datetime.fromtimestamp(int(header_value), UTC))


def parse_iso_reset(header_value: str | None) -> datetime | None:
    """Read the ISO time of a rate-limit header; None if it is missing, nonsense, of no zone, past or too far ahead."""
    try:
        moment = datetime.fromisoformat(header_value or "")
        return _plausible_reset(moment.astimezone(UTC)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _plausible_reset(reset_time: datetime) -> datetime | None:
    now = datetime.now(UTC)
    return reset_time if now < reset_time <= now + MAX_RATE_LIMIT_WAIT else None
