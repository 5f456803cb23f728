"""A body of `/predict`, read: strict JSON, then one of the shapes, or every problem at its path. No HTTP, no model."""

import difflib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn

from pydantic import ValidationError

from dashboard.core.errors import InvalidPayload
from dashboard.prediction.api.schemas import BODIES, NAMES, TAG_AT, Body, Instance, mended

_KEYS = {"parameters": list(Body.model_fields)}  # of objects in a body that are no instances
_MOST_PROBLEMS = 300  # that are listed; a body of 1 MiB can hold 100,000


def read(body: bytes) -> Any:
    """Return what a JSON document in UTF-8 says, numbers as floats. Raises ValueError, with a sentence: also for repeated keys and NaN."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_int=float, parse_constant=_no_number, object_pairs_hook=_unrepeated)
    except json.JSONDecodeError as error:
        raise ValueError(f"The body is no JSON. {error.msg}: line {error.lineno}, column {error.colno}.") from None
    except UnicodeDecodeError:
        raise ValueError("The body is no JSON: it is not written in UTF-8.") from None
    except RecursionError:
        raise ValueError("The body is nested too deeply to be read.") from None


def parse(given: object) -> Body:
    """Return a body as one of BODIES. Raises InvalidPayload with every problem, each at its path, such as `texts[3]`."""
    if not isinstance(given, dict):
        raise InvalidPayload([("", f'Send an object such as {{"text": "…"}}; this is {NAMES[type(given)]}.')])
    subjects = [name for name in BODIES if name in given]
    if len(subjects) == 1:
        try:
            return BODIES[subjects[0]].model_validate(given)
        except ValidationError as error:
            raise InvalidPayload(_problems(error)) from None
    told = f"{' and '.join(subjects)} are given" if subjects else "there is none"
    wrong = [problem for shape in ([BODIES[name] for name in subjects] or [Body]) for problem in _others(shape, subjects, given)]
    raise InvalidPayload([("", f"Give exactly one of {', '.join(BODIES)}; {told}."), *dict.fromkeys(wrong)])


def _others(shape: type[Body], subjects: Sequence[str], given: dict[str, object]) -> list[tuple[str, str]]:
    """Return what is wrong with one shape's part of a body that has several subjects, or none."""
    try:
        shape.model_validate({name: value for name, value in given.items() if name in shape.model_fields or name not in subjects})
    except ValidationError as error:
        return _problems(error)
    return []


def _problems(error: ValidationError) -> list[tuple[str, str]]:
    found = error.errors(include_url=False, include_input=False)
    told = [(_path(each["loc"]), _message(each)) for each in found[:_MOST_PROBLEMS]]
    return told + [("", f"And {len(found) - len(told):,} more problems.")] * (len(found) > len(told))


def _path(loc: tuple[int | str, ...]) -> str:
    """Return where a problem is: `texts[3]`, `instances[2].text`."""
    steps = [step for at, step in enumerate(loc) if at != TAG_AT.get(str(loc[0]))]
    return "".join(f"[{step}]" if isinstance(step, int) else f".{_shown(step)}" for step in steps).removeprefix(".")


def _message(problem: Any) -> str:
    cause, name = problem.get("ctx", {}).get("error"), problem["loc"][-1]
    if cause:
        return str(cause)
    if problem["type"] == "extra_forbidden":
        known = _KEYS.get(str(problem["loc"][0]), list(Instance.model_fields)) if len(problem["loc"]) > 1 else [*BODIES, *Body.model_fields]
        near = difflib.get_close_matches(str(name).lower()[:40], known, n=1)
        like = f"Did you mean “{near[0]}”?" if near else f"There are {', '.join(known)}."
        return f"There is no key “{_shown(name)}”. {like}"
    if problem["type"] == "missing":
        return f"“{name}” is missing."
    listed = "A text, an object with a “text” or a row of numbers"
    wanted = listed if problem["loc"][0] == "instances" else "A list of numbers, or a list of such rows,"
    return f"{wanted} is wanted here."


def _shown(name: object) -> str:
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in str(name)[:41])
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _unrepeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = {mended(name): value for name, value in pairs}
    if len(found) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"The key “{_shown(repeated)}” is given more than once.")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON.")
