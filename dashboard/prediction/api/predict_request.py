"""A body of `/predict`, read: strict JSON, then one of the shapes, or every problem at its path. No HTTP, no model."""

import difflib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn

from pydantic import ValidationError

from dashboard.core.errors import InvalidPayload
from dashboard.core.formatting import MAX_QUOTED_CHARACTERS, format_list, printable, truncate
from dashboard.prediction.api.schemas import BODY_TYPES, JSON_TYPE_NAMES, TAG_PATH_INDEX, Instance, RequestBody, replace_surrogates

_NESTED_KEYS = {"parameters": list(RequestBody.model_fields)}  # of objects in a body that are no instances
_MAX_PROBLEMS = 300  # that are listed; a body of 1 MiB can hold 100,000


def parse_json(body: bytes) -> Any:
    """Return what a JSON document in UTF-8 says, numbers as floats. Raises ValueError, with a sentence: also for repeated keys and NaN."""
    try:
        return json.loads(
            body.decode("utf-8-sig"), parse_int=float, parse_constant=_reject_constant, object_pairs_hook=_reject_repeated_keys
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"The body is no JSON. {error.msg}: line {error.lineno}, column {error.colno}.") from None
    except UnicodeDecodeError:
        raise ValueError("The body is no JSON: it is not written in UTF-8.") from None
    except RecursionError:
        raise ValueError("The body is nested too deeply to be read.") from None


def parse_body(document: object) -> RequestBody:
    """Return a body as one of BODIES. Raises InvalidPayload with every problem, each at its path, such as `texts[3]`."""
    if not isinstance(document, dict):
        raise InvalidPayload([("", f'Send an object such as {{"text": "…"}}; this is {JSON_TYPE_NAMES[type(document)]}.')])
    subjects = [name for name in BODY_TYPES if name in document]
    if len(subjects) == 1:
        try:
            return BODY_TYPES[subjects[0]].model_validate(document)
        except ValidationError as error:
            raise InvalidPayload(_format_problems(error)) from None
    told = f"{format_list(subjects)} are given" if subjects else "there is none"
    wrong = [
        problem
        for shape in ([BODY_TYPES[name] for name in subjects] or [RequestBody])
        for problem in _find_problems(shape, subjects, document)
    ]
    raise InvalidPayload([("", f"Give exactly one of {', '.join(BODY_TYPES)}; {told}."), *dict.fromkeys(wrong)])


def _find_problems(body_type: type[RequestBody], subjects: Sequence[str], document: dict[str, object]) -> list[tuple[str, str]]:
    """Return what is wrong with one shape's part of a body that has several subjects, or none."""
    try:
        body_type.model_validate(
            {name: value for name, value in document.items() if name in body_type.model_fields or name not in subjects}
        )
    except ValidationError as error:
        return _format_problems(error)
    return []


def _format_problems(error: ValidationError) -> list[tuple[str, str]]:
    found = error.errors(include_url=False, include_input=False)
    told = [(_format_path(each["loc"]), _format_message(each)) for each in found[:_MAX_PROBLEMS]]
    return told + [("", f"And {len(found) - len(told):,} more problems.")] * (len(found) > len(told))


def _format_path(location: tuple[int | str, ...]) -> str:
    """Return where a problem is: `texts[3]`, `instances[2].text`."""
    steps = [step for at, step in enumerate(location) if at != TAG_PATH_INDEX.get(str(location[0]))]
    return "".join(f"[{step}]" if isinstance(step, int) else f".{_sanitize_key(step)}" for step in steps).removeprefix(".")


def _format_message(problem: Any) -> str:
    cause, name = problem.get("ctx", {}).get("error"), problem["loc"][-1]
    if cause:
        return str(cause)
    if problem["type"] == "extra_forbidden":
        known = (
            _NESTED_KEYS.get(str(problem["loc"][0]), list(Instance.model_fields))
            if len(problem["loc"]) > 1
            else [*BODY_TYPES, *RequestBody.model_fields]
        )
        near = difflib.get_close_matches(str(name).lower()[:40], known, n=1)
        like = f"Did you mean “{near[0]}”?" if near else f"There are {', '.join(known)}."
        return f"There is no key “{_sanitize_key(name)}”. {like}"
    if problem["type"] == "missing":
        return f"“{name}” is missing."
    listed = "A text, an object with a “text” or a row of numbers"
    wanted = listed if problem["loc"][0] == "instances" else "A list of numbers, or a list of such rows,"
    return f"{wanted} is wanted here."


def _sanitize_key(key: object) -> str:
    return truncate(printable(str(key)[: MAX_QUOTED_CHARACTERS + 1]), MAX_QUOTED_CHARACTERS)


def _reject_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = {replace_surrogates(name): value for name, value in pairs}
    if len(found) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"The key “{_sanitize_key(repeated)}” is given more than once.")
    return found


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON.")
