"""Registers the built-in shapes in the order in which they are tried. The shapes themselves are in the other modules."""

from dashboard.sources.files.shapes import json_posts, local_tables, tables, unreadable
from dashboard.sources.files.shapes.shape import SHAPES

for _shape in (*unreadable.UNREADABLE_SHAPES, *json_posts.JSON_SHAPES, *tables.TABLE_SHAPES, *local_tables.LOCAL_TABLE_SHAPES):
    SHAPES.register(_shape)
