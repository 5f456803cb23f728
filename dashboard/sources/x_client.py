"""How X is asked: our keys, tweepy's client on top of a session that cannot hang or swell, and what X's refusals mean.

A question ends as a JSON object or as a noun of `errors.py`. No key, no address and no text of an exception leaves this
room, and what a post is, or how a timeline is paged, does not enter it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import requests

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import (
    AccountNotFound,
    AccountProtected,
    AccountSuspended,
    CredentialsRejected,
    PlanUpgradeRequired,
    SourceError,
    UsageCapReached,
)
from dashboard.core.formatting import format_list, pluralize
from dashboard.sources.http_errors import FetchContext, parse_epoch_reset, parse_json
from dashboard.sources.http_session import USER_AGENT, HttpSession

_TWEEPY_BASE_URL = "https://api.twitter.com"  # a literal in tweepy
_VERBOSE_LOGGERS = (  # at DEBUG: these print headers, tokens and what is signed
    *("tweepy", "urllib3", "oauthlib", "requests_oauthlib"),
    *("tweepy.client", "oauthlib.oauth1.rfc5849", "requests_oauthlib.oauth1_auth"),
)


# --- keys ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class XCredentials:
    """What X lets us in with: a bearer token, or the four keys of OAuth 1.0a; the token wins when both are there."""

    bearer_token: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    api_secret_key: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    access_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Drop the blanks and line breaks that come with pasted keys."""
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, (getattr(self, name) or "").strip())

    def describe_problem(self) -> str:
        """Say in a sentence what keeps these keys from use, in the settings' names; nothing if they look usable."""
        used = {"X_BEARER_TOKEN": self.bearer_token} if self.bearer_token else self._oauth1_keys()
        missing = [setting for setting, key in used.items() if not key]
        if len(missing) == len(used):
            return "X needs a key: X_BEARER_TOKEN, or API_KEY, API_SECRET_KEY, ACCESS_TOKEN and ACCESS_SECRET together."
        if missing:
            verb = pluralize(len(missing), "is", "are")
            return f"X needs all four of {', '.join(used)}; {format_list(missing)} {verb} missing. Alternatively, set only X_BEARER_TOKEN."
        odd = [setting for setting, key in used.items() if not key.isascii() or not key.isprintable() or " " in key]
        return f"{format_list(odd)} can't be an X key: it contains spaces, line breaks or characters that keys never have." if odd else ""

    def _oauth1_keys(self) -> dict[str, str]:
        return {
            "API_KEY": self.api_key,
            "API_SECRET_KEY": self.api_secret_key,
            "ACCESS_TOKEN": self.access_token,
            "ACCESS_SECRET": self.access_secret,
        }


# --- the session -----------------------------------------------------------------------------------------------------


class _HttpStatusError(Exception):
    """X answered, but not with a 200."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class _XSession(HttpSession):
    """Asks `api_url` where tweepy says api.twitter.com, before anything is signed.

    Only a whole answer of status 200 is handed to tweepy: its own reading of refusals trips over odd bodies.
    """

    def __init__(self, api_url: str, deadline: float) -> None:
        super().__init__(deadline)
        self._api_url = api_url.rstrip("/")

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Ask the gateway in tweepy's host's place."""
        response = super().request(method, self._api_url + str(url).removeprefix(_TWEEPY_BASE_URL), *args, **options)
        if response.status_code != 200:
            raise _HttpStatusError(response)
        return response


# --- the client ------------------------------------------------------------------------------------------------------


class XClient:
    """Asks X about one account, for one fetch; a context manager, for its connection is closed with it."""

    def __init__(self, credentials: XCredentials, api_url: str, account: Account, deadline: float, clock: Clock = system_clock) -> None:
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
        self._tweepy.session, self._tweepy.user_agent = _XSession(api_url, deadline), USER_AGENT

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tweepy.session.close()

    def lookup_user(self, **parameters: Any) -> dict[str, Any]:
        """Return X's answer to a look-up of the account."""
        return self._call(self._tweepy.get_user, username=self._account.name, user_auth=self._user_auth, **parameters)

    def fetch_timeline(self, user_id: str, **parameters: Any) -> dict[str, Any]:
        """Return X's answer to a question for a page of the account's timeline."""
        return self._call(self._tweepy.get_users_tweets, id=user_id, user_auth=self._user_auth, **parameters)

    def fetch_counts(self, **parameters: Any) -> dict[str, Any]:
        """Return X's answer to a question for a page of counts, which X gives to a bearer token only."""
        return self._call(self._tweepy.get_all_tweets_count, **parameters)

    def _call(self, api_method: Callable[..., requests.Response], **parameters: Any) -> dict[str, Any]:
        """Return the JSON object that X answers; raise a SourceError without a cause, which might carry a key."""
        answer = self._send(partial(api_method, **parameters))
        if isinstance(answer, SourceError):
            raise answer
        return self._context.expect_json(answer, dict)

    def _send(self, send_request: Callable[[], requests.Response]) -> requests.Response | SourceError:
        try:
            return self._context.send(send_request)
        except _HttpStatusError as refused:
            return self._build_error(refused.response)

    def _build_error(self, response: requests.Response) -> SourceError:
        """Turn an answer that is not a 200 into the noun for it."""
        account, handle, status, words = str(self._account), self._account.label, response.status_code, _extract_error_text(response)
        if status == 402 or (status in (403, 429) and any(word in words for word in _QUOTA_MARKERS)):
            return UsageCapReached(account, f"This server's X quota is used up, so {handle} can't be read.", _QUOTA_ADVICE)
        if status == 429:
            return self._context.rate_limit_error(parse_epoch_reset(response.headers.get("x-rate-limit-reset")), _RATE_LIMIT_ADVICE)
        if status == 401:
            return CredentialsRejected(
                account, f"X rejected this server's key, so {handle} can't be read.", _CREDENTIALS_ADVICE[self._user_auth]
            )
        if status == 403 and "/tweets/counts/" in response.request.path_url:
            refusal = f"This server's X plan doesn't include counting the posts of {handle}."
            return PlanUpgradeRequired(account, refusal, COUNTED_POSTS_ADVICE)
        if status == 403:
            return PlanUpgradeRequired(
                account, _forbidden_detail(words, handle), "Your administrator can change that in X's developer console."
            )
        if "/by/username/" in response.request.path_url and (status == 400 or (status == 404 and "notfound" in words)):
            return AccountNotFound(account, f"There's no {handle} on X.")
        if status in (400, 404):
            return self._context.unavailable_error(
                f"X didn't understand our request for {handle}. That's not your fault.", _CONTACT_OPERATOR_ADVICE
            )
        return self._context.server_error(status, _SERVER_ERROR_ADVICE)


COUNTED_POSTS_ADVICE = "Choose “The posts themselves” under Source of counts (counted=posts)."
_QUOTA_MARKERS = ("usagecap", "usage-capped", "spendcap", "creditsdepleted", "/credits")
_QUOTA_ADVICE = "Waiting won't help: your administrator can buy credits or raise the limit in X's developer console."
_RATE_LIMIT_ADVICE = "Try again in a quarter of an hour."
_CONTACT_OPERATOR_ADVICE = "Please tell your administrator; trying again won't help."
_SERVER_ERROR_ADVICE = "Try again in a few minutes. If this lasts for days, the app may need a paid X plan: tell your administrator."
_CREDENTIALS_ADVICE = {
    False: "Your administrator can check X_BEARER_TOKEN.",
    True: "Your administrator can check the four X keys and the server's clock.",
}


def find_account_error(account: Account, body: dict[str, Any]) -> SourceError | None:
    """Return what an answer of status 200 says against the account itself; troubles of posts it quotes do not count."""
    problems = body.get("errors")
    for problem in problems if isinstance(problems, list) else []:
        if not isinstance(problem, dict) or problem.get("section") == "includes":
            continue
        if problem.get("parameter", "id") not in ("id", "username"):
            continue
        title, kind = str(problem.get("title")), str(problem.get("type"))
        if title == "Forbidden" or "has been suspended" in str(problem.get("detail")):
            return AccountSuspended(str(account), f"X has suspended {account.label}.")
        if title == "Authorization Error" or kind.endswith("not-authorized-for-resource"):
            return AccountProtected(str(account), f"The posts of {account.label} are protected.")
        if title == "Not Found Error" or kind.endswith("resource-not-found"):
            return AccountNotFound(str(account), f"There's no {account.label} on X.")
    return None


def _extract_error_text(response: requests.Response) -> str:
    """Return what the body of a refusal is called, in lower case without blanks; nothing if it is no problem object."""
    body = parse_json(response)
    named = [body.get(key) for key in ("title", "type", "reason")] if isinstance(body, dict) else []
    return " ".join(name.lower().replace(" ", "") for name in named if isinstance(name, str))


def _forbidden_detail(error_text: str, handle: str) -> str:
    if "client-not-enrolled" in error_text:
        return f"This server's app has no X plan yet, so {handle} can't be read."
    if "unsupported-authentication" in error_text or "unsupportedauthentication" in error_text:
        return f"X requires the other kind of key for this (X_BEARER_TOKEN, or the four keys of a user), so {handle} can't be read."
    return f"This server's X plan doesn't include reading {handle}."


def _silence_debug_logging() -> None:
    """Keep the libraries beneath from logging at DEBUG, where they print keys."""
    for name in _VERBOSE_LOGGERS:
        logger = logging.getLogger(name)
        if logger.level < logging.INFO:
            logger.setLevel(logging.INFO)
