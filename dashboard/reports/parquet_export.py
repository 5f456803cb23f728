"""Exports a table as a Parquet file, whose metadata say what the rows cover. Which columns a table has doesn't belong here."""

import io
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

METADATA_KEY = "chorus"  # of the description in the metadata of a file


def to_parquet(table: pl.DataFrame, description: Mapping[str, Any]) -> bytes:
    """Return a table as Parquet with its types, and its description (query, coverage, notes, fetched_at) as JSON in the metadata."""
    file = io.BytesIO()
    table.write_parquet(file, metadata={METADATA_KEY: json.dumps(description)})
    return file.getvalue()
