"""A table whose columns have unusual names leads to a question that a person can answer, and only a hopeless one is refused."""

import io

import pytest

from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.sources.files.readers import reader


def ask(table: str, name: str = "posts.csv") -> UnknownColumns:
    """Return the question that a table leads to."""
    with pytest.raises(UnknownColumns) as asked:
        list(reader.open_reader(io.BytesIO(table.encode()), name))
    return asked.value


def refuse(table: str) -> str:
    """Return why a table is refused without a question."""
    with pytest.raises(InvalidFile) as refused:
        list(reader.open_reader(io.BytesIO(table.encode()), "posts.csv"))
    assert not isinstance(refused.value, UnknownColumns)
    return refused.value.message


@pytest.mark.parametrize(
    "written", ["5.9.26", "5.9.26 14:05", "05/09/26", "26-09-05", "1793650500", "1793650500123", "46328", "46328.5", "46328,5", "2.11.2026"]
)
def test_a_column_of_dates_in_any_notation_is_suggested(written: str) -> None:
    """Years of two digits, seconds since 1970 and days of spreadsheets are dates, whatever their column is called."""
    question = ask(f"Wann;Wer;Was\n{written};Anna;Guten Tag zusammen hier\n{written};Bert;Noch ein Beitrag von uns\n")
    assert question.suggestions["created_at"] == "Wann"


def test_the_column_with_the_longest_texts_is_suggested() -> None:
    """Scripts without blanks have no words to count, so length decides."""
    question = ask("日時,ユーザー,本文\n2026-11-02 21:15,quay,今日はとてもいい天気です\n2026-11-03 21:15,pier,明日も晴れるといいですね\n")
    assert question.suggestions == {"text": "本文", "created_at": "日時"}


@pytest.mark.parametrize(
    ("header", "names", "suggested"),
    [
        ("Wann;Wer;Was", ("Café", "Bäckerei", "Café"), "Wer"),
        ("Wann;Stelle;Was", ("Café", "Bäckerei", "Café"), "Stelle"),  # the only column of names that come again
        ("Wann;Autorin;Was", ("Café am Kai", "Café am Kai", "Café am Kai"), "Autorin"),
        ("Wann;Status;Was", ("online", "online", "online"), None),  # one word for all, which nothing calls an account
        ("Wann;Wer;Was", ("Café", "Bäckerei", "Kiosk"), None),  # nothing comes again
        ("Wann;Wert;Was", ("12", "12", "13"), None),
    ],
)
def test_a_column_of_repeated_names_is_suggested_as_the_account(header: str, names: tuple[str, ...], suggested: str | None) -> None:
    """Whoever accepts the suggestions gets an account for each name, not one for the file."""
    rows = [f"{day}.9.26 14:05;{name};Das ist ein schöner Tag Nummer {day}" for day, name in enumerate(names, 5)]
    assert ask("\n".join([header, *rows])).suggestions.get("account") == suggested


def test_a_column_of_handles_is_suggested_as_the_account() -> None:
    """A person can still say that it isn't."""
    question = ask("Wann;Wer;Was\n2026-11-02;@quay;Guten Tag zusammen hier\n2026-11-03;@pier;Noch ein Beitrag von uns\n")
    assert question.suggestions["account"] == "Wer"


def test_texts_in_a_column_that_usually_has_counts_are_asked_about() -> None:
    """A column “Comments” has numbers in most tables, and comments in this one."""
    question = ask("Date;Comments\n2026-11-02;What a good day at the quay\n2026-11-03;The ferry is late once more\n")
    assert question.suggestions == {"text": "Comments"}


def test_texts_without_words_are_asked_about() -> None:
    """Posts may be emoji only."""
    assert ask("Date;Reaktion\n2026-11-02;🎉\n2026-11-03;🚢🚢\n").suggestions == {"text": "Reaktion"}


def test_the_time_of_the_last_change_is_asked_about_if_there_is_no_other() -> None:
    """It isn't taken for the time of a post silently."""
    assert ask("Updated at;Text\n2026-11-02 10:00;good\n2026-11-03 10:00;bad\n").suggestions == {"created_at": "Updated at"}


def test_a_date_column_without_dates_leads_to_the_column_that_has_them() -> None:
    """The name of the other column needn't be a known one."""
    question = ask("text,date,w\ngood,Lifetime,2026-11-02 10:00\nbad,Lifetime,2026-11-03 10:00\n")
    assert question.missing_fields == ["created_at"]
    assert question.suggestions == {"created_at": "w"}


def test_rows_without_a_header_have_their_times_in_seconds() -> None:
    """A number of seconds since 1970 is never the name of a column."""
    table = "Anna;Guten Tag zusammen hier;1793650500\nBert;Noch ein Beitrag von uns;1793650501\n"
    rows = [row for batch in reader.open_reader(io.BytesIO(table.encode()), "posts.csv") for row in batch]
    assert [row["text"] for row in rows] == ["Guten Tag zusammen hier", "Noch ein Beitrag von uns"]
    assert f"{rows[0]['created_at']:%Y-%m-%d %H:%M}" == "2026-11-02 20:15"


def test_a_refusal_shows_what_the_columns_have() -> None:
    """So people see at once why nothing in them is a date."""
    assert "“Wann” (“gestern”), “Was” (“Hallo”)" in refuse("Wann;Was\ngestern;Hallo\nheute;Moin\n")


def test_an_empty_object_is_an_empty_list() -> None:
    """It has no columns to ask about."""
    with pytest.raises(InvalidFile, match="The list of posts is empty"):
        list(reader.open_reader(io.BytesIO(b"{}"), "posts.json"))


@pytest.mark.parametrize("content", ["// posts\n[]", 'callback([{"id": 1}]);', '"[{\\"id\\": 1}]"'])
def test_a_file_that_only_looks_like_json_is_called_that(content: str) -> None:
    """It isn't taken for a table whose columns are braces."""
    with pytest.raises(InvalidFile, match="isn’t valid JSON"):
        list(reader.open_reader(io.BytesIO(content.encode()), "posts.json"))
