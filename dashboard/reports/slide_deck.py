"""Writes a report as a PowerPoint file: a slide per finding, with its sentence, its chart and the source.

Sentences stay text, so that people can edit them. Which findings there are is decided in `findings`; the caller draws the charts.
python-pptx, which is loaded with this module, writes the file.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import PP_ALIGN
from pptx.presentation import Presentation as Deck
from pptx.text.text import TextFrame
from pptx.util import Inches, Pt

from dashboard.core.charts import CHARTS
from dashboard.core.query_values import Measure
from dashboard.reports.dashboard import Dashboard
from dashboard.reports.report import Report, Span
from dashboard.reports.slide_texts import describe_source

CHART_SIZE = (900, 400)  # pixels of a chart's picture before scaling
_SLIDE_INCHES = (13.333, 7.5)
_MARGIN_INCHES = 0.6
_TITLE_BOX, _CHART_TOP, _SOURCE_TOP = (0.45, 1.2), 1.75, 6.9  # inches from the top; the title has its height, too
_CHART_HEIGHT_INCHES, _SOURCE_HEIGHT_INCHES = 5.05, 0.4
_TITLE_POINTS, _SOURCE_POINTS = 26, 12
_TITLE_COLOR, _SOURCE_COLOR = "1C2530", "57606C"
_TITLE_ONLY_LAYOUT = 5  # of the package's template


@dataclass(frozen=True)
class DeckSlide:
    """A slide: a sentence, and the report whose chart shows it. `span` is that of the posts that the sentence is about, if not all are."""

    sentence: str
    report: Report
    span: Span | None = None


def choose_slides(dashboard: Dashboard, build_report: Callable[[str, Measure], Report]) -> list[DeckSlide]:
    """Return a slide for each finding that one of the report's charts shows; otherwise one slide with the first chart.

    A period without posts is one slide that says so. A finding on another measure than the charts have gets a chart of that measure, which
    `build_report` returns.
    """
    reports = {report.kind: report for report in dashboard.reports if not report.chart.is_empty}
    slides = []
    for finding in dashboard.findings:
        kind = next((kind for kind in finding.charts if kind in reports), None)
        if kind:
            is_shown = finding.measure in (None, reports[kind].query.measure) or not CHARTS[kind].uses_measure
            report = reports[kind] if is_shown or finding.measure is None else build_report(kind, finding.measure)
            slides.append(DeckSlide(finding.sentence, report, finding.span))
    first = dashboard.reports[0]
    return slides or [DeckSlide(dashboard.empty_period or first.claim or first.chart.title, first)]


def build_deck(title: str, slides: Sequence[DeckSlide], draw: Callable[[Report], bytes], created: datetime) -> bytes:
    """Return the PowerPoint file. `draw` returns the PNG of a report's chart without texts, in the proportions of CHART_SIZE."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = (Inches(length) for length in _SLIDE_INCHES)
    properties = deck.core_properties
    properties.title, properties.author, properties.last_modified_by = title, "Chorus", ""
    properties.created = properties.modified = created
    for slide in slides:
        _add_slide(deck, slide, draw(slide.report))
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def _add_slide(deck: Deck, content: DeckSlide, picture: bytes) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY_LAYOUT])
    left, width = Inches(_MARGIN_INCHES), Inches(_SLIDE_INCHES[0] - 2 * _MARGIN_INCHES)
    title = slide.shapes.title
    title.left, title.width = left, width
    title.top, title.height = (Inches(length) for length in _TITLE_BOX)
    _write(title.text_frame, content.sentence, _TITLE_POINTS, _TITLE_COLOR, is_bold=True)
    chart_width, chart_height = _CHART_HEIGHT_INCHES * CHART_SIZE[0] / CHART_SIZE[1], _CHART_HEIGHT_INCHES
    chart_left = (_SLIDE_INCHES[0] - chart_width) / 2
    chart = slide.shapes.add_picture(
        io.BytesIO(picture), *(Inches(length) for length in (chart_left, _CHART_TOP, chart_width, chart_height))
    )
    chart._element.nvPicPr.cNvPr.set("descr", content.report.chart.alt)
    source = slide.shapes.add_textbox(left, Inches(_SOURCE_TOP), width, Inches(_SOURCE_HEIGHT_INCHES))
    _write(source.text_frame, describe_source(content.report, content.span), _SOURCE_POINTS, _SOURCE_COLOR)


def _write(frame: TextFrame, text: str, points: int, color: str, *, is_bold: bool = False) -> None:
    frame.word_wrap = True
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text, run.font.size, run.font.bold, run.font.color.rgb = text, Pt(points), is_bold, RGBColor.from_string(color)  # type: ignore[no-untyped-call]
