"""What an environment variable and a setting are. Which ones there are is in `settings.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Variable:
    """An environment variable as the documentation explains it: its name, what applies without it, and what it means (Markdown)."""

    name: str
    default: str
    meaning: str


def setting(parse: Callable[[Mapping[str, str], str], Any], *variables: Variable, is_secret: bool = False) -> Any:
    """Return the field of a setting. `parse` gets the environment and the name of the first variable."""

    def read(environment: Mapping[str, str]) -> Any:
        return parse(environment, variables[0].name)

    return field(default_factory=partial(read, {}), repr=not is_secret, metadata={"variables": variables, "read": read})
