"""What tests send to the application and read from it besides pages: uploaded files and CSV rows."""

import csv
import io

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def parse_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV with a header."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def upload_file(client: FlaskClient, content: str | bytes, name: str = "posts.csv", **fields: str) -> TestResponse:
    """Upload a file by the form."""
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/upload", data={"file": (io.BytesIO(raw), name), **fields}, content_type="multipart/form-data")
