"""How values look in pages: numbers, shares, times. One room for all templates."""

from datetime import datetime
from typing import Any

from flask import Flask
from markupsafe import Markup

from dashboard.core import formatting
from dashboard.core.methods import METHODS
from dashboard.web import urls
from dashboard.web.auth import file_owner
from dashboard.web.presenters import cost_estimate, question_form


def format_date(moment: datetime | None, tz: Any) -> str:
    """Return the day in a zone, as `3 Aug 2026`, in an element that a script can write as its reader does."""
    if moment is None:
        return formatting.UNKNOWN_DASH
    local = moment.astimezone(tz)
    return Markup('<time datetime="{}">{}</time>').format(local.date().isoformat(), formatting.format_day(local))


def format_account_names(names: list[str]) -> str:
    """Return account names as a heading: all of a few, the first of many."""
    return formatting.format_list(names, 3)


def init_app(app: Flask) -> None:
    """Make the filters known to templates, and unknown names an error."""
    from jinja2 import StrictUndefined

    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.policies["json.dumps_kwargs"] = {"separators": (",", ":")}  # of `tojson`, which would sort the keys without it
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        format_account_names=format_account_names,
        url_for_query=urls.for_query,
        url_for_posts=urls.for_posts,
        choices=question_form.list_choices,
        methods=METHODS,
        imported_files=file_owner.list_imported_files,
        describe_spending=cost_estimate.describe_spending,
    )
    app.jinja_env.filters.update(
        number=formatting.format_number,
        signed=formatting.format_signed,
        percent=formatting.format_share,
        count=formatting.format_count,
        pluralize=formatting.pluralize,
        date=format_date,
        datetime=formatting.format_moment,
    )
