"""Slides of charts, and a report as a PowerPoint file."""

import io
import itertools
import re
import struct
import xml.etree.ElementTree as ET
from html import unescape

import pytest
from flask.testing import FlaskClient
from pptx import Presentation

from dashboard.app import create_app
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock
from tests.support.fault_suite import list_cases

USERS = "users=demo:aster-air,demo:harbour-news"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """A client of an application without settings."""
    return create_app({}, FakeClock(DEMO_NOON)).test_client()


@pytest.fixture(scope="module")
def deck(client: FlaskClient) -> object:
    """The report as a PowerPoint file, opened."""
    response = client.get(f"/report.pptx?{USERS}")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == 'attachment; filename="chorus-aster-air-harbour-news.pptx"'
    return Presentation(io.BytesIO(response.data))


@pytest.mark.parametrize(
    ("theme", "kind"),
    list_cases([("light", "frequency"), ("dark", "words")], ["light", "dark"], ["frequency", "sentiment", "words", "rhythm", "engagement"]),
)
def test_a_slide_is_1600_by_900_pixels(client: FlaskClient, theme: str, kind: str) -> None:
    """The size and scale of ordinary images have no effect."""
    response = client.get(f"/{kind}.png?{USERS}&frame=slide&theme={theme}&width=300&scale=1")
    assert response.mimetype == "image/png"
    assert struct.unpack(">II", response.data[16:24]) == (1600, 900)


def read_texts(client: FlaskClient, path: str) -> str:
    """Return all texts of an SVG image, line by line."""
    return "\n".join(
        "".join(element.itertext()) for element in ET.fromstring(client.get(path).data).iter() if element.tag.endswith("}tspan")
    )


def test_a_slide_has_a_claim_as_its_title_and_its_source_at_the_foot(client: FlaskClient) -> None:
    """The claim is the most important finding that this chart shows."""
    texts = read_texts(client, f"/sentiment.svg?{USERS}&frame=slide")
    assert "was far more negative than usual" in " ".join(texts.splitlines()[:2])
    assert "Sentiment per day" in texts
    assert "Source: 400 posts each by" in texts
    assert "(made-up demo data) · 8 Sep – 31 Oct 2026 · Word list · Chorus" in texts


def test_a_slide_of_points_names_the_licence_of_the_list(client: FlaskClient) -> None:
    """The licence of AFINN requires it on every picture."""
    assert "opendatacommons.org" in read_texts(client, f"/sentiment.svg?{USERS}&frame=slide&method=afinn")
    assert "opendatacommons.org" not in read_texts(client, f"/frequency.svg?{USERS}&frame=slide&method=afinn")


def test_a_slide_of_shares_says_so(client: FlaskClient) -> None:
    """The heading is a claim, and bars of another measure would look alike."""
    lines = read_texts(client, f"/sentiment.svg?{USERS}&frame=slide&interval=week&measure=share").splitlines()
    assert any(line.startswith("Sentiment per week · positive share") for line in lines)


def test_an_unknown_frame_is_refused(client: FlaskClient) -> None:
    """The answer names the frames that exist."""
    response = client.get(f"/frequency.png?{USERS}&frame=poster")
    assert response.status_code == 400
    assert "slide" in response.text


@pytest.mark.slow
def test_the_deck_has_one_finding_one_chart_and_one_source_per_slide(client: FlaskClient, deck: Presentation) -> None:
    """Sentences are text, so that people can edit them, and pictures have alternative texts."""
    assert 3 <= len(deck.slides) <= 6
    for slide in deck.slides:
        title, picture, source = slide.shapes
        assert title.text_frame.text.endswith(".")
        assert picture.image.content_type == "image/png"
        assert picture._element.nvPicPr.cNvPr.get("descr")
        assert source.text_frame.text.startswith("Source: ")


def test_a_sentence_on_positive_shares_stands_above_their_chart(deck: Presentation) -> None:
    """The report's own chart is of the balance."""
    pictures = {slide.shapes.title.text_frame.text: slide.shapes[1]._element.nvPicPr.cNvPr.get("descr") for slide in deck.slides}
    shares = {title: alt for title, alt in pictures.items() if "% positive words" in title}
    others = {title: alt for title, alt in pictures.items() if " negative words against " in title}
    assert shares
    assert all("positive share" in alt.lower() for alt in shares.values())
    assert others
    assert all("balance per post" in alt.lower() for alt in others.values())


def test_a_source_counts_the_posts_that_the_sentence_is_about(deck: Presentation) -> None:
    """Accounts are compared over the period that they share, not over all posts of the chart."""
    sources = {slide.shapes.title.text_frame.text: slide.shapes[2].text_frame.text for slide in deck.slides}
    shared, whole = (next(source for title, source in sources.items() if part in title) for part in ("since 29 September", "far more"))
    assert shared.startswith("Source: 196 posts by Aster Air and 400 posts by Harbour News (made-up demo data) · 29 Sep – 31 Oct 2026")
    assert whole.startswith("Source: 400 posts each by Aster Air and Harbour News (made-up demo data) · 8 Sep – 31 Oct 2026")


def test_the_source_of_the_common_period_counts_only_its_posts(client: FlaskClient) -> None:
    """The chart shows no others."""
    texts = read_texts(client, f"/frequency.svg?{USERS}&window=common&frame=slide")
    assert "Source: 196 posts by Aster Air and 399 posts by Harbour News (made-up demo data) · 29 Sep – 31 Oct 2026" in texts


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("frequency", "Source: 400 posts each by Museum am Fährkai and Aster Air (made-up demo data) · 29 Apr"),
        ("sentiment", "Source: 44 posts by Museum am Fährkai and 400 posts by Aster Air (made-up demo data) · 1 May"),
        ("engagement", "Source: 44 posts by Museum am Fährkai and 382 posts by Aster Air (made-up demo data) · 1 May"),
    ],
)
def test_the_source_of_a_chart_of_some_posts_counts_only_those(client: FlaskClient, kind: str, source: str) -> None:
    """Most of the museum's posts are in German, which the word list doesn't read, and reposts have no reactions of their own."""
    assert source in read_texts(client, f"/{kind}.svg?users=demo:museum-am-faehrkai,demo:aster-air&frame=slide")


def test_everything_fits_on_a_wide_slide(deck: Presentation) -> None:
    """The slides are 16:9, and nothing overlaps or reaches over an edge."""
    assert round(deck.slide_width / deck.slide_height, 2) == 1.78
    for slide in deck.slides:
        tops = [(shape.top, shape.top + shape.height) for shape in slide.shapes]
        assert all(above[1] <= below[0] for above, below in itertools.pairwise(tops))
        assert tops[-1][1] <= deck.slide_height
        assert all(shape.left >= 0 and shape.left + shape.width <= deck.slide_width for shape in slide.shapes)


def test_the_slides_are_the_findings_of_the_report(client: FlaskClient, deck: Presentation) -> None:
    """The first sentence is the most important one."""
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert "was far more negative than usual on 15–16 September: 75 posts" in titles[0]
    assert len(set(titles)) == len(titles)


def test_a_report_without_posts_is_a_clear_error(client: FlaskClient) -> None:
    """A deck isn't built from nothing."""
    response = client.get("/report.pptx?users=demo:nobody")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "written"), [("", ""), ("&measure=net", "&measure=net"), ("&measure=share", "&measure=share")])
def test_a_report_links_to_the_deck_of_its_own_measure(client: FlaskClient, measure: str, written: str) -> None:
    """The link writes what isn't a report's default, and the deck's own address agrees with it."""
    path = f"/report.pptx?{USERS}&n=30{written}"
    assert f'href="{path}"'.replace("&", "&amp;") in client.get(f"/report?{USERS}&n=30{measure}").text
    assert client.get(path).headers["Content-Location"] == path


def test_a_period_without_posts_is_one_slide_that_says_so(client: FlaskClient) -> None:
    """A file without a slide would look broken."""
    (slide,) = Presentation(io.BytesIO(client.get(f"/report.pptx?{USERS}&since=2030-01-01").data)).slides
    assert slide.shapes.title.text_frame.text == "Aster Air and Harbour News have no posts from 1 Jan 2030."


@pytest.mark.slow
def test_the_csv_file_of_a_report_opens_in_a_spreadsheet(client: FlaskClient) -> None:
    """People follow the link, so it asks for the byte order mark that programs do without."""
    (path,) = re.findall(r'href="(/report\.csv[^"]+)"', client.get(f"/report?{USERS}&n=30").text)
    assert client.get(unescape(path)).data.startswith(b"\xef\xbb\xbf")
    assert not client.get(f"/report.csv?{USERS}&n=30").data.startswith(b"\xef\xbb\xbf")
