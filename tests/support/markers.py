"""Marks each test by what it starts, so that `make test-fast` can leave out what takes seconds to start.

A test is marked by the names that it, its fixtures and the functions of their modules use: whoever writes a test that serves
Chorus needn't remember a marker. The markers are registered in setup.cfg.
"""

from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import pytest

NAMES_BY_MARKER = {
    "browser": {"browser", "sync_playwright"},
    "server": {"run_server", "run_redis", "run_redis_server", "serve_with_faults", "locked", "unlocked"},
    "training": {"train_to_file", "trained", "train_cnn", "fit"},
    "slow": {"subprocess", "find_faults", "from_dict"},
}


def mark_by_use(item: pytest.Item) -> None:
    """Add the markers of everything that a test uses."""
    names = set(_list_used_names(item))
    for marker, marked_names in NAMES_BY_MARKER.items():
        if names & marked_names:
            item.add_marker(marker)


def _list_used_names(item: pytest.Item) -> Iterator[str]:
    yield from getattr(item, "fixturenames", [])
    fixtures = item._fixtureinfo.name2fixturedefs.values() if hasattr(item, "_fixtureinfo") else []
    functions = [getattr(item, "function", None), *(definitions[-1].func for definitions in fixtures)]
    for function in functions:
        yield from _list_names_of_function(function)


@cache
def _list_names_of_function(function: Any) -> frozenset[str]:
    """Return the names that a function uses, once for all parameters of a test."""
    return frozenset(_walk_function(function, set()))


def _walk_function(function: Any, known: set[Any]) -> Iterator[str]:
    """Yield the names in a function of the tests, and in those functions of its module that it uses."""
    function = getattr(function, "__wrapped__", function)
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    if not isinstance(inner, FunctionType) or inner in known or not inner.__module__.startswith("tests"):
        return
    known.add(inner)
    for name in _list_code_names(inner.__code__):
        yield name
        yield from _walk_function(inner.__globals__.get(name), known)


def _list_code_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _list_code_names(constant)
