"""What tests send to the application and read from it besides pages: uploaded files, CSV rows and JSON."""

import csv
import io
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def parse_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV with a header."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def upload_file(client: FlaskClient, content: str | bytes, name: str = "posts.csv", **fields: str) -> TestResponse:
    """Upload a file by the form."""
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/upload", data={"file": (io.BytesIO(raw), name), **fields}, content_type="multipart/form-data")


def get_json(client: FlaskClient, url: str, status: int = 200) -> dict[str, Any]:
    """Return the JSON at an address."""
    answer = client.get(url)
    assert answer.status_code == status, answer.text[:1000]
    return dict(answer.get_json())
