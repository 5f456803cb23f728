"""The filters and globals of all templates, which format headings, numbers, shares and times."""

import re
from datetime import datetime
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from dashboard.core import display_names, messages, networks
from dashboard.core.definitions import DEFINITIONS
from dashboard.core.formatting import counts, dates, numbers, texts
from dashboard.core.messages import translatable
from dashboard.core.methods import METHODS
from dashboard.web import urls
from dashboard.web.auth import file_owner
from dashboard.web.presenters import cost_estimate, period_links, query_prices, question_form, report_layout

_NAME_PATTERN = re.compile(r"[@:./-]")  # what distinguishes handles and addresses from other words, and where browsers break them

_SELECTIONS = {
    "point": translatable("Select any point to see its posts."),
    "bar": translatable("Select any bar to see its posts."),
    "cell": translatable("Select any cell to see its posts."),
    "square": translatable("Select any square to see its posts."),
    "dot": translatable("Select any dot to see its post."),
}


def format_date(moment: datetime | None, tz: Any) -> str:
    """Return the day in a time zone, such as `3 Aug 2026`, in a `time` element that a script can localise."""
    if moment is None:
        return numbers.UNKNOWN_DASH
    local = moment.astimezone(tz)
    return Markup('<time datetime="{}">{}</time>').format(local.date().isoformat(), dates.format_day(local))


def format_account_names(names: list[str]) -> str:
    """Return account names for a heading: all of a few, the first three of many."""
    return texts.format_list(names, 3)


def keep_names_whole(heading: str) -> Markup:
    """Return a heading in which the name of an account breaks only if a line is too short for it."""
    words = [
        Markup('<span class="name">{}</span>').format(word) if _NAME_PATTERN.search(word) else escape(word) for word in heading.split(" ")
    ]
    return Markup(" ").join(words)


def describe_selection(mark_noun: str) -> str:
    """Return what selecting a mark of a chart does: `Select any point to see its posts.`"""
    return messages.gettext(_SELECTIONS[mark_noun])


def init_app(app: Flask) -> None:
    """Register the filters and globals, and make undefined names an error."""
    from jinja2 import StrictUndefined

    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.policies["json.dumps_kwargs"] = {"separators": (",", ":")}  # also keeps `tojson` from sorting keys
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        format_account_names=format_account_names,
        describe_selection=describe_selection,
        url_for_query=urls.for_query,
        url_for_posts=urls.for_posts,
        url_with_args=urls.with_args,
        choices=question_form.list_choices,
        list_periods=period_links.list_periods,
        methods=METHODS,
        definitions=DEFINITIONS,
        find_plot_width=report_layout.plot_width,
        find_fold=report_layout.find_fold,
        find_paper_width=report_layout.paper_width,
        imported_files=file_owner.list_imported_files,
        describe_spending=cost_estimate.describe_spending,
        is_any_read_paid=query_prices.is_any_read_paid,
        describe_counting=networks.describe_counting,
        paid_titles=networks.paid_titles,
    )
    _add_filters(app)


def _add_filters(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=numbers.format_number,
        translated=messages.translate,
        signed=numbers.format_signed,
        percent=numbers.format_share,
        count=counts.format_count,
        abbreviate=display_names.abbreviate,
        pluralize=counts.pluralize,
        date=format_date,
        keep_names_whole=keep_names_whole,
        datetime=dates.format_moment,
        day=dates.format_day,
        minute=dates.format_minute,
        median=numbers.format_median,
    )
