"""Fixtures that every test can use."""

import gc
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks, fault_suite, order_of_tests
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock
from tests.support.html_pages import PageReader, SharedPageReader
from tests.support.markers import mark_by_use, mark_repeated_cases
from tests.support.served_browser import (
    browser,
    chartless_page,
    chartless_tab,
    locked,
    scriptless_page,
    scriptless_tab,
    shared_tab,
    strict_page,
    unlocked,
)
from tests.support.shared_routes import SharedRule
from tests.support.shared_templates import SharedTemplates
from tests.support.streamed_pages import never_stream

__all__ = [
    "browser",
    "chartless_page",
    "chartless_tab",
    "locked",
    "scriptless_page",
    "scriptless_tab",
    "shared_tab",
    "strict_page",
    "unlocked",
]

_MAX_ID_CHARACTERS = 48  # of a parameter in the name of a test

fault_suite.register_profiles()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Mark the tests that start a browser, a server or a training, and other slow ones; arrange those that remain for the processes."""
    for item in items:
        mark_by_use(item)
    mark_repeated_cases(items)
    yield
    items[:] = order_of_tests.arrange(items, getattr(config, "workerinput", {"workercount": 1})["workercount"])


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case with a long text after the start of it."""
    return f"{val[:_MAX_ID_CHARACTERS]!a}..." if isinstance(val, str | bytes) and len(val) > _MAX_ID_CHARACTERS else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Add to the test's report how many inputs it has tried."""
    try:
        yield
    finally:
        item.user_properties += fault_suite.take_counts()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many inputs `make faults` has tried."""
    if fault_suite.is_chosen():
        for line in fault_suite.summarize_inputs(terminalreporter.stats.get("passed", [])):
            terminalreporter.write_line(f"inputs tried: {line}")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from walking all loaded modules and tests again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def shared_code() -> Iterator[None]:
    """Compile each template and route once, not once per application."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "url_rule_class", SharedRule)
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": SharedTemplates()})
        yield


@pytest.fixture(scope="session")
def demo_client() -> Iterator[FlaskClient]:
    """A client of one application that many tests share: they ask for demo data and change nothing. It keeps no cookies."""
    with fake_networks.World() as outside:
        app = create_app({"X_BEARER_TOKEN": "a-bearer-token", "CHORUS_X_API_URL": outside.url}, FakeClock(DEMO_NOON))
        yield never_stream(app).test_client(use_cookies=False)


@pytest.fixture(scope="session")
def demo_page(demo_client: FlaskClient) -> SharedPageReader:
    """A reader of demo data that opens a page once, however many tests check it."""
    return SharedPageReader(demo_client)


@pytest.fixture
def world() -> Iterator[fake_networks.World]:
    """The fake networks on a loopback port."""
    with fake_networks.World() as outside:
        yield outside


@pytest.fixture
def app(world: fake_networks.World) -> Flask:
    """The application with a key for X, whose API is the fake one."""
    return create_app({"X_BEARER_TOKEN": "a-bearer-token", "CHORUS_X_API_URL": world.url})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that acts like a program."""
    return app.test_client()


@pytest.fixture
def page(client: FlaskClient) -> PageReader:
    """A reader that checks every page it opens."""
    return PageReader(client)
