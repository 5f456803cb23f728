"""The format registry: every format that charts and posts can be downloaded in, one entry per format.

Routes, templates, OpenAPI and the documentation read it, so a new format is one more entry. What goes into a table or a picture isn't
decided here; an entry only says how it is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask, json
from werkzeug.routing import AnyConverter, Map

from dashboard.core.query import Query
from dashboard.core.registry import Registry

if TYPE_CHECKING:  # importing it loads polars
    from dashboard.charts.spec.chart import Chart, SlideTexts

JSON_MIME_TYPE = "application/json"
DECK_MIME_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"  # of a whole report; charts have pictures
BARE_FORMAT = "png"  # the format of a chart's URL without a suffix


class Table(Protocol):
    """What a data format writes: the table of a chart, or posts."""

    @property
    def query(self) -> Query:
        """The query that the table answers."""

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values, times as ISO 8601 strings."""

    def to_csv(self, *, is_for_spreadsheet: bool = False) -> str:
        """Return the rows, each followed by its account's coverage, as RFC 4180 CSV."""

    def to_xlsx(self) -> bytes:
        """Return the same rows as an Excel workbook with their coverage on the second sheet."""

    def to_parquet(self) -> bytes:
        """Return the same rows as Parquet with their coverage in the metadata."""

    def to_document(self) -> Mapping[str, Any]:
        """Return the rows with the query, its coverage and notes."""


@dataclass(frozen=True)
class Picture:
    """What a picture format draws: a chart of `width` × `height` pixels, which bitmap formats multiply by `scale`.

    With `slide_texts` it's a slide instead, which has its own size.
    """

    chart: "Chart"
    width: int
    height: int
    scale: int
    theme: str
    slide_texts: "SlideTexts | None" = None


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format: `name` is its suffix in URLs, `title` its name on pages. `is_compressible` is False if the format compresses itself."""

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
        """Return whether responses are the JSON documents that OpenAPI describes."""
        return self.media_type == JSON_MIME_TYPE


@dataclass(frozen=True, kw_only=True)
class PictureFormat(Format):
    """A picture format."""

    kind = "picture"
    render: Callable[[Picture], bytes]


@dataclass(frozen=True, kw_only=True)
class DataFormat(Format):
    """A data format. `is_attachment` makes browsers save the file instead of showing it.

    `link_options` are the parameters of the links on pages, where people and not programs follow them.
    """

    kind = "data"
    render: Callable[[Table], str | bytes]
    is_attachment: bool = False
    is_binary: bool = False
    link_options: Mapping[str, Any] = field(default_factory=dict)


FORMATS: Registry[PictureFormat | DataFormat] = Registry("format")


def with_link_options(query: Query, format_name: str) -> Query:
    """Return a query with the options of a page's link to its file in a format."""
    entry = FORMATS[format_name]
    return query.model_copy(update=dict(entry.link_options)) if isinstance(entry, DataFormat) else query


def picture_formats() -> tuple[PictureFormat, ...]:
    """Return the picture formats."""
    return tuple(entry for entry in FORMATS if isinstance(entry, PictureFormat))


def data_formats() -> tuple[DataFormat, ...]:
    """Return the data formats."""
    return tuple(entry for entry in FORMATS if isinstance(entry, DataFormat))


class FormatConverter(AnyConverter):
    """The route converter for formats: `<format:file_format>` matches any, `<format(picture):file_format>` those of one kind.

    It matches the formats registered when the application is created.
    """

    def __init__(self, url_map: Map, kind: str = "") -> None:
        super().__init__(url_map, *(entry.name for entry in FORMATS if kind in ("", entry.kind)))


def init_app(app: Flask) -> None:
    """Make formats available to routes and templates. Must run before the blueprints that use them are registered."""
    app.url_map.converters["format"] = FormatConverter
    app.jinja_env.globals.update(formats=FORMATS)


def _render_png(picture: Picture) -> bytes:
    from dashboard.charts.vega import images

    if picture.slide_texts:
        return images.render_slide_png(picture.chart, picture.slide_texts, theme_name=picture.theme)
    return images.render_png(picture.chart, width=picture.width, height=picture.height, scale=picture.scale, theme_name=picture.theme)


def _render_svg(picture: Picture) -> bytes:
    from dashboard.charts.vega import images

    if picture.slide_texts:
        return images.render_slide_svg(picture.chart, picture.slide_texts, theme_name=picture.theme).encode()
    return images.render_svg(picture.chart, width=picture.width, height=picture.height, theme_name=picture.theme).encode()


def _render_csv(table: Table) -> str:
    return table.to_csv(is_for_spreadsheet=table.query.bom)


def _render_xlsx(table: Table) -> bytes:
    return table.to_xlsx()


def _render_parquet(table: Table) -> bytes:
    return table.to_parquet()


def _render_json(table: Table) -> str:
    return json.dumps(table.to_document(), separators=(",", ":")) + "\n"


FORMATS.register(PictureFormat(name="png", title="PNG", mime_type="image/png", render=_render_png, is_compressible=False))
FORMATS.register(PictureFormat(name="svg", title="SVG", mime_type="image/svg+xml", render=_render_svg))
FORMATS.register(
    DataFormat(
        name="csv",
        title="CSV",
        mime_type="text/csv; charset=utf-8",
        render=_render_csv,
        is_attachment=True,
        link_options={"bom": True},  # Excel opens it with a double click
    )
)
FORMATS.register(DataFormat(name="json", title="JSON", mime_type=JSON_MIME_TYPE, render=_render_json))
FORMATS.register(
    DataFormat(
        name="xlsx",
        title="Excel",
        mime_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        render=_render_xlsx,
        is_attachment=True,
        is_binary=True,
        is_compressible=False,
    )
)
FORMATS.register(
    DataFormat(
        name="parquet",
        title="Parquet",
        mime_type="application/vnd.apache.parquet",
        render=_render_parquet,
        is_attachment=True,
        is_binary=True,
        is_compressible=False,
    )
)
