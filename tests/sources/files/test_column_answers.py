"""The columns that a person chose are remembered for the same header, for the same client, and not for ever."""

from pathlib import Path

from dashboard.core.clock import system_clock
from dashboard.sources.files import column_answers
from dashboard.sources.files.column_answers import ColumnAnswers, digest_header
from tests.support.fake_clock import FakeClock

HEADER = ["wann", "was"]
ANSWER = {"created_at": "wann", "text": "was"}


def test_an_answer_is_found_for_the_same_header_and_client(tmp_path: Path) -> None:
    """Other headers and clients have answers of their own."""
    ColumnAnswers(tmp_path).remember("ann", HEADER, ANSWER)
    answers = ColumnAnswers(tmp_path)
    assert answers.find("ann", HEADER) == ANSWER
    assert answers.find("bob", HEADER) == {}
    assert answers.find("ann", ["wann", "was", "wer"]) == {}


def test_answers_expire_and_are_bounded(tmp_path: Path) -> None:
    """The oldest make room."""
    answers = ColumnAnswers(tmp_path)
    for number in range(column_answers.MAX_ANSWERS + 5):
        (tmp_path / "answers").mkdir(exist_ok=True)
        (tmp_path / "answers" / f"{number:032x}").write_text("{}")
    answers.remember("ann", HEADER, ANSWER)
    assert len(list((tmp_path / "answers").iterdir())) == column_answers.MAX_ANSWERS
    later = ColumnAnswers(tmp_path, FakeClock(system_clock().replace(year=2100)))
    assert later.find("ann", HEADER) == {}


def test_a_damaged_or_foreign_answer_is_forgotten(tmp_path: Path) -> None:
    """It names no file outside its folder, and only columns that exist."""
    answers = ColumnAnswers(tmp_path)
    answers.remember("ann", [], ANSWER)
    assert list(tmp_path.iterdir()) == []
    answers.remember("../../ann", ["../evil"], ANSWER)
    assert [path.parent.name for path in tmp_path.rglob("*") if path.is_file()] == ["answers"]
    answers.remember("ann", HEADER, {"text": "gone"})
    assert answers.find("ann", HEADER) == {}
    (tmp_path / "answers" / digest_header("ann", HEADER)).write_text("[1")
    assert answers.find("ann", HEADER) == {}
