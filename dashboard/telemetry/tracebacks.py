"""Formats errors for the log: classes and lines of code, but no messages, because those may quote posts, accounts or keys.

Errors with the same cause have the same fingerprint, whatever was requested and even if lines have moved.
"""

import hashlib
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from dashboard.core.errors import InvalidSetting, ModelUnavailable

_MAX_CAUSES = 5
_MAX_FRAMES_PER_CAUSE = 40  # of a longer traceback, the first and the last half of these
_WITHHELD_MESSAGE = "(message withheld because it may quote posts or keys)"
_PACKAGE_ROOT = Path(__file__).parents[1]
_ERRORS_WITH_SAFE_MESSAGES = (
    InvalidSetting,
    ModelUnavailable,
    ImportError,
)  # their messages are about the installation, and its operator needs them
_CAUSE_SEPARATOR = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT_SEPARATOR = "\nDuring handling of the above exception, another exception occurred:\n\n"


def format_traceback(error: BaseException) -> str:
    """Return a traceback in Python's format, with all causes but without local variables and the errors' messages."""
    parts: list[str] = []
    for cause, separator in _iter_causes(error):
        parts.append(f"{_format_frames(cause)}{qualified_name(cause)}: {_safe_message(cause)}\n{separator}")
    return "".join(reversed(parts))


def qualified_name(error: BaseException) -> str:
    """Return the name of an error's class, with its module unless it is a built-in."""
    cls = type(error)
    name = cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    return name[:200]


def fingerprint(error: BaseException) -> str:
    """Return 12 hexadecimal digits, derived from the class of the first cause and our function that raised it."""
    *_, (first_cause, _) = _iter_causes(error)
    frames = [frame for frame, _ in traceback.walk_tb(first_cause.__traceback__)]
    location = next((location for frame in reversed(frames) if (location := _code_location(frame))), "")
    return hashlib.sha256(f"{qualified_name(first_cause)} {location}".encode("utf-8", "replace")).hexdigest()[:12]


def _iter_causes(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield an error and its causes, each with the line that separates it from the previous one in a traceback."""
    separator = ""
    for _ in range(_MAX_CAUSES):
        yield error, separator
        cause, context = error.__cause__, None if error.__suppress_context__ else error.__context__
        if cause is None and context is None:
            return
        error, separator = (cause, _CAUSE_SEPARATOR) if cause else (context, _CONTEXT_SEPARATOR)  # type: ignore[assignment]


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
    """Return the module and function of a frame in our code, or "" for other frames."""
    path = Path(frame.f_code.co_filename)
    return f"{path.relative_to(_PACKAGE_ROOT)}:{frame.f_code.co_qualname}" if path.is_relative_to(_PACKAGE_ROOT) else ""
