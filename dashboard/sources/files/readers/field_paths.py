"""Which key of a row holds which field of a post: the one that a person chose, the one of the tool that wrote the file, or a usual one.

The names themselves are in `column_names.py` and `local_column_names.py`. No values are parsed here.
"""

from collections.abc import Mapping

from dashboard.sources.files.import_summary import NO_COLUMN
from dashboard.sources.files.readers.column_names import NAMES_BY_FIELD
from dashboard.sources.files.readers.local_column_names import LOCAL_NAMES_BY_FIELD
from dashboard.sources.files.shapes.shape import Shape, find_path, normalize_name
from dashboard.sources.files.times.named_orders import split_order
from dashboard.sources.files.times.zone_columns import split_column_name

KeyPath = tuple[str, ...]  # a key, or a key and the keys inside its object
_USUAL_NAMES = {field: (*names, *LOCAL_NAMES_BY_FIELD.get(field, ())) for field, names in NAMES_BY_FIELD.items()}


def find_paths(
    keys: tuple[str, ...], chosen_columns: tuple[tuple[str, str], ...] = (), shape: Shape | None = None
) -> Mapping[str, tuple[KeyPath, ...]]:
    """Return the paths to each field in a row with these keys, best first. Fields without a path are left out.

    What the names mean in a known shape takes precedence over their usual meaning, and `chosen_columns`, pairs (field, key) that a person
    chose, over both; a key may be NO_COLUMN. A dotted name matches a key with dots in it, or keys inside the object of another key.
    """
    key_by_name: dict[str, str] = {}
    for key in keys:
        key_by_name.setdefault(normalize_name(key), key)
    names_by_field = _USUAL_NAMES | dict(shape.fields) if shape else _USUAL_NAMES
    known_paths = {
        field: tuple(path for name in names if (path := find_path(name, key_by_name))) for field, names in names_by_field.items()
    }
    known_paths["created_at"] = (*known_paths["created_at"], *_find_described_paths(key_by_name, names_by_field["created_at"]))
    chosen_paths = {field: () if key == NO_COLUMN else ((key,),) for field, key in chosen_columns if key == NO_COLUMN or key in keys}
    return {field: paths for field, paths in (known_paths | chosen_paths).items() if paths}


def _find_described_paths(key_by_name: Mapping[str, str], names: tuple[str, ...]) -> list[KeyPath]:
    """Return the paths to times in columns whose names end with a zone or an order, such as “Date (EST)” and “Date (DD/MM/YYYY)”."""
    described_keys = {
        normalize_name(name): key
        for key in key_by_name.values()
        for name, description in (split_column_name(key), split_order(key))
        if description
    }
    paths = (find_path(name, described_keys) for name in names) if described_keys else ()
    return [path for path in paths if path and path[0] not in (key_by_name.get(normalize_name(name)) for name in names)]
