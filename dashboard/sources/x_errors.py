"""What X's responses mean when they aren't posts: refusals, used-up quotas, missing plans, and accounts that can't be read."""

import logging
import re
from typing import Any

import requests

from dashboard.core.accounts import Account
from dashboard.core.messages import deferred, translatable
from dashboard.core.source_errors import (
    AccountNotFound,
    AccountProtected,
    AccountSuspended,
    CredentialsRejected,
    PlanUpgradeRequired,
    SourceError,
    UsageCapReached,
)
from dashboard.sources.http_errors import CONTACT_OPERATOR_ADVICE, FetchContext, parse_json
from dashboard.sources.x_credentials import OAUTH1_SETTINGS

_log = logging.getLogger(__name__)
_COUNTED_POSTS_ADVICE = translatable("Choose “The posts themselves” under Source of counts (counted=posts).")
_ERROR_TYPE_PATTERN = re.compile(r"about:blank|https://api\.(?:twitter|x)\.com/2/problems/[a-z-]+")  # of X's own errors
_QUOTA_MARKERS = ("usagecap", "usage-capped", "spendcap", "creditsdepleted", "/credits")
_QUOTA_ADVICE = translatable("Waiting won’t help: your administrator can buy credits or raise the limit in X’s developer console.")
_RATE_LIMIT_ADVICE = translatable("Try again in a quarter of an hour.")
_SERVER_ERROR_ADVICE = translatable(
    "Try again in a few minutes. If this lasts for days, the app may need a paid X plan: tell your administrator."
)
_CREDENTIALS_ADVICE = {
    False: translatable("Your administrator can check the key for X."),
    True: translatable("Your administrator can check the four X keys and the server’s clock."),
}


def build_error(context: FetchContext, response: requests.Response, *, is_user_key: bool) -> SourceError:
    """Return the error for a response whose status isn't 200. `is_user_key` says which of the two kinds of keys was sent."""
    account, handle, status, error_text = str(context.account), context.account.label, response.status_code, _extract_error_text(response)
    if status == 402 or (status in (403, 429) and any(marker in error_text for marker in _QUOTA_MARKERS)):
        return UsageCapReached(
            account, deferred("This server’s X quota is used up, so %(account)s can’t be read.", account=handle), _QUOTA_ADVICE
        )
    if status == 429:
        return context.rate_limit_error(response, "x-rate-limit-reset", _RATE_LIMIT_ADVICE)
    if status == 401:
        _log.warning("X rejected %s.", OAUTH1_SETTINGS if is_user_key else "X_BEARER_TOKEN")
        return CredentialsRejected(
            account,
            deferred("X rejected this server’s key, so %(account)s can’t be read.", account=handle),
            _CREDENTIALS_ADVICE[is_user_key],
        )
    if status == 403 and "/tweets/counts/" in response.request.path_url:
        detail = deferred("This server’s X plan doesn’t include counting the posts of %(account)s.", account=handle)
        return PlanUpgradeRequired(account, detail, _COUNTED_POSTS_ADVICE)
    if status == 403:
        return PlanUpgradeRequired(
            account, _forbidden_detail(error_text, handle), translatable("Your administrator can change that in X’s developer console.")
        )
    if "/by/username/" in response.request.path_url and (status == 400 or (status == 404 and "notfound" in error_text)):
        return AccountNotFound(account, deferred("There’s no %(account)s on X.", account=handle))
    if status in (400, 404):
        return context.unavailable_error(
            deferred("X didn’t understand our request for %(account)s. That’s not your fault.", account=handle),
            CONTACT_OPERATOR_ADVICE,
        )
    return context.server_error(status, _SERVER_ERROR_ADVICE)


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
            return AccountNotFound(str(account), deferred("There’s no %(account)s on X.", account=account.label))
    return None


def _extract_error_text(response: requests.Response) -> str:
    """Return title, type and reason of an error's body, lower-case and without spaces; "" if the body isn't a JSON object."""
    body = parse_json(response)
    values = [body.get(key) for key in ("title", "type", "reason")] if isinstance(body, dict) else []
    return " ".join(value.lower().replace(" ", "") for value in values if isinstance(value, str))


def _forbidden_detail(error_text: str, handle: str) -> str:
    if "client-not-enrolled" in error_text:
        return deferred("This server’s app has no X plan yet, so %(account)s can’t be read.", account=handle)
    if "unsupported-authentication" in error_text or "unsupportedauthentication" in error_text:
        _log.warning("X requires the other kind of key: X_BEARER_TOKEN, or %s.", OAUTH1_SETTINGS)
        return deferred("X requires another kind of key for this, so %(account)s can’t be read.", account=handle)
    return deferred("This server’s X plan doesn’t include reading %(account)s.", account=handle)
