"""The filter line of a list of posts: for everything that limits the list the link that lifts it, and the sentiments to choose from.

What a limit selects is decided in `reports.post_filter`. How the line looks belongs in the template.
"""

from collections.abc import Iterator, Mapping
from typing import get_args

from flask import Flask

from dashboard.core.formatting.numbers import format_number
from dashboard.core.messages import gettext, translatable
from dashboard.core.polarities import name_polarity
from dashboard.core.post_selection import Polarity, PostSelection
from dashboard.core.query import Query
from dashboard.web import urls
from dashboard.web.presenters.toolbar_choices import Choice

_WITHOUT_LIMIT = {
    "start": translatable("Whole period"),
    "weekday": translatable("All weekdays"),
    "hour": translatable("All hours"),
    "word": translatable("All words"),
    "language": translatable("All languages"),
}  # by the first field of the limit


def init_app(app: Flask) -> None:
    """Make the filter line available to templates."""
    app.jinja_env.globals.update(list_polarities=list_polarities, list_limits=list_limits)


def list_polarities(query: Query, selection: PostSelection, counts: Mapping[str, int]) -> list[Choice]:
    """Return links to the posts of any sentiment, and of each: `Positive 183`, if the counts are known."""
    polarities = [(gettext("All"), None), *((name_polarity(name), name) for name in get_args(Polarity))]
    return [
        Choice(
            f"{title} {format_number(counts[name or ''])}" if counts else title,
            _url(query, selection, polarity=name),
            name == selection.polarity,
        )
        for title, name in polarities
    ]


def list_limits(query: Query, selection: PostSelection) -> list[Choice]:
    """Return for everything else that limits the list a link to the list without it, such as `Whole period`. The heading has them."""
    return [Choice(title, _url(query, selection, **dict.fromkeys(fields))) for title, fields in _iter_limits(query, selection)]


def _iter_limits(query: Query, selection: PostSelection) -> Iterator[tuple[str, tuple[str, ...]]]:
    if selection.account and len(query.users) > 1:
        yield gettext("All accounts"), ("account",)
    yield from ((gettext(_WITHOUT_LIMIT[fields[0]]), fields) for _, fields in selection.describe_limits(query))
    if selection.id:
        yield gettext("All posts"), ("id",)


def _url(query: Query, selection: PostSelection, **changes: object) -> str:
    return urls.for_posts(query, selection.with_changes(**changes).to_args())
