"""Describes in words how a file was understood: for the page after an upload and for `chorus import`. Nothing is read or stored here."""

from typing import NamedTuple

from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_days
from dashboard.core.formatting.directions import isolate
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list, printable, quote
from dashboard.core.messages import Deferred, gettext, ngettext, translatable_plural
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.import_summary import ImportSummary, TimeCounts
from dashboard.sources.files.readers.field_titles import FIELD_TITLES
from dashboard.sources.files.readers.languages import format_language
from dashboard.sources.files.readers.limits import TOO_MANY_CELLS

_KINDS = {
    "post": translatable_plural("%(count)s own post", "%(count)s own posts"),
    "reply": translatable_plural("%(count)s reply", "%(count)s replies"),
    "repost": translatable_plural("%(count)s repost", "%(count)s reposts"),
    "quote": translatable_plural("%(count)s quote", "%(count)s quotes"),
}
_TIMES = {  # by the fields of TimeCounts
    "with_zone": translatable_plural("%(count)s time with a zone in the file", "%(count)s times with a zone in the file"),
    "in_chosen_zone": translatable_plural(
        "%(count)s time read as %(zone)s, as you chose", "%(count)s times read as %(zone)s, as you chose"
    ),
    "assumed_utc": translatable_plural("%(count)s time without a zone, read as UTC", "%(count)s times without a zone, read as UTC"),
    "date_only": translatable_plural("%(count)s date without a time", "%(count)s dates without a time"),
    "unknown": translatable_plural("%(count)s post without a readable date", "%(count)s posts without a readable date"),
}
_REPETITIONS = translatable_plural("%(count)s repetition skipped", "%(count)s repetitions skipped")
_MAX_LANGUAGES = 5
_MAX_UNREADABLE_SHARE = 0.1  # of the rows, above which something is wrong with the file rather than with single rows


class Fact(NamedTuple):
    """One line of the summary: what it is about, and what was understood."""

    label: str
    text: str


def describe_import(dataset: Dataset) -> list[Fact]:
    """Return what was understood of a file: first its rows, then the rest. Facts that aren't known are left out."""
    summary = dataset.summary
    facts = [Fact(gettext("Rows"), describe_rows(dataset)), Fact(gettext("Period"), describe_period(dataset))]
    if summary is None:
        return facts
    return [
        facts[0],
        *([Fact(gettext("File"), summary.tool)] if summary.tool else []),
        facts[1],
        Fact(gettext("Time zone"), describe_zone(summary.times, summary.choices.zone)),
        *([Fact(gettext("Columns"), describe_columns(summary))] if summary.used_columns else []),
        *([Fact(gettext("Kinds"), describe_kinds(summary))] if summary.kinds else []),
        Fact(gettext("Languages"), describe_languages(summary)),
    ]


def describe_rows(dataset: Dataset) -> str:
    """Return how many rows became posts, and what happened to the others."""
    repeated = max(0, dataset.read - dataset.kept - dataset.unreadable)
    others = [
        *([_count(*_REPETITIONS, repeated)] if repeated else []),
        *([describe_unreadable(dataset.unreadable)] if dataset.unreadable else []),
    ]
    if not others:
        return gettext("%(rows)s – all of them were read", rows=format_count(dataset.kept, "row"))
    return gettext(
        "%(count)s of %(rows)s were read – %(others)s",
        count=format_number(dataset.kept),
        rows=format_count(dataset.read, "row"),
        others=format_list(others),
    )


def describe_unreadable(count: int) -> str:
    """Return how many rows couldn't be read."""
    return ngettext("%(count)s row couldn’t be read", "%(count)s rows couldn’t be read", count, count=format_number(count))


def warn_of_unreadable(dataset: Dataset) -> str:
    """Return that so many rows couldn't be read that the report isn't about the whole file, with advice if there is any; "" otherwise."""
    if dataset.unreadable <= dataset.read * _MAX_UNREADABLE_SHARE:
        return ""
    warning = ngettext(
        "%(count)s of %(rows)s couldn’t be read, and the report leaves it out.",
        "%(count)s of %(rows)s couldn’t be read, and the report leaves them out.",
        dataset.unreadable,
        count=format_number(dataset.unreadable),
        rows=format_count(dataset.read, "row"),
    )
    reasons = [row.reason for row in dataset.summary.refused_rows] if dataset.summary else []
    if not any(isinstance(reason, Deferred) and reason.message == TOO_MANY_CELLS for reason in reasons):
        return warning
    advice = gettext(
        "Some have more cells than the table has columns: put texts with commas in quotation marks, and upload the file again."
    )
    return f"{warning} {advice}"


def describe_period(dataset: Dataset) -> str:
    """Return the days of the first and the last post."""
    moments = [moment for account in dataset.accounts for moment in (account.first_post_at, account.last_post_at) if moment]
    return format_days(min(moments).date(), max(moments).date()) if moments else gettext("unknown: no post has a readable date")


def describe_zone(times: TimeCounts, chosen_zone: str) -> str:
    """Return where the zone of the times comes from: the file, a choice, or nowhere."""
    zone = isolate(printable(chosen_zone))
    parts = [_count(*forms, getattr(times, field), zone=zone) for field, forms in _TIMES.items() if getattr(times, field)]
    if len(parts) == 1 and times.with_zone:
        return gettext("given in the file")
    return " · ".join(parts) if parts else gettext("unknown")


def describe_columns(summary: ImportSummary) -> str:
    """Return which column was used for which field."""
    columns = {title: summary.used_columns[name] for name, title in FIELD_TITLES.items() if name in summary.used_columns}
    return " · ".join(gettext("%(field)s from %(column)s", field=gettext(title), column=quote(name)) for title, name in columns.items())


def describe_kinds(summary: ImportSummary) -> str:
    """Return how many posts are replies, quotes and reposts."""
    return " · ".join(_count(*_KINDS[kind], count) if kind in _KINDS else f"{kind} {count:,}" for kind, count in summary.kinds)


def describe_languages(summary: ImportSummary) -> str:
    """Return the languages that the file names, with their numbers of posts."""
    tagged = [(code, count) for code, count in summary.languages if code]
    if not tagged:
        return gettext("not in the file – recognised by the texts in the report")
    untagged = sum(count for code, count in summary.languages if not code)
    shown = [f"{isolate(printable(format_language(code)))} {format_number(count)}" for code, count in tagged[:_MAX_LANGUAGES]]
    rest = len(tagged) - len(shown)
    unstated = [gettext("not stated %(count)s", count=format_number(untagged))] if untagged else []
    return " · ".join([*shown, *([format_count(rest, "more language")] if rest else []), *unstated])


def _count(singular: str, plural: str, count: int, **values: str) -> str:
    return ngettext(singular, plural, count, count=format_number(count), **values)
