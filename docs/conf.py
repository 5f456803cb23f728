"""Sphinx's settings. `make docs` builds the site from this folder into site/; a warning is an error, and nothing is downloaded."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

import reference  # noqa: E402

from dashboard import __version__  # noqa: E402

project = "Chorus"
release = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 3  # headings down to ### can be linked to as page.md#the-heading
exclude_patterns = ["_*"]
html_theme = "pydata_sphinx_theme"
html_title = "Chorus documentation"
html_logo = html_favicon = "../static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # the theme's script reports an error without it
html_theme_options = {
    "logo": {"text": "Chorus"},
    "navbar_end": ["theme-switcher"],
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": ["sphinx-version"],
}


def setup(app):  # noqa: D103
    app.connect("source-read", lambda _app, _page, source: source.__setitem__(0, reference.fill(source[0])))
