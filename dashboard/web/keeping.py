"""Responses from kept results: a response is identified before anything is computed, and computed only if nobody has computed it before.

So a client that has a response gets 304 for the price of a digest, and one that asks what somebody else has asked gets the same bytes.
If the versions of all timelines are known, not even posts are read for that.
What a result depends on belongs to the views and to `presenters/page_identity.py`, and where results are kept to `kept_results.py`.
"""

from collections.abc import Callable, Iterator

from flask import Flask, Request, Response, g, request

from dashboard.web import turns
from dashboard.web.extensions import flights, kept_results, metrics
from dashboard.web.fetch import Fetch
from dashboard.web.kept_results import Result


def init_app(app: Flask) -> None:
    """Keep the compressed versions of kept responses as well. Call it before Flask-Compress starts."""
    app.config.update(COMPRESS_CACHE_BACKEND=_CompressedResults, COMPRESS_CACHE_KEY=_compression_key)


def find(fetch: Fetch, identify: Callable[[str], str | None], content_type: str) -> Response | None:
    """Return the response that its client has or that is kept, None if there is none, or if posts have to be read to know that.

    `identify` returns the response's identity, given the digest of what was fetched, or None if it mustn't be kept. Nothing is read.
    """
    digest = fetch.expected_digest
    identity = digest and identify(digest)
    return _find(identity, content_type, may_be_shared=not fetch.reads_files) if identity else None


def find_or_respond(fetch: Fetch, identify: Callable[[str], str], content_type: str, compute: Callable[[], bytes]) -> Response:
    """Return the response that `find` finds without reading posts, or else the one to what was read. Raises what these raise."""
    kept = find(fetch, identify, content_type)
    return kept or respond(identify(fetch.result().digest), content_type, compute, may_be_shared=not fetch.reads_files)


def respond(
    identity: str,
    content_type: str,
    compute: Callable[[], bytes],
    may_be_kept: Callable[[], bool] = lambda: True,
    *,
    may_be_shared: bool = True,
) -> Response:
    """Return the response with this identity, whose bytes are kept, or else computed once for all that ask for it at the moment.

    The identity names what was read, not what is expected to be. Nothing is looked up or computed for a client that has the response.
    `may_be_kept` is asked when a result has been computed; one that mustn't be kept has no ETag, so no client asks whether it is still the
    same. A result that mustn't be shared is kept for this process alone. Raises what `compute` raises.
    """
    if kept := _find(identity, content_type, may_be_shared=may_be_shared):
        return kept
    metrics().record_cache_lookup("response", "miss")
    result, has_identity = _compute(identity, compute, may_be_kept, may_be_shared)
    return _build_response(result, content_type, identity if has_identity else "")


def _find(identity: str, content_type: str, *, may_be_shared: bool) -> Response | None:
    if etag := _matching_etag(identity):
        response = Response(status=304, content_type=content_type)
        response.set_etag(etag)
        return response
    result = kept_results().get(identity) if may_be_shared else kept_results().get_own(identity)
    if result is None:
        return None
    metrics().record_cache_lookup("response", "hit")
    return _build_response(result, content_type, identity)


def _build_response(result: Result, content_type: str, identity: str) -> Response:
    """Return a response with a result; `identity` is empty if it doesn't name everything that the result shows."""
    response = Response(_PackedBody(result), content_type=content_type)
    response.content_length = result.size
    if identity:
        response.set_etag(identity)
        if kept_results().get_own(identity):
            g.kept_identity = identity
    return response


def _compute(identity: str, compute: Callable[[], bytes], may_be_kept: Callable[[], bool], may_be_shared: bool) -> tuple[Result, bool]:
    """Return the result, and whether its identity names everything that it shows."""
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
