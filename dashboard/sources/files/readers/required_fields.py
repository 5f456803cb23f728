"""Says what a file must have to be a list of posts. How columns are found belongs in `field_paths.py`."""

from dashboard.sources.files.shapes.shape import Shape

REQUIRED_FIELDS = ("text", "created_at")  # without these a file isn't a list of posts


def check_shape(shape: Shape | None, missing_fields: list[str]) -> None:
    """Raise InvalidFile if a file without the text or the time of posts is known not to have them."""
    if shape and missing_fields and not shape.is_readable:
        raise shape.explain_refusal()
