"""Reports as CSV: the rows of the JSON, in cells that no spreadsheet takes for a formula."""

import csv
import io

import pytest

from dashboard.reports.report import Report
from tests.support.builders import build_query, build_timeline, build_timeline_at
from tests.support.reports import COLUMNS, COVERAGE_COLUMNS, KINDS, build_report


def cells(report: Report) -> list[dict[str, str]]:
    """Return the rows of a report's CSV."""
    return list(csv.DictReader(io.StringIO(report.to_csv(), newline="")))


@pytest.mark.parametrize("kind", KINDS)
def test_a_csv_has_the_table_and_its_coverage(kind: str) -> None:
    """The columns of the contract come first, then those of coverage."""
    assert list(cells(build_report(build_query(), build_timeline("good"), kind=kind))[0]) == [*COLUMNS[kind], *COVERAGE_COLUMNS[1:]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_csv_has_the_rows_of_the_json(kind: str) -> None:
    """The numbers agree, and null is an empty cell."""
    report = build_report(build_query(), build_timeline_at("2026-03-01", "2026-03-04", text="good"), kind=kind)
    rows = [{name: "" if value is None else str(value) for name, value in row.items()} for row in report.to_rows()]
    assert [{name: row[name] for name in COLUMNS[kind]} for row in cells(report)] == rows


def test_each_line_of_a_csv_ends_with_crlf() -> None:
    """RFC 4180 requires it, and this includes the header and the last line."""
    text = build_report(build_query(), build_timeline("good", "bad")).to_csv()
    assert text.count("\n") == len(text.splitlines())
    assert text.count("\r\n") == len(text.splitlines())
    assert text.endswith("\r\n")


@pytest.mark.parametrize("account", ["=cmd()", "-1", "\n=1", "＝cmd()", " \u200b+1"])
def test_no_cell_of_a_csv_is_a_formula(account: str) -> None:
    """A spreadsheet shows such a text instead of running it."""
    assert [row["account"] for row in cells(build_report(build_query(), build_timeline("hi", account=account)))] == ["'" + account]


@pytest.mark.parametrize("account", ['a,"b"', "a;b", "a\nb", "<b>"])
def test_a_csv_quotes_special_characters(account: str) -> None:
    """Commas, quotes and line breaks stay inside their cell."""
    rows = cells(build_report(build_query(), build_timeline("hi", account=account)))
    assert [row["account"] for row in rows] == [account]


def test_a_negative_number_stays_a_number_in_a_csv() -> None:
    """Only texts are escaped."""
    assert cells(build_report(build_query(), build_timeline("bad"), kind="sentiment"))[0]["value"] == "-1.0"


@pytest.mark.parametrize("kind", KINDS)
def test_the_csv_of_an_empty_table_is_its_header(kind: str) -> None:
    """Programs can parse it."""
    assert build_report(build_query(), build_timeline(), kind=kind).to_csv() == ",".join([*COLUMNS[kind], *COVERAGE_COLUMNS[1:]]) + "\r\n"
