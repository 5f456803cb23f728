"""Files of charts and posts for spreadsheets and for programs: CSV with a byte order mark, Excel, and Parquet."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import openpyxl
import polars as pl
import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.reports.csv_export import to_csv
from dashboard.reports.xlsx_export import to_xlsx

AIR = "demo:aster-air"
PATHS = [f"/frequency.%s?users={AIR}&n=40", f"/words.%s?users={AIR}&n=200", f"/posts.%s?users={AIR}&n=40"]
NINETEEN_DIGITS = "1990000000000000101"
COVERAGE = pl.DataFrame({"account": ["@quay"], "asked": [400]})
DESCRIPTION: dict[str, Any] = {"query": {"tz": "Europe/Berlin", "since": None}, "notes": ["=1+1"], "fetched_at": None}


@pytest.fixture(scope="module")
def demo_client() -> FlaskClient:
    """A client of Chorus without keys."""
    return create_app({}).test_client()


def read_sheets(workbook: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each sheet."""
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(io.BytesIO(workbook))}


@pytest.mark.parametrize("path", PATHS)
def test_excel_and_parquet_have_the_columns_and_rows_of_csv(demo_client: FlaskClient, path: str) -> None:
    """Each value is the same, though with its type."""
    heading, *rows = csv.reader(io.StringIO(demo_client.get(path % "csv").text, newline=""))
    data = read_sheets(demo_client.get(path % "xlsx").data)["Data"]
    frame = pl.read_parquet(io.BytesIO(demo_client.get(path % "parquet").data))
    assert list(data[0]) == heading
    assert frame.columns == heading
    assert [row[heading.index("account")] for row in data[1:]] == [row[heading.index("account")] for row in rows]
    assert frame["account"].to_list() == [row[heading.index("account")] for row in rows]
    number = "likes" if "likes" in heading else "posts"
    expected = [int(row[heading.index(number)]) for row in rows]
    assert [row[heading.index(number)] for row in data[1:]] == expected
    assert frame[number].to_list() == expected


@pytest.mark.parametrize("path", PATHS)
def test_the_second_sheet_and_the_metadata_say_what_the_rows_cover(demo_client: FlaskClient, path: str) -> None:
    """They have the coverage, the notes and the query of the JSON document."""
    document = demo_client.get(path % "json").get_json()
    sheets = read_sheets(demo_client.get(path % "xlsx").data)
    metadata = json.loads(pl.read_parquet_metadata(io.BytesIO(demo_client.get(path % "parquet").data))["chorus"])
    assert list(sheets) == ["Data", "Coverage"]
    heading, row, *_ = sheets["Coverage"]
    assert heading == tuple(document["coverage"][0])
    assert row[:3] == (AIR, document["coverage"][0]["asked"], document["coverage"][0]["fetched"])
    assert [cells[1] for cells in sheets["Coverage"] if cells[0] == "Notes"] == document["notes"]
    assert ("users", AIR) in [cells[:2] for cells in sheets["Coverage"]]
    assert {name: metadata[name] for name in ("query", "coverage", "notes")} == {
        name: document[name] for name in ("query", "coverage", "notes")
    }


@pytest.mark.parametrize(("file_format", "media_type"), [("xlsx", "spreadsheetml.sheet"), ("parquet", "vnd.apache.parquet")])
def test_a_file_is_downloaded_under_its_name(demo_client: FlaskClient, file_format: str, media_type: str) -> None:
    """It has the format's MIME type, and a program may ask whether it has changed."""
    response = demo_client.get(PATHS[0] % file_format)
    assert response.content_type.endswith(media_type)
    assert response.headers["Content-Disposition"] == f'attachment; filename="chorus-frequency-aster-air.{file_format}"'
    assert "ETag" in response.headers


def test_excel_shows_accents_after_a_double_click(demo_client: FlaskClient) -> None:
    """With bom=1, a CSV file begins with a byte order mark; without it, programs get none."""
    assert demo_client.get(f"{PATHS[2] % 'csv'}&bom=1").data.startswith(b"\xef\xbb\xbfaccount,")
    assert demo_client.get(PATHS[2] % "csv").data.startswith(b"account,")


@pytest.mark.parametrize(
    ("text", "cell"),
    [(NINETEEN_DIGITS, f'="{NINETEEN_DIGITS}"'), ("1" * 15, "1" * 15), (f"{NINETEEN_DIGITS} posts",) * 2, ("=1+1", "'=1+1")],
)
def test_a_spreadsheet_keeps_all_digits_of_an_id(text: str, cell: str) -> None:
    """Only texts of more digits than a number of Excel has become formulas of a text."""
    file = to_csv(pl.DataFrame({"id": [text]}), is_for_spreadsheet=True)
    assert list(csv.reader(io.StringIO(file, newline="")))[1] == [cell]


def test_programs_get_ids_as_they_are() -> None:
    """Without bom=1, nothing is put around an ID."""
    assert to_csv(pl.DataFrame({"id": [NINETEEN_DIGITS]})) == f"id\r\n{NINETEEN_DIGITS}\r\n"


@pytest.mark.parametrize("text", [NINETEEN_DIGITS, "=1+1", "@SUM(A1)", "https://example.org/a", "Café — déjà vu 😀", "\x07bell"])
def test_texts_stay_texts_in_excel(text: str) -> None:
    """None becomes a number, a formula or a link."""
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(pl.DataFrame({"text": [text]}), COVERAGE, DESCRIPTION)))["Data"]
    assert openpyxl.utils.escape.unescape(sheet["A2"].value) == text
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].hyperlink is None


def test_a_note_is_never_a_formula() -> None:
    """It may quote somebody else's text."""
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(pl.DataFrame({"text": ["a"]}), COVERAGE, DESCRIPTION)))["Coverage"]
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"] == ["s"]


def test_times_in_excel_are_those_of_the_view() -> None:
    """They are dates that Excel can calculate with, in the time zone of the query."""
    table = pl.DataFrame({"start": [datetime(2026, 11, 2, 23, 30, tzinfo=UTC)]})
    assert read_sheets(to_xlsx(table, COVERAGE, DESCRIPTION))["Data"][1] == (datetime(2026, 11, 3, 0, 30),)


@pytest.mark.parametrize("text", ["x" * 40_000, "😀" * 20_000])
def test_a_text_that_no_cell_can_hold_is_cut_off_visibly(text: str) -> None:
    """It ends with an ellipsis, and no character is split."""
    ((cell,),) = read_sheets(to_xlsx(pl.DataFrame({"text": [text]}), COVERAGE, DESCRIPTION))["Data"][1:]
    assert cell.endswith(f"{text[0]}…")
    assert len(cell.encode("utf-16-le")) in (2 * 32_767, 2 * 32_766)


def test_an_empty_table_is_a_valid_file() -> None:
    """It has its heading."""
    assert read_sheets(to_xlsx(pl.DataFrame(schema={"account": pl.String}), COVERAGE, DESCRIPTION))["Data"][0] == ("account",)


def test_pages_link_to_the_csv_file_for_spreadsheets(demo_client: FlaskClient) -> None:
    """People open it with a double click."""
    html = demo_client.get(f"/report?users={AIR}&n=40", follow_redirects=True).text
    assert f'href="/frequency.csv?users={AIR}&amp;n=40&amp;measure=mean&amp;bom=1"' in html
    assert f'href="/frequency.xlsx?users={AIR}&amp;n=40&amp;measure=mean"' in html


def test_a_date_without_a_time_stays_on_its_day() -> None:
    """Midnight in UTC is the evening before in New York, when nobody wrote anything."""
    midnight = datetime(2026, 11, 2, tzinfo=UTC)
    table = pl.DataFrame({"created_at": [midnight, midnight], "date_only": [True, False]})
    description = DESCRIPTION | {"query": {"tz": "America/New_York"}}
    assert read_sheets(to_xlsx(table, COVERAGE, description))["Data"][1:] == [
        (datetime(2026, 11, 2), True),
        (datetime(2026, 11, 1, 19), False),
    ]
