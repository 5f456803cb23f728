"""Key findings and the scorecard on a report, and as data."""

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.support.client_requests import parse_csv
from tests.support.html_pages import PageReader

TWO = "users=demo:harbour-news,demo:aster-air"
MEASURES = ["posts_per_day", "positive_share", "balance_per_post", "reactions_per_post"]


def read_findings(text: str) -> list[tuple[str, str]]:
    """Return the sentence of each finding of a page, and the address of its link."""
    rows = re.findall(r'<p><span data-text><b>(.+?)</b>(.*?)</span>(?: <a href="([^"]+)")?', text)
    return [(html.unescape(headline + detail), html.unescape(url)) for headline, detail, url in rows]


@pytest.mark.slow
def test_the_first_finding_links_to_as_many_posts_as_it_says(demo_page: PageReader) -> None:
    """The computer failure of the airline, in the demo's own words."""
    sentence, url = read_findings(demo_page.open(f"/report?{TWO}").text)[0]
    assert (
        "was far more negative than usual on 15–16 September: 75 posts (about 38 a day, usually 6), on the 16th 96 negative words"
        in sentence
    )
    assert "Words: “sorry, system" in sentence
    posts = demo_page.open(url).text
    assert "75 posts" in posts


@pytest.mark.slow
def test_a_report_that_reads_few_posts_offers_the_method_that_reads_them(demo_page: PageReader) -> None:
    """The word list reads English, and the museum posts in German."""
    sentence, url = read_findings(demo_page.open("/report?users=demo:museum-am-faehrkai").text)[-1]
    assert sentence == "Sentiment covers only 11% of the posts by Museum am Fährkai, because most others are in German."
    assert url == "/report?users=demo:museum-am-faehrkai&method=model"


@pytest.mark.slow
def test_every_link_of_a_finding_leads_somewhere(demo_page: PageReader) -> None:
    """To a page, or to a part of the report."""
    page = demo_page.open(f"/report?{TWO}")
    for _, url in read_findings(page.text):
        if url.startswith("#"):
            assert page.id_counts[url[1:]] == 1
        else:
            assert demo_page.open(url).status == 200


def test_two_accounts_are_rows_of_a_table(demo_page: PageReader) -> None:
    """Each has four numbers and, where it's known, their change."""
    text = demo_page.open(f"/report?{TWO}").text
    table = re.search(r'<table class="scores">.*?</table>', text, re.S)
    assert table
    assert len(re.findall(r'<th scope="row">', table[0])) == 2
    assert re.findall(r'<span class="value">([^<]+)</span>', table[0]) == ["12.1", "30%", "−0.46", "26", "7.4", "42%", "−0.22", "5.5"]
    assert table[0].count(", unclear") == 4  # of six; one of them would be clear alone
    assert table[0].count("<polyline") >= 8


@pytest.mark.slow
def test_one_account_has_tiles(demo_page: PageReader) -> None:
    """A table with one row would waste space."""
    text = demo_page.open("/report?users=demo:pennywren").text
    tiles = re.search(r'<ul class="tiles">.*?</ul>', text, re.S)
    assert tiles
    assert re.findall(r'<span class="label">([^<]+)</span>', tiles[0]) == [
        "Posts per day",
        "Positive share",
        "Balance per post",
        "Reactions per post (median)",
    ]


def test_a_chosen_period_links_to_the_comparison_with_the_one_before(demo_page: PageReader) -> None:
    """It wasn't read, so there is no change to show."""
    text = demo_page.open(f"/report?{TWO}&since=2026-10-01&until=2026-10-11").text
    link = re.search(r'<a href="(/html/compare\?[^"]+)" rel="nofollow">Compare with 21 Sep – 30 Sep 2026&nbsp;→</a>', text)
    assert link
    assert 'class="change' not in text


@pytest.mark.slow
def test_the_json_document_has_findings_and_scorecard(demo_client: FlaskClient) -> None:
    """The sentences are those of the page, and their posts are parameters of /posts."""
    document = demo_client.get(f"/report.json?{TWO}").get_json()
    page = demo_client.get(f"/report?{TWO}").text
    assert list(document) == ["query", "coverage", "notes", "fetched_at", "findings", "scorecard"]
    assert [finding["text"] for finding in document["findings"]] == [sentence for sentence, _ in read_findings(page)]
    assert document["findings"][0]["posts"] == {
        "account": "demo:aster-air",
        "from": "2026-09-15",
        "to": "2026-09-17",
        "sort": "negative",
    }
    assert [list(row) for row in document["scorecard"]] == [["account", "posts", *MEASURES]] * 2
    assert document["scorecard"][0]["positive_share"]["change"]["clear"] is True


@pytest.mark.slow
def test_the_csv_file_has_a_row_per_finding_and_number(demo_client: FlaskClient) -> None:
    """The sentences first, in the order of the page."""
    response = demo_client.get(f"/report.csv?{TWO}")
    rows = parse_csv(response.text)
    document = demo_client.get(f"/report.json?{TWO}").get_json()
    assert response.headers["Content-Disposition"] == 'attachment; filename="chorus-report-harbour-news-aster-air.csv"'
    assert [row["text"] for row in rows if row["section"] == "findings"] == [finding["text"] for finding in document["findings"]]
    assert [row["item"] for row in rows if row["section"] == "scorecard"] == MEASURES * 2
    assert float(rows[-1]["value"]) == 5.5


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_counts_of_a_network_have_no_findings(demo_client: FlaskClient, suffix: str) -> None:
    """They contain no texts; the parameter is named."""
    response = demo_client.get(f"/report.{suffix}?users=nasa&counted=network")
    assert response.status_code == 400
    assert response.get_json()["problems"][0]["field"] == "counted"


def test_findings_are_there_without_a_script(demo_page: PageReader) -> None:
    """Only the button that copies them needs one."""
    text = demo_page.open(f"/report?{TWO}").text
    assert re.search(
        r'<button type="button" class="quiet" data-copy-list="findings-list" data-copy-context="[^"]+" hidden>Copy text</button>', text
    )
    assert len(read_findings(text)) == 6


@pytest.mark.slow
def test_a_report_as_data_is_the_same_for_every_measure(demo_client: FlaskClient) -> None:
    """Its numbers have names of their own, so the default of programs may differ from that of the page."""
    documents = [demo_client.get(f"/report.json?{TWO}&n=60&measure={measure}").get_json() for measure in ("net", "mean", "share")]
    assert [document["query"].pop("measure") for document in documents] == ["net", "mean", "share"]
    assert [document for document in documents if document["findings"] != documents[0]["findings"]] == []
    assert [document for document in documents if document["scorecard"] != documents[0]["scorecard"]] == []


def test_copied_findings_say_what_they_are_about(demo_client: FlaskClient) -> None:
    """People paste them into mails, where nobody sees the page."""
    text = demo_client.get("/report?users=demo:aster-air&n=60").text
    copied = html.unescape(re.findall(r'data-copy-context="([^"]+)"', text)[0])
    assert copied.startswith("21 Oct – 31 Oct 2026 · latest 60 posts · UTC · updated ")
    assert copied.endswith(" · Word list · Demo data – these organisations and posts are made up.")
