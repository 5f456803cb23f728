"""Parsing the body of `/predict`: strict JSON, then one of the request types, or every problem with its path.

Nothing about HTTP or models goes here; the request types and their checks are in `schemas.py`.
"""

import difflib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from pydantic import ValidationError

from dashboard.core.errors import InvalidPayload
from dashboard.core.formatting.texts import MAX_QUOTED_CHARACTERS, format_list, printable, truncate
from dashboard.prediction.api.schemas import BODY_TYPES, JSON_TYPE_NAMES, TAG_PATH_INDEX, Instance, RequestBody, replace_surrogates

_NESTED_KEYS = {"parameters": list(RequestBody.model_fields)}  # keys of the objects in a body, other than instances
_MAX_PROBLEMS = 20  # problems listed in a response; a body of 1 MiB can have 100,000
_MAX_KEYS = 50  # keys of one object; no documented shape has more than ten


def parse_json(body: bytes) -> Any:
    """Parse a UTF-8 JSON document, with all numbers as floats.

    Raises ValueError with a message for the caller, also for repeated or too many keys, NaN and infinity.
    """
    try:
        return _DECODER.decode(body.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(f"The body isn’t valid JSON. Check line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except UnicodeDecodeError:
        raise ValueError("The body isn’t valid JSON because it isn’t encoded in UTF-8. Encode it in UTF-8.") from None
    except RecursionError:
        raise ValueError("The body is nested too deeply. Send one of the documented shapes.") from None


def parse_body(document: object, accepted_subjects: Callable[[], Sequence[str]] = lambda: list(BODY_TYPES)) -> RequestBody:
    """Return a body as one of BODY_TYPES. Raises InvalidPayload with every problem and its path, such as `texts[3]`.

    `accepted_subjects` returns those of BODY_TYPES that the served model accepts, for the message about a body without any.
    """
    if not isinstance(document, dict):
        raise InvalidPayload([("", f'Send an object such as {{"text": "…"}}; this body is {JSON_TYPE_NAMES[type(document)]}.')])
    subjects = [name for name in BODY_TYPES if name in document]
    if len(subjects) == 1:
        try:
            return BODY_TYPES[subjects[0]].model_validate(document)
        except ValidationError as error:
            raise InvalidPayload(_format_problems(error)) from None
    present = format_list(subjects) if subjects else "none of them"
    problems = [
        problem
        for body_type in ([BODY_TYPES[name] for name in subjects] or [RequestBody])
        for problem in _find_problems(body_type, subjects, document)
    ]
    offered = format_list(list(accepted_subjects()), conjunction="or")
    raise InvalidPayload([("", f"Send exactly one of {offered}; this body has {present}."), *dict.fromkeys(problems)])


def _find_problems(body_type: type[RequestBody], subjects: Sequence[str], document: dict[str, object]) -> list[tuple[str, str]]:
    """Return the problems of the part of a body that belongs to one type, if the body has several subjects or none."""
    try:
        body_type.model_validate(
            {name: value for name, value in document.items() if name in body_type.model_fields or name not in subjects}
        )
    except ValidationError as error:
        return _format_problems(error)
    return []


def _format_problems(error: ValidationError) -> list[tuple[str, str]]:
    details = error.errors(include_url=False, include_input=False)
    problems = [(_format_path(detail["loc"]), _format_message(detail)) for detail in details[:_MAX_PROBLEMS]]
    if omitted := len(details) - len(problems):
        problems.append(("", f"Problems not listed here: {omitted:,}. Fix these first, then send the body again."))
    return problems


def _format_path(location: tuple[int | str, ...]) -> str:
    """Return the path of a problem, such as `texts[3]` or `instances[2].text`."""
    steps = [step for index, step in enumerate(location) if index != TAG_PATH_INDEX.get(str(location[0]))]
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
        matches = difflib.get_close_matches(str(name).lower()[:40], known, n=1)
        advice = f"Did you mean “{matches[0]}”?" if matches else f"The allowed keys are {format_list(known)}."
        return f"Unknown key “{_sanitize_key(name)}”. {advice}"
    if problem["type"] == "missing":
        return f"“{name}” is missing. Add it."
    if problem["loc"][0] == "instances":
        return "Send a string, an object with a “text” or a list of numbers here."
    return "Send a list of numbers, or a list of such lists, here."


def _sanitize_key(key: object) -> str:
    return truncate(printable(str(key)[: MAX_QUOTED_CHARACTERS + 1]), MAX_QUOTED_CHARACTERS)


def _build_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(pairs) > _MAX_KEYS:
        raise ValueError(f"An object in the body has {len(pairs):,} keys; the limit is {_MAX_KEYS}. Send one of the documented shapes.")
    members = {replace_surrogates(name): value for name, value in pairs}
    if len(members) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"The key “{_sanitize_key(repeated)}” appears more than once. Send it once.")
    return members


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} isn’t a number in JSON. Send a finite number.")


_DECODER = json.JSONDecoder(parse_int=float, parse_constant=_reject_constant, object_pairs_hook=_build_object)
