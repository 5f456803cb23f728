"""Dates and times of day as people write them in other languages, and as spreadsheets do in other countries."""

from datetime import UTC, datetime

import pytest

from dashboard.sources.files.times.choices import parse_time_choices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.read_times import Problem, ReadTime

NOW = datetime(2026, 11, 29, 22, tzinfo=UTC)


def read(value: str) -> str:
    """Return a time as the only one of its column, or why it isn't one."""
    column = TimeColumn(parse_time_choices(NOW, date_order="day-first"))
    column.survey([(value, None)])
    result = column.parse(value)
    return f"{result.moment:%Y-%m-%d %H:%M}" if isinstance(result, ReadTime) else result.value


@pytest.mark.parametrize(
    "written",
    [
        "2026年11月2日 21:15",
        "2026年11月2日 21時15分",
        "2026年11月2日(月) 午後9:15",
        "2026/11/2 下午9:15",
        "2026年11月2日 星期一 下午9:15",
        "2026-11-02 오후 9:15",
        "2026. 11. 2. 오후 9:15",
        "2026년 11월 2일 오후 9시 15분",
        "2/11/2026 9:15 μ.μ.",
        "2026-11-02 9:15 م",
        "٢٠٢٦-١١-٠٢ ٢١:١٥",
        "2/11/2026 9:15 अपराह्न",
        "02/11/2026 9:15 CH",
        "02.11.2026 ÖS 9:15",
        "2026-11-02 9:15 em",
        "2026. 11. 02. du. 9:15",
        "2026. november 2. 21:15",
        "02.11.2026 9:15 nachm.",
        "02.11.2026 21.15 Uhr",
        "02.11.2026, 21:15 Uhr",
        "2. November 2026, 21:15 Uhr",
        "2 novembre 2026 à 21 h 15",
        "2 novembre 2026 9:15 du soir",
        "02/11/2026 9:15P",
        "2026/11/02 PM 9:15",
        "2026/11/02 PM 9:15Z",
        "2 de noviembre de 2026, 9:15 p. m.",
        "20261102 2115",
    ],
)
def test_a_time_is_read_in_the_notation_of_its_language(written: str) -> None:
    """Never twelve hours off."""
    assert read(written) == "2026-11-02 21:15"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026年11月2日 午前9:15", "09:15"),
        ("2026年11月2日 午後0:05", "12:05"),
        ("2026年11月2日 午前0:05", "00:05"),
        ("2/11/2026 9:15 π.μ.", "09:15"),
        ("2026-11-02 9:15 fm", "09:15"),
        ("02.11.2026 9:15 vorm.", "09:15"),
        ("02.11.2026, 9 Uhr", "09:00"),
        ("2 novembre 2026 9h", "09:00"),
        ("2026-11-02 12:05 noon", "12:05"),
        ("Nov 2, 2026 12 midnight", "00:00"),
        ("02/11/2026 9:15 A", "09:15"),
        ("2 de noviembre de 2026, 9:15 a. m.", "09:15"),
        ("2 novembre 2026 12:05 AM", "00:05"),
        ("2 novembre 2026 12:05 du matin", "00:05"),
        ("2 Kasım 2026 12:05 ÖÖ", "00:05"),
        ("Montag am 2. Nov 2026 um 9:15", "09:15"),
    ],
)
def test_mornings_stay_mornings(written: str, expected: str) -> None:
    """Noon and midnight are as in each language."""
    assert read(written) == f"2026-11-02 {expected}"


@pytest.mark.parametrize("written", ["2026-11-02 13:15 vorm.", "2026-11-02 9:15 晚上吧", "2026年13月2日 21:15"])
def test_what_contradicts_itself_is_not_read(written: str) -> None:
    """A guess would be worse."""
    assert read(written) in {problem.value for problem in Problem}
