"""Pages that take longer than a second: they start at once, show progress, and end with the report, all in one response.

There is no script and no polling: the page itself streams, so any instance can serve it, and closing it stops the read.
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
from dashboard.core.formatting import format_count
from dashboard.web import fetching, rendering
from dashboard.web.errors import count_error, unexpected_error_message
from dashboard.web.extensions import timeline_store
from dashboard.web.fetching import Fetch
from dashboard.web.middleware import bots
from dashboard.web.outcome import Outcome
from dashboard.web.presenters import question_form

_log = logging.getLogger(__name__)
_BOT_WAIT_SECONDS = 8.0  # seconds that a robot is let wait for the whole page, for it looks at the head alone and then goes
_FLUSH_MARKER = "\x00"  # ends what a template has to say for now; no page holds it


def render_or_stream(template: str, fetch: Fetch, build_result: Callable[[], Any], **context: Any) -> ResponseReturnValue:
    """Return a page at once if its accounts are there soon, else one that streams its progress and then the same.

    `early_outcome` is the outcome where the head may already speak of it, None while it is being read.
    """
    if fetch.wait(timeout=fetching.PROGRESS_DELAY_SECONDS if bots.is_human() else _BOT_WAIT_SECONDS):
        outcome = _build_outcome(fetch, build_result())
        given = {
            "query": fetch.original_query,
            "account_names": _account_labels(fetch),
            "progress": (),
            "load_outcome": lambda: outcome,
            "flush_marker": "",
            "early_outcome": outcome,
        }
        return render_template(template, **given, **context)
    pieces = _stream_page(template, fetch, build_result, context)
    squeezes = request.accept_encodings["gzip"] > 0
    response = Response(stream_with_context(_compress_stream(pieces) if squeezes else pieces), content_type="text/html; charset=utf-8")
    response.vary.add("Accept-Encoding")
    if squeezes:
        response.content_encoding = "gzip"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _stream_page(template: str, fetch: Fetch, build_result: Callable[[], Any], context: dict[str, Any]) -> Generator[str, None, None]:
    """Yield the page in as few pieces as it has pauses. A reader who goes away closes this, and the fetch is told."""
    said: list[str] = []
    given: dict[str, Any] = {
        "query": fetch.original_query,
        "account_names": _account_labels(fetch),
        "progress": _iter_progress(fetch),
        "load_outcome": lambda: _load_outcome(fetch, build_result),
        "flush_marker": _FLUSH_MARKER,
        "early_outcome": None,
    }
    try:
        for piece in current_app.jinja_env.get_template(template).generate(**_build_template_context(), **given, **context):
            before, ends, after = piece.partition(_FLUSH_MARKER)
            said.append(before)
            if ends:
                yield "".join(said)
                said = [after]
        yield "".join(said)
    finally:
        fetch.cancel()


def _compress_stream(chunks: Generator[str, None, None]) -> Iterator[bytes]:
    """Yield each piece compressed as soon as it is there, so that what was said is seen."""
    squeeze = zlib.compressobj(wbits=31)  # gzip
    with closing(chunks):
        for piece in chunks:
            yield squeeze.compress(piece.encode()) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        yield squeeze.flush()


def _account_labels(fetch: Fetch) -> list[str]:
    return [user.label for user in fetch.query.users]


def _build_template_context() -> dict[str, Any]:
    context: dict[str, Any] = {}
    current_app.update_template_context(context)
    return context


def _iter_progress(fetch: Fetch) -> Iterator[str]:
    """Yield a sentence whenever there is something new, an empty one as a sign of life otherwise."""
    said = _format_progress(fetch, monotonic() - fetch.started_at)
    yield said
    for _ in fetch.iter_progress():
        now = _format_progress(fetch, monotonic() - fetch.started_at)
        yield now if now != said else ""
        said = now


def _format_progress(fetch: Fetch, elapsed_seconds: float) -> str:
    """Say how many accounts and posts are there, how long the rest may take, and what was spent."""
    users, wanted = len(fetch.query.users), fetch.query.limit * (len(fetch.query.users) - len(fetch.count_pages_read))
    read, counted = sum(fetch.posts_read.values()), sum(fetch.count_pages_read.values())
    parts = [f"{fetch.count_finished()} of {format_count(users, 'account')} done"]
    parts += [f"{counted:,} months counted"] if counted else []
    parts += [f"{read:,} of up to {wanted:,} posts read"] if wanted else []
    if read and elapsed_seconds > 1:
        parts.append(f"about {max(1, round(elapsed_seconds * (wanted - read) / read))} s left")
    if spent := _format_spending(fetch):
        parts.append(f"{spent} so far")
    return " · ".join(parts)


def _format_spending(fetch: Fetch) -> str:
    from dashboard.core.pricing import format_dollars

    given = timeline_store()
    read = [(account, posts) for account, posts in list(fetch.posts_read.items()) if posts]
    bills = [given.sources[account.network].max_bill(account, posts) for account, posts in read]
    looked_up = {"user": len({account for account, _ in read} & fetch.unresolved_accounts)}
    known = [{**bill, "user": 0} for bill in bills]
    cost = sum(given.prices.cost_microdollars(bill) for bill in [*known, looked_up, {"counts": sum(fetch.count_pages_read.values())}])
    return f"about {format_dollars(cost)}" if cost else ""


def _load_outcome(fetch: Fetch, build_result: Callable[[], Any]) -> Outcome:
    """Return the outcome of a page whose status is sent already: an error is told on it."""
    try:
        return _build_outcome(fetch, build_result())
    except ChorusError as error:
        count_error(error)
        problems = error.problems if isinstance(error, InvalidQuery) else [("users", error.message)]
        named = problems if isinstance(error, (InvalidQuery, SourceError)) else [("", error.message)]
        return Outcome(
            form=question_form.form_from_args(request.args.to_dict(flat=False), named),
            error_title=error.title,
            needs_sign_in=bool(fetch.refused_accounts),
        )
    except Exception as error:
        _log.exception("Unexpected error at %s", request.endpoint)
        count_error(error)
        return Outcome(
            form=question_form.form_from_args(request.args.to_dict(flat=False), [("", unexpected_error_message())]),
            error_title="Something went wrong",
        )


def _build_outcome(fetch: Fetch, result: Any) -> Outcome:
    reports = getattr(result, "reports", (result,))
    return Outcome(
        result,
        [rendering.build_figure(each) for each in reports],
        question_form.form_from_query(fetch.original_query),
        needs_sign_in=bool(fetch.refused_accounts),
    )
