"""Sets the security headers: pages load nothing from other hosts, send nothing to them, and can't be framed by them.

These headers are set nowhere else.
"""

from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import parse_qs

from secure import ContentSecurityPolicy, CrossOriginOpenerPolicy, ReferrerPolicy, Secure, XContentTypeOptions

# plotly.js adds one style element and fills it by script; the first hash is that of the empty element. Without npm, pages load the
# complete plotly.js from the wheel, which also adds the rules of its maps; the second hash is that of those rules in plotly.js 4.1.1.
_PLOTLY_STYLE_HASHES = ("'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='", "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='")


def add_security_headers(app: Any) -> Any:
    """Return the WSGI application with the headers added. Chart pages with embed=1 may be framed by any page."""
    default_headers = list(_build_headers("'none'").headers.items())
    embeddable_headers = list(_build_headers("*", is_sandboxed=True).headers.items())

    def respond(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_embed = environ.get("PATH_INFO", "").startswith("/html/") and parse_qs(environ.get("QUERY_STRING", "")).get("embed") == ["1"]
        ours = embeddable_headers if is_embed else default_headers

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            return start_response(status, [*headers, *ours], *failure)

        return cast("Iterable[bytes]", app(environ, start))

    return respond


def _build_headers(frame_ancestors: str, *, is_sandboxed: bool = False) -> Secure:
    """Return the headers. A sandboxed page counts as another site, so a framing site that tricks people into a click can't spend money."""
    policy = (
        ContentSecurityPolicy()
        .default_src("'none'")
        .script_src("'self'")
        .connect_src("'self'")
        .img_src("'self'", "data:", "blob:")
        .style_src("'self'", *_PLOTLY_STYLE_HASHES)
        .form_action("'self'")
        .base_uri("'none'")
        .frame_ancestors(frame_ancestors)
    )
    if is_sandboxed:
        policy.sandbox("allow-scripts", "allow-popups", "allow-popups-to-escape-sandbox")
    return Secure(
        csp=policy,
        xcto=XContentTypeOptions(),
        referrer=ReferrerPolicy().strict_origin_when_cross_origin(),
        coop=CrossOriginOpenerPolicy().same_origin(),
    )
