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
from dashboard.sources.http_session import BROKEN, DROPPED, SLOW

LONGEST_WAIT = timedelta(days=1)  # a rate limit that claims to last longer is not believed

_Kind = TypeVar("_Kind", dict[str, Any], list[Any])


@dataclass(frozen=True)
class Asking:
    """One account, and the network or server that is asked about it, by the name that sentences call it."""

    who: str
    account: Account

    def reply(self, call: Callable[[], requests.Response]) -> requests.Response:
        """Return the answer that a call brings; raise SourceUnavailable without a cause, which might carry an address or a key."""
        answer = self._attempt(call)
        if isinstance(answer, SourceUnavailable):
            raise answer
        return answer

    def _attempt(self, call: Callable[[], requests.Response]) -> requests.Response | SourceUnavailable:
        try:
            return call()
        except SLOW:
            return self.unavailable(f"{self.who} took too long to answer, so {self.account.label} can't be read right now.")
        except DROPPED:
            return self.unavailable(f"{self.who} can't be reached right now, so {self.account.label} can't be read.")
        except BROKEN:
            return self.odd()

    def body(self, response: requests.Response, kind: type[_Kind]) -> _Kind:
        """Return the JSON that an answer holds; raise SourceUnavailable if it is none, or not of this kind."""
        found = parsed(response)
        if not isinstance(found, kind):
            raise self.odd()
        return found

    def unavailable(self, detail: str, advice: str | None = None) -> SourceUnavailable:
        """Return the noun for a server that is not to be had."""
        return SourceUnavailable(str(self.account), detail, advice)

    def odd(self) -> SourceUnavailable:
        """Return the noun for an answer that makes no sense."""
        return self.unavailable(f"{self.who} answered with something that can't be read instead of the posts of {self.account.label}.")

    def in_circles(self) -> SourceUnavailable:
        """Return the noun for a timeline whose pages come again."""
        return self.unavailable(f"{self.who} goes round in circles instead of giving older posts of {self.account.label}.")

    def in_trouble(self, status: int, advice: str | None = None) -> SourceUnavailable:
        """Return the noun for a status that says nothing about the account; the advice is for a server that is overloaded."""
        if status == 503:
            return self.unavailable(f"{self.who} is overloaded or down right now, so {self.account.label} can't be read.", advice)
        return self.unavailable(f"{self.who} is in trouble right now (it answered with {status}), so {self.account.label} can't be read.")

    def rate_limited(self, resets_at: datetime | None, advice: str) -> RateLimited:
        """Say until when we are to wait, in minutes rounded up, for it must not be too early; without such a time, give the advice."""
        until = f" until {resets_at + timedelta(seconds=59):%H:%M} UTC" if resets_at else " for now"
        detail = f"{self.who} allows no more reads of {self.account.label}{until}."
        return RateLimited(str(self.account), detail, "Ask again then." if resets_at else advice, resets_at=resets_at)


def parsed(response: requests.Response) -> Any:
    """Return the JSON of a body, None if it is none."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def reset_of_epoch(header: str | None) -> datetime | None:
    """Read the epoch seconds of a rate-limit header; None if they are missing, nonsense, past or too far ahead."""
    if not header or not header.isascii() or not header.isdigit() or len(header) > 11:
        return None
    return _believed(datetime.fromtimestamp(int(header), UTC))


def reset_of_iso(header: str | None) -> datetime | None:
    """Read the ISO time of a rate-limit header; None if it is missing, nonsense, of no zone, past or too far ahead."""
    try:
        moment = datetime.fromisoformat(header or "")
        return _believed(moment.astimezone(UTC)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _believed(moment: datetime) -> datetime | None:
    now = datetime.now(UTC)
    return moment if now < moment <= now + LONGEST_WAIT else None
