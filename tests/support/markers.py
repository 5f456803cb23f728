"""Marks each test by what it starts, so that `make test-fast` can leave out what takes seconds to start.

A test is marked by the names that it, its fixtures and the functions of their modules use, and by the images that it requests:
whoever writes a test that serves Chorus needn't remember a marker. Of a test that asks the application for many cases, only the
first stays in `make test-fast`. The markers are registered in setup.cfg.
"""

import re
from collections.abc import Iterable
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import pytest

NAMES_BY_MARKER = {
    "browser": {"browser", "sync_playwright"},
    "server": {"run_server", "run_redis", "run_redis_server", "serve_with_faults", "locked", "unlocked"},
    "training": {"train_to_file", "trained", "train_cnn", "fit", "sklearn", "scipy"},
    "slow": {"subprocess", "TIMELINES", "find_faults", "from_dict", "render_svg", "render_png", "draw_svg", "draw_png"},
}
NAMES_OF_APPLICATION = {"client", "demo_client", "page", "demo_page", "app", "world", "World", "create_app", "build_report", "build_query"}

_IMAGE = re.compile(r"\.?(png|svg)|.*\.(png|svg)(\?.*)?", re.DOTALL)  # a format, or the path of an image


def mark_by_use(item: pytest.Item) -> None:
    """Add the markers of everything that a test uses."""
    functions = _list_own_functions(item)
    for marker in _list_markers(tuple(getattr(item, "fixturenames", ())), functions):
        item.add_marker(marker)
    if _names_any_image(functions) or any(map(_is_image, _list_parameters(item))):
        item.add_marker("slow")


@cache
def _list_markers(fixture_names: tuple[str, ...], functions: tuple[Any, ...]) -> list[str]:
    """Return the markers of a test with these fixtures and functions, once for all of its cases."""
    names = _list_used_names(fixture_names, functions)
    return [marker for marker, marked_names in NAMES_BY_MARKER.items() if names & marked_names]


def mark_repeated_cases(items: Iterable[pytest.Item]) -> None:
    """Mark as slow all but the first case of each test that asks the application."""
    tests = set[str]()
    for item in items:
        if item.get_closest_marker("slow") is None:
            test = item.nodeid.partition("[")[0]
            if test in tests and _asks_application(item):
                item.add_marker("slow")
            tests.add(test)


def _asks_application(item: pytest.Item) -> bool:
    return not NAMES_OF_APPLICATION.isdisjoint(_list_used_names(tuple(getattr(item, "fixturenames", ())), _list_own_functions(item)))


def _list_parameters(item: pytest.Item) -> Iterable[object]:
    return item.callspec.params.values() if hasattr(item, "callspec") else ()


def _is_image(value: object) -> bool:
    """Return whether a text, or one in a tuple, is the path or the format of an image, which another program draws."""
    if isinstance(value, tuple):
        return any(map(_is_image, value))
    return isinstance(value, str) and _IMAGE.fullmatch(value) is not None


@cache
def _list_used_names(fixture_names: tuple[str, ...], functions: tuple[Any, ...]) -> frozenset[str]:
    return frozenset(fixture_names).union(*map(_list_names_of_function, functions))


def _list_own_functions(item: pytest.Item) -> tuple[Any, ...]:
    """Return the function of a test and those of its fixtures."""
    fixtures = item._fixtureinfo.name2fixturedefs.values() if hasattr(item, "_fixtureinfo") else []
    return (getattr(item, "function", None), *(definitions[-1].func for definitions in fixtures))


@cache
def _names_any_image(functions: tuple[Any, ...]) -> bool:
    return any(map(_names_image, functions))


@cache
def _list_names_of_function(function: Any) -> frozenset[str]:
    """Return the names that a function uses, once for all parameters of a test."""
    return frozenset[str]().union(*(_list_code_names(used.__code__) for used in _list_used_functions(function)))


@cache
def _names_image(function: Any) -> bool:
    """Return whether a function has the path of an image, or uses one of its module."""
    return any(map(_mentions_image, _list_used_functions(function)))


@cache
def _mentions_image(used: FunctionType) -> bool:
    code = used.__code__
    return any(map(_is_image, code.co_consts[1:])) or any(_is_image(used.__globals__.get(name)) for name in code.co_names)


def _list_used_functions(function: Any) -> set[FunctionType]:
    """Return a function of the tests, and those functions of its module that it uses."""
    used, found = set[FunctionType](), _find_functions([function])
    while found:
        used |= found
        found = {callee for caller in found for callee in _list_callees(caller)} - used
    return used


@cache
def _list_callees(caller: FunctionType) -> set[FunctionType]:
    return _find_functions(caller.__globals__.get(name) for name in _list_code_names(caller.__code__))


def _find_functions(values: Iterable[object]) -> set[FunctionType]:
    """Return the functions of the tests among these values, without what decorates them."""
    plain = [getattr(value, "__wrapped__", value) for value in values if callable(value)]
    inner = [getattr(getattr(value, "hypothesis", None), "inner_test", value) for value in plain]
    return {value for value in inner if isinstance(value, FunctionType) and value.__module__.startswith("tests")}


@cache
def _list_code_names(code: CodeType) -> frozenset[str]:
    """Return the names that some code uses, and the functions within it."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return frozenset(code.co_names).union(*map(_list_code_names, inner))
