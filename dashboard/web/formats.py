"""The formats that a chart is served in: their suffixes and MIME types."""

CHART_FORMATS = ("png", "svg", "csv", "json")
IMAGE_FORMATS = ("png", "svg")
MIME_TYPES = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv; charset=utf-8"}
