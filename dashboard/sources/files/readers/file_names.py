"""Makes the names of files safe to display. Names never decide where something is stored."""

import re

from dashboard.core import post_text
from dashboard.core.formatting.directions import remove_bidi_controls


def display_filename(filename: str) -> str:
    """Return a file's name without folders and control characters, those of direction included, safe to display."""
    name = remove_bidi_controls(post_text.clean_text(re.split(r"[\\/]", filename)[-1][:200]))
    return name.replace("\n", " ").replace("\t", " ").strip(" .") or "file"
