"""Turns a response into JSON or into one of the errors of `core/source_errors.py`, with the same wording for every network.

What a network's own error codes mean belongs in that network's client. No address, key or text of an exception may leave this module.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.messages import deferred, translatable
from dashboard.core.source_errors import NetworkDown, OutOfTime, RateLimited, SourceUnavailable
from dashboard.sources.circuit_breakers import ServerDown
from dashboard.sources.http_session import CONNECTION_ERRORS, RESPONSE_ERRORS, TIMEOUT_ERRORS, NoTimeLeft

CONTACT_OPERATOR_ADVICE = translatable("Please tell your administrator; trying again won’t help.")
MAX_RATE_LIMIT_WAIT = timedelta(days=1)  # a rate limit that claims to last longer is ignored

_SECONDS_PATTERN = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,9})?")
_MIN_EPOCH_SECONDS = 1_000_000_000  # fewer seconds are counted from now

_JsonT = TypeVar("_JsonT", dict[str, Any], list[Any])


@dataclass(frozen=True)
class FetchContext:
    """What errors about a request mention: the account, and the network or server as sentences call it. The clock judges rate limits."""

    service_name: str
    account: Account
    clock: Clock = system_clock

    def send(self, send_request: Callable[[], requests.Response]) -> requests.Response:
        """Send a request and return its response.

        Raises SourceUnavailable without a `__cause__`, because the original exception might contain an address or a key.
        """
        response = self._try_send(send_request)
        if isinstance(response, SourceUnavailable):
            raise response
        return response

    def _try_send(self, send_request: Callable[[], requests.Response]) -> requests.Response | SourceUnavailable:
        try:
            return send_request()
        except ServerDown as outage:
            return self.outage_error(outage.since, outage.retry_at)
        except NoTimeLeft:
            return OutOfTime(
                str(self.account),
                deferred(
                    "%(network)s was too slow, so %(account)s wasn’t read completely.",
                    network=self.service_name,
                    account=self.account.label,
                ),
            )
        except TIMEOUT_ERRORS:
            return self.unavailable_error(
                deferred(
                    "%(network)s took too long to answer, so %(account)s can’t be read right now.",
                    network=self.service_name,
                    account=self.account.label,
                )
            )
        except CONNECTION_ERRORS:
            return self.unavailable_error(
                deferred(
                    "%(network)s can’t be reached right now, so %(account)s can’t be read.",
                    network=self.service_name,
                    account=self.account.label,
                )
            )
        except RESPONSE_ERRORS:
            return self.invalid_response_error()

    def expect_json(self, response: requests.Response, json_type: type[_JsonT]) -> _JsonT:
        """Return the JSON of a response. Raises SourceUnavailable if it isn't JSON of this type."""
        body = parse_json(response)
        if not isinstance(body, json_type):
            raise self.invalid_response_error()
        return body

    def unavailable_error(self, detail: str, advice: str | None = None) -> SourceUnavailable:
        """Return the error of a server that can't be used right now."""
        return SourceUnavailable(str(self.account), detail, advice)

    def outage_error(self, since: datetime, retry_at: datetime) -> NetworkDown:
        """Return the error of a server that is known to be down and wasn't asked."""
        detail = deferred(
            "%(network)s hasn’t responded since %(time)s UTC, so %(account)s isn’t read for now.",
            network=self.service_name,
            time=since.strftime("%H:%M"),
            account=self.account.label,
        )
        return NetworkDown(
            str(self.account),
            detail,
            deferred("It’s tried again after %(time)s UTC.", time=retry_at.strftime("%H:%M:%S")),
            retry_at=retry_at,
        )

    def invalid_response_error(self) -> SourceUnavailable:
        """Return the error of a response that can't be parsed."""
        return self.unavailable_error(
            deferred(
                "%(network)s sent an unreadable response instead of the posts of %(account)s.",
                network=self.service_name,
                account=self.account.label,
            )
        )

    def repeated_page_error(self) -> SourceUnavailable:
        """Return the error of a timeline whose pages repeat."""
        return self.unavailable_error(
            deferred("%(network)s keeps sending the same posts of %(account)s.", network=self.service_name, account=self.account.label)
        )

    def server_error(self, status: int, advice: str | None = None) -> SourceUnavailable:
        """Return the error of a status that says nothing about the account. The advice is for an overloaded server."""
        if status == 503:
            return self.unavailable_error(
                deferred(
                    "%(network)s is overloaded or down right now, so %(account)s can’t be read.",
                    network=self.service_name,
                    account=self.account.label,
                ),
                advice,
            )
        return self.unavailable_error(
            deferred(
                "%(network)s has a problem right now (status %(status)s), so %(account)s can’t be read.",
                network=self.service_name,
                status=status,
                account=self.account.label,
            )
        )

    def rate_limit_error(self, response: requests.Response, reset_header: str, advice: str) -> RateLimited:
        """Return the error of a network that asks us to wait. It names the minute, rounded up, after which to try again.

        That's in the network's own header or, as proxies in front of a server have it, in `Retry-After`. Without a time within
        MAX_RATE_LIMIT_WAIT, it gives `advice` instead.
        """
        now = self.clock()
        times = (_parse_reset(response.headers.get(name, "").strip(), now) for name in (reset_header, "Retry-After"))
        resets_at = next((moment for moment in times if moment and now < moment <= now + MAX_RATE_LIMIT_WAIT), None)
        values = {"network": self.service_name, "account": self.account.label}
        if resets_at is None:
            detail = deferred("%(network)s doesn’t let us read %(account)s for now.", **values)
            return RateLimited(str(self.account), detail, advice)
        until = f"{resets_at + timedelta(seconds=59):%H:%M}"
        detail = deferred("%(network)s doesn’t let us read %(account)s until %(time)s UTC.", **values, time=until)
        return RateLimited(str(self.account), detail, translatable("Try again then."), resets_at=resets_at)


def parse_json(response: requests.Response) -> Any:
    """Return the JSON of a response's body, None if it isn't JSON."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _parse_reset(value: str, now: datetime) -> datetime | None:
    """Parse the time of a header after which requests are allowed again; None if it's missing or nonsense.

    Servers send an ISO time, an HTTP date, the seconds since 1970 or the seconds from now, whatever the header is called.
    """
    if _SECONDS_PATTERN.fullmatch(value):
        seconds = float(value)
        return datetime.fromtimestamp(seconds, UTC) if seconds >= _MIN_EPOCH_SECONDS else now + timedelta(seconds=seconds)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            reset_time = parse(value)
            return reset_time.astimezone(UTC) if reset_time.tzinfo else None
        except (ValueError, OverflowError):
            continue
    return None
