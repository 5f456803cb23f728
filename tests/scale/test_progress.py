"""How far an analysis is, for people at a terminal and for logs."""

import pytest

from dashboard.cli.progress import AnalysisProgress


def test_a_pipe_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """A file can't show a bar, and a program that prints nothing for minutes looks as if it hangs."""
    progress = AnalysisProgress(line_seconds=0)
    with progress.open(1_000):
        progress.add_finished(250)
        progress.show(250, 1_234)
    assert capsys.readouterr().err.startswith("Analyzing: 50%, 1,234 posts, ")


def test_lines_keep_their_distance(capsys: pytest.CaptureFixture[str]) -> None:
    """A log isn't filled with them."""
    progress = AnalysisProgress()
    with progress.open(1_000):
        progress.show(250, 1_234)
    assert capsys.readouterr().err == ""
