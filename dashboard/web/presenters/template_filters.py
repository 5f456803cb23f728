"""How values look in pages: numbers, shares, times. One room for all templates."""

from datetime import datetime
from typing import Any

from flask import Flask
from markupsafe import Markup

from dashboard.core.formatting import NONE, number, share
from dashboard.web import urls
from dashboard.web.auth import file_owner
from dashboard.web.presenters import cost_estimate, form


def day(moment: datetime | None, tz: Any) -> str:
    """Return the day in a zone, as `3 Aug 2026`, in an element that a script can write as its reader does."""
    if moment is None:
        return NONE
    local = moment.astimezone(tz)
    return Markup('<time datetime="{}">{}</time>').format(local.date().isoformat(), f"{local.day} {local:%b %Y}")


def moment(time: datetime) -> str:
    """Return a zoned time as `Tue 3 Mar 2026, 14:05 CET`."""
    return f"{time:%a} {time.day} {time:%b %Y, %H:%M %Z}"


def json_script(value: Any, name: str) -> Markup:
    """Return a JSON block that no text inside can end; `name` is its id."""
    from flask import json

    text = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup('<script type="application/json" id="{}">{}</script>').format(name, Markup(text))


def heading(names: list[str]) -> str:
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
        heading=heading, link=urls.to, behind=urls.behind, choices=form.CHOICES, mine=file_owner.of, spending=cost_estimate.today
    )
    app.jinja_env.filters.update(number=number, share=share, day=day, moment=moment, json_script=json_script)
