"""The formats that a chart is served in: their suffixes and MIME types."""

FORMATS = ("png", "svg", "csv", "json")
PICTURES = ("png", "svg")
TYPES = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv; charset=utf-8"}
