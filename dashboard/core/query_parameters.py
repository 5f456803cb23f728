"""The names of a question's parameters in an address: their order, which of them concern only images or files, and unknown ones.

What their values mean is in `query_values.py`.
"""

import difflib
import re
from collections.abc import Mapping, Sequence

from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import excerpt, format_list
from dashboard.core.messages import gettext

_MAX_LISTED_PARAMETERS = 5  # unknown names in an address that are listed; more are counted
_TRACKING_PARAMETERS = re.compile(r"utm_\w+|fbclid|gclid|msclkid|igshid|mc_[ce]id")  # what chats and mailers add to a link
REPORT_DEFAULTS: Mapping[str, str] = {"measure": "mean"}  # of a report and its posts, where they differ from those of everything else
_OTHER_NAMES = {  # of parameters, in other tools and in the form
    **{"accounts": "users", "account": "users", "handle": "users", "handles": "users", "username": "users", "screen_name": "users"},
    **{"count": "n", "limit": "n", "max_results": "n", "posts": "n", "timezone": "tz", "time_zone": "tz", "granularity": "interval"},
    **dict.fromkeys(("from", "start", "start_date", "start_time", "after"), "since"),
    **dict.fromkeys(("to", "end", "end_date", "end_time", "before"), "until"),
    **{"period": "last", "days": "last", "types": "kinds", "type": "kinds", "lexicon": "method"},
}


PARAMETER_ORDER = [
    "users",
    "n",
    "interval",
    "last",
    "since",
    "until",
    "tz",
    "kinds",
    "language",
    "method",
    "measure",
    "window",
    "counted",
    "axis",
    "width",
    "height",
    "scale",
    "theme",
    "frame",
    "embed",
    "bom",
]
LIST_PARAMETERS = {"users", "kinds", "language"}  # which may appear several times, because each has a list
IMAGE_PARAMETERS = {"width", "height", "scale", "theme", "frame", "embed"}
FILE_PARAMETERS = IMAGE_PARAMETERS | {"axis", "bom"}  # which change how a file is written, but none of its numbers


def collect_values(args: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return one text per parameter, and the problems with the names themselves."""
    unknown_names = [name for name in args if name not in PARAMETER_ORDER and not _TRACKING_PARAMETERS.fullmatch(name)]
    texts, problems = {}, _describe_unknown_parameters(unknown_names)
    for name, values in args.items():
        filled = [value for value in values if value.strip()]
        if name not in PARAMETER_ORDER:
            continue
        if len(filled) > 1 and name not in LIST_PARAMETERS:
            problems.append(
                (name, gettext("“%(name)s” appears %(count)s times in the address; use it once.", name=name, count=len(filled)))
            )
        elif filled:
            texts[name] = ",".join(filled)
    return texts | ({"users": ""} if "users" not in texts else {}), problems


def _describe_unknown_parameters(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return a problem for each of the first few names, and one that counts the others."""
    problems = [(name[:40], _describe_unknown_parameter(name)) for name in names[:_MAX_LISTED_PARAMETERS]]
    if len(names) > _MAX_LISTED_PARAMETERS:
        problems.append(("", gettext("The address has %(count)s unknown options. Remove them.", count=format_number(len(names)))))
    return problems


def _describe_unknown_parameter(name: str) -> str:
    lowered = name.lower()[:40]
    near = [_OTHER_NAMES[lowered]] if lowered in _OTHER_NAMES else difflib.get_close_matches(lowered, PARAMETER_ORDER, n=1)
    problem = gettext("Unknown option “%(name)s” in the address.", name=excerpt(name))
    if near:
        advice = gettext("Did you mean “%(name)s”?", name=near[0])
    else:
        advice = gettext("The options are %(options)s.", options=format_list(PARAMETER_ORDER))
    return f"{problem} {advice}"
