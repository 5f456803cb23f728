"""Posts that are read together become the same rows as each of them alone."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import reader
from dashboard.sources.files.readers.cell_values import parse_url, parse_urls
from dashboard.sources.files.readers.count_columns import CountColumn
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import MAX_LINE_BYTES
from dashboard.sources.files.readers.raw_posts import MAX_GROUPED_CELLS, MAX_GROUPED_POSTS, RawPosts, TableRows, Unreadable
from dashboard.sources.files.readers.rows import RowParser
from dashboard.sources.files.readers.tables import iter_table_posts
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.read_times import ReadTime
from tests.support.archive_files import read_through
from tests.support.fault_suite import reduce_examples
from tests.support.shared_data import TIMELINES, needs_timelines

CHOICES = TimeChoices(datetime(2026, 11, 30, tzinfo=UTC))
CASES = Path(__file__).with_name("cases")
TIMES = (
    *("2026-03-01T10:00:00Z", "2026-03-01T10:00:01+02:00", "2026-03-01 10:00:00", "2026-03-01T00:00:00Z", "2026-03-01T10:00:00.120Z"),
    *("2026-03-01", "2026-02-30T10:00:00Z", "2026-03-01T10.5:00:00Z", "2999-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "20260301T101010Z"),
    *(
        "2026-W10-1T10:00:00Z",
        "03/25/2026 10:00",
        "1700000000",
        "Wed Oct 10 20:19:24 +0000 2018",
        "2026-03-01_10:00:00Z",
        "NaT",
        "",
        "soon",
    ),
)
COUNTS = ("0", "12", "1.2K", "1,234", "1.234", "", "-1", "many", "3.0", "12 500", "\u0663", "9" * 20, "NA")
CELLS = {
    "text": (
        *("fine", "RT @tower: fog", "caf\u00e9 \u2026", "a &amp; b", "<p>fog</p>", "two\nlines", '"quoted"', "#NAME?", "'=1+1", "", "  "),
        *(
            "caf\u00c3\u00a9 \u00c3\u00bcber",
            "x" * 200 + "\u2026",
            "RT @abc: " + "y" * 130 + "\u2026",
            "\U0001f600",
            "tab\t",
            "\x01",
            "e\u0301",
            "<U+2019>",
        ),
    ),
    "created_at": TIMES,
    "id": ("1", "123456789012345678", "1.23E+17", "", "'99", "at://did:plc:x/app/1", "12.0", "123456789012345600", "\u0663"),
    "account": ("harbour", "@Harbour", "Tower", "", "NA", "https://x.com/joe", "a b", "file:abc/x"),
    "likes": COUNTS,
    "views": COUNTS,
    "lang": ("en", "EN-us", "und", "German", "", "['fr']"),
    "url": ("https://x.com/a/status/12", "http://bad url", "", "https://bsky.app/profile/x/post/y"),
    "is_retweet": ("", "True", "False", "0", "nan"),
    "in_reply_to_status_id": ("", "12", "NA"),
    "post_type": ("", "Retweet", "Quote", "status"),
    "conversation_id": ("1", "12", ""),
    "referenced_tweets": ("", '[{"type": "replied_to"}]'),
    "kind": ("post", "reply", "", "other"),
    "date_only": ("true", "false"),
    "edited_at": ("", "2026-03-02T10:00:00Z"),
    "timezone": ("", "+0530", "UTC"),
}


@some.composite
def tables(draw: some.DrawFn) -> TableRows:
    """A table with a text, a time and some other columns, whose cells are often all alike."""
    names = ["text", "created_at", *draw(some.lists(some.sampled_from(sorted(CELLS.keys() - {"text", "created_at"})), unique=True))]
    cells = {name: some.sampled_from(draw(some.lists(some.sampled_from(CELLS[name]), min_size=1, max_size=4))) for name in names}
    row_count = draw(some.integers(1, 20))
    columns = [draw(some.lists(cells[name], min_size=row_count, max_size=row_count)) for name in names]
    return TableRows(names, range(2, row_count + 2), columns)


def parse(groups: Sequence[RawPosts]) -> Any:
    """Return the rows of groups of posts and what was counted, or the error."""
    tally = ImportTally()
    try:
        rows = [row for batch in RowParser(tally, "file", "line", CHOICES).iter_batches(groups, lambda: groups) for row in batch]
    except InvalidFile as error:
        return error.message
    return rows, tally.rows_read, tally.reasons, tally.notices, tally.examples, tally.spelling_by_account


def separate(group: RawPosts) -> list[RawPosts]:
    """Return each post as a group of its own."""
    return [RawPosts([number], [group.post(position)]) for position, number in enumerate(group.numbers)]


@pytest.mark.slow
@pytest.mark.faults
@settings(max_examples=reduce_examples(300, divisor=6), deadline=None)
@given(tables())
def test_rows_are_read_together_as_each_alone(table: TableRows) -> None:
    """This holds for any mixture of usual and unusual cells."""
    assert parse([table]) == parse(separate(table))


def list_groups(content: bytes) -> list[RawPosts]:
    """Return the groups of rows of a table."""
    return list(iter_table_posts(io.BufferedReader(io.BytesIO(content)), "a.csv", {}, ImportTally()))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", sorted(CASES.glob("*.csv")), ids=lambda path: path.stem)
def test_rows_of_each_format_are_read_together_as_each_alone(path: Path) -> None:
    """This holds for the tables of all tools."""
    groups = list_groups(path.read_bytes())
    assert parse(groups) == parse([single for group in groups for single in separate(group)])


@needs_timelines
@pytest.mark.parametrize("name", ["AFP", "CoinDesk", "Investopedia", "KelleyBlueBook", "WHO", "elonmusk"])
def test_rows_of_real_tables_are_read_together_as_each_alone(name: str) -> None:
    """This holds for local times with a zone in another column, too."""
    groups = list_groups((TIMELINES / "twint" / f"{name}.csv").read_bytes())
    assert parse(groups) == parse([single for group in groups for single in separate(group)])


@given(some.lists(some.sampled_from(TIMES), min_size=1, max_size=6), some.lists(some.sampled_from(TIMES), max_size=6))
def test_times_that_are_alike_are_read_as_each_alone(values: list[str], surveyed: list[str]) -> None:
    """Whatever the column showed before."""
    column = TimeColumn(CHOICES)
    column.survey((value, date(2026, 3, 1)) for value in surveyed)
    alike = column.parse_alike(values)
    assert alike is None or [column.parse(value) for value in values] == [
        ReadTime(moment, is_zoneless=alike.are_zoneless) for moment in alike.moments
    ]


def test_usual_times_are_alike() -> None:
    """They are read at once, with and without a zone."""
    column = TimeColumn(CHOICES)
    zoned, zoneless = column.parse_alike(["2026-03-01T10:00:00Z"] * 2), column.parse_alike(["2026-03-01 10:00:00"] * 2)
    assert zoned is not None
    assert zoned.moments == [datetime(2026, 3, 1, 10, tzinfo=UTC)] * 2
    assert zoneless is not None
    assert zoneless.are_zoneless


@given(some.lists(some.sampled_from(COUNTS) | some.sampled_from([None, True, 1, 2.0, 2.5]), min_size=1, max_size=6))
def test_counts_are_read_as_each_alone(values: list[Any]) -> None:
    """True isn't 1."""
    column = CountColumn(values)
    assert [column.parse(value) for value in values] == list(column.parse_all(values))


# --- lines and rows --------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(some.lists(some.text(some.sampled_from('a,"\n\u2028\x0b\\'), max_size=6), max_size=30), some.sampled_from(["\n", "\r\n", "\r"]))
def test_lines_are_split_as_by_the_csv_module(cells: list[str], line_end: str) -> None:
    """Each row has the number of its first line, whatever the line ends are."""
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows([["created_at", "text"], *(["2026-03-01T10:00:00Z", f"a{cell}"] for cell in cells)])
    text = content.getvalue()
    rows, number = [], 2
    for cell in cells:
        rows.append((number, f"a{cell}"))
        number += 1 + cell.count("\n")
    groups = list_groups(text.replace("\n", line_end).encode())
    assert [(number, group.post(n)["text"]) for group in groups for n, number in enumerate(group.numbers)] == rows


def build_long_table(row_count: int, line_end: str) -> bytes:
    """Return a table of more than one block, each of whose texts has three lines."""
    rows = (f'2026-03-01T10:00:00Z,"{number}{line_end}{"x" * 100}{line_end}y"{line_end}' for number in range(row_count))
    return f"created_at,text{line_end}{''.join(rows)}".encode()


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_rows_across_blocks_are_whole(line_end: str) -> None:
    """Every text has its three lines, and the number of the first of them."""
    groups = list_groups(build_long_table(10_000, line_end))
    rows = [(number, group.post(n)["text"]) for group in groups for n, number in enumerate(group.numbers)]
    assert rows == [(2 + 3 * number, f"{number}\n{'x' * 100}\ny") for number in range(10_000)]


def test_short_rows_of_a_wide_table_come_in_small_groups() -> None:
    """Each of them gets a cell for every column, so a few bytes would otherwise take much memory."""
    names = ["text", "created_at", *(f"c{number}" for number in range(198))]
    groups = list_groups(f"{','.join(names)}\nfine,2026-03-01T10:00:00Z\n".encode() + b"a\n" * 10_000)
    assert max(map(len, groups)) * len(names) <= MAX_GROUPED_CELLS
    assert sum(map(len, groups)) == 10_001


def test_short_rows_of_a_narrow_table_come_in_groups_of_a_thousand() -> None:
    """Larger groups take longer."""
    groups = list_groups(b"text,created_at\n" + b"a,2026-03-01\n" * 10_000)
    assert max(map(len, groups)) == MAX_GROUPED_POSTS
    assert sum(map(len, groups)) == 10_000


def test_unreadable_rows_are_not_collected() -> None:
    """The search for the first readable rows ends long before the end of the file."""
    file = io.BufferedReader(io.BytesIO(b"text,created_at\n" + b"1,2,3\n" * 100_000))  # type: ignore[arg-type]
    first_group = next(iter_table_posts(file, "a.csv", {}, ImportTally()))
    assert list(first_group.numbers) == [2]
    assert file.tell() < 300_000


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_long_cell_of_many_lines_is_read_whatever_its_line_ends_are(line_end: str) -> None:
    """A line end counts as one character of the longest cell that can be read."""
    row, text = f"fine,2026-03-01T10:00:00Z{line_end}", line_end.join(["ab"] * 35_000)
    groups = list_groups(f'text,created_at{line_end}{row}"{text}",2026-03-01T10:00:00Z{line_end}{row}'.encode())
    assert [post["text"] for group in groups for post in group.list_posts()] == ["fine", "\n".join(["ab"] * 35_000), "fine"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("line_count", [50_000, 200_000])
def test_a_cell_that_is_too_long_is_one_unreadable_row(line_count: int, line_end: str) -> None:
    """None of its lines becomes a post, and the rows below it are read."""
    rows = f"fine,2026-03-01T10:00:00Z{line_end}" * 3
    text = f'"{f"ab{line_end}" * line_count}",2026-03-01T10:00:00Z{line_end}'
    reading = read_through(f"text,created_at{line_end}{rows}{text}{rows}{text}{rows}")
    assert reading.tally.reasons == [
        "Line 5 has a cell of more than 131,072 characters.",
        f"Line {line_count + 9:,} has a cell of more than 131,072 characters.",
    ]
    assert reading.tally.rows_kept == 9
    assert reading.tally.rows_read == 11


def test_a_line_with_a_cell_that_is_too_long_is_one_unreadable_row() -> None:
    """The line below it is read, whether the cell is quoted or not."""
    row, text = "fine,2026-03-01T10:00:00Z\n", "ab " * 50_000
    reading = read_through(f'text,created_at\n{row}{text},2026-03-01T10:00:00Z\n{row}"{text}",2026-03-01T10:00:00Z\n{row}')
    assert reading.tally.reasons == [
        "Line 3 has a cell of more than 131,072 characters.",
        "Line 5 has a cell of more than 131,072 characters.",
    ]
    assert reading.tally.rows_kept == 3


@pytest.mark.slow
def test_rows_far_below_a_quotation_that_is_never_closed_are_read() -> None:
    """Only as many lines are lost as the longest cell may have characters."""
    row = "fine,2026-03-01T10:00:00Z\n"
    reading = read_through(f'text,created_at\n"a, b",2026-03-01T10:00:00Z\n"open,2026-03-01T10:00:00Z\n{row * 60_000}')
    assert reading.tally.reasons[0] == "Line 3 has a quotation mark that is never closed or a stray line break."
    assert reading.tally.rows_kept > 60_000 - 131_072 // len(row)
    assert reading.tally.rows_read == 60_002


def test_unreadable_lines_keep_their_numbers_in_a_long_table() -> None:
    """They are reported where they are, in between."""
    content = build_long_table(3_000, "\n") + b"1,2,3\n" + b"2026-03-01T10:00:00Z,fine\n" + b'x,"open\n\n'
    reading = read_through(content)
    assert reading.tally.reasons == [
        "Line 9,002 has 3 cells, but the table has 2 columns.",
        "Line 9,004 ends inside a quotation.",
        "Line 9,005 ends inside a quotation.",
    ]
    assert reading.tally.rows_read == 3_004


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_row_that_never_ends_is_refused(line_end: str) -> None:
    """Not more of it is read than a row may have."""
    cells = ",".join(f'"{line_end.join(["z" * 50] * 1_000)}"' for _ in range(MAX_LINE_BYTES // 50_000 + 1))
    with pytest.raises(InvalidFile, match="Line 3 is longer than 1 MB"):
        list_groups(f"created_at,text{line_end}2026-03-01T10:00:00Z,fine{line_end}{cells}{line_end}".encode())


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_line_that_never_ends_is_refused(line_end: str) -> None:
    """This holds far from the beginning of the file, too."""
    content = build_long_table(2_000, line_end) + b"z" * (MAX_LINE_BYTES + 1)
    with pytest.raises(InvalidFile, match="Line 6,002 is longer than 1 MB"):
        list_groups(content)


def test_what_a_reader_could_not_read_is_counted_in_order() -> None:
    """A row without an ID gets the number of its row, in which unreadable ones count."""
    table = TableRows(["text", "created_at"], [2], [["fine"], ["2026-03-01T10:00:00Z"]])
    later = TableRows(["text", "created_at"], range(3, 3003), [["fine"] * 3000, ["2026-03-01T10:00:00Z"] * 3000])
    rows, rows_read, reasons, *_ = parse([table, later, RawPosts([3003], [Unreadable("isn't a row")]), table])
    assert rows_read == 3003
    assert reasons == ["Line 3,003 isn't a row."]
    assert rows[-1]["id"] == "row-3003"


LONG_TEXT = "A line of a text that goes on and on\n" * 40_000  # 1.5 MB
ROWS = "".join(f"quay,2026-11-02,row {number}\n" for number in range(200))


def read_table(content: str) -> tuple[int, list[str]]:
    """Return the number of posts, and the first reasons why rows couldn't be read."""
    reading = reader.open_reader(io.BytesIO(f"account,date,text\n{content}".encode()), "a.csv")
    return sum(map(len, reading)), [str(reason) for reason in reading.tally.reasons]


@pytest.mark.parametrize("megabytes", [0.8, 1, 1.4])
def test_a_cell_of_any_length_is_one_unreadable_row(megabytes: float) -> None:
    """Its lines never become posts, and the rows below it are read."""
    cell = LONG_TEXT[: int(megabytes * 1e6)].strip()
    assert read_table(f'quay,2026-11-02,"{cell}"\n{ROWS}') == (200, ["Line 2 has a cell of more than 131,072 characters."])


@pytest.mark.parametrize("earlier_rows", ["", ROWS])
def test_lines_of_a_long_cell_with_as_many_commas_as_rows_are_no_posts(earlier_rows: str) -> None:
    """They have no times, which the rows of the table have."""
    cell = "the ferry, the quay, the pier\n" * 27_000
    assert len(cell) > 768 * 1024
    posts, reasons = read_table(f'{earlier_rows}quay,2026-11-02,"{cell}"\n{ROWS}')
    assert posts == 200 + earlier_rows.count("\n")
    assert reasons == [f"Line {earlier_rows.count(chr(10)) + 2} has a cell of more than 131,072 characters."]


def test_a_row_after_a_long_cell_may_begin_with_a_quotation_mark() -> None:
    """The first mark after a quotation that was never closed shows where rows begin again."""
    posts, reasons = read_table(f'quay,2026-11-02,"{LONG_TEXT}quay,2026-11-02,"good"\n{ROWS}')
    assert posts == 201
    assert reasons == ["Line 2 has a cell of more than 131,072 characters."]


def test_a_text_that_is_never_closed_makes_no_posts() -> None:
    """Each of its lines is counted as unreadable, as in a short file."""
    posts, reasons = read_table(f'{ROWS}quay,2026-11-02,"{LONG_TEXT}')
    assert posts == 200
    assert reasons[:2] == ["Line 202 ends inside a quotation.", "Line 203 ends inside a quotation."]


@pytest.mark.slow
def test_rows_after_a_quotation_that_is_never_closed_are_read() -> None:
    """A mark that nobody meant costs 128 KB of rows, not the rest of the file."""
    posts, reasons = read_table(f'{ROWS}quay,2026-11-02,"never closed\n{ROWS * 200}')
    assert posts > 30_000
    assert "is never closed" in reasons[0]


@pytest.mark.parametrize(
    "values",
    [
        *(
            ["https://a", "https://b"],
            ["https://a", "x"],
            ["https://a\nhttps://b"],
            ["https://a\n", "https://b"],
            ["https://b", ""],
            [None],
        ),
        *([], ["https://" + "a" * 2000], ["https://" + "a" * 2001], ["https://ä"], [f"https://a{chr(number)}" for number in range(128)]),
        *[[f"https://a{chr(number)}b"] for number in range(128)],
    ],
)
def test_urls_that_are_read_together_are_the_same(values: list[Any]) -> None:
    """One look at all of them accepts nothing else."""
    assert parse_urls(values) == [parse_url(value) for value in values]
