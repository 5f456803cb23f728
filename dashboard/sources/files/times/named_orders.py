"""The order of day, month and year that the name of a column says, such as “Date (DD/MM/YYYY)” or “date_yymmdd”."""

import re
from functools import lru_cache

_YEAR, _MONTH, _DAY = "(?:yy(?:yy)?|jj(?:jj)?|aa(?:aa)?)", "mm", "(?:dd|tt|jj)"  # also Jahr, Tag, année, jour and año
_PARTS_BY_ORDER = {"ymd": (_YEAR, _MONTH, _DAY), "dmy": (_DAY, _MONTH, _YEAR), "mdy": (_MONTH, "dd", "yy(?:yy)?")}
_PATTERNS = {
    order: re.compile(rf"(?:(.*[^\W_])[ _-]+|)[(\[]?{'[-/. ]?'.join(parts)}(?:[ ,_T-]+hh.*)?[)\]]?", re.IGNORECASE)
    for order, parts in _PARTS_BY_ORDER.items()
}
_MAX_NAME_CHARS = 100  # of the name of a column with an order; patterns take long on names of any length


@lru_cache(maxsize=1024)
def split_order(name: str) -> tuple[str, str]:
    """Return the name of a column without the order at its end, and the order: "ymd", "dmy" or "mdy", or "" if there is none.

    A column that is only called after the order has dates.
    """
    for order, pattern in _PATTERNS.items() if len(name) <= _MAX_NAME_CHARS else ():
        if match := pattern.fullmatch(name.strip()):
            return match[1] or "date", order
    return name, ""
