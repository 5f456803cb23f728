"""Link previews (Open Graph): a title, a sentence with the numbers, and the chart. Nothing here may cause paid reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, url_for
from markupsafe import escape

from dashboard.core.charts import CHARTS
from dashboard.core.errors import ModelUnavailable
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_labelled, quote, start_within_sentence, truncate_at_word
from dashboard.core.messages import gettext, ngettext
from dashboard.core.query import Query
from dashboard.core.source_errors import SourceError
from dashboard.core.spending_errors import PaidReadRefused
from dashboard.web import languages, rendering, urls
from dashboard.web.presenters import period_links
from dashboard.web.presenters.predictions import format_probability

if TYPE_CHECKING:
    from dashboard.reports.dashboard import Dashboard
    from dashboard.reports.report import Report
    from dashboard.reports.scorecard import ScorecardRow
    from dashboard.web.outcome import Outcome
    from dashboard.web.presenters.predictions import TextPrediction

CARD_WIDTH, CARD_HEIGHT, CARD_SCALE = (
    600,
    315,
    2,
)  # 1200 × 630 pixels, which networks crop least; the text is drawn twice as large because previews are small
_MAX_DESCRIPTION_LENGTH = 300  # characters of a description; networks show fewer
_MAX_DESCRIBED_FINDINGS, _MAX_DESCRIBED_ACCOUNTS = 2, 4  # in a description
_MAX_IMAGE_HEIGHT = 6000  # pixels of an image
_MAX_HEIGHT_SHARE_SIDE_BY_SIDE = 1.3  # of the width of a printed image that has another one beside it
_PRINT_WIDTH, _MIN_PRINT_HEIGHT = 720, 220  # pixels of a printed image: its width and minimum height


@dataclass(frozen=True)
class Preview:
    """The preview in the head of a page: its texts, and absolute URLs of the page and its image."""

    title: str
    description: str
    url: str
    image: str
    alt: str
    size: tuple[int, int] = (CARD_WIDTH * CARD_SCALE, CARD_HEIGHT * CARD_SCALE)


def init_app(app: Flask) -> None:
    """Make previews and image URLs available to templates."""
    previews = {"preview_of_query": preview_of_query, "preview_of_texts": preview_of_texts, "preview_of_site": preview_of_site}
    app.jinja_env.globals.update(
        previews, image_url=image_url, print_image=print_image, embed_snippets=embed_snippets, absolute_url=urls.absolute
    )


def preview_of_query(query: Query, title: str, outcome: "Outcome | None", chart_kind: str = "") -> Preview:
    """Return the preview of a report or one chart; `outcome` is None while the accounts are still being fetched."""
    result: Any = outcome.result if outcome else None
    description = (
        _describe_report(result)
        if hasattr(result, "scorecard")
        else result.chart.alt
        if result
        else gettext("%(question)s: activity and sentiment.", question=query.describe())
    )
    period = f"{query.describe_rolling_period()}. " if result and query.last else ""
    report = getattr(result, "reports", (result,))[0]
    alt = report.chart.alt if report else gettext("The chart of this report")
    image = urls.absolute(
        image_url(query, chart_kind or CHARTS.names()[0], "png", "card", width=CARD_WIDTH, height=CARD_HEIGHT, scale=CARD_SCALE)
    )
    return Preview(
        title,
        truncate_at_word(period + description, _MAX_DESCRIPTION_LENGTH),
        urls.absolute(period_links.page_url(query, chart_kind)),
        image,
        alt,
    )


def preview_of_texts(title: str, predictions: "Sequence[TextPrediction]", url: str) -> Preview:
    """Return the preview of a text check."""
    if len(predictions) == 1:
        shares = ", ".join(f"{bar.name} {format_probability(bar.share)}" for bar in predictions[0].bars)
        description = format_labelled(shares if predictions[0].is_read else predictions[0].headline, quote(predictions[0].text))
    else:
        description = gettext(
            "Paste one text or a list. The AI model says whether each is positive, neutral or negative, how sure it is, and why."
        )
    site = preview_of_site()
    return Preview(title, truncate_at_word(description, _MAX_DESCRIPTION_LENGTH), urls.absolute(url), site.image, site.alt)


def preview_of_site() -> Preview:
    """Return the preview of the home page: a chart of demo data."""
    query = Query.parse({"users": ["demo:aster-air,demo:harbour-news"]})
    image = urls.absolute(image_url(query, CHARTS.names()[0], "png", "card", width=CARD_WIDTH, height=CARD_HEIGHT, scale=CARD_SCALE))
    description = gettext(
        "Enter Bluesky, Mastodon or X accounts. Chorus reads their posts and charts activity, sentiment and what’s behind the peaks."
    )
    return Preview(
        gettext("Chorus: how often any account posts – and how it sounds"),
        description,
        urls.absolute(url_for("pages.index")),
        image,
        gettext("Posts of two demo accounts"),
    )


def image_url(query: Query, kind: str, file_format: str, variant: str = "all", **image_options: Any) -> str:
    """Return the path of a chart's image, drawn from cached or free posts.

    `image_options` are its width, height, scale and theme; `variant` is that of `rendering.render_image`.
    """
    options: dict[str, Any] = {"width": 900, "height": 420, "scale": 1, "theme": "light", "embed": False} | image_options
    options["height"] = min(options["height"], _MAX_IMAGE_HEIGHT)
    picture_query, extra_args = query.model_copy(update=options), languages.image_language_args()
    return urls.for_query("exports.free_image", picture_query, extra_args=extra_args, kind=kind, file_format=file_format, variant=variant)


def print_image(report: "Report", width: int = _PRINT_WIDTH) -> dict[str, Any]:
    """Return the path, width and height of a chart's image for printing."""
    max_height = _MAX_IMAGE_HEIGHT if width == _PRINT_WIDTH else round(width * _MAX_HEIGHT_SHARE_SIDE_BY_SIDE)
    height = min(rendering.fitting_height(report, _MIN_PRINT_HEIGHT, width), max_height)
    return {
        "path": image_url(report.query, report.kind, "svg", report.image_variant, width=width, height=height),
        "width": width,
        "height": height,
    }


def embed_snippets(query: Query, kind: str, title: str, alt: str) -> dict[str, str]:
    """Return the HTML to embed a chart elsewhere, as an image that never causes paid reads and as a frame.

    The image has no height, because one with several rows is higher than the default, and a wrong height would squash it.
    """
    page_query = query.model_copy(update={"embed": False})
    page_url, png_url = (
        urls.absolute(urls.for_query("pages.chart", page_query, kind=kind)),
        urls.absolute(image_url(query, kind, "png", scale=2)),
    )
    frame_query, extra_args = query.model_copy(update={"embed": True}), languages.image_language_args()
    frame_url = urls.absolute(urls.for_query("pages.chart", frame_query, extra_args=extra_args, kind=kind))
    return {
        "image": f'<a href="{escape(page_url)}"><img src="{escape(png_url)}" width="900" alt="{escape(alt)}"></a>',
        "frame": f'<iframe src="{escape(frame_url)}" title="{escape(title)}" width="100%" height="640" loading="lazy"></iframe>',
    }


def missing_image_text(error: SourceError | ModelUnavailable) -> tuple[str, str]:
    """Return the title and the sentence of an image that replaces a chart."""
    if isinstance(error, PaidReadRefused):
        return gettext("This chart isn’t cached"), gettext("Reading it again costs money. Open its page to load it.")
    return error.title, error.message


def _describe_report(dashboard: "Dashboard") -> str:
    """Return the first findings of a report. If there are fewer, how much each account posts and how it sounds follows."""
    sentences = [finding.sentence for finding in dashboard.findings if finding.kind != "caveat"][:_MAX_DESCRIBED_FINDINGS]
    if len(sentences) < _MAX_DESCRIBED_FINDINGS:
        sentences.append(_describe_accounts(dashboard.scorecard.rows))
    return " ".join(sentences)


def _describe_accounts(rows: "Sequence[ScorecardRow]") -> str:
    """Return how much the first accounts post and how they sound, and how many more there are."""
    descriptions = [_describe_account(row) for row in rows[:_MAX_DESCRIBED_ACCOUNTS]]
    more = len(rows) - len(descriptions)
    return "; ".join([*descriptions, *[ngettext("%(count)s more", "%(count)s more", more, count=format_number(more))] * bool(more)]) + "."


def _describe_account(row: "ScorecardRow") -> str:
    if not row.posts:
        return gettext("%(account)s: no posts", account=row.label)
    rate, share, balance = (row.find_tile(name) for name in ("posts_per_day", "positive_share", "balance_per_post"))
    parts = [format_count(row.posts, "post")]
    parts += [gettext("%(count)s per day", count=rate.text)] if rate.value is not None else []
    if share.value is not None:  # unknown without scored words
        parts.append(f"{start_within_sentence(balance.column.title)} {balance.text}")
    return format_labelled(row.label, ", ".join(parts))
