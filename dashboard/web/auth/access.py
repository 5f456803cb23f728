"""Access keys, if the operator set some: wanted for predictions and for reads that cost money, as `Authorization: Bearer` or a sign-in.

The only place that looks at keys and at the cookie of a sign-in. Neither ever stands in a page, a message or the log.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from dashboard.core.errors import KeyWanted, SignInWanted, TooManyTries
from dashboard.web import urls
from dashboard.web.auth.access_keys import LASTS, Door
from dashboard.web.auth.csrf import from_here

access = Blueprint("access", __name__)
access.before_request(from_here)
LONGEST = 200  # characters of a key
_FORM = 64 * 1024  # bytes of the form
_LONGEST_WAY = 8_000  # characters of an address to lead back to
_COOKIE = "chorus-signed-in"
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NAME = "chorus-door"  # among the application's extensions


def init_app(app: Flask, keys: Sequence[str]) -> None:
    """Put a door with these keys before what is not open to all; without keys everything is."""
    app.extensions[_NAME] = Door(keys)
    app.register_blueprint(access)
    app.jinja_env.globals.update(signed_in=signed_in, way_in=way_in)
    if keys:
        app.after_request(_private)


def check(what: str) -> None:
    """Let holders of a key pass; `what` begins the sentence for all others. Raises KeyWanted or TooManyTries."""
    if told := refusal(what):
        raise told


def refusal(what: str) -> KeyWanted | None:
    """Return why the request is not one of a holder of a key, None if it is. Raises TooManyTries."""
    key = _bearer()
    if _door().open or _shown() or (key is not None and _door().opens(key)):
        return None
    told = "none came" if key is None else "the one that came is none of this Chorus"
    return KeyWanted(f"{what} takes an access key here, and {told}.", wrong=key is not None)


def challenge(told: KeyWanted | SignInWanted) -> str:
    """Return what 401 says in WWW-Authenticate."""
    return 'Bearer realm="Chorus"' + ', error="invalid_token"' * told.wrong


def closed() -> bool:
    """Say whether there are keys, so that programs need one."""
    return not _door().open


def signed_in() -> bool:
    """Say whether somebody signed in, and so can sign out."""
    return not _door().open and _shown()


def way_in() -> str:
    """Return the address of the sign-in page that leads back here, empty if there is no need of it."""
    if _door().open or _shown():
        return ""
    if request.method != "GET" or request.blueprint == "access":
        return url_for("access.sign_in")
    asked = request.query_string.decode("latin-1")
    return f"{url_for('access.sign_in')}?next={quote(request.path + f'?{asked}' * bool(asked), safe='/:,@')}"


@access.get("/signin")
def sign_in() -> ResponseReturnValue:
    """Where a person gives a key and is led back; who needs none, or did so already, is led back at once."""
    back = _local(request.args.get("next", ""))
    return redirect(back, 303) if _door().open or _shown() else _page(back)


@access.post("/signin")
def signed() -> ResponseReturnValue:
    """Take a key, give the browser a proof of it, and lead back."""
    request.max_content_length = request.max_form_memory_size = _FORM
    back, key = _local(request.form.get("next", "")), request.form.get("key", "").strip()
    if not key:
        return _page(back, "Nothing was typed. Paste the access key that you were given.", 400)
    try:
        if _door().open or _door().opens(key[: LONGEST + 1]):
            return _remembered(redirect(back, 303))
    except TooManyTries as error:
        return _page(back, error.sentence, 429, {"Retry-After": str(error.seconds)})
    wrong = KeyWanted("This is no access key of this Chorus.", "Paste it again, or ask whoever runs it for one.", wrong=True)
    return _page(back, wrong.sentence, 401, {"WWW-Authenticate": challenge(wrong)})


@access.post("/signout")
def sign_out() -> ResponseReturnValue:
    """Take the proof back, and lead to the form."""
    response = redirect(url_for("pages.index"), 303)
    response.delete_cookie(_COOKIE, httponly=True, samesite="Lax", secure=urls.encrypted())
    return response


@access.after_request
def _kept_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(back: str, problem: str = "", status: int = 200, headers: Mapping[str, str] = _NOTHING) -> Response:
    page = render_template("signin.html", back=back, problem=problem, longest=LONGEST)
    return Response(page, status, dict(headers), mimetype="text/html")


def _remembered(response: BaseResponse) -> BaseResponse:
    """Give the browser a proof that its reader signed in; no script can read it."""
    if not _door().open:
        response.set_cookie(_COOKIE, _door().proof(), max_age=LASTS, httponly=True, samesite="Lax", secure=urls.encrypted())
    return response


def _private(response: Response) -> Response:
    """Keep what differs by sign-in out of shared caches, and apart in a browser's own."""
    response.vary.update(("Cookie", "Authorization"))
    response.headers.setdefault("Cache-Control", "private")
    return response


def _door() -> Door:
    return cast(Door, current_app.extensions[_NAME])


def _shown() -> bool:
    proof = request.cookies.get(_COOKIE)
    return proof is not None and _door().believes(proof)


def _bearer() -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _local(way: str) -> str:
    """Return a path on this host with what follows it; whatever could lead elsewhere becomes the form."""
    fine = re.fullmatch(r"/(?!/)[!-\[\]-~]*", way) and len(way) <= _LONGEST_WAY
    return way if fine else url_for("pages.index")
