"""Labelled files: every shared set reads, and what can't be understood is refused with its line."""

import gzip
import json
from hashlib import sha256
from pathlib import Path

import pytest

from dashboard.core.errors import InvalidLabelledData
from dashboard.prediction.training import labelled_data, labelled_files
from tests.support.paths import SAMPLE_DATA, SHARED_DATA
from tests.support.shared_data import needs_labelled_sets

SETS = [
    ("tweeteval-sentiment/train", [7088, 20597, 17795]),
    ("tweeteval-sentiment/val", [312, 869, 819]),
    ("tweeteval-sentiment/devtest2016", [323, 681, 994]),
    ("airline/airline", [4542, 1516, 1123]),
    ("vader-tweets/vader-tweets", [492, 421, 1148]),
    ("tse/tse", [6156, 8737, 6690]),
    ("sanders/sanders", [292, 1074, 271]),
    ("brands/brands", [262, 2653, 1393]),
    ("emotion/emotion", [3441, 0, 1579]),
]


def write_file(folder: Path, content: str | bytes, name: str = "set.tsv") -> Path:
    """Return a file of that content, packed if its name says so."""
    encoded = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(gzip.compress(encoded) if name.endswith(".gz") else encoded)
    return folder / name


def refusal(path: Path) -> str:
    """Return why a file is refused."""
    with pytest.raises(InvalidLabelledData) as caught:
        labelled_data.load_dataset(path)
    return caught.value.message


def test_the_sample_in_the_repository_reads(tmp_path: Path) -> None:
    """Its label counts are those that its README states, packed or not, and no row is left out."""
    sample = SAMPLE_DATA / "labelled_posts.tsv"
    for path in (sample, write_file(tmp_path, sample.read_bytes(), "set.tsv.gz")):
        dataset = labelled_data.load_dataset(path)
        assert dataset.label_counts == [4, 5, 3]
        assert dataset.skipped_rows == {}


@needs_labelled_sets
@pytest.mark.parametrize(("name", "counts"), SETS, ids=[name for name, _ in SETS])
def test_every_shared_data_set_can_be_read(name: str, counts: list[int]) -> None:
    """It has the label counts that its documentation states, and no row is left out."""
    dataset = labelled_data.load_dataset(SHARED_DATA / f"{name}.tsv.gz")
    assert dataset.label_counts == counts
    assert dataset.skipped_rows == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("set.tsv", 'label\ttext\n0\tsay "no\n1\tx, y\n2\t\u2028yes\n'),
        ("set.tsv.gz", 'text\tsource\tlabel\nsay "no\ta\tnegative\nx, y\tb\tNeutral\n\u2028yes\tc\t positive\n'),
        ("set.TSV", '\ufeffLabel\tText\r\n0\tsay "no\r\n1\tx, y\r\n\r\n2\t\u2028yes\r\n'),
        ("set.csv", 'label,text\n0,"say ""no"\n1,"x, y"\n2,\u2028yes\n'),
        ("set.csv.gz", 'id,text,label\n7,"say ""no",0\n8,"x, y",1\n\n9,\u2028yes,2'),
        (
            "set.jsonl",
            '{"label": 0, "text": "say \\"no"}\n{"text": "x, y", "label": "1", "id": 3}\n\n{"label": "POSITIVE", "text": "\u2028yes"}\n',
        ),
        (
            "set.ndjson.gz",
            "".join(json.dumps({"label": at, "text": text}) + "\n" for at, text in enumerate(['say "no', "x, y", "\u2028yes"])),
        ),
    ],
)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str, content: str) -> None:
    """This holds with or without compression, for any order of columns, and for labels as numbers or words; texts stay unchanged."""
    dataset = labelled_data.load_dataset(write_file(tmp_path, content, name))
    assert dataset.texts == ['say "no', "x, y", "\u2028yes"]
    assert dataset.labels.tolist() == [0, 1, 2]


def test_a_quoted_text_keeps_its_line_breaks(tmp_path: Path) -> None:
    """A CSV cell can have several lines."""
    assert labelled_data.load_dataset(write_file(tmp_path, 'label,text\n0,"a\nb"\n', "set.csv")).texts == ["a\nb"]


def test_rows_without_label_or_text_are_left_out_and_counted(tmp_path: Path) -> None:
    """They aren't used for training, and the result says how many there are."""
    dataset = labelled_data.load_dataset(write_file(tmp_path, "label\ttext\n0\tno\n1\t\n\tyes\n2\t \n"))
    assert dataset.texts == ["no"]
    assert dataset.skipped_rows == {"no text": 2, "no label": 1}


def test_the_digest_is_that_of_the_file_on_disk(tmp_path: Path) -> None:
    """It's the digest of the compressed bytes, as `sha256sum` prints it."""
    path = write_file(tmp_path, "label\ttext\n0\tno\n", "set.tsv.gz")
    assert labelled_data.load_dataset(path).digest == sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "expected_text"),
    [
        ("set.tsv", "", "set.tsv is empty. The first line must name the columns “label” and “text” once each."),
        ("set.tsv", "a\tb\n1\tx\n", "set.tsv has no column “label”; its columns are “a” and “b”. The first line must name"),
        ("set.tsv", "label\ttext\ttext\n1\tx\ty\n", "set.tsv has more than one column “text”"),
        ("set.tsv", "label\ttext\n", "set.tsv has no labelled texts. Add rows"),
        ("set.tsv", "label\ttext\n0\tno\n1\tx\ty\n", "Line 3 of set.tsv has 3 cells, but the header has 2. Remove tabs"),
        ("set.tsv", "label\ttext\n0\tno\n-1\tx\n", "Line 3 of set.tsv has the label “-1”. Use the labels 0, 1, 2 or negative"),
        ("set.tsv", "label\ttext\n\x1b[2Jbad\tx\n", "Line 2 of set.tsv has the label “\ufffd[2Jbad”."),
        ("set.csv", 'label,text\n0,"a\nb"\n4,x\n', "Line 4 of set.csv has the label “4”"),
        ("set.csv", 'label,text\n0,a\n1,"x\n', "set.csv isn't valid CSV from line 3 on: unexpected end of data. Write quotes inside"),
        ("set.jsonl", '{"label": 0, "text": "a"}\n[1]\n', "Line 2 of set.jsonl isn't a JSON object with “label” and “text”"),
        ("set.jsonl", '{"label": 0, "text": "a"}\n{"label": 1}\n', "Line 2 of set.jsonl isn't a JSON object"),
        ("set.jsonl", '{"label": 0,\n', "Line 1 of set.jsonl isn't a JSON object"),
        ("set.jsonl", "[" * 100_000 + "\n", "Line 1 of set.jsonl isn't a JSON object"),
        ("set.jsonl", '{"label": true, "text": "a"}\n', "The label in line 1 of set.jsonl has the wrong type. Use the labels"),
        ("set.jsonl", '{"label": 1, "text": ["a"]}\n', "The text in line 1 of set.jsonl has the wrong type"),
        ("set.tsv", b"label\ttext\n0\tno\n1\t\xff\n", "Line 3 of set.tsv isn't in UTF-8. Save the file as UTF-8."),
        ("set.tsv", "label\ttext\n0\tno\n1\t" + "x" * 25_001, "The text in line 3 of set.tsv has more than 25,000 characters. Shorten it."),
        ("set.tsv", "label\ttext\n0\tno\n1\t" + "x" * 2**20, "Line 3 of set.tsv is longer than 1 MiB."),
        ("set.xlsx", "PK", "set.xlsx isn't in a supported format. Use a .tsv, .csv or .jsonl file, or one of these with .gz."),
    ],
)
def test_an_invalid_file_is_refused_with_the_line(tmp_path: Path, name: str, content: str | bytes, expected_text: str) -> None:
    """The message says where the problem is and what to do."""
    assert expected_text in refusal(write_file(tmp_path, content, name))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """So is a file that can't be opened."""
    assert refusal(tmp_path / "gone.tsv") == "gone.tsv can't be read: No such file or directory. Check the path and the file's permissions."


@pytest.mark.parametrize("cut", [slice(0, -9), slice(0, 40)], ids=["end", "middle"])
def test_a_damaged_archive_is_refused(tmp_path: Path, cut: slice) -> None:
    """A truncated gzip file isn't read in part."""
    packed = gzip.compress(b"label\ttext\n" + b"".join(b"0\t%d\n" % at for at in range(999)))
    (tmp_path / "set.tsv.gz").write_bytes(packed[cut])
    assert refusal(tmp_path / "set.tsv.gz") == "set.tsv.gz is a damaged gzip file. Copy or compress it again."


@pytest.mark.slow
def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """A small file can unpack to gigabytes, so reading stops at the limit."""
    lines = (b"\t" + b"x" * 20_000 + b"\n") * 50
    (tmp_path / "set.tsv.gz").write_bytes(
        gzip.compress(b"label\ttext\n") + gzip.compress(lines) * (labelled_files.MAX_BYTES // len(lines) + 1)
    )
    assert refusal(tmp_path / "set.tsv.gz") == "set.tsv.gz is larger than 256 MiB, uncompressed. Use a smaller file."


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    """A file with exactly the maximum number of rows is read, and one more row is refused."""
    path = write_file(tmp_path, "label\ttext\n0\ta\n1\tb\n")
    assert len(labelled_data.load_dataset(path, max_rows=2).texts) == 2
    with pytest.raises(InvalidLabelledData) as caught:
        labelled_data.load_dataset(path, max_rows=1)
    assert caught.value.message == "set.tsv has more than 1 rows. Use a smaller file."


@pytest.mark.parametrize(("name", "stem"), [("val.tsv.gz", "val"), ("a.b.csv", "a.b"), ("x.jsonl", "x"), ("plain", "plain")])
def test_the_stem_of_a_file_name_has_no_extensions(name: str, stem: str) -> None:
    """All extensions are removed."""
    assert labelled_data.dataset_name(Path("/somewhere") / name) == stem
