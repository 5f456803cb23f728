"""Responses from kept results: a response is identified before anything is computed, and computed only if nobody has computed it before.

So a client that has a response gets 304 for the price of a digest, and one that asks what somebody else has asked gets the same bytes.
What a result depends on belongs to the views and to `presenters/page_identity.py`, and where results are kept to `kept_results.py`.
"""

from collections.abc import Callable, Iterator

from flask import Flask, Request, Response, g, request

from dashboard.web import turns
from dashboard.web.extensions import flights, kept_results, metrics
from dashboard.web.kept_results import Result


def init_app(app: Flask) -> None:
    """Keep the compressed versions of kept responses as well. Call it before Flask-Compress starts."""
    app.config.update(COMPRESS_CACHE_BACKEND=_CompressedResults, COMPRESS_CACHE_KEY=_compression_key)


def respond(
    identity: str,
    content_type: str,
    compute: Callable[[], bytes],
    may_be_kept: Callable[[], bool] = lambda: True,
    *,
    may_be_shared: bool = True,
) -> Response:
    """Return the response with this identity, whose bytes are kept, or else computed once for all that ask for it at the moment.

    Nothing is looked up or computed for a client that has it. `may_be_kept` is asked when a result has been computed; one that mustn't be
    kept has no ETag, so no client asks whether it is still the same. A result that mustn't be shared is kept for this process alone.
    Raises what `compute` raises.
    """
    if etag := _matching_etag(identity):
        response = Response(content_type=content_type)
        response.set_etag(etag)
        response.make_conditional(request)
        return response
    result, has_identity = _load_or_compute(identity, compute, may_be_kept, may_be_shared)
    response = Response(_PackedBody(result), content_type=content_type)
    response.content_length = result.size
    if has_identity:
        response.set_etag(identity)
    if kept_results().get_own(identity):
        g.kept_identity = identity
    return response


def _load_or_compute(
    identity: str, compute: Callable[[], bytes], may_be_kept: Callable[[], bool], may_be_shared: bool
) -> tuple[Result, bool]:
    """Return the result, and whether its identity names everything that it shows."""
    result = kept_results().get(identity) if may_be_shared else kept_results().get_own(identity)
    metrics().record_cache_lookup("response", "hit" if result else "miss")
    if result:
        return result, True
    keep = kept_results().put if may_be_shared else kept_results().put_own

    def compute_and_keep() -> tuple[Result, bool]:
        computed, has_identity = Result.of(compute()), may_be_kept()
        if has_identity:
            keep(identity, computed)
        return computed, has_identity

    return flights().do(("result", identity), compute_and_keep, waiting=turns.give_away)


class _PackedBody:
    """The body of a response, which is unpacked only if it's needed: not if its compressed version is kept."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[bytes]:
        yield self._result.unpack()


def _matching_etag(identity: str) -> str:
    """Return the client's ETag of the result, which names the compression as well; "" if the client doesn't have it."""
    etags = request.if_none_match.as_set(include_weak=True)
    return next((etag for etag in etags if etag.partition(":")[0] == identity), "")


class _CompressedResults:
    """Flask-Compress's cache. A key is the name of a compression and an identity, empty for responses that aren't kept."""

    def get(self, key: str) -> bytes | None:
        """Return a compressed response."""
        result = kept_results().get_own(key)
        return result.packed if result else None

    def set(self, key: str, value: bytes) -> None:
        """Keep a compressed response."""
        if key.partition(";")[2]:
            kept_results().put_own(key, Result(value, len(value)))


def _compression_key(_: Request) -> str:
    return str(g.get("kept_identity", ""))
