"""Tables are read in the dialects that spreadsheets, databases and tools really write."""

import io
from typing import Any

import pytest

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import reader
from tests.support.archive_files import read_through

PLAIN = 'username,created_at,text,likes\nquay,2026-11-02T10:00:00Z,"Café – good, really",5\nquay,2026-11-03T10:00:00Z,bad,7\n'


def read(content: bytes | str, name: str = "posts.csv") -> list[dict[str, Any]]:
    """Return the rows of a table."""
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return [row for batch in reader.open_reader(file, name) for row in batch]


def list_posts(content: bytes | str) -> list[tuple[Any, ...]]:
    """Return the account, the text and the likes of each row."""
    return [(row["account"], row["text"], row["likes"]) for row in read(content)]


EXPECTED = [("quay", "Café – good, really", 5), ("quay", "bad", 7)]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("cp1252"),
        PLAIN.replace("\n", "\r\n").encode("cp1252"),
        PLAIN.replace("\n", "\r").encode("mac-roman"),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r\n", 1).encode(),
        PLAIN.replace("\n", "\r", 1).encode(),
        b"sep=,\r\n" + PLAIN.encode(),
        b"\n\n" + PLAIN.encode(),
    ],
)
def test_every_encoding_and_line_end_gives_the_same_rows(content: bytes) -> None:
    """What Excel writes on Windows and on a Mac is the same table."""
    assert list_posts(content) == EXPECTED


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "~", "^"])
def test_every_delimiter_gives_the_same_rows(delimiter: str) -> None:
    """Commas in texts don't confuse."""
    table = "\n".join(
        delimiter.join(row)
        for row in (
            ("username", "created_at", "text", "likes"),
            ("quay", "2026-11-02", "Café – good, really", "5"),
            ("quay", "2026-11-03", "bad", "7"),
        )
    )
    assert list_posts(table) == EXPECTED


def test_utf_16_with_tabs_is_read() -> None:
    """Meltwater and Excel's “Unicode text” write it."""
    assert list_posts(PLAIN.replace('"', "").replace("good, really", "good").replace(",", "\t").encode("utf-16")) == [
        ("quay", "Café – good", 5),
        ("quay", "bad", 7),
    ]


def test_a_guessed_encoding_is_reported() -> None:
    """A person should check the letters."""
    warnings = read_through(PLAIN.encode("cp1252")).tally.format_warnings()
    assert warnings == ["The file isn’t encoded as UTF-8 and was read as Windows-1252. Check that letters such as é look right."]


def test_damaged_letters_cost_only_themselves() -> None:
    """A tool that cuts texts by bytes breaks single letters of a UTF-8 file."""
    reading = read_through(b"date,text\n2026-11-02,Caf\xc3\xa9\n2026-11-03,bad \xf0\x9f\x98\n")
    assert reading.tally.rows_kept == 2
    assert "1 line has letters that are damaged in the file." in reading.tally.format_warnings()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            ['"he said \\"good, really good\\" twice"', "bad", '"they call it \\"awful\\""'],
            ['he said "good, really good" twice', "bad", 'they call it "awful"'],
        ),
        (["bad", '"C:\\\\temp\\\\ is \\"full\\", see"'], ["bad", 'C:\\\\temp\\\\ is "full", see']),
        (['"a ""quoted"" word"', '"ends with \\"'], ['a "quoted" word', "ends with \\"]),
        (["¯\\_(ツ)_/¯", '"a, b\\c"'], ["¯\\_(ツ)_/¯", "a, b\\c"]),
        (['"two\nlines, \\"really\\""', "bad"], ['two\nlines, "really"', "bad"]),
    ],
)
def test_quotes_escaped_by_backslashes_are_read(cells: list[str], expected: list[str]) -> None:
    """Spark and MySQL escape quotes that way; other backslashes stay."""
    table = "username,created_at,text,likes\n" + "".join(f"quay,2026-11-02T10:00:00Z,{cell},5\n" for cell in cells)
    assert [row["text"] for row in read(table)] == expected


def test_single_quotes_can_wrap_cells() -> None:
    """Commas inside them don't separate, and an apostrophe in an ordinary table stays."""
    quoted = "'created_at','text'\n'2026-11-02','good, really'\n'2026-11-03','it''s bad'\n"
    assert [row["text"] for row in read(quoted)] == ["good, really", "it's bad"]
    assert [row["text"] for row in read("created_at,text\n'2026-11-02','good, it''s fine'\n")] == ["good, it's fine"]
    plain = "created_at,text\n2026-11-02,'tis good\n2026-11-03,rock 'n' roll\n"
    assert [row["text"] for row in read(plain)] == ["'tis good", "rock 'n' roll"]


@pytest.mark.parametrize(
    "title",
    [
        "Report:,Bulk Mentions Download\nBrand:,Quay\nFrom:,Mon Nov 02 00:00:00 GMT 2026\n\n",
        '"Export of Quay, all mentions"\n',
        "Quay;;;\n2026-11-01 to 2026-11-29;;;\n;;;\n",
        "Downloaded on 2026-11-29\nhttps://tool.example/quay\n\n\n",
    ],
)
def test_lines_above_the_header_are_skipped(title: str) -> None:
    """Listening tools write what was searched, and when."""
    table = title + PLAIN.replace('"Café – good, really"', "good")
    rows = read(table if ";" not in title else table.replace(",", ";"))
    assert [(row["account"], row["text"], row["likes"]) for row in rows] == [("quay", "good", 5), ("quay", "bad", 7)]


def test_a_header_in_another_language_below_a_title_is_found() -> None:
    """It's the first row as wide as the table."""
    with pytest.raises(InvalidFile) as asked:
        read("Bericht\n\nwann,wer,was\n2026-11-02,quay,gut und schön\n")
    assert asked.value.columns == ["wann", "wer", "was"]  # type: ignore[attr-defined]


def test_a_sheet_of_ifttt_without_a_header_is_read() -> None:
    """Its columns are recognised by their contents."""
    table = (
        '"November 2, 2026 at 10:15AM",@quayside,"good day, really",https://twitter.com/quayside/status/19\n'
        '"November 3, 2026 at 09:15PM",@quayside,bad,https://twitter.com/quayside/status/20\n'
    )
    rows = read(table, "IFTTT.csv")
    assert [(row["account"], row["id"], row["text"]) for row in rows] == [
        ("quayside", "19", "good day, really"),
        ("quayside", "20", "bad"),
    ]
    assert [f"{row['created_at']:%d %H:%M}" for row in rows] == ["02 10:15", "03 21:15"]


@pytest.mark.parametrize(
    "table",
    [
        'created_at\tusername\ttext\n2026-11-02\tquay\t"good day\n2026-11-03\tquay\tbad\n2026-11-04\tquay\tsays "ok"\n',
        'created_at,username,text\n2026-11-02,quay,"good day\n2026-11-03,quay,bad\n2026-11-04,quay,says "ok"\n',
    ],
    ids=["tabs", "commas"],
)
def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(table: str) -> None:
    """R and other tools can write tables without quoting anything."""
    assert [row["text"] for row in read(table)] == ['"good day', "bad", 'says "ok"']


@pytest.mark.parametrize("delimiter", ["\x01", "\x1f"])
def test_control_characters_may_separate_cells(delimiter: str) -> None:
    """Hive writes them, and quotes nothing."""
    table = 'created_at,username,text\n2026-11-02,quay,"good day\n2026-11-03,quay,bad; very|bad\n'.replace(",", delimiter)
    assert [(row["account"], row["text"]) for row in read(table, "000000_0")] == [("quay", '"good day'), ("quay", "bad; very|bad")]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_texts_of_several_lines_stay_together(delimiter: str) -> None:
    """Their quotation marks wrap cells."""
    table = 'created_at,username,text\n2026-11-02,quay,"good ""day"" of\nlines"\n2026-11-03,quay,bad\n'.replace(",", delimiter)
    assert [row["text"] for row in read(table)] == ['good "day" of\nlines', "bad"]


def test_a_repeated_header_is_not_a_post() -> None:
    """Files that were joined have it once for each of them."""
    part = "created_at,username,text\n2026-11-02,quay,good\n"
    assert [row["text"] for row in read(part + part.replace("good", "bad"))] == ["good", "bad"]


@pytest.mark.parametrize(
    "table",
    [
        'username, created_at, text, likes\nquay, 2026-11-02, "Café – good, really", 5\nquay, 2026-11-03, "bad", 7\n',
        '"username", "created_at", "text", "likes"\n"quay", "2026-11-02", "Café – good, really", "5"\n"quay", "2026-11-03", "bad", "7"\n',
    ],
)
def test_quotation_marks_may_follow_a_blank(table: str) -> None:
    """People type a blank after each comma, and some programs do."""
    assert list_posts(table) == EXPECTED


@pytest.mark.parametrize("end", ["", ";;;"])
def test_lines_that_are_one_quoted_cell_are_rows(end: str) -> None:
    """A spreadsheet that took a table for one column quotes each of its lines when it saves them."""
    rows = PLAIN.strip().split("\n")
    quoted = "".join('"' + row.replace('"', '""') + f'"{end}\n' for row in rows)
    assert list_posts(quoted) == EXPECTED
    assert list_posts(quoted.encode("utf-8-sig")) == EXPECTED


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        *(("1'234", 1234), ("1’234", 1234), ("1´234", 1234), ("1`234", 1234), ("1,23,456", 123456), ("١٬٢٣٤", 1234), ("١٢٣", 123)),
        *(("2 lakh", 200_000), ("1.5 crore", 15_000_000), ("3 rb", 3_000), ("1,2 jt", 1_200_000), ("'123", 123), ('=""123""', 123)),
    ],
)
def test_counts_are_read_as_countries_write_them(written: str, expected: int) -> None:
    """Switzerland, India, Indonesia and Arabic, and numbers that a spreadsheet was kept from converting."""
    assert read(f'text;created_at;likes\ngood;2026-11-02;"{written}"\n')[0]["likes"] == expected


@pytest.mark.parametrize("dash", ["-", "–", "—", "−1"])
def test_a_dash_instead_of_a_count_is_no_problem(dash: str) -> None:
    """It says that the count is unknown, so no note is needed."""
    reading = reader.open_reader(io.BytesIO(f"account,text,created_at,likes\nquay,good,2026-11-02T10:00Z,{dash}\n".encode()), "a.csv")
    assert [row["likes"] for batch in reading for row in batch] == [None]
    assert reading.tally.format_warnings() == []


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        *(("kind", "Reply", "reply"), ("Type", "Antwort", "reply"), ("Type", "Réponse", "reply"), ("Post type", "Zitat", "quote")),
        *(("Message Type", "Twitter Reply", "reply"), ("Message Type", "X Repost", "repost"), ("Type", "Facebook Post", "post")),
        *(
            ("reply_to_post_id", "55", "reply"),
            ("parent_post", "55", "reply"),
            ("is_comment", "true", "reply"),
            ("is_comment", "no", "post"),
        ),
        *(("reposted_by", "pier", "repost"), ("reposted_by", "", "post"), ("kind", "Post", "post")),
        *(("retweeted_user_screen_name", "pier", "repost"), ("retweet_screen_name", "", "post")),
    ],
)
def test_kinds_are_found_in_the_words_of_tools(column: str, value: str, expected: str) -> None:
    """In other languages, too, and after the name of a network."""
    assert read(f"text,created_at,{column}\ngood,2026-11-02,{value}\n")[0]["kind"] == expected


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("retweeted_by", "3,0,1", "post post post"),
        ("retweeted_by", "1,0,0", "post post post"),
        ("reposted_by", "1.2K,,pier", "post post repost"),
        ("retweeted_by", "1990000000000000101,NA,NA", "repost post post"),
        ("retweet", "3,0,1", "post post post"),
        ("retweet", "1,0,1", "repost post repost"),
        ("retweet", "TRUE,FALSE,FALSE", "repost post post"),
    ],
)
def test_numbers_of_reposts_make_no_post_a_repost(column: str, values: str, expected: str) -> None:
    """Names do, and flags."""
    rows = [f"{text},2026-11-02,{value}\n" for text, value in zip(("good", "bad", "calm"), values.split(","), strict=True)]
    assert [row["kind"] for row in read(f"text,created_at,{column}\n{''.join(rows)}")] == expected.split()


@pytest.mark.parametrize("counted_row", [1_500, 4_000])
def test_whether_a_column_has_numbers_of_reposts_is_decided_for_the_whole_file(counted_row: int) -> None:
    """Not for some rows after the other; before a number that comes late, those of 1 were flags."""
    values = [7 if number == counted_row else 1 for number in range(6_000)]
    rows = read("text,created_at,retweet\n" + "".join(f"good,2026-11-02,{value}\n" for value in values))
    kinds = [row["kind"] for row in rows]
    assert kinds[counted_row:] == ["post"] * (6_000 - counted_row)
    assert set(kinds[:1_000]) == {"post" if counted_row < 2_000 else "repost"}


@pytest.mark.parametrize(
    "written",
    [
        "\"{'retweet_count': 2, 'like_count': 4, 'reply_count': 1}\"",
        '"{""retweet_count"": 2, ""like_count"": 4, ""reply_count"": 1}"',
    ],
)
def test_counts_inside_an_object_in_a_cell_are_read(written: str) -> None:
    """Data frames of X's API have all counts in one column."""
    row = read(f"id,text,created_at,public_metrics\n1,good,2026-11-02,{written}\n")[0]
    assert (row["likes"], row["reposts"], row["replies"]) == (4, 2, 1)


def test_an_object_that_is_damaged_has_no_counts() -> None:
    """The other rows have theirs."""
    table = "id,text,created_at,public_metrics\n1,good,2026-11-02,\"{'like_count': 4}\"\n2,bad,2026-11-03,\"{'like_count': \"\n"
    assert [row["likes"] for row in read(table)] == [4, None]


def test_the_account_is_found_in_an_object_as_python_prints_it() -> None:
    """A data frame of snscrape has users like that."""
    table = "date,rawContent,user\n2026-11-02,good,\"User(username='quay', id=5, displayname='Quay')\"\n"
    assert read(table)[0]["account"] == "quay"


@pytest.mark.parametrize(
    "row",
    [
        *("Total,,4", "Summe,,4", "Grand total,,4", "Average,,1.5", "Total,2 posts,4", ",Total,4", ",Summe:,4"),
        *("Generated by a tool,,", ",,4", "Moyenne,,2", "Total: ,2 posts,4", "Total of November 2026,,4"),
    ],
)
def test_what_is_below_a_table_is_not_a_post(row: str) -> None:
    """It's counted as a row that can't be read, like any other without a date or a text."""
    table = f"created_at,text,likes\n2026-11-02,good,4\n{row}\n"
    reading = reader.open_reader(io.BytesIO(table.encode()), "posts.csv")
    assert [row["text"] for batch in reading for row in batch] == ["good"]
    assert reading.tally.rows_unreadable == 1


def test_a_post_may_begin_with_the_word_of_a_sum() -> None:
    """Or consist of it."""
    assert [row["text"] for row in read("created_at,text\n2026-11-02,Total\n2026-11-03,Total chaos\n")] == ["Total", "Total chaos"]


def test_only_a_whole_cell_is_the_word_of_a_sum() -> None:
    """A text beside words that begin like one is a post, and so is a picture without a text whose ID does."""
    rows = read("id,created_at,text\nA,2026-11-02,good\nB,Sum of all,bad\nMedia/123,2026-11-04,\n")
    assert [(row["id"], row["text"]) for row in rows] == [("A", "good"), ("B", "bad"), ("Media/123", "")]


@pytest.mark.parametrize(
    "table",
    [
        "| created_at | text |\n|------------|:-----|\n| 2026-11-02 | good |\n",
        " created_at | text \n------------+------\n 2026-11-02 | good\n(1 row)\n",
    ],
    ids=["Markdown", "psql"],
)
def test_a_line_that_underlines_the_header_is_not_a_row(table: str) -> None:
    """Markdown has one, and what databases print."""
    assert [(row["text"].strip(), f"{row['created_at']:%d}") for row in read(table)] == [("good", "02")]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("created_at,text,likes,likes", ["Several columns are called “likes”. The first of them was read."]),
        ("created_at,text,likes,other", []),
        ("created_at,text,other,other", []),
    ],
)
def test_columns_of_the_same_name_are_mentioned(header: str, expected: list[str]) -> None:
    """Only those that are read."""
    reading = reader.open_reader(io.BytesIO(f"{header}\n2026-11-02T10:00:00Z,good,4,9\n".encode()), "posts.csv")
    assert [row["text"] for batch in reading for row in batch] == ["good"]
    assert [warning for warning in map(str, reading.tally.format_warnings()) if "called" in warning] == expected
