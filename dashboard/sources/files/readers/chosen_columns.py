"""Checks and describes the columns that a person chose for fields. How columns are found without a person is in `field_paths.py`."""

from collections.abc import Iterable, Mapping

from dashboard.core import posts
from dashboard.core.deferred_texts import defer_list
from dashboard.core.errors import InvalidFile
from dashboard.core.formatting.texts import excerpt
from dashboard.core.messages import deferred
from dashboard.sources.files.readers.field_titles import FIELD_TITLES

MAPPABLE_FIELDS = tuple(field for field in posts.SCHEMA if field != "date_only")  # the fields that a person can assign a column to


def check_fields(fields: Iterable[str]) -> None:
    """Raise InvalidFile if a field isn't one that a person can assign a column to."""
    unknown = [field for field in fields if field not in MAPPABLE_FIELDS]
    if unknown:
        detail = deferred("There is no field “%(field)s”.", field=excerpt(unknown[0]))
        raise InvalidFile(detail, deferred("Choose columns for: %(fields)s.", fields=list(MAPPABLE_FIELDS)))


def describe_choices(column_by_field: Mapping[str, str], *, are_remembered: bool) -> str:
    """Return which columns were chosen: by hand or, if they `are_remembered`, for an earlier file with the same ones."""
    titles = {field: deferred(FIELD_TITLES.get(field, field)) for field in column_by_field}
    choices = [
        deferred("%(field)s is “%(column)s”", field=titles[field], column=excerpt(column)) for field, column in column_by_field.items()
    ]
    if are_remembered:
        return deferred(
            "The columns were matched as for an earlier file with the same columns: %(choices)s. If that’s wrong for this file, open "
            "“How this file was read” and match them again.",
            choices=defer_list(choices),
        )
    return deferred("The columns were matched by hand: %(choices)s.", choices=defer_list(choices))
