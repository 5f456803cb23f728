"""Excel workbooks become the rows that the same table as CSV has; dangerous ones are refused."""

import io
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import reader

HEADER = ["id", "created_at", "text", "username", "likes"]
ROWS = [
    ["1990000000000000101", datetime(2026, 11, 2, 10, 15), "Café – good 😀", "quay", 5],
    ["1990000000000000102", datetime(2026, 11, 3, 21, 15), "bad", "quay", 1200],
]


def build_workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """Return a workbook with these rows in its sheets."""
    workbook, content = openpyxl.Workbook(), io.BytesIO()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(content)
    return content.getvalue()


def read(content: bytes, name: str = "posts.xlsx") -> list[dict[str, Any]]:
    """Return the rows of a file."""
    return [row for batch in reader.open_reader(io.BytesIO(content), name) for row in batch]


@pytest.mark.parametrize(
    "sheets",
    [
        {"Posts": [HEADER, *ROWS]},
        {"Summary": [["Quay", None], ["Posts", 2]], "Empty": [], "Posts": [HEADER, *ROWS], "Days": [["date", "likes"], ["2026-11-02", 5]]},
        {"Posts": [["Export of Quay"], [], HEADER, *ROWS]},
    ],
    ids=["one sheet", "several sheets", "title"],
)
def test_a_workbook_is_read(sheets: dict[str, list[list[Any]]]) -> None:
    """Of several sheets, the one with posts counts."""
    rows = read(build_workbook(sheets))
    assert [(row["account"], row["id"], row["text"], row["likes"]) for row in rows] == [
        ("quay", "1990000000000000101", "Café – good 😀", 5),
        ("quay", "1990000000000000102", "bad", 1200),
    ]
    assert [f"{row['created_at']:%Y-%m-%d %H:%M}" for row in rows] == ["2026-11-02 10:15", "2026-11-03 21:15"]


def test_the_sheet_with_texts_is_read_although_another_one_has_more_numbers() -> None:
    """LinkedIn's first sheet has totals per day, and its second one a line above the header."""
    metrics = [["Date", "Impressions", "Likes", "Comments", "Reposts", "Views", "Shares", "Link"], ["11/02/2026", 9, 4, 1, 2, 9, 2, "x"]]
    posts = [
        ["All posts of your page, with their figures"],
        ["Post title", "Post link", "Posted by", "Created date", "Impressions", "Likes", "Comments", "Reposts"],
        ["good", "https://www.linkedin.com/feed/update/1", "Ann", "11/02/2026", 9, 4, 1, 2],
    ]
    rows = read(build_workbook({"Metrics": metrics, "All posts": posts}))
    assert [(row["text"], f"{row['created_at']:%Y-%m-%d}", row["likes"], row["views"]) for row in rows] == [("good", "2026-11-02", 4, 9)]


def test_ids_that_excel_rounded_are_replaced() -> None:
    """Excel keeps 15 digits of a number."""
    rows = read(build_workbook({"Posts": [["id", "date", "text"], [1.9900000000000001e18, "2026-11-02", "good"]]}))
    assert [row["id"] for row in rows] == ["row-1"]


def test_dates_without_hours_stay_dates() -> None:
    """The format of the cells decides."""
    workbook, content = openpyxl.Workbook(), io.BytesIO()
    workbook.active.append(["date", "text"])
    workbook.active.append([datetime(2026, 11, 2), "good"])
    workbook.active["A2"].number_format = "yyyy-mm-dd"
    workbook.save(content)
    assert [row["date_only"] for row in read(content.getvalue())] == [True]


def replace_member(content: bytes, name: str, text: str) -> bytes:
    """Return a workbook with one of its members replaced, or one more."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, text)
    return result.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (SHEET, '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>', "definitions that Excel never writes"),
        (SHEET, f'<worksheet xmlns="{MAIN}"><sheetData>{" " * 50_000_000}</sheetData></worksheet>', "would unpack to"),
        (SHEET, f'<worksheet xmlns="{MAIN}"><sheetData><row>{"<c/>" * 300_000}</row></sheetData></worksheet>', "longer than 1 MB"),
        (SHEET, f'<worksheet xmlns="{MAIN}">{"<x/>" * 300_000}<sheetData/></worksheet>', "longer than 1 MB"),
        (SHEET, "<worksheet", "is damaged"),
        (SHEET, f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>', "isn’t a table"),
        ("xl/workbook.xml", "<workbook/>", "damaged|isn’t a table"),
    ],
)
def test_a_dangerous_workbook_is_refused(name: str, text: str, expected: str) -> None:
    """The message says why."""
    with pytest.raises(InvalidFile, match=expected):
        read(replace_member(build_workbook({"Posts": [HEADER, *ROWS]}), name, text))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "text", "expected"),
    [
        ("xl/styles.xml", "styles", f'<styleSheet xmlns="{MAIN}"><cellXfs>{"<xf/>" * 250_000}</cellXfs></styleSheet>', "longer than 1 MB"),
        ("xl/_rels/workbook.xml.rels", "", f"<Relationships>{' ' * 2_000_000}</Relationships>", "longer than 1 MB"),
        ("elsewhere/texts.bin", "sharedStrings", f'<sst xmlns="{MAIN}">{"<si><t>good</t></si>" * 3_500_000}</sst>', "64 MB of text"),
        pytest.param(
            "xl/sharedStrings.xml",
            "sharedStrings",
            f'<sst xmlns="{MAIN}">{"<si/>" * 1_600_000}</sst>',
            "too many short texts",
            marks=[pytest.mark.faults, pytest.mark.long],
        ),
    ],
    ids=["styles", "relationships", "texts elsewhere", "short texts"],
)
def test_a_workbook_whose_parts_would_fill_the_memory_is_refused(name: str, kind: str, text: str, expected: str) -> None:
    """Only sheets are read row by row; everything else is bounded, wherever it is."""
    content = build_workbook({"Posts": [HEADER, *ROWS]})
    types = zipfile.ZipFile(io.BytesIO(content)).read("[Content_Types].xml").decode()
    override = (
        f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/></Types>'
    )
    with pytest.raises(InvalidFile, match=expected):
        read(replace_member(replace_member(content, "[Content_Types].xml", types.replace("</Types>", override)), name, text))


def test_a_sheet_with_a_cell_far_away_takes_no_memory() -> None:
    """Rows in between are skipped, and columns beyond those of the header ignored."""
    far = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>date</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>text</t></is></c></row><row r="200000"><c r="A200000" t="inlineStr"><is><t>2026-11-02</t></is></c>'
        '<c r="B200000" t="inlineStr"><is><t>good</t></is></c><c r="XFD200000"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert [row["text"] for row in read(replace_member(build_workbook({"Posts": [HEADER]}), SHEET, far))] == ["good"]


def test_what_follows_the_rows_may_have_any_length() -> None:
    """A sheet may have a link per post, for example."""
    content = build_workbook({"Posts": [HEADER, *ROWS]})
    sheet = zipfile.ZipFile(io.BytesIO(content)).read(SHEET).decode()
    links = "<hyperlinks>" + '<hyperlink ref="A1" location="b"/>' * 50_000 + "</hyperlinks></worksheet>"
    assert len(read(replace_member(content, SHEET, sheet.replace("</worksheet>", links)))) == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel had before 2007")],
)
def test_other_spreadsheets_are_refused_by_name(content: bytes, expected: str) -> None:
    """The advice says how to save them."""
    with pytest.raises(InvalidFile, match=expected) as refused:
        read(content, "posts.xls")
    assert "xlsx" in (refused.value.advice or "")


def test_times_of_our_own_workbooks_are_read_in_their_zone() -> None:
    """Excel's times have none, so the sheet Coverage names it; dates without a time stay on their day."""
    header = ["account", "id", "created_at", "text", "kind", "date_only"]
    posts = [["quay", "1", datetime(2026, 11, 2, 6, 30), "good", "post", False], ["quay", "2", datetime(2026, 11, 2), "bad", "post", True]]
    rows = read(
        build_workbook({"Data": [header, *posts], "Coverage": [["account", "asked"], ["quay", 200], [], ["tz", "America/St_Johns"]]})
    )
    assert [f"{row['created_at']:%Y-%m-%d %H:%M}" for row in rows] == ["2026-11-02 10:00", "2026-11-02 00:00"]
    assert [row["date_only"] for row in rows] == [False, True]


def test_further_sheets_with_posts_are_mentioned() -> None:
    """Only one is read, so a sheet per month would lose posts in silence; an empty one loses none."""
    months = {"October": [HEADER, ROWS[0]], "November": [HEADER, ROWS[1]], "December": [HEADER]}
    for sheets, expected in ((months, True), ({"October": months["October"], "December": [HEADER]}, False)):
        reading = reader.open_reader(io.BytesIO(build_workbook(sheets)), "posts.xlsx")
        assert sum(map(len, reading)) == 1
        assert any("Only “October” was read" in str(warning) for warning in reading.tally.format_warnings()) is expected
