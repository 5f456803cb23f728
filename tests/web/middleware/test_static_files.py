"""The files that pages load, and the icon that browsers ask for on their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from dashboard.app import create_app
from dashboard.web.middleware.static_files import StaticFiles

STYLE = "p { color: red }\n" * 1000


def test_the_icon_that_browsers_ask_for_is_the_logo() -> None:
    """Data and images have no page that could name an icon."""
    response = create_app({}).test_client().get("/favicon.ico")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/static/logo.svg?v=")


def compress(folder: Path) -> None:
    """Compress all files of a folder, as `make` and the Dockerfile do."""
    subprocess.run([sys.executable, "-m", "whitenoise.compress", "--quiet", str(folder)], check=True)


def load_style(folder: Path) -> TestResponse:
    """Return what a browser gets that takes compressed files."""
    client = Client(StaticFiles(Response(status=404), str(folder), prefix="static/"))
    with client.get("/static/style.css", headers={"Accept-Encoding": "br, gzip"}, buffered=True) as response:
        return response


def test_a_compressed_file_is_served(tmp_path: Path) -> None:
    """It was made when the application was installed."""
    (tmp_path / "style.css").write_text(STYLE)
    compress(tmp_path)
    response = load_style(tmp_path)
    assert response.headers.get("Content-Encoding") in ("br", "gzip")
    assert len(response.data) < len(STYLE)


@pytest.mark.parametrize("changed_by", [-86_400, 86_400], ids=["an older file", "a newer file"])
def test_a_compressed_file_of_another_version_is_not_served(tmp_path: Path, changed_by: int) -> None:
    """After an update without `make`, the new file is served as it is, whichever of the two is older."""
    style = tmp_path / "style.css"
    style.write_text(STYLE)
    compress(tmp_path)
    time = style.stat().st_mtime + changed_by
    style.write_text(STYLE.replace("red", "blue"))
    os.utime(style, (time, time))
    response = load_style(tmp_path)
    assert "Content-Encoding" not in response.headers
    assert response.text == STYLE.replace("red", "blue")
