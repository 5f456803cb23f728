"""How values look in pages: numbers, shares, times. One room for all templates."""

from datetime import datetime
from typing import Any

from flask import Flask
from markupsafe import Markup

from dashboard.core.formatting import UNKNOWN_DASH, format_number, format_share
from dashboard.web import urls
from dashboard.web.auth import file_owner
from dashboard.web.presenters import cost_estimate, question_form


def format_date(moment: datetime | None, tz: Any) -> str:
    """Return the day in a zone, as `3 Aug 2026`, in an element that a script can write as its reader does."""
    if moment is None:
        return UNKNOWN_DASH
    local = moment.astimezone(tz)
    return Markup('<time datetime="{}">{}</time>').format(local.date().isoformat(), f"{local.day} {local:%b %Y}")


def format_datetime(moment: datetime) -> str:
    """Return a zoned time as `Tue 3 Mar 2026, 14:05 CET`."""
    return f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M %Z}"


def json_script(value: Any, element_id: str) -> Markup:
    """Return a JSON block that no text inside can end; `name` is its id."""
    from flask import json

    text = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup('<script type="application/json" id="{}">{}</script>').format(element_id, Markup(text))


def format_account_names(names: list[str]) -> str:
    """Return account names as a heading: all of a few, the first of many."""
    if len(names) > 3:
        return f"{names[0]}, {names[1]} and {len(names) - 2} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def init_app(app: Flask) -> None:
    """Make the filters known to templates, and unknown names an error."""
    from jinja2 import StrictUndefined

    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        format_account_names=format_account_names,
        url_for_query=urls.for_query,
        url_for_posts=urls.for_posts,
        choices=question_form.CHOICES,
        imported_files=file_owner.list_imported_files,
        describe_spending=cost_estimate.describe_spending,
    )
    app.jinja_env.filters.update(
        number=format_number, percent=format_share, date=format_date, datetime=format_datetime, json_script=json_script
    )
