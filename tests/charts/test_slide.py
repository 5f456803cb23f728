"""Slides: everything is inside 1600 × 900 pixels, and long texts keep to their lines."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from dashboard.charts.spec.chart import SlideTexts
from dashboard.charts.vega import slide
from dashboard.charts.vega.theme import THEMES

SHORT = SlideTexts("Aster Air posted more", "Posts per day", "Source: 400 posts by Aster Air · Chorus")
PLOT = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'
NAMESPACE = {"svg": "http://www.w3.org/2000/svg"}


def lines(texts: SlideTexts) -> list[list[str]]:
    """Return the lines of title, subtitle and source."""
    document = ET.fromstring(slide.compose(PLOT, texts, THEMES["light"], "alt"))
    return [[line.text or "" for line in text.findall("svg:tspan", NAMESPACE)] for text in document.findall("svg:text", NAMESPACE)]


@pytest.mark.parametrize("field", ["title", "subtitle", "source"])
def test_a_long_text_is_cut_at_a_word_after_two_lines(field: str) -> None:
    """The last line ends with an ellipsis, and no line is wider than the slide allows."""
    written = lines(replace(SHORT, **{field: "remarkable " * 100}))[["title", "subtitle", "source"].index(field)]
    assert len(written) == 2
    assert written[-1].endswith("remarkable …")


@pytest.mark.parametrize("field", ["title", "subtitle", "source"])
def test_the_chart_never_overlaps_a_text(field: str) -> None:
    """Its box begins below the subtitle and ends above the source, however long they are."""
    texts = replace(SHORT, **{field: "remarkable " * 100})
    left, top, width, height = slide.chart_box(texts)
    document = ET.fromstring(slide.compose(PLOT, texts, THEMES["light"], "alt"))
    baselines = [[float(line.attrib["y"]) for line in text] for text in document.findall("svg:text", NAMESPACE)]
    assert max(baselines[0] + baselines[1]) < top
    assert top + height < min(baselines[2])
    assert max(baselines[2]) < slide.HEIGHT_PX
    assert (left, left + width) == (56, slide.WIDTH_PX - 56)
    assert height > 400


def test_no_word_is_alone_on_the_last_line_of_a_title() -> None:
    """Lines of a text that has to be wrapped are about equally long."""
    title = "Aster Air was far more negative than usual on 13–14 October"
    assert lines(replace(SHORT, title=title))[0] == ["Aster Air was far more negative", "than usual on 13–14 October"]


def test_an_empty_subtitle_leaves_its_room_to_the_chart() -> None:
    """A chart without a claim has its title alone."""
    assert slide.chart_box(replace(SHORT, subtitle=""))[3] > slide.chart_box(SHORT)[3]


def test_texts_are_written_as_they_are() -> None:
    """A post that is quoted can't add elements."""
    hostile = "“</text><script>alert(1)</script>” & more"
    assert lines(replace(SHORT, title=hostile))[0] == [hostile]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_slide_has_the_colours_of_its_theme(theme: str) -> None:
    """The background covers it completely."""
    document = ET.fromstring(slide.compose(PLOT, SHORT, THEMES[theme], "alt"))
    background = document.find("svg:rect", NAMESPACE)
    assert background is not None
    assert background.attrib == {"width": "1600", "height": "900", "fill": THEMES[theme].background}


def test_spaces_in_a_row_are_one() -> None:
    """Names of accounts may have several, and two lines that are exactly full have no room for more. A no-break space stays."""
    words = ["a" * 57, "b" * 57]
    assert lines(replace(SHORT, title="   ".join(words)))[0] == words
    assert lines(replace(SHORT, title="Compagnie\xa0:  9\xa0posts"))[0] == ["Compagnie\xa0: 9\xa0posts"]
