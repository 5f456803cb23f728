"""The registry of shapes: a row is all that a new tool needs."""

import io

from dashboard.sources.files.readers import reader
from dashboard.sources.files.shapes.shape import MAX_KEYS, SHAPES, Shape, recognize_object

TOY = Shape(
    name="toy",
    title="Toy tool",
    source="Toy tool → Export",
    keys=("toy_when", "toy_what"),
    fields={"created_at": ("toy_when",), "text": ("toy_what",), "likes": ("toy_hearts",), "reply": ("toy_answers",)},
)


def test_a_row_in_the_registry_is_enough_to_read_a_new_tool() -> None:
    """Its columns have the meaning that the row gives them, in tables and in JSON."""
    table = b"toy_when,toy_what,toy_hearts,toy_answers\n2026-11-02T10:00:00Z,good,3,7\n"
    objects = b'[{"toy_when": "2026-11-02T10:00:00Z", "toy_what": "good", "toy_hearts": 3, "toy_answers": 7}]'
    with SHAPES.registered(TOY):
        for content, name in ((table, "toy.csv"), (objects, "toy.json")):
            rows = [row for batch in reader.open_reader(io.BytesIO(content), name) for row in batch]
            assert [(row["kind"], row["text"], row["likes"]) for row in rows] == [("reply", "good", 3)]


def test_every_shape_can_be_documented() -> None:
    """It has a title and says where the file comes from; one that is refused says why, and what to do."""
    assert [shape.name for shape in SHAPES if not (shape.title and shape.source and shape.keys)] == []
    assert [shape.name for shape in SHAPES if not shape.is_readable and not shape.advice] == []


def test_an_object_with_more_keys_than_a_post_has_no_shape() -> None:
    """The keys of the latest objects are held in memory, so a hostile file could fill it."""
    post = {"rest_id": "1", "legacy": {"full_text": "good"}}
    assert recognize_object(post) is not None
    assert recognize_object(post | dict.fromkeys(map(str, range(MAX_KEYS)))) is None
