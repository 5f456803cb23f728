"""The format registry: every format that charts and posts can be downloaded in, one entry per format.

Routes, templates, OpenAPI and the documentation read it, so a new format is one more entry. What goes into a table or a picture isn't
decided here; an entry only says how it is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask, json
from werkzeug.routing import AnyConverter, Map

from dashboard.core.registry import Registry

if TYPE_CHECKING:  # loading it loads polars
    from dashboard.charts.spec import Chart

JSON_MIME_TYPE = "application/json"


class Table(Protocol):
    """What a data format writes: the table of a chart, or posts."""

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values, times as ISO 8601 texts."""

    def to_csv(self) -> str:
        """Return the rows, each followed by its account's coverage, as RFC 4180 text."""

    def to_document(self) -> Mapping[str, Any]:
        """Return the rows with the question, its coverage and notes."""


@dataclass(frozen=True)
class Picture:
    """What a picture format draws: a chart in `width` × `height` pixels, of which a file of pixels has `scale` for each."""

    chart: "Chart"
    width: int
    height: int
    scale: int
    theme: str


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format: `name` is the suffix in URLs, `title` what people call it. `is_compressible` is False if the format compresses itself."""

    name: str
    title: str
    mime_type: str
    is_compressible: bool = True

    @property
    def media_type(self) -> str:
        """Return the MIME type without parameters."""
        return self.mime_type.partition(";")[0]

    @property
    def is_json(self) -> bool:
        """Say whether it holds the documents that OpenAPI describes."""
        return self.media_type == JSON_MIME_TYPE


@dataclass(frozen=True, kw_only=True)
class PictureFormat(Format):
    """A format of pictures."""

    kind = "picture"
    render: Callable[[Picture], bytes]


@dataclass(frozen=True, kw_only=True)
class DataFormat(Format):
    """A format of data. `is_attachment` says that browsers save it as a file instead of showing it."""

    kind = "data"
    render: Callable[[Table], str]
    is_attachment: bool = False


FORMATS: Registry[PictureFormat | DataFormat] = Registry("format")
BARE_FORMAT = "png"  # of a chart's address without a suffix


def picture_formats() -> tuple[PictureFormat, ...]:
    """Return the formats of pictures."""
    return tuple(entry for entry in FORMATS if isinstance(entry, PictureFormat))


def data_formats() -> tuple[DataFormat, ...]:
    """Return the formats of data."""
    return tuple(entry for entry in FORMATS if isinstance(entry, DataFormat))


class FormatConverter(AnyConverter):
    """The part of a route that names a format: `<format:file_format>` any, `<format(picture):file_format>` those of one kind.

    It knows the formats that are registered when the application is made.
    """

    def __init__(self, url_map: Map, kind: str = "") -> None:
        super().__init__(url_map, *(entry.name for entry in FORMATS if kind in ("", entry.kind)))


def init_app(app: Flask) -> None:
    """Let routes and templates name formats; call it before the blueprints that do."""
    app.url_map.converters["format"] = FormatConverter
    app.jinja_env.globals.update(formats=FORMATS)


def _render_png(picture: Picture) -> bytes:
    from dashboard.charts.vega import images

    return images.render_png(picture.chart, width=picture.width, height=picture.height, scale=picture.scale, theme_name=picture.theme)


def _render_svg(picture: Picture) -> bytes:
    from dashboard.charts.vega import images

    return images.render_svg(picture.chart, width=picture.width, height=picture.height, theme_name=picture.theme).encode()


def _render_csv(table: Table) -> str:
    return table.to_csv()


def _render_json(table: Table) -> str:
    return json.dumps(table.to_document(), separators=(",", ":")) + "\n"


FORMATS.register(PictureFormat(name="png", title="PNG", mime_type="image/png", render=_render_png, is_compressible=False))
FORMATS.register(PictureFormat(name="svg", title="SVG", mime_type="image/svg+xml", render=_render_svg))
FORMATS.register(DataFormat(name="csv", title="CSV", mime_type="text/csv; charset=utf-8", render=_render_csv, is_attachment=True))
FORMATS.register(DataFormat(name="json", title="JSON", mime_type=JSON_MIME_TYPE, render=_render_json))
