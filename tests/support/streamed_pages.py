"""How long applications of tests wait before a page starts to show progress. No test in here."""

from dataclasses import replace

from flask import Flask

ANSWER_SECONDS = 0.2  # that a network takes for an answer, long enough for a page to begin before


def stream_at_once(app: Flask) -> Flask:
    """Let pages show progress as soon as their posts aren't there yet, and return the application."""
    return _with_progress_delay(app, 0)


def never_stream(app: Flask) -> Flask:
    """Let pages wait until they are complete, however slow the machine is, and return the application."""
    return _with_progress_delay(app, 600)


def _with_progress_delay(app: Flask, seconds: float) -> Flask:
    app.extensions["chorus"] = replace(app.extensions["chorus"], progress_delay_seconds=seconds)
    return app
