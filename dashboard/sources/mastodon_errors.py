"""What responses of Mastodon servers mean when they aren't accounts or posts: refusals, absent accounts, and servers of another kind.

The errors name the server. Which request to try instead is decided in `mastodon_client.py`.
"""

import requests

from dashboard.core.accounts import Account
from dashboard.core.messages import deferred, translatable
from dashboard.core.source_errors import AccountNotFound, AccountProtected, AccountSuspended, ServerUnreadable, SourceError
from dashboard.sources.http_errors import FetchContext, parse_json

_SIGN_IN_ADVICE = translatable("It requires visitors to sign in, which Chorus can’t do.")
_CHECK_HOST_ADVICE = translatable("Check the server name after the last @.")


def build_error(context: FetchContext, response: requests.Response) -> SourceError:
    """Return the error for a response whose status isn't 200."""
    account, label, host, status = str(context.account), context.account.label, context.service_name, response.status_code
    if status == 429:
        return context.rate_limit_error(response, "X-RateLimit-Reset", translatable("Try again in five minutes."))
    if status in (401, 403) and not isinstance(parse_json(response), dict):
        return refusal_error(context, status)
    if status in (401, 403, 422):
        return AccountProtected(
            account,
            deferred("%(server)s doesn’t let visitors read the posts of %(account)s.", server=host, account=label),
            _SIGN_IN_ADVICE,
        )
    if status == 404:
        return AccountNotFound(account, deferred("There’s no %(account)s on %(server)s.", account=label, server=host))
    if status == 410:
        return AccountSuspended(
            account,
            deferred("%(server)s has suspended or deleted %(account)s.", server=host, account=label),
            translatable("Its posts can no longer be read."),
        )
    return context.server_error(status) if status >= 500 else context.invalid_response_error()


def unsupported_error(context: FetchContext) -> ServerUnreadable:
    """Return the error of a server that lacks a part of Mastodon's API, so that nobody knows whether it has the account."""
    label = context.account.label
    detail = deferred(
        "%(server)s doesn’t offer what Chorus needs to read %(account)s, so nobody knows whether the account exists there.",
        server=context.service_name,
        account=label,
    )
    return ServerUnreadable(str(context.account), detail)


def unsupported_posts_error(context: FetchContext) -> ServerUnreadable:
    """Return the error of a server that has the account, but not the part of Mastodon's API that its posts are read with."""
    detail = deferred(
        "%(server)s has the account %(account)s, but doesn’t offer its posts in a form that Chorus reads.",
        server=context.service_name,
        account=context.account.label,
    )
    return ServerUnreadable(str(context.account), detail)


def refusal_error(context: FetchContext, status: int) -> ServerUnreadable:
    """Return the error of a server, or of a firewall in front of it, that sends a page instead of data."""
    label = context.account.label
    detail = deferred(
        "%(server)s refuses requests from programs (status %(status)s, with a web page instead of data), so %(account)s can’t be read.",
        server=context.service_name,
        status=status,
        account=label,
    )
    return ServerUnreadable(str(context.account), detail)


def not_mastodon_error(context: FetchContext, status: int) -> SourceError:
    """Return the error for a response that no server with Mastodon's API gives: on 404 and 410, the server's name may be wrong."""
    detail = deferred(
        "%(server)s doesn’t respond like a Mastodon server, so %(account)s can’t be read.",
        server=context.service_name,
        account=context.account.label,
    )
    if status in (404, 410):
        return AccountNotFound(str(context.account), detail, _CHECK_HOST_ADVICE)
    return context.unavailable_error(detail, translatable("Check the server name after the last @, or try again in a few minutes."))


def server_not_found_error(host: str, account: Account) -> AccountNotFound:
    """Return the error for a host that isn't on the public internet. It's the same for missing and private hosts."""
    return AccountNotFound(
        str(account),
        deferred("There’s no public server named %(server)s, so %(account)s can’t be read.", server=host, account=account.label),
        _CHECK_HOST_ADVICE,
    )
