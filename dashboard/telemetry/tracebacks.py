"""What went wrong, for the log: kinds of errors and lines of code, and never an error's own words, which may quote posts, accounts or keys.

Errors of one cause share a fingerprint, whatever was asked and whichever line moved.
"""

import hashlib
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from dashboard.core.errors import InvalidSetting, ModelUnavailable

_MAX_CAUSES = 5
_MAX_FRAMES_PER_CAUSE = 40  # of each cause: the first half and the last of more
_WITHHELD_MESSAGE = "(its words are withheld: they may quote posts or keys)"
_PACKAGE_ROOT = Path(__file__).parents[1]
_ERRORS_WITH_SAFE_MESSAGES = (
    InvalidSetting,
    ModelUnavailable,
    ImportError,
)  # their words are about the installation, and its owner needs them
_CAUSE_SEPARATOR = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT_SEPARATOR = "\nDuring handling of the above exception, another exception occurred:\n\n"


def format_traceback(error: BaseException) -> str:
    """Return a traceback as Python writes it, of all causes, without local variables and without the errors' words."""
    parts: list[str] = []
    for each, join in _iter_causes(error):
        parts.append(f"{_format_frames(each)}{qualified_name(each)}: {_safe_message(each)}\n{join}")
    return "".join(reversed(parts))


def qualified_name(error: BaseException) -> str:
    """Return the name of an error's class, with its module unless that is Python's own."""
    cls = type(error)
    name = cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    return name[:200]


def fingerprint(error: BaseException) -> str:
    """Return 12 digits that errors of one cause share: the kind of the first cause, and the function of ours it came from."""
    first = [each for each, _ in _iter_causes(error)][-1]
    frames = [frame for frame, _ in traceback.walk_tb(first.__traceback__)]
    place = next((place for frame in reversed(frames) if (place := _code_location(frame))), "")
    return hashlib.sha256(f"{qualified_name(first)} {place}".encode("utf-8", "replace")).hexdigest()[:12]


def _iter_causes(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield an error and what led to it, each with the words that join it to the one before it in the traceback."""
    join = ""
    for _ in range(_MAX_CAUSES):
        yield error, join
        because, meanwhile = error.__cause__, None if error.__suppress_context__ else error.__context__
        if because is None and meanwhile is None:
            return
        error, join = (because, _CAUSE_SEPARATOR) if because else (meanwhile, _CONTEXT_SEPARATOR)  # type: ignore[assignment]


def _format_frames(error: BaseException) -> str:
    lines = traceback.format_tb(error.__traceback__)
    if len(lines) > _MAX_FRAMES_PER_CAUSE:
        half = _MAX_FRAMES_PER_CAUSE // 2
        lines = [*lines[:half], f"  [{len(lines) - 2 * half} more frames]\n", *lines[-half:]]
    return "".join(["Traceback (most recent call last):\n", *lines]) if lines else ""


def _safe_message(error: BaseException) -> str:
    if not isinstance(error, _ERRORS_WITH_SAFE_MESSAGES):
        return _WITHHELD_MESSAGE
    return " ".join((error.message if isinstance(error, (InvalidSetting, ModelUnavailable)) else str(error)).split())[:500]


def _code_location(frame: FrameType) -> str:
    """Return module and function of a frame of ours, nothing for others."""
    path = Path(frame.f_code.co_filename)
    return f"{path.relative_to(_PACKAGE_ROOT)}:{frame.f_code.co_qualname}" if path.is_relative_to(_PACKAGE_ROOT) else ""
