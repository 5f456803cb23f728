"""Describes in words how a file was understood: for the page after an upload and for `chorus import`. Nothing is read or stored here."""

from typing import NamedTuple

from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_days
from dashboard.core.formatting.directions import isolate
from dashboard.core.formatting.texts import format_list, printable, quote
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.import_summary import ImportSummary, TimeCounts
from dashboard.sources.files.readers.languages import format_language

_FIELD_TITLES = {
    "text": "text",
    "created_at": "date",
    "account": "account",
    "id": "post ID",
    "lang": "language",
    "likes": "likes",
    "reposts": "reposts",
    "replies": "replies",
    "quotes": "quotes",
    "views": "views",
}
_KIND_TITLES = {"post": ("own post",), "reply": ("reply", "replies")}  # the others are called what they are in the data
_MAX_LANGUAGES = 5


class Fact(NamedTuple):
    """One line of the summary: what it is about, and what was understood."""

    label: str
    text: str


def describe_import(dataset: Dataset) -> list[Fact]:
    """Return what was understood of a file: first its rows, then the rest. Facts that aren't known are left out."""
    summary = dataset.summary
    facts = [Fact("Rows", describe_rows(dataset)), Fact("Period", describe_period(dataset))]
    if summary is None:
        return facts
    return [
        facts[0],
        *([Fact("File", summary.tool)] if summary.tool else []),
        facts[1],
        Fact("Time zone", describe_zone(summary.times, summary.choices.zone)),
        *([Fact("Columns", describe_columns(summary))] if summary.used_columns else []),
        *([Fact("Kinds", describe_kinds(summary))] if summary.kinds else []),
        Fact("Languages", describe_languages(summary)),
    ]


def describe_rows(dataset: Dataset) -> str:
    """Return how many rows became posts, and what happened to the others."""
    repeated = max(0, dataset.read - dataset.kept - dataset.unreadable)
    others = [
        *([f"{format_count(repeated, 'repetition')} skipped"] if repeated else []),
        *([f"{format_count(dataset.unreadable, 'row')} couldn’t be read"] if dataset.unreadable else []),
    ]
    if not others:
        return f"{format_count(dataset.kept, 'row')} – all of them were read"
    return f"{dataset.kept:,} of {format_count(dataset.read, 'row')} were read – {format_list(others)}"


def describe_period(dataset: Dataset) -> str:
    """Return the days of the first and the last post."""
    moments = [moment for account in dataset.accounts for moment in (account.first_post_at, account.last_post_at) if moment]
    return format_days(min(moments).date(), max(moments).date()) if moments else "unknown: no post has a readable date"


def describe_zone(times: TimeCounts, chosen_zone: str) -> str:
    """Return where the zone of the times comes from: the file, a choice, or nowhere."""
    parts = [
        *([f"{_count_times(times.with_zone)} with a zone in the file"] if times.with_zone else []),
        *(
            [f"{_count_times(times.in_chosen_zone)} read as {isolate(printable(chosen_zone))}, as you chose"]
            if times.in_chosen_zone
            else []
        ),
        *([f"{_count_times(times.assumed_utc)} without a zone, read as UTC"] if times.assumed_utc else []),
        *([f"{format_count(times.date_only, 'date')} without a time"] if times.date_only else []),
        *([f"{format_count(times.unknown, 'post')} without a readable date"] if times.unknown else []),
    ]
    if len(parts) == 1 and times.with_zone:
        return "given in the file"
    return format_list(parts) if parts else "unknown"


def describe_columns(summary: ImportSummary) -> str:
    """Return which column was used for which field."""
    pairs = [f"{title} from {quote(summary.used_columns[name])}" for name, title in _FIELD_TITLES.items() if name in summary.used_columns]
    return " · ".join(pairs)


def describe_kinds(summary: ImportSummary) -> str:
    """Return how many posts are replies, quotes and reposts."""
    return " · ".join(format_count(count, *_KIND_TITLES.get(kind, (kind,))) for kind, count in summary.kinds)


def describe_languages(summary: ImportSummary) -> str:
    """Return the languages that the file names, with their numbers of posts."""
    tagged = [(code, count) for code, count in summary.languages if code]
    if not tagged:
        return "not in the file – recognised by the texts in the report"
    untagged = sum(count for code, count in summary.languages if not code)
    shown = [f"{isolate(printable(format_language(code)))} {count:,}" for code, count in tagged[:_MAX_LANGUAGES]]
    rest = len(tagged) - len(shown)
    return " · ".join(
        [*shown, *([f"{format_count(rest, 'more language')}"] if rest else []), *([f"not stated {untagged:,}"] if untagged else [])]
    )


def _count_times(count: int) -> str:
    return format_count(count, "time")
