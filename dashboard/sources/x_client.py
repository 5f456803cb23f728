"""The client for X: credentials, tweepy on top of a session with limits, and what X's error codes mean.

Every request returns a JSON object or raises an error of `core/source_errors.py`. No key, address or text of an exception leaves this
module. Posts and the pages of a timeline are handled in `x_posts.py` and `x_timeline.py`.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import requests

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.formatting.counts import pluralize
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import deferred, translatable
from dashboard.core.pricing import EMPTY_BILL, Bill
from dashboard.core.source_errors import (
    AccountNotFound,
    AccountProtected,
    AccountSuspended,
    CredentialsRejected,
    PlanUpgradeRequired,
    SourceError,
    UsageCapReached,
)
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.http_errors import FetchContext, parse_epoch_reset, parse_json
from dashboard.sources.http_session import READ_TIMEOUT_SECONDS, REQUEST_SECONDS, USER_AGENT, HttpSession, was_never_sent

_log = logging.getLogger(__name__)
_TWEEPY_BASE_URL = "https://api.twitter.com"  # hard-coded in tweepy
_VERBOSE_LOGGERS = (  # at DEBUG, these log headers, tokens and signed strings
    *("tweepy", "urllib3", "oauthlib", "requests_oauthlib"),
    *("tweepy.client", "oauthlib.oauth1.rfc5849", "requests_oauthlib.oauth1_auth"),
)


# --- keys ------------------------------------------------------------------------------------------------------------


_OAUTH1_SETTINGS = "API_KEY, API_SECRET_KEY, ACCESS_TOKEN and ACCESS_SECRET"


@dataclass(frozen=True)
class XCredentials:
    """The credentials for X: a bearer token, or the four keys of OAuth 1.0a. The token takes precedence."""

    bearer_token: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    api_secret_key: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    access_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Strip the spaces and line breaks that pasted keys often have."""
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, (getattr(self, name) or "").strip())

    def describe_problem(self) -> str:
        """Return a sentence that says why these keys can't be used, with the names of the settings; "" if they look usable."""
        key_by_setting = {"X_BEARER_TOKEN": self.bearer_token} if self.bearer_token else self._oauth1_keys()
        missing = [setting for setting, key in key_by_setting.items() if not key]
        if len(missing) == len(key_by_setting):
            return f"X needs a key: X_BEARER_TOKEN, or {_OAUTH1_SETTINGS} together."
        if missing:
            verb = pluralize(len(missing), "is", "are")
            all_settings, missing_settings = ", ".join(key_by_setting), format_list(missing)
            return f"X needs all four of {all_settings}; {missing_settings} {verb} missing. Alternatively, set only X_BEARER_TOKEN."
        malformed = [setting for setting, key in key_by_setting.items() if not key.isascii() or not key.isprintable() or " " in key]
        return (
            f"{format_list(malformed)} can't be an X key: it contains spaces, line breaks or characters that keys never have."
            if malformed
            else ""
        )

    def _oauth1_keys(self) -> dict[str, str]:
        return {
            "API_KEY": self.api_key,
            "API_SECRET_KEY": self.api_secret_key,
            "ACCESS_TOKEN": self.access_token,
            "ACCESS_SECRET": self.access_secret,
        }


# --- the session -----------------------------------------------------------------------------------------------------


class _HttpStatusError(Exception):
    """X responded with a status other than 200."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class _XSession(HttpSession):
    """Sends tweepy's requests for api.twitter.com to `api_url` instead, before anything is signed.

    Only complete responses with status 200 reach tweepy, because its own error handling fails on unusual bodies.
    """

    def __init__(self, api_url: str, deadline: float, breakers: CircuitBreakers | None, request_seconds: float) -> None:
        read_seconds = min(request_seconds, READ_TIMEOUT_SECONDS)
        super().__init__(deadline, breakers=breakers, retries_uncertain=False, min_seconds=request_seconds, read_seconds=read_seconds)
        self._api_url = api_url.rstrip("/")

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Send a request to `api_url`. Raises _HttpStatusError for any status except 200."""
        response = super().request(method, self._api_url + str(url).removeprefix(_TWEEPY_BASE_URL), *args, **options)
        if response.status_code != 200:
            raise _HttpStatusError(response)
        return response

    def is_refusal(self, response: requests.Response) -> bool:
        """Return whether X itself refused a request, which is free."""
        return is_refusal(response)


# --- the client ------------------------------------------------------------------------------------------------------


class XClient:
    """The connection to X for one account and one fetch. It's a context manager that closes the connection."""

    def __init__(
        self,
        credentials: XCredentials,
        api_url: str,
        account: Account,
        deadline: float,
        clock: Clock = system_clock,
        breakers: CircuitBreakers | None = None,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        import tweepy  # loaded with the first read, because it's slow

        _silence_debug_logging()
        self._account, self._context = account, FetchContext("X", account, clock)
        self._user_auth = not credentials.bearer_token
        self._tweepy = tweepy.Client(
            bearer_token=credentials.bearer_token or None,
            consumer_key=credentials.api_key,
            consumer_secret=credentials.api_secret_key,
            access_token=credentials.access_token,
            access_token_secret=credentials.access_secret,
            return_type=requests.Response,
            wait_on_rate_limit=False,
        )
        self._tweepy.session, self._tweepy.user_agent = _XSession(api_url, deadline, breakers, request_seconds), USER_AGENT

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tweepy.session.close()

    def lookup_user(self, **parameters: Any) -> dict[str, Any]:
        """Return X's response to a lookup of the account."""
        return self._call(LOOKUP_BILL, self._tweepy.get_user, username=self._account.name, user_auth=self._user_auth, **parameters)

    def fetch_timeline(self, user_id: str, **parameters: Any) -> dict[str, Any]:
        """Return a page of the account's timeline as X sends it."""
        max_bill = {"post": int(parameters["max_results"])}
        return self._call(max_bill, self._tweepy.get_users_tweets, id=user_id, user_auth=self._user_auth, **parameters)

    def fetch_counts(self, **parameters: Any) -> dict[str, Any]:
        """Return a page of counts as X sends it. This requires a bearer token."""
        return self._call(COUNTS_BILL, self._tweepy.get_all_tweets_count, **parameters)

    def _call(self, max_bill: Bill, api_method: Callable[..., requests.Response], **parameters: Any) -> dict[str, Any]:
        """Return the JSON object of X's response. Raises a SourceError without a `__cause__`, which might contain a key.

        The error's bill is `max_bill`, unless the request was never sent or X itself refused it with a complete response.
        """
        tracker = _ChargeTracker()
        response = self._send(partial(tracker.watch, partial(api_method, **parameters)))
        try:
            if isinstance(response, SourceError):
                raise response
            return self._context.expect_json(response, dict)
        except SourceError as error:
            error.bill = max_bill if tracker.is_charge_possible else EMPTY_BILL
            raise

    def _send(self, send_request: Callable[[], requests.Response]) -> requests.Response | SourceError:
        try:
            return self._context.send(send_request)
        except _HttpStatusError as error:
            return self._build_error(error.response)
        except SourceError as error:
            return error

    def _build_error(self, response: requests.Response) -> SourceError:
        """Return the error for a response whose status isn't 200."""
        account, handle, status, error_text = str(self._account), self._account.label, response.status_code, _extract_error_text(response)
        if status == 402 or (status in (403, 429) and any(marker in error_text for marker in _QUOTA_MARKERS)):
            return UsageCapReached(
                account, deferred("This server's X quota is used up, so %(account)s can't be read.", account=handle), _QUOTA_ADVICE
            )
        if status == 429:
            return self._context.rate_limit_error(parse_epoch_reset(response.headers.get("x-rate-limit-reset")), _RATE_LIMIT_ADVICE)
        if status == 401:
            _log.warning("X rejected %s.", _OAUTH1_SETTINGS if self._user_auth else "X_BEARER_TOKEN")
            return CredentialsRejected(
                account,
                deferred("X rejected this server's key, so %(account)s can't be read.", account=handle),
                _CREDENTIALS_ADVICE[self._user_auth],
            )
        if status == 403 and "/tweets/counts/" in response.request.path_url:
            detail = deferred("This server's X plan doesn't include counting the posts of %(account)s.", account=handle)
            return PlanUpgradeRequired(account, detail, COUNTED_POSTS_ADVICE)
        if status == 403:
            return PlanUpgradeRequired(
                account, _forbidden_detail(error_text, handle), translatable("Your administrator can change that in X's developer console.")
            )
        if "/by/username/" in response.request.path_url and (status == 400 or (status == 404 and "notfound" in error_text)):
            return AccountNotFound(account, deferred("There's no %(account)s on X.", account=handle))
        if status in (400, 404):
            return self._context.unavailable_error(
                deferred("X didn't understand our request for %(account)s. That's not your fault.", account=handle),
                _CONTACT_OPERATOR_ADVICE,
            )
        return self._context.server_error(status, _SERVER_ERROR_ADVICE)


class _ChargeTracker:
    """Whether X may have charged for a request: always, unless it was never sent, or X itself refused it with a complete response."""

    is_charge_possible = True

    def watch(self, send_request: Callable[[], requests.Response]) -> requests.Response:
        """Return the response to a request and note whether it may be charged for."""
        try:
            return send_request()
        except _HttpStatusError as refused:
            self.is_charge_possible = not is_refusal(refused.response)
            raise
        except Exception as error:
            self.is_charge_possible = not was_never_sent(error)
            raise


LOOKUP_BILL: Bill = {"user": 1}
COUNTS_BILL: Bill = {"counts": 1}
COUNTED_POSTS_ADVICE = translatable("Choose “The posts themselves” under Source of counts (counted=posts).")
_ERROR_TYPE_PATTERN = re.compile(r"about:blank|https://api\.(?:twitter|x)\.com/2/problems/[a-z-]+")  # of X's own errors
_QUOTA_MARKERS = ("usagecap", "usage-capped", "spendcap", "creditsdepleted", "/credits")
_QUOTA_ADVICE = translatable("Waiting won't help: your administrator can buy credits or raise the limit in X's developer console.")
_RATE_LIMIT_ADVICE = translatable("Try again in a quarter of an hour.")
_CONTACT_OPERATOR_ADVICE = translatable("Please tell your administrator; trying again won't help.")
_SERVER_ERROR_ADVICE = translatable(
    "Try again in a few minutes. If this lasts for days, the app may need a paid X plan: tell your administrator."
)
_CREDENTIALS_ADVICE = {
    False: translatable("Your administrator can check the key for X."),
    True: translatable("Your administrator can check the four X keys and the server's clock."),
}


def is_refusal(response: requests.Response) -> bool:
    """Return whether a response shows that X refused a request, for which it doesn't charge.

    A status of 500 or more must have the body of X's own errors, because a gateway in front of X may send one although X has answered.
    """
    if response.status_code < 500:
        return response.status_code >= 400
    body = parse_json(response)
    if not isinstance(body, dict) or not all(isinstance(body.get(key), str) for key in ("title", "detail", "type")):
        return False
    return bool(_ERROR_TYPE_PATTERN.fullmatch(body["type"])) and body.get("status", response.status_code) == response.status_code


def find_account_error(account: Account, body: dict[str, Any]) -> SourceError | None:
    """Return the error about the account itself in a response of status 200, or None. Errors about quoted posts are ignored."""
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else []:
        if not isinstance(error, dict) or error.get("section") == "includes":
            continue
        if error.get("parameter", "id") not in ("id", "username"):
            continue
        title, error_type = str(error.get("title")), str(error.get("type"))
        if title == "Forbidden" or "has been suspended" in str(error.get("detail")):
            return AccountSuspended(str(account), deferred("X has suspended %(account)s.", account=account.label))
        if title == "Authorization Error" or error_type.endswith("not-authorized-for-resource"):
            return AccountProtected(str(account), deferred("The posts of %(account)s are protected.", account=account.label))
        if title == "Not Found Error" or error_type.endswith("resource-not-found"):
            return AccountNotFound(str(account), deferred("There's no %(account)s on X.", account=account.label))
    return None


def _extract_error_text(response: requests.Response) -> str:
    """Return title, type and reason of an error's body, lower-case and without spaces; "" if the body isn't a JSON object."""
    body = parse_json(response)
    values = [body.get(key) for key in ("title", "type", "reason")] if isinstance(body, dict) else []
    return " ".join(value.lower().replace(" ", "") for value in values if isinstance(value, str))


def _forbidden_detail(error_text: str, handle: str) -> str:
    if "client-not-enrolled" in error_text:
        return deferred("This server's app has no X plan yet, so %(account)s can't be read.", account=handle)
    if "unsupported-authentication" in error_text or "unsupportedauthentication" in error_text:
        _log.warning("X requires the other kind of key: X_BEARER_TOKEN, or %s.", _OAUTH1_SETTINGS)
        return deferred("X requires another kind of key for this, so %(account)s can't be read.", account=handle)
    return deferred("This server's X plan doesn't include reading %(account)s.", account=handle)


def _silence_debug_logging() -> None:
    """Prevent tweepy and its dependencies from logging at DEBUG, where they log keys."""
    for name in _VERBOSE_LOGGERS:
        logger = logging.getLogger(name)
        if logger.level < logging.INFO:
            logger.setLevel(logging.INFO)
