"""Pages that take longer than a second: they begin at once, say what is going on, and end with the report, in one response.

No script and no polling: the page itself streams, so any instance can serve it, and closing it stops the reading.
"""

import logging
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from time import monotonic
from typing import Any

from flask import Response, current_app, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from dashboard.core.errors import ChorusError, InvalidQuery, SourceError
from dashboard.web import fetching, rendering
from dashboard.web.errors import count, our_fault
from dashboard.web.extensions import library
from dashboard.web.fetching import Fetch
from dashboard.web.middleware import bots
from dashboard.web.outcome import Outcome
from dashboard.web.presenters import form

_log = logging.getLogger(__name__)
_PATIENCE = 8.0  # seconds that a robot is let wait for the whole page, for it looks at the head alone and then goes
_FLUSH = "\x00"  # ends what a template has to say for now; no page holds it


def page(template: str, fetch: Fetch, answer: Callable[[], Any], **besides: Any) -> ResponseReturnValue:
    """Return a page at once if its accounts are there soon, else one that streams its progress and then the same.

    `told` is the outcome where the head may already speak of it, None while it is being read.
    """
    if fetch.done(within=fetching.SOON if bots.is_a_person() else _PATIENCE):
        outcome = _outcome(fetch, answer())
        given = {"query": fetch.asked, "names": _names(fetch), "progress": (), "conclude": lambda: outcome, "flush": "", "told": outcome}
        return render_template(template, **given, **besides)
    pieces = _streamed(template, fetch, answer, besides)
    squeezes = request.accept_encodings["gzip"] > 0
    response = Response(stream_with_context(_squeezed(pieces) if squeezes else pieces), content_type="text/html; charset=utf-8")
    response.vary.add("Accept-Encoding")
    if squeezes:
        response.content_encoding = "gzip"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _streamed(template: str, fetch: Fetch, answer: Callable[[], Any], besides: dict[str, Any]) -> Generator[str, None, None]:
    """Yield the page in as few pieces as it has pauses. A reader who goes away closes this, and the fetch is told."""
    said: list[str] = []
    given: dict[str, Any] = {
        "query": fetch.asked,
        "names": _names(fetch),
        "progress": _progress(fetch),
        "conclude": lambda: _concluded(fetch, answer),
        "flush": _FLUSH,
        "told": None,
    }
    try:
        for piece in current_app.jinja_env.get_template(template).generate(**_context(), **given, **besides):
            before, ends, after = piece.partition(_FLUSH)
            said.append(before)
            if ends:
                yield "".join(said)
                said = [after]
        yield "".join(said)
    finally:
        fetch.leave()


def _squeezed(pieces: Generator[str, None, None]) -> Iterator[bytes]:
    """Yield each piece compressed as soon as it is there, so that what was said is seen."""
    squeeze = zlib.compressobj(wbits=31)  # gzip
    with closing(pieces):
        for piece in pieces:
            yield squeeze.compress(piece.encode()) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        yield squeeze.flush()


def _names(fetch: Fetch) -> list[str]:
    return [user.label for user in fetch.query.users]


def _context() -> dict[str, Any]:
    context: dict[str, Any] = {}
    current_app.update_template_context(context)
    return context


def _progress(fetch: Fetch) -> Iterator[str]:
    """Yield a sentence whenever there is something new, an empty one as a sign of life otherwise."""
    said = _sentence(fetch, monotonic() - fetch.began)
    yield said
    for _ in fetch.news():
        now = _sentence(fetch, monotonic() - fetch.began)
        yield now if now != said else ""
        said = now


def _sentence(fetch: Fetch, seconds: float) -> str:
    """Say how many accounts and posts are there, how long the rest may take, and what was spent."""
    users, wanted = len(fetch.query.users), fetch.query.limit * (len(fetch.query.users) - len(fetch.pages))
    read, counted = sum(fetch.read.values()), sum(fetch.pages.values())
    parts = [f"{fetch.finished()} of {users} account{'s' * (users > 1)} done"]
    parts += [f"{counted:,} months of counts"] if counted else []
    parts += [f"{read:,} of up to {wanted:,} posts read"] if wanted else []
    if read and seconds > 1:
        parts.append(f"about {max(1, round(seconds * (wanted - read) / read))} s left at most")
    if spent := _spent(fetch):
        parts.append(f"{spent} spent so far")
    return " · ".join(parts)


def _spent(fetch: Fetch) -> str:
    from dashboard.core.pricing import dollars

    given = library()
    read = [(account, posts) for account, posts in list(fetch.read.items()) if posts]
    bills = [given.sources[account.network].at_most(account, posts) for account, posts in read]
    looked_up = {"user": len({account for account, _ in read} & fetch.unknown)}
    known = [{**bill, "user": 0} for bill in bills]
    cost = sum(given.prices.cost(bill) for bill in [*known, looked_up, {"counts": sum(fetch.pages.values())}])
    return f"about {dollars(cost)}" if cost else ""


def _concluded(fetch: Fetch, answer: Callable[[], Any]) -> Outcome:
    """Return the outcome of a page whose status is sent already: an error is told on it."""
    try:
        return _outcome(fetch, answer())
    except ChorusError as error:
        count(error)
        problems = error.problems if isinstance(error, InvalidQuery) else [("users", error.sentence)]
        named = problems if isinstance(error, (InvalidQuery, SourceError)) else [("", error.sentence)]
        return Outcome(form=form.form(request.args.to_dict(flat=False), named), title=error.title, locked=bool(fetch.refused))
    except Exception as error:
        _log.exception("unforeseen error at %s", request.endpoint)
        count(error)
        return Outcome(form=form.form(request.args.to_dict(flat=False), [("", our_fault())]), title="Something went wrong")


def _outcome(fetch: Fetch, answer: Any) -> Outcome:
    reports = getattr(answer, "reports", (answer,))
    return Outcome(answer, [rendering.figure(each) for each in reports], form.filled(fetch.asked), locked=bool(fetch.refused))
