"""Headers that keep pages to themselves: nothing is loaded from, sent to or framed by another host. The only place that sets them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from secure import ContentSecurityPolicy, CrossOriginOpenerPolicy, ReferrerPolicy, Secure, XContentTypeOptions
from secure.middleware import SecureWSGIMiddleware

# plotly.js fills one style element with rules by script; this is the hash of that element while it is empty. The complete plotly.js of
# the wheel, which pages load where npm is missing, adds the rules of its maps as it loads: the second hash is theirs, of plotly.js 4.1.1.
_PLOTLY_STYLE_HASHES = ("'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='", "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='")


def add_security_headers(app: Any) -> Any:
    """Return the WSGI application with the headers added; charts asked for with embed=1 may stand in any page's frame."""
    usual = SecureWSGIMiddleware(app, secure=_build_headers("'none'"))
    framed = SecureWSGIMiddleware(app, secure=_build_headers("*"))

    def choose(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        embedded = environ.get("PATH_INFO", "").startswith("/html/") and parse_qs(environ.get("QUERY_STRING", "")).get("embed") == ["1"]
        return (framed if embedded else usual)(environ, start_response)

    return choose


def _build_headers(frame_ancestors: str) -> Secure:
    policy = (
        ContentSecurityPolicy()
        .default_src("'none'")
        .script_src("'self'")
        .connect_src("'self'")
        .img_src("'self'", "data:", "blob:")
        .style_src("'self'", *_PLOTLY_STYLE_HASHES)
        .style_src_attr("'unsafe-inline'")
        .form_action("'self'")
        .base_uri("'none'")
        .frame_ancestors(frame_ancestors)
    )
    return Secure(
        csp=policy,
        xcto=XContentTypeOptions(),
        referrer=ReferrerPolicy().strict_origin_when_cross_origin(),
        coop=CrossOriginOpenerPolicy().same_origin(),
    )
