"""Files of many tools become rows: each format in pairs of files, and real exports where they are available."""

import gzip
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.core import accounts, post_text
from dashboard.core.clock import system_clock
from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.sources.files.readers import cell_values, count_columns, reader
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.post_texts import PostTexts
from dashboard.sources.files.times.choices import parse_time_choices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.read_times import ReadTime
from tests.support.archive_files import ACCOUNT_SCRIPT, build_script, build_tweet, build_zip, read_through
from tests.support.paths import SAMPLE_DATA, SHARED_DATA
from tests.support.shared_data import TIMELINES, needs_archive, needs_timelines

CASES = Path(__file__).with_name("cases")
ARCHIVE = SHARED_DATA / "x-archive" / "twitter-2023-03-01-juliasilge.zip"


def read(content: bytes | str, name: str = "posts.csv", columns: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return [row for batch in reader.open_reader(file, name, columns) for row in batch]


# --- every form ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("*.*") if not path.name.endswith(".posts.json")))
def test_each_format_gives_the_expected_rows(case: str) -> None:
    """Rows, unreadable rows and warnings are those in the file next to it."""
    expected = json.loads((CASES / f"{case.partition('.')[0]}.posts.json").read_text())
    with (CASES / case).open("rb") as file:
        reading = reader.open_reader(file, case)
        rows = [row | {"created_at": row["created_at"] and row["created_at"].isoformat()} for batch in reading for row in batch]
    assert expected == {"posts": rows, "unreadable": reading.tally.reasons, "warnings": reading.tally.format_warnings()}


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("*.*") if not path.name.endswith(".posts.json")))
def test_a_gzipped_file_gives_the_same_rows(case: str) -> None:
    """Compression changes nothing."""
    plain = (CASES / case).read_bytes()
    assert read(plain, case) == read(gzip.compress(plain), f"{case}.gz")


@needs_archive
def test_a_complete_archive_of_x_is_read() -> None:
    """All 2,000 posts of both parts have the handle in account.js."""
    rows = read(ARCHIVE.read_bytes(), ARCHIVE.name)
    assert len({row["id"] for row in rows}) == 2000
    assert {row["account"] for row in rows} == {"juliasilge"}


@needs_archive
def test_a_real_tweet_js_of_2021_is_read() -> None:
    """All 70 posts have their time and counts."""
    rows = read((SHARED_DATA / "x-archive" / "RTIatMLA" / "data" / "tweet.js").read_bytes(), "tweet.js")
    assert len(rows) == 70
    assert sum(row["created_at"] is None or row["likes"] is None for row in rows) == 0


@needs_timelines
@pytest.mark.parametrize("name", ["AFP", "CoinDesk", "Investopedia", "KelleyBlueBook", "WHO", "elonmusk"])
def test_real_twint_tables_are_read(name: str) -> None:
    """Each has a hundred readable posts under one handle, with times by the offset column."""
    path = TIMELINES / "twint" / f"{name}.csv"
    reading = reader.open_reader(io.BytesIO(path.read_bytes()), path.name)
    rows = [row for batch in reading for row in batch]
    assert len(rows) == 100
    assert {row["account"] for row in rows} == {name.lower()}
    assert reading.tally.rows_unreadable == 0
    assert reading.tally.format_warnings() == []


def test_the_sample_timelines_in_the_repository_are_read() -> None:
    """All 24 posts of both accounts come from JSON lines."""
    posts_read = read((SAMPLE_DATA / "timelines.jsonl").read_bytes(), "timelines.jsonl")
    assert len(posts_read) == 24
    assert {row["account"] for row in posts_read} == {"harbour", "tower"}
    assert [row for row in posts_read if row["created_at"] is None or row["likes"] is None] == []


@needs_timelines
def test_real_json_lines_are_read() -> None:
    """All 12,212 posts of six accounts come from gzipped JSON lines."""
    path = TIMELINES / "timelines.jsonl.gz"
    rows = read(path.read_bytes(), path.name)
    assert len(rows) == 12212
    assert len({row["account"] for row in rows}) == 6


# --- the archive of X ------------------------------------------------------------------------------------------------


def test_parts_are_read_in_numerical_order() -> None:
    """Part 10 comes after part 2."""
    members = {f"data/tweets-part{part}.js": build_script([build_tweet(part)], f"tweets.part{part}") for part in (10, 2, 1)}
    rows = read(build_zip(members | {"data/tweets.js": build_script([build_tweet(99)]), "data/account.js": ACCOUNT_SCRIPT}), "x.zip")
    assert [row["id"] for row in rows] == ["99", "1", "2", "10"]


def test_a_repacked_archive_is_read() -> None:
    """A top folder, backslashes and files by macOS don't hide the posts."""
    members = {
        "My export\\data\\tweets.js": build_script([build_tweet()]),
        "My export/data/account.js": ACCOUNT_SCRIPT,
        "__MACOSX/My export/data/._tweets.js": b"\0\5\26",
    }
    assert [row["account"] for row in read(build_zip(members), "x.zip")] == ["harbour"]


def test_posts_of_an_archive_have_their_url() -> None:
    """It has the handle in account.js."""
    rows = read(build_zip({"data/tweets.js": build_script([build_tweet(123)]), "data/account.js": ACCOUNT_SCRIPT}), "x.zip")
    assert rows[0]["url"] == "https://x.com/harbour/status/123"


def test_long_posts_get_their_full_text() -> None:
    """It is found by second and common beginning, even if another post has the same second."""
    note = {
        "noteTweet": {
            "noteTweetId": "7",
            "createdAt": "2022-12-06T10:00:00.000Z",
            "core": {"text": "Fish & chips, and then much more of it"},
        }
    }
    members = {
        "data/tweets.js": build_script([build_tweet(1, "Another"), build_tweet(2, "Fish &amp; chips, and then…")]),
        "data/note-tweet.js": build_script([note], "note_tweet.part0"),
        "data/account.js": ACCOUNT_SCRIPT,
    }
    assert [row["text"] for row in read(build_zip(members), "x.zip")] == ["Another", "Fish & chips, and then much more of it"]


def test_long_texts_without_a_post_are_counted() -> None:
    """A warning says how many there are."""
    note = {"noteTweet": {"createdAt": "2022-12-06T10:00:00.000Z", "core": {"text": "Somewhere else"}}}
    members = {
        "tweets.js": build_script([build_tweet()]),
        "note-tweet.js": build_script([note], "note_tweet.part0"),
        "account.js": ACCOUNT_SCRIPT,
    }
    assert read_through(build_zip(members), "x.zip").tally.format_warnings() == [
        "1 long text in the archive doesn’t belong to any of its posts."
    ]


def test_deleted_posts_are_left_out_with_a_warning() -> None:
    """deleted-tweets.js isn't read."""
    members = {
        "tweets.js": build_script([build_tweet()]),
        "deleted-tweets.js": build_script([build_tweet(2)], "deleted_tweets.part0"),
        "account.js": ACCOUNT_SCRIPT,
    }
    reading = read_through(build_zip(members), "x.zip")
    assert reading.tally.rows_kept == 1
    assert reading.tally.format_warnings() == ["The archive also contains deleted posts. They were skipped."]


def test_the_rest_of_an_archive_is_not_read() -> None:
    """A damaged message or video doesn't matter."""
    packed = bytearray(
        build_zip(
            {"data/tweets.js": build_script([build_tweet()]), "data/account.js": ACCOUNT_SCRIPT, "data/video.mp4": b"moving pictures"}
        )
    )
    at = packed.index(b"data/video.mp4") + len(b"data/video.mp4")
    packed[at : at + 4] = b"\xff\xff\xff\xff"
    assert len(read(bytes(packed), "x.zip")) == 1


@pytest.mark.parametrize(
    ("part", "expected_text"), [("account", "part “account”"), ("deleted_tweets", "deleted posts"), ("like", "part “like”")]
)
def test_another_script_of_the_archive_is_refused_by_name(part: str, expected_text: str) -> None:
    """The message says which part it is."""
    with pytest.raises(InvalidFile, match=expected_text):
        read(build_script([], f"{part}.part0"), f"{part}.js")


# --- JSON ------------------------------------------------------------------------------------------------------------


def answer(posts: int, letters: int) -> dict[str, Any]:
    tweets = [{"id": str(n), "author_id": str(n % 2), "created_at": "2026-01-01T00:00:00Z", "text": "y" * letters} for n in range(posts)]
    users = [{"id": "0", "username": "even"}, {"id": "1", "username": "odd"}]
    return {"data": tweets, "includes": {"media": [{"alt": "z" * letters}] * posts, "users": users}, "meta": {}}


def test_handles_are_found_in_a_response_too_long_for_memory() -> None:
    """X lists users after 4 MB of posts."""
    rows = read(json.dumps(answer(200, 20_000), indent=1), "answer.json")
    assert len(rows) == 200
    assert {row["account"] for row in rows} == {"even", "odd"}


def test_json_lines_too_long_for_memory_are_read() -> None:
    """A line of 4 MB is read in pieces, and the next line as usual."""
    lines = [json.dumps(answer(200, 20_000)), json.dumps(answer(3, 10))]
    rows = read("\n".join(lines), "twarc.jsonl")
    assert len(rows) == 203
    assert {row["account"] for row in rows} == {"even", "odd"}


def test_an_exported_json_document_is_read() -> None:
    """A file by /posts.json can be imported again."""
    ours = {
        "query": {},
        "coverage": [],
        "data": [{"account": "nasa", "id": "1", "created_at": "2026-01-01", "text": "&amp;", "kind": "post"}],
    }
    assert [row["text"] for row in read(json.dumps(ours), "posts.json")] == ["&amp;"]


def test_truncated_json_is_refused_with_its_position() -> None:
    """The message names the last element."""
    with pytest.raises(InvalidFile, match=r"tweets\.js is cut short or isn’t valid JSON at element 2\."):
        read(build_script([build_tweet(1), build_tweet(2)])[:-30], "tweets.js")


# --- tables ----------------------------------------------------------------------------------------------------------


def test_unknown_columns_have_to_be_matched() -> None:
    """The error has sample rows to recognize them by."""
    with pytest.raises(UnknownColumns) as asked:
        read("wann,wer,was\n2026-01-01,harbour,Nebel\n2026-01-02,harbour,Sonne\n")
    expected = (["wann", "wer", "was"], [["2026-01-01", "harbour", "Nebel"], ["2026-01-02", "harbour", "Sonne"]], ["text", "created_at"])
    assert expected == (asked.value.columns, asked.value.sample_rows, asked.value.missing_fields)


def test_matched_columns_are_used() -> None:
    """The person's choice takes precedence."""
    rows = read(
        "wann,wer,was\n2026-01-01T00:00:00Z,harbour,Nebel\n", columns={"text": "was", "created_at": "wann", "account": "wer", "url": ""}
    )
    assert [(row["account"], row["text"]) for row in rows] == [("harbour", "Nebel")]


def test_a_missing_matched_column_is_refused() -> None:
    """The message names it."""
    with pytest.raises(UnknownColumns, match="no column “Was”"):
        read("date,text\n2026-01-01,a\n", columns={"text": "Was"})


def test_asks_again_for_a_date_column_without_dates() -> None:
    """The problem is at the field, and says what the column has instead."""
    with pytest.raises(UnknownColumns) as asked:
        read("wann,wer,was\n2026-01-01,harbour,Nebel\n", columns={"text": "was", "created_at": "wer"})
    advice = "Choose a column with dates such as 2026-03-31."
    assert asked.value.problems == {"created_at": f"No date found in “wer”: “harbour” isn’t one. {advice}"}
    assert asked.value.missing_fields == ["created_at"]
    assert asked.value.sample_rows == [["2026-01-01", "harbour", "Nebel"]]


@pytest.mark.parametrize("dates", [("soon", "2026-01-02"), ("04/05/2026", "13/04/2026"), ("31.12.2025", "")])
def test_takes_a_date_column_in_which_anything_is_a_date(dates: tuple[str, str]) -> None:
    """Missing and odd dates are counted, as in a column that was recognised."""
    rows = read(f"wann,was\n{dates[0]},Nebel\n{dates[1]},Sonne\n", columns={"text": "was", "created_at": "wann"})
    assert [row["text"] for row in rows] == ["Nebel", "Sonne"]


def test_unknown_json_keys_have_to_be_matched() -> None:
    """Objects need a known text and time."""
    with pytest.raises(UnknownColumns) as asked:
        read('[{"wann": "2026-01-01", "was": "Nebel"}]', "a.json")
    assert asked.value.columns == ["wann", "was"]


def test_an_unknown_field_is_refused() -> None:
    """Posts don't have it."""
    with pytest.raises(InvalidFile, match="no field “mood”"):
        read("date,text\n2026-01-01,a\n", columns={"mood": "text"})


def test_posts_without_an_account_belong_to_the_file() -> None:
    """A table without a column for accounts is one account's."""
    reading = reader.open_reader(io.BytesIO(b"date,text\n2026-01-01T00:00:00Z,a\n"), "../My tweets (2).csv")
    rows = [row["account"] for batch in reading for row in batch]
    assert rows == ["my_tweets_2"]
    assert reading.tally.format_warnings() == ["1 post doesn’t name an account. It is listed under the file’s name."]


def test_ids_rounded_by_a_spreadsheet_are_replaced() -> None:
    """They would all be the same, because they end in zeros after 15 digits."""
    table = "id,date,text\n" + "".join(f"13856993165647{n}0000,2026-01-01T00:00:00Z,a\n" for n in (1, 1, 2))
    assert [row["id"] for row in read(table)] == ["row-1", "row-2", "row-3"]


@pytest.mark.slow
def test_every_line_inside_an_open_quotation_is_counted() -> None:
    """All lines up to the longest cell are unreadable."""
    fine = "2026-01-01T00:00:00Z,fine\n"
    table = "date,text\n" + fine + '2026-01-01T00:00:00Z,"open\n' + fine * 20_000
    reading = read_through(table)
    assert reading.tally.rows_read == 20_002
    assert reading.tally.rows_unreadable > 1


def test_the_first_line_in_another_encoding_is_named() -> None:
    """Encodings of other scripts than Latin aren't guessed."""
    with pytest.raises(InvalidFile, match=r"Line 3 of posts\.csv isn’t encoded as UTF-8\."):
        read("date,text\n2026-01-01,plain\n2026-01-01,Туман\n".encode("cp1251"))


def test_a_file_without_readable_posts_is_refused() -> None:
    """The message has the reasons."""
    with pytest.raises(InvalidFile, match="Line 2 has 3 cells, but the table has 2 columns"):
        read("date,text\n1,2,3\n")


# --- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Wed Oct 10 20:19:24 +0000 2018", "2018-10-10T20:19:24+00:00"),
        ("2018-10-10T20:19:24.000Z", "2018-10-10T20:19:24+00:00"),
        ("2018-10-10 22:19:24+02:00", "2018-10-10T20:19:24+00:00"),
        ("2018-10-10 22:19:24 +0200", "2018-10-10T20:19:24+00:00"),
        ("2018-10-10 20:19:24 UTC", "2018-10-10T20:19:24+00:00"),
        ("2018-10-10 20:19", "2018-10-10T20:19:00+00:00"),
        ("2018/10/10 20:19:24", "2018-10-10T20:19:24+00:00"),
        ("10.10.2018 20:19", "2018-10-10T20:19:00+00:00"),
        ("Wed, 10 Oct 2018 20:19:24 GMT", "2018-10-10T20:19:24+00:00"),
        (1539202764, "2018-10-10T20:19:24+00:00"),
        ("1539202764000", "2018-10-10T20:19:24+00:00"),
        ("1539202764.0", "2018-10-10T20:19:24+00:00"),
        ("10/11/2018", None),
        ("1969-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("Wed Foo 10 20:19:24 +0000 2018", None),
        ("soon", None),
        (10**400, None),
        (True, None),
        (None, None),
    ],
)
def test_every_format_of_a_time_is_parsed(written: Any, expected: str | None) -> None:
    """It becomes UTC; ambiguous and invalid times become null."""
    result = TimeColumn(parse_time_choices(system_clock())).parse(written)
    assert (result.moment.isoformat() if isinstance(result, ReadTime) else None) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3", 3),
        ("3.0", 3),
        (3.0, 3),
        ("1,204", 1204),
        ("-1", None),
        (-1, None),
        ("", None),
        ("3.5", None),
        (True, None),
        (10**30, None),
        ("1.2K", 1200),
        ("1,2 Mio.", 1_200_000),
        ("12 500", 12_500),
        ("1.250.000", 1_250_000),
        ("1.000", None),
    ],
)
def test_counts_are_parsed(written: Any, expected: int | None) -> None:
    """A count is an integer from zero up; anything else is unknown, not zero."""
    assert expected == count_columns.parse_count(written)


@given(some.text(max_size=120))
def test_account_names_are_valid_in_urls(written: str) -> None:
    """A name from a file can be parsed as `file:ID/NAME`."""
    name = cell_values.normalize_account_name(written)
    identity = "0" * 32
    assert not name or accounts.parse_account(f"file:{identity}/{name}") == accounts.Account("file", f"{identity}/{name}")


@given(some.text(max_size=200), some.booleans())
def test_texts_are_cleaned_like_all_posts(text: str, escaped: bool) -> None:
    """The fast path for clean texts has the same result as `post_text.clean_text`."""
    assert post_text.clean_text(text, has_entities=escaped) == PostTexts(ImportTally()).clean(text, is_escaped=escaped)


def test_a_file_without_any_text_is_not_a_question() -> None:
    """Nobody could choose a column for the texts, or for the dates."""
    with pytest.raises(InvalidFile, match="No column has the texts of posts") as refused:
        read("day,a,b\n2026-11-02,1,2\n2026-11-03,3,4\n")
    assert not isinstance(refused.value, UnknownColumns)
    with pytest.raises(InvalidFile, match="No column has the dates of posts") as refused:
        read("who,what\nharbour,Nebel im Hafen heute\n")
    assert not isinstance(refused.value, UnknownColumns)


def test_the_only_column_that_can_be_right_is_suggested() -> None:
    """Cells of several words are texts, even if there are names beside them."""
    with pytest.raises(UnknownColumns) as asked:
        read("wann,wer,was\n2026-11-02,harbour,Nebel im Hafen heute\n2026-11-03,tower,Sonne den ganzen Tag\n")
    assert asked.value.suggestions == {"text": "was", "created_at": "wann"}
