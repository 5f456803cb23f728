"""What all interactive figures share."""


def plain(text: str) -> str:
    """Return text that plotly.js can't take for its own markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
