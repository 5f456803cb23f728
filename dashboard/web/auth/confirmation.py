"""Starts a paid read only if somebody asked for it: a program, a person on our own pages, or a person who confirms it here.

Other sites can make a browser open any of our addresses, so a request that may come from one of them buys nothing. The page then has a
button. It sends a form that other sites can't send, which sets a cookie for this one question and leads back to the same address.
Access keys and prices don't belong here.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidQuery
from dashboard.core.post_selection import parse_query_and_selection
from dashboard.core.query import Query
from dashboard.core.spending import ALL_SPENDING, UNCONFIRMED_SPENDING, Spending
from dashboard.web.auth import access, cookies, csrf, sign_in_targets
from dashboard.web.auth.signing import ClockedSigner

confirmation = Blueprint("confirmation", __name__)
CONFIRMATION_SECONDS = 120  # how long a click is valid; it is used at once, by the redirect that follows it
_COOKIE_NAME = "chorus-confirmed"
_EXTENSION_NAME = "chorus-confirmation"  # key in the application's extensions
_MAX_FORM_BYTES = 64 * 1024
# Every browser with scripts and images calls itself Mozilla; the others here are known to exist. PowerShell and Excel copy that name.
_BROWSER_PATTERN = re.compile(r"Mozilla/|Opera/|Dillo|NetSurf|Lynx|Links|w3m", re.IGNORECASE)
_PROGRAM_PATTERN = re.compile(r"PowerShell|Microsoft\.Data\.Mashup", re.IGNORECASE)


@dataclass(frozen=True)
class _Confirmations:
    signer: ClockedSigner
    are_needed: bool  # whether reading any network costs money here


def init_app(app: Flask, network_keys: Sequence[str], clock: Clock = system_clock) -> None:
    """Register the form. Confirmations are signed with a secret made of the keys of paid networks, which all instances share."""
    keys = "\n".join(filter(None, network_keys)).encode()
    secret = hmac.digest(keys, b"chorus: confirmations of paid reads", "sha256") if keys else secrets.token_bytes(32)
    app.extensions[_EXTENSION_NAME] = _Confirmations(ClockedSigner(clock, secret, b"chorus.confirmation"), bool(keys))
    app.register_blueprint(confirmation)
    app.after_request(_use_up)
    app.after_request(sign_in_targets.use_up)
    app.jinja_env.globals.update(form_confirms=form_confirms)


def requested_spending(query: Query) -> Spending:
    """Return what the request may spend on a question, judging by where it comes from."""
    is_prefetch = _is_prefetch()
    is_own_choice = not is_prefetch and not _is_from_another_site() and not sign_in_targets.is_target(query)
    is_intended = not is_prefetch and (_is_confirmed(query) or is_own_choice or access.has_valid_bearer_token())
    return ALL_SPENDING if is_intended else UNCONFIRMED_SPENDING


def may_be_from_another_site() -> bool:
    """Return whether another site, or a browser that loads pages in advance, may have sent this request although nobody asked for it.

    Browsers say so in `Sec-Fetch-Site`, except old ones and those that use plain http. Programs don't send it either, and don't call
    themselves browsers.
    """
    return _is_prefetch() or _is_from_another_site()


def _is_from_another_site() -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    if csrf.names_another_origin(request.headers):
        return True
    agent = request.user_agent.string
    return bool(_BROWSER_PATTERN.search(agent)) and not _PROGRAM_PATTERN.search(agent)


def form_confirms() -> bool:
    """Return whether our own form must be sent as a confirmation, because this browser doesn't say where a request comes from."""
    return _confirmations().are_needed and "Sec-Fetch-Site" not in request.headers and may_be_from_another_site()


@confirmation.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Set the cookie for one question and redirect to its page, which is `next`, or the report of the form's other fields."""
    request.max_content_length = request.max_form_memory_size = _MAX_FORM_BYTES
    csrf.require_proof_of_same_origin()
    page_url = sign_in_targets.safe_next_url(request.form["next"]) if "next" in request.form else _report_url()
    response = redirect(page_url, 303)
    response.headers["Cache-Control"] = "no-store"
    try:
        query, _ = parse_query_and_selection(parse_qs(page_url.partition("?")[2]))
    except InvalidQuery:
        return response  # the page says what is wrong
    cookies.set_cookie(response, _COOKIE_NAME, _sign(query), max_age=CONFIRMATION_SECONDS, samesite="Strict")
    return response


def _is_prefetch() -> bool:
    """Return whether the browser only guesses that somebody will open this address."""
    purpose = " ".join(request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")).lower()
    return "prefetch" in purpose or "preview" in purpose


def _report_url() -> str:
    return f"{url_for('pages.report')}?{urlencode(list(request.form.items(multi=True)))}"


def _is_confirmed(query: Query) -> bool:
    """Return whether the request has a confirmation of this question, and use it up."""
    token = cookies.read_cookie(_COOKIE_NAME)
    if token is None:
        return False
    g.has_used_confirmation = True
    try:
        digest = _confirmations().signer.unsign_within(token, CONFIRMATION_SECONDS)
    except BadSignature:
        return False
    return hmac.compare_digest(digest, _digest(query))


def _use_up(response: Response) -> Response:
    if g.get("has_used_confirmation"):
        cookies.delete_cookie(response, _COOKIE_NAME)
    return response


def _sign(query: Query) -> str:
    return _confirmations().signer.sign(_digest(query)).decode()


def _digest(query: Query) -> bytes:
    """Return a digest of a question and of who asks it, so that nobody can confirm for somebody who is signed in."""
    args = urlencode(query.reading_args())
    return hashlib.sha256(f"{args}\n{access.sign_in_token()}".encode()).hexdigest().encode()


def _confirmations() -> _Confirmations:
    return cast(_Confirmations, current_app.extensions[_EXTENSION_NAME])
