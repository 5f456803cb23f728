"""The form that imports a file, as submitted: what a person says about it, and where it comes from. Files aren't read here."""

from collections.abc import Mapping
from dataclasses import dataclass

COLUMN_FIELD_PREFIX = "column-"  # prefix of the form fields that match columns
_MAX_CHOICE_CHARS = 100


@dataclass(frozen=True)
class ImportForm:
    """The choices of an import. `staging_token` is that of a staged file, empty if the form has a file.

    `replaced_id` is the dataset that the import corrects. `shows_summary`, which only our own forms set, leads to the summary instead of
    the report, and `asks_for_columns` only asks how the columns match.
    """

    column_by_field: Mapping[str, str]
    zone: str
    date_order: str
    account: str
    staging_token: str
    replaced_id: str
    shows_summary: bool
    asks_for_columns: bool

    @property
    def choices(self) -> dict[str, str]:
        """The arguments of `DatasetStore.import_file` besides the columns."""
        return {"zone": self.zone, "date_order": self.date_order, "account": self.account}


def parse_import_form(form: Mapping[str, str]) -> ImportForm:
    """Return the form with its texts bounded."""
    zone, date_order, account = (form.get(name, "")[:_MAX_CHOICE_CHARS] for name in ("zone", "date_order", "account"))
    columns = {
        name.removeprefix(COLUMN_FIELD_PREFIX): column for name, column in form.items() if name.startswith(COLUMN_FIELD_PREFIX) and column
    }
    return ImportForm(
        columns,
        zone,
        date_order,
        account,
        form.get("waiting", ""),
        form.get("replaces", "")[:_MAX_CHOICE_CHARS],
        form.get("show") == "summary",
        form.get("match") == "columns",
    )
