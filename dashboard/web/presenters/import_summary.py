"""The summary of an import as a page and as JSON. The sentences are those of `sources.files.import_description`."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from dashboard.core.errors import UnknownColumns
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.dates import format_day, format_days
from dashboard.core.messages import gettext, translatable
from dashboard.sources.files.dataset import Dataset, FileAccount
from dashboard.sources.files.import_description import describe_period
from dashboard.sources.files.import_summary import ImportChoices, ImportSummary
from dashboard.web.presenters.import_form import ImportForm

MAX_LISTED_ACCOUNTS = 20


@dataclass(frozen=True)
class Corrections:
    """What the owner of a file can correct. `token` is that of the file if it is still kept; otherwise it has to be uploaded again.

    `can_set_zone` and the like say which choices would change anything.
    """

    choices: ImportChoices
    token: str | None
    can_set_zone: bool
    can_set_order: bool
    can_name_account: bool
    can_match_columns: bool
    problem: str = ""

    @property
    def is_possible(self) -> bool:
        """Return whether anything can be corrected."""
        return self.can_set_zone or self.can_set_order or self.can_name_account or self.can_match_columns


def describe_headline(dataset: Dataset) -> str:
    """Return what was read in one line."""
    posts, accounts = format_count(dataset.kept, "post"), format_count(dataset.accounts_total, "account")
    return gettext("%(posts)s from %(accounts)s · %(period)s", posts=posts, accounts=accounts, period=describe_period(dataset))


def list_accounts(dataset: Dataset) -> list[tuple[str, int, str]]:
    """Return the name as in the file, the number of posts and the period of the accounts with the most posts."""
    return [
        (dataset.display_name(account.name), account.post_count, _describe_account_period(account))
        for account in dataset.accounts[:MAX_LISTED_ACCOUNTS]
    ]


def _describe_account_period(account: FileAccount) -> str:
    if account.first_post_at is None or account.last_post_at is None:
        return gettext("no readable dates")
    return format_days(account.first_post_at.date(), account.last_post_at.date())


def format_expiry(dataset: Dataset) -> str:
    """Return the day on which a file is deleted."""
    return format_day(dataset.expires.astimezone(UTC).date())


def build_corrections(summary: ImportSummary | None, token: str | None, form: ImportForm | None = None, problem: str = "") -> Corrections:
    """Return what can be corrected, with the choices of the submitted form, or else those of the import."""
    submitted = ImportChoices(form.column_by_field, form.zone, form.date_order, form.account) if form else None
    if summary is None:
        return Corrections(submitted or ImportChoices(), token, True, True, True, False, problem)
    times = summary.times
    return Corrections(
        submitted or summary.choices,
        token,
        can_set_zone=bool(times.in_chosen_zone or times.assumed_utc or times.unknown_zone or summary.choices.zone),
        can_set_order=summary.has_open_dates,
        can_name_account=bool(summary.unnamed_posts),
        can_match_columns=bool(summary.columns),
        problem=problem,
    )


def needs_original(summary: ImportSummary | None) -> bool:
    """Return whether a file should be kept for corrections: not if nothing can be corrected, and never an archive with private messages."""
    return summary is not None and not summary.is_archive and build_corrections(summary, None).is_possible


def build_column_question(summary: ImportSummary) -> tuple[UnknownColumns, dict[str, str]]:
    """Return the question how the columns match, although they were understood, and the answer so far."""
    question = UnknownColumns(
        translatable("Choose the columns that hold the text, the date and the rest. The file is then read again."),
        columns=list(summary.columns),
        sample_rows=[list(row) for row in summary.sample_rows],
        missing_fields=[],
    )
    used = {field: column for field, column in summary.used_columns.items() if column in summary.columns}
    return question, used | dict(summary.choices.column_by_field)


def build_document(dataset: Dataset) -> dict[str, Any]:
    """Return the summary as JSON: what `/datasets/ID.json` answers."""
    summary = dataset.summary
    document = {
        "file": dataset.canonical_name,
        "name": dataset.name,
        "expires": dataset.expires.isoformat(),
        "rows": {"read": dataset.read, "kept": dataset.kept, "unreadable": dataset.unreadable},
        "accounts": [
            {
                "account": f"{dataset.canonical_name}/{account.name}",
                "name": dataset.display_name(account.name),
                "posts": account.post_count,
                "first": _format_time(account.first_post_at),
                "last": _format_time(account.last_post_at),
            }
            for account in dataset.accounts
        ],
        "accounts_total": dataset.accounts_total,
        "notices": list(dataset.warnings),
    }
    if summary is None:
        return document
    return document | {
        "tool": summary.tool or None,
        "refused_rows": [asdict(row) for row in summary.refused_rows],
        "times": asdict(summary.times),
        "zone": summary.choices.zone or None,
        "columns": dict(summary.used_columns),
        "kinds": dict(summary.kinds),
        "languages": [{"language": code or None, "posts": count} for code, count in summary.languages],
    }


def _format_time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
