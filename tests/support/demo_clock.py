"""The clock of tests that name days of the demo: on its Monday, the demo year is the one that was written. There is no test in here."""

from datetime import UTC, datetime

from flask import Flask

from dashboard.app import create_app
from tests.support.fake_clock import FakeClock

DEMO_NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)  # the demo's last week is that of 26 October to 1 November 2026


def create_dated_app() -> Flask:
    """Return the application as the environment sets it, for a real server, on that day."""
    return create_app(clock=FakeClock(DEMO_NOON))
