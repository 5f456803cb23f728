"""Tables in other encodings than UTF-8, and texts that a wrong encoding has damaged."""

import io
import json

import pytest

from dashboard.sources.files.readers import reader
from dashboard.sources.files.readers.encodings import choose_encoding
from dashboard.sources.files.readers.mojibake import has_damaged_texts, repair_text

TEXTS = ["I don’t like Zoë’s café", "Schöne Grüße – bis morgen…", "¿Qué? “Señor” está aquí 😀"]


def read(content: bytes, name: str = "posts.csv") -> tuple[list[str], list[str], list[str]]:
    """Return the texts of a file, its accounts, and the warnings."""
    file_reader = reader.open_reader(io.BytesIO(content), name)
    rows = [row for batch in file_reader for row in batch]
    return [row["text"] for row in rows], [row["account"] for row in rows], file_reader.tally.format_warnings()


def build_table(texts: list[str]) -> str:
    """Return a table of posts by müller."""
    return "username;created_at;text\n" + "".join(f"müller;2026-11-02 10:0{n}:00Z;{text}\n" for n, text in enumerate(texts))


def damage(text: str, encoding: str) -> str:
    """Return a text in UTF-8 as a program sees it that takes it for another encoding, whose gaps it fills with control characters."""
    return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize(("encoding", "title"), [("cp1252", "Windows-1252"), ("mac-roman", "Mac OS Roman")])
def test_what_excel_writes_is_read_whatever_its_line_ends(encoding: str, title: str) -> None:
    """Newer versions of Excel for Mac write line feeds, too, so the letters decide."""
    texts = [text.removesuffix(" 😀") for text in TEXTS]
    read_texts, accounts, warnings = read(build_table(texts).encode(encoding))
    assert read_texts == texts
    assert set(accounts) == {"müller"}
    assert title in warnings[0]


@pytest.mark.parametrize(
    "text", ["I’m here", "Crème brûlée", "Über", "“Oh”", "größer", "Ærø", "¡Hola!", "naïve", "l’été", "CAFÉ", "5 €", "piano—lips", "Zoë™"]
)
def test_one_line_is_enough_to_tell_windows(text: str) -> None:
    """What both encodings could mean is read as Windows-1252, which is more frequent."""
    assert choose_encoding([text.encode("cp1252")], has_mac_newlines=False) == "cp1252"


@pytest.mark.parametrize("text", ["I’m here", "Crème brûlée", "über", "größer", "l’été", "está"])
def test_one_line_is_enough_to_tell_a_mac(text: str) -> None:
    """In Windows-1252, these would have capital letters or symbols inside words."""
    assert choose_encoding([text.encode("mac-roman")], has_mac_newlines=False) == "mac-roman"


def test_lines_in_utf_8_have_no_other_encoding() -> None:
    """Nothing is chosen without evidence."""
    assert choose_encoding(["Café".encode(), b"plain"], has_mac_newlines=False) is None


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_texts_damaged_by_a_wrong_encoding_are_repaired(encoding: str) -> None:
    """Otherwise “don’t” would be two words, and no negation."""
    read_texts, accounts, warnings = read(damage(build_table(TEXTS), encoding).encode())
    assert read_texts == TEXTS
    assert set(accounts) == {"müller"}
    assert warnings[0].startswith("3 texts were damaged by a wrong encoding and are repaired: “")
    assert "don’t”, for instance." in warnings[0].replace("\u2068", "").replace("\u2069", "")


def test_damaged_texts_in_json_are_repaired() -> None:
    """The program that collected them made the same mistake."""
    posts = [{"id": str(n), "username": "quay", "created_at": "2026-11-02", "text": damage(text, "cp1252")} for n, text in enumerate(TEXTS)]
    assert read(json.dumps(posts).encode(), "posts.json")[0] == TEXTS


def test_texts_damaged_twice_are_repaired() -> None:
    """Opening and saving a damaged file damages it again."""
    assert repair_text(damage(damage("don’t", "cp1252"), "cp1252")) == "don’t"


def test_a_quotation_of_damaged_text_stays() -> None:
    """Somebody writes about it among posts that are right."""
    texts = ["Why does it say “cafÃ©”?", "Schöne Grüße", "It’s fine"]
    read_texts, _, warnings = read(build_table(texts).encode())
    assert read_texts == texts
    assert warnings == []


@pytest.mark.parametrize("text", ["CAFÉ… É”", "“Ä”", "Übergrößenträger", "Привет", "😀", "naïve", "Å…"])
def test_what_only_resembles_damage_stays(text: str) -> None:
    """A capital letter before a quotation mark or an ellipsis is also the code of another letter."""
    assert not has_damaged_texts([text])


def test_letters_of_other_scripts_are_repaired() -> None:
    """In Cyrillic, every letter is damaged."""
    damaged = damage("Привет, мир", "cp1252")
    assert has_damaged_texts([damaged])
    assert repair_text(damaged) == "Привет, мир"
