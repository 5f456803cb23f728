"""What went wrong, for the log: kinds of errors and lines of code, and never an error's own words, which may quote posts, accounts or keys.

Errors of one cause share a fingerprint, whatever was asked and whichever line moved.
"""

import hashlib
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from dashboard.core.errors import InvalidSetting, ModelUnavailable

_MOST_CAUSES = 5
_MOST_FRAMES = 40  # of each cause: the first half and the last of more
_WITHHELD = "(its words are withheld: they may quote posts or keys)"
_OURS = Path(__file__).parents[1]
_SPEAKING = (InvalidSetting, ModelUnavailable, ImportError)  # their words are about the installation, and its owner needs them
_AND_BECAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
_AND_MEANWHILE = "\nDuring handling of the above exception, another exception occurred:\n\n"


def told(error: BaseException) -> str:
    """Return a traceback as Python writes it, of all causes, without local variables and without the errors' words."""
    parts: list[str] = []
    for each, join in _causes(error):
        parts.append(f"{_frames(each)}{kind(each)}: {_words(each)}\n{join}")
    return "".join(reversed(parts))


def kind(error: BaseException) -> str:
    """Return the name of an error's class, with its module unless that is Python's own."""
    cls = type(error)
    name = cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    return name[:200]


def fingerprint(error: BaseException) -> str:
    """Return 12 digits that errors of one cause share: the kind of the first cause, and the function of ours it came from."""
    first = [each for each, _ in _causes(error)][-1]
    frames = [frame for frame, _ in traceback.walk_tb(first.__traceback__)]
    place = next((place for frame in reversed(frames) if (place := _place(frame))), "")
    return hashlib.sha256(f"{kind(first)} {place}".encode("utf-8", "replace")).hexdigest()[:12]


def _causes(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield an error and what led to it, each with the words that join it to the one before it in the traceback."""
    join = ""
    for _ in range(_MOST_CAUSES):
        yield error, join
        because, meanwhile = error.__cause__, None if error.__suppress_context__ else error.__context__
        if because is None and meanwhile is None:
            return
        error, join = (because, _AND_BECAUSE) if because else (meanwhile, _AND_MEANWHILE)  # type: ignore[assignment]


def _frames(error: BaseException) -> str:
    lines = traceback.format_tb(error.__traceback__)
    if len(lines) > _MOST_FRAMES:
        half = _MOST_FRAMES // 2
        lines = [*lines[:half], f"  [{len(lines) - 2 * half} more frames]\n", *lines[-half:]]
    return "".join(["Traceback (most recent call last):\n", *lines]) if lines else ""


def _words(error: BaseException) -> str:
    if not isinstance(error, _SPEAKING):
        return _WITHHELD
    return " ".join((error.sentence if isinstance(error, (InvalidSetting, ModelUnavailable)) else str(error)).split())[:500]


def _place(frame: FrameType) -> str:
    """Return module and function of a frame of ours, nothing for others."""
    path = Path(frame.f_code.co_filename)
    return f"{path.relative_to(_OURS)}:{frame.f_code.co_qualname}" if path.is_relative_to(_OURS) else ""
