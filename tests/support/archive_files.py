"""Files as people upload them: posts, scripts and zips as the archive of X holds them."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.core import posts
from dashboard.sources.files.readers import reader

CREATED_AT = "Tue Dec 06 10:00:00 +0000 2022"


def read_through(content: bytes | str, name: str = "posts.csv") -> reader.FileReader:
    """Read a file to its end, check its posts, and return the reader with its tally."""
    reading = reader.open_reader(io.BytesIO(content if isinstance(content, bytes) else content.encode()), name)
    for batch in reading:
        posts.build_frame(batch)
    return reading


def build_tweet(number: int = 1, text: str = "Hello", **more: Any) -> dict[str, Any]:
    """Return a post as the archive of X writes it."""
    return {"tweet": {"id_str": str(number), "created_at": CREATED_AT, "full_text": text} | more}


def build_script(elements: Iterable[Any], name: str = "tweets.part0") -> str:
    """Return a script of the archive of X, which assigns a list."""
    return f"window.YTD.{name} = {json.dumps(list(elements))}"


ACCOUNT_SCRIPT = build_script([{"account": {"username": "Harbour"}}], "account.part0")


def build_zip(members: Mapping[str, str | bytes]) -> bytes:
    """Return a zip with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()
