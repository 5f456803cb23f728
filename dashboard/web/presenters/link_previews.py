"""What a link shows of itself where it is pasted: a title, a sentence with the numbers, and the chart. Nothing here costs money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, url_for
from markupsafe import escape

from dashboard.core.errors import ModelUnavailable, NotBought, SourceError
from dashboard.core.query import CHARTS, Query
from dashboard.web import rendering, urls
from dashboard.web.presenters.predictions import chance

if TYPE_CHECKING:
    from dashboard.reports.builder import Report
    from dashboard.web.outcome import Outcome
    from dashboard.web.presenters.predictions import Reading

WIDE, HIGH, SCALE = 600, 315, 2  # 1200 × 630 pixels, what networks crop least; letters are drawn twice as large, for a preview is small
_LONGEST = 300  # characters of a description; networks show fewer
_MOST_ACCOUNTS = 4  # in a description
_TALLEST = 6000  # pixels of an image
_PAPER, _LOWEST = 720, 220  # pixels of an image on paper, and of its height at least


@dataclass(frozen=True)
class Preview:
    """What stands in the head of a page: texts, and absolute addresses of the page and its picture with the words for it."""

    title: str
    description: str
    url: str
    image: str
    alt: str
    size: tuple[int, int] = (WIDE * SCALE, HIGH * SCALE)


def init_app(app: Flask) -> None:
    """Make previews and addresses of pictures known to templates."""
    told = {"preview_of_question": of_question, "preview_of_texts": of_texts, "preview_of_site": of_site}
    app.jinja_env.globals.update(told, still=still, on_paper=on_paper, snippets=snippets, absolute=urls.absolute)


def of_question(query: Query, title: str, outcome: "Outcome | None", kind: str = "") -> Preview:
    """Return the preview of a report, or of one chart; `outcome` is None while it is still being read."""
    page = urls.to("pages.chart", query, kind=kind) if kind else urls.to("pages.report", query)
    answer: Any = outcome.answer if outcome else None
    said = _numbers(answer.summary, answer.measured) if hasattr(answer, "summary") else answer.chart.alt if answer else ""
    drawn = getattr(answer, "reports", (answer,))[0]
    alt = drawn.chart.alt if drawn else "The chart of this question"
    image = urls.absolute(still(query, kind or CHARTS[0], "png", "card", width=WIDE, height=HIGH, scale=SCALE))
    return Preview(title, _short(said or f"{query.describe()}: how often they post, and how they sound."), urls.absolute(page), image, alt)


def of_texts(title: str, readings: "Sequence[Reading]", url: str) -> Preview:
    """Return the preview of what the model makes of texts."""
    if len(readings) == 1:
        shares = ", ".join(f"{bar.label} {chance(bar.share)}" for bar in readings[0].bars)
        said = f"{shares}: “{readings[0].text}”"
    else:
        said = "Paste a sentence or a list: a model says how each sounds, how sure it is, and which words decided it."
    site = of_site()
    return Preview(title, _short(said), urls.absolute(url), site.image, site.alt)


def of_site() -> Preview:
    """Return the preview of the form: a chart of demo data."""
    query = Query.parse({"users": ["demo:aster-air,demo:harbour-news"]})
    image = urls.absolute(still(query, CHARTS[0], "png", "card", width=WIDE, height=HIGH, scale=SCALE))
    said = "Name some accounts. Chorus reads their newest posts, counts them over time and weighs their words."
    return Preview(
        "Chorus: how often they post, and how they sound", said, urls.absolute(url_for("pages.index")), image, "Posts of two demo accounts"
    )


def still(query: Query, kind: str, form: str, words: str = "all", **looks: Any) -> str:
    """Return the path of a chart's picture, drawn of what is kept or free; `looks` are sizes and theme, `words` as for cached.image."""
    asked: dict[str, Any] = {"width": 900, "height": 420, "scale": 1, "theme": "light", "embed": False} | looks
    asked["height"] = min(asked["height"], _TALLEST)
    return urls.to("exports.kept", query.model_copy(update=asked), kind=kind, form=form, words=words)


def on_paper(answer: "Report") -> dict[str, Any]:
    """Return path, width and height of a chart's picture as it is printed."""
    high = min(rendering.height(answer, _LOWEST, _PAPER), _TALLEST)
    return {"path": still(answer.query, answer.kind, "svg", "bare", width=_PAPER, height=high), "width": _PAPER, "height": high}


def snippets(query: Query, kind: str, title: str, alt: str) -> dict[str, str]:
    """Return what to paste into another page: the chart as an image that never costs money, and in a frame."""
    plain = query.model_copy(update={"embed": False})
    page, image = urls.absolute(urls.to("pages.chart", plain, kind=kind)), urls.absolute(still(query, kind, "png", scale=2))
    frame = urls.absolute(urls.to("pages.chart", query.model_copy(update={"embed": True}), kind=kind))
    return {
        "image": f'<a href="{escape(page)}"><img src="{escape(image)}" width="900" height="420" alt="{escape(alt)}"></a>',
        "frame": f'<iframe src="{escape(frame)}" title="{escape(title)}" width="100%" height="640" loading="lazy"></iframe>',
    }


def excuse(error: SourceError | ModelUnavailable) -> tuple[str, str]:
    """Return the words of a picture in a chart's place: a title and a sentence."""
    if isinstance(error, NotBought):
        return "This chart is not kept here now", "Reading it anew costs money. Open its page to have it read."
    return error.title, error.sentence


def _numbers(summary: Sequence[Mapping[str, Any]], measured: str) -> str:
    """Say of each account how much it posted and how it sounds."""
    told = [_of_account(row, measured.lower()) for row in summary[:_MOST_ACCOUNTS]]
    more = len(summary) - len(told)
    return "; ".join([*told, *[f"{more} more"] * bool(more)]) + "."


def _of_account(row: Mapping[str, Any], measured: str) -> str:
    if not row["posts"]:
        return f"{row['label']}: no posts"
    rate = f", {row['per_day']:,.1f} a day" if row["per_day"] is not None else ""
    sound = f", {measured} {row['measured']}" if row["positive"] or row["negative"] else ""
    return f"{row['label']}: {row['posts']:,} post{'s' * (row['posts'] != 1)}{rate}{sound}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
