"""Pages for people: the form, the report, single charts, and everything that can be typed wrong."""

import json
import re
import time
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.charts import CHARTS
from tests.support import fake_networks
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.html_pages import PageReader, SharedPageReader

AIR, NEWS = "demo:aster-air", "demo:harbour-news"

WRONG = {
    "users=": ("users", "at least one account"),
    "users=%20,%20,": ("users", "at least one account"),
    "users=" + ",".join(f"user{i}" for i in range(21)): ("users", "up to 20"),
    "users=" + "a" * 300: ("users", "“aaaaaa"),
    "users=%3Cscript%3Ealert(1)%3C/script%3E": ("users", "isn’t a profile link"),
    "users=na%00sa": ("users", "invisible characters"),
    "users=nasa&n=0": ("n", "whole number"),
    "users=nasa&n=-1": ("n", "whole number"),
    "users=nasa&n=abc": ("n", "whole number"),
    "users=nasa&n=1e99": ("n", "whole number"),
    "users=nasa&n=400&n=500": ("n", "appears 2 times"),
    "users=nasa&since=2026-02-01&until=2026-01-01": ("until", "must be later than"),
    "users=nasa&since=yesterday": ("since", "2026-03-31"),
    "users=nasa&tz=Mars/Olympus": ("tz", "Unknown time zone"),
    "users=nasa&interval=year": ("interval", "must be auto, hour"),
    "users=nasa&method=tarot": ("method", "must be bing, vader, afinn or model"),
    "users=nasa&kinds=story": ("kinds", "post, reply"),
    "users=nasa&colour=red": ("other", "Unknown option “colour”"),
    "users=nasa&usres=bbc": ("other", "Did you mean “users”"),
}


def status(client: FlaskClient, url: str) -> int:
    """Return the status of a URL, and close the response."""
    with client.get(url) as response:
        return response.status_code


def test_the_form_says_which_networks_are_ready(page: PageReader) -> None:
    """The home page lists each network with its state."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.open("/").text))
    assert "Demo ready" in text
    assert "X ready" in text


def test_visitors_are_not_told_which_settings_a_network_needs(caplog: pytest.LogCaptureFixture) -> None:
    """Without a key, pages and errors say who can connect X; the log names the settings."""
    caplog.set_level("INFO")
    unconnected = PageReader(create_app({}).test_client())
    form, refused = unconnected.open("/"), unconnected.open("/report?users=nasa", status=503)
    assert "Your administrator can connect X." in form.text
    assert "X isn’t connected on this server, so @nasa can’t be read. Your administrator can connect X." in refused.text
    assert "/report?users=nasa.bsky.social" in refused.link_urls
    assert "X_BEARER_TOKEN" not in form.text + refused.text
    assert [line for line in caplog.messages if line.startswith("X isn't connected. X needs a key: X_BEARER_TOKEN")] != []


def test_the_form_can_be_filled_in_by_its_url(page: PageReader) -> None:
    """Parameters of the home page fill in its fields."""
    html_page = page.open("/?users=nasa&n=50&tz=Europe/Berlin&kinds=post,quote")
    assert html_page.fields["users"] == "nasa"
    assert html_page.fields["n"] == "50"
    assert html_page.fields["tz"] == "Europe/Berlin"
    assert html_page.checked_values == ["post", "quote"]


@pytest.mark.slow
def test_typed_text_becomes_a_canonical_url(demo_page: PageReader) -> None:
    """Commas, lines and profile URLs end at one URL without defaults."""
    typed = quote(f"{AIR}\r\nDEMO:Aster-Air , https://x.com/NASA ")
    assert demo_page.open(f"/report?users={typed}&n=400&interval=auto&method=bing&since=").url == "/report?users=demo:aster-air,nasa"


def test_a_canonical_url_is_not_redirected(demo_client: FlaskClient) -> None:
    """This holds for encoded and plain commas."""
    assert [demo_client.get(f"/html/frequency?users={AIR}{comma}{NEWS}&n=50").status_code for comma in (",", "%2C")] == [200, 200]


def test_a_report_links_to_every_chart_and_format(demo_page: PageReader) -> None:
    """Each chart has its own page and all its formats; the CSV file is the one for spreadsheets."""
    links = demo_page.open(f"/report?users={AIR},{NEWS}&n=50").link_urls
    expected_links = [
        f"/{kind}.{form}?users={AIR},{NEWS}&n=50&measure=mean{'&bom=1' * (form == 'csv')}"
        for kind in ("frequency", "sentiment")
        for form in ("png", "svg", "csv", "json", "xlsx", "parquet")
    ]
    assert [link for link in expected_links if link not in links] == []
    assert [kind for kind in ("frequency", "sentiment") if f"/html/{kind}?users={AIR},{NEWS}&n=50&measure=mean" not in links] == []


@pytest.mark.parametrize("options", ["", "&embed=1"])
def test_a_chart_page_is_headed_by_what_the_chart_shows(demo_page: PageReader, options: str) -> None:
    """The heading is a name that people understand, not the one in the address."""
    comparison, engagement = (demo_page.open(f"/html/{kind}?users={AIR}&n=50{options}") for kind in ("compare", "engagement"))
    assert comparison.h1s == ["Change against the previous period\N{NO-BREAK SPACE}– Aster Air"]
    assert engagement.h1s == ["Which posts get reactions?\N{NO-BREAK SPACE}– Aster Air"]


def test_every_chart_page_shares_one_name_between_its_heading_and_its_chart(demo_page: PageReader) -> None:
    """Charts without intervals have a single title, which is also the heading of their demo_page."""
    for kind in CHARTS:
        html_page = demo_page.open(f"/html/{kind.name}?users={AIR}&n=50")
        assert html_page.h1s == [kind.page_heading("Aster Air")]
        assert kind.has_intervals or f'<h2 id="{kind.name}">{kind.heading}</h2>' in html_page.text


def name_form(link: str) -> tuple[str, ...]:
    """Return what links of the same kind have in common: the path and the names of the parameters."""
    parts = urlsplit(link)
    return parts.path, *parse_qs(parts.query, keep_blank_values=True)


@pytest.mark.slow
@pytest.mark.parametrize("is_thorough", [False, pytest.param(True, marks=ONLY_IN_FAULTS)], ids=["one of each form", "all"])
def test_every_link_of_a_report_works(demo_page: PageReader, demo_client: FlaskClient, is_thorough: bool) -> None:
    """No link is dead."""
    links = {link for link in demo_page.open(f"/report?users={AIR}&n=12").link_urls if link.startswith("/")}
    if not is_thorough:
        links = set({name_form(link): link for link in sorted(links)}.values())
    assert {link: demo_client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


@pytest.mark.slow
def test_everything_a_page_loads_exists(demo_page: PageReader, demo_client: FlaskClient) -> None:
    """Style sheets, scripts and images are served by the application itself."""
    loads = demo_page.open(f"/report?users={AIR}&n=50").loaded_urls
    assert {url: status(demo_client, url) for url in loads} == dict.fromkeys(loads, 200)


@pytest.mark.slow
def test_a_report_has_a_row_per_account(demo_page: PageReader) -> None:
    """Each begins with the initials and the name of the account."""
    text = (
        demo_page.open(f"/report?users={AIR},demo:small-clocks&n=100").text.partition('<table class="scores">')[2].partition("</table>")[0]
    )
    assert re.findall(r"class=\"monogram account-\d\".*?</svg><bdi title=\"([^\"]+)\">([^<]+)</bdi>", text) == [
        ("aster-air · Demo", "Aster Air"),
        ("small-clocks · Demo", "Museum of Small Clocks"),
    ]


def test_demo_data_is_labelled_on_every_page(demo_page: PageReader) -> None:
    """Nobody should mistake it for real data."""
    pages = [f"/report?users={AIR}&n=50", f"/html/frequency?users={AIR}", f"/html/sentiment?users={AIR}&embed=1"]
    assert [url for url in pages if "Demo data" not in demo_page.open(url).text] == []


@pytest.mark.parametrize("url", ["/html/frequency", "/html/frequency?embed=1", "/report"])
def test_the_demo_notice_is_shown_once(demo_page: PageReader, url: str) -> None:
    """The page has it above its charts, so captions leave it out."""
    text = demo_page.open(f"{url}{'&' if '?' in url else '?'}users={AIR}&n=50").text
    assert len(re.findall(r">Demo data – these organisations and posts are made up\.<", text)) == 1


def test_a_chart_without_unusual_days_says_so_once(demo_page: PageReader) -> None:
    """The sentence in place of the chart isn't repeated as a remark; programs still get it as a note."""
    question = "users=demo:pennywren&n=90"
    text = demo_page.open(f"/html/events?{question}").text
    assert len(re.findall(r">No unusual days\.", text)) == 1
    assert "No unusual days." in demo_page.client.get(f"/events.json?{question}").get_json()["notes"]


@pytest.mark.parametrize(("method", "source"), [("bing", "Minqing Hu"), ("afinn", "AFINN-165"), ("model", "AI model: chorus-sentiment ")])
def test_a_report_says_when_posts_were_read_and_where_scores_come_from(demo_page: PageReader, method: str, source: str) -> None:
    """Both are in the section about the numbers."""
    text = demo_page.open(f"/report?users={AIR}&n=50&method={method}").text
    about = text.partition('id="about-coverage"')[2]
    assert re.search(r"<td>\d+ \w{3} \d{4} \d\d:\d\d UTC</td>", about)
    assert source in about.partition('id="about-credits"')[2]


def test_real_data_is_not_called_demo(page: PageReader, world: fake_networks.World) -> None:
    """The label is only for demo accounts."""
    world.x.has("nasa", posts=5)
    assert "Demo data" not in page.open("/report?users=nasa").text


@pytest.mark.parametrize("asked", WRONG)
def test_invalid_input_has_a_message_at_its_field(page: PageReader, asked: str) -> None:
    """The message is a sentence."""
    field, sentence = WRONG[asked]
    assert sentence in page.open(f"/report?{asked}", status=400).problems[field]


def test_invalid_input_stays_in_the_form(page: PageReader) -> None:
    """Nothing that was typed is lost."""
    html_page = page.open("/report?users=%3Cb%3E,nasa&n=abc&since=soon&tz=Mars&method=tarot&kinds=reply", status=400)
    assert {name: html_page.fields[name] for name in ("users", "n", "since", "tz", "method")} == {
        "users": "<b>,nasa",
        "n": "abc",
        "since": "soon",
        "tz": "Mars",
        "method": "tarot",
    }
    assert html_page.checked_values == ["reply"]


def test_all_problems_are_shown_at_once(page: PageReader) -> None:
    """A person can fix the form in one go."""
    assert set(page.open("/report?users=n%3Cb&n=abc&since=soon&tz=Mars", status=400).problems) == {"users", "n", "since", "tz"}


def test_an_account_without_posts_has_a_sentence(page: PageReader, world: fake_networks.World) -> None:
    """The page isn't an error."""
    world.x.has("quiet", posts=0)
    assert "@quiet has no posts" in page.open("/report?users=quiet").text


def test_posts_without_listed_words_have_a_sentence(page: PageReader, world: fake_networks.World) -> None:
    """The account is unknown, not neutral."""
    world.x.has("plain")
    world.x.post("plain", "table chair window")
    assert "so its sentiment is unknown" in page.open("/report?users=plain").text


def test_markup_in_a_post_stays_text(page: PageReader, world: fake_networks.World) -> None:
    """A hostile post doesn't change the page."""
    world.x.has("nasa")
    world.x.post("nasa", "</script><script>alert(1)</script> great <img src=x onerror=alert(1)>")
    html_page = page.open("/report?users=nasa")
    assert "<script>alert(1)" not in html_page.text
    assert "<img src=x" not in html_page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html_page.text


@pytest.mark.slow
def test_one_failing_account_does_not_hide_the_others(page: PageReader, world: fake_networks.World) -> None:
    """The others are drawn, and a note explains the failure."""
    text = page.open(f"/report?users={AIR},nobody_here").text
    assert "@nobody_here on X." in text
    assert "Posts per" in text


def test_a_chart_page_says_which_period_was_requested(page: PageReader) -> None:
    """Its heading covers as much as that of the report does."""
    text = page.open("/html/frequency?users=demo:small-clocks&since=2026-03-01&until=2026-04-01").text
    assert re.search("1 Mar – 31 Mar 2026 · all [0-9]+ posts · UTC", text)


def test_partial_posts_are_shown_with_the_reset_time(page: PageReader, world: fake_networks.World) -> None:
    """A rate limit on the second page keeps the posts of the first."""
    world.x.has("nasa", posts=250)
    world.x.fails("nasa", with_="rate limit", after_pages=1, headers={"x-rate-limit-reset": str(int(time.time()) + 600)})
    text = page.open("/report?users=nasa").text
    assert "@nasa: only 100 posts read so far" in text
    assert re.search(r"until \d\d:\d\d UTC", text)


@pytest.mark.parametrize(
    ("failure", "status", "sentence"),
    [
        ("protected", 404, "protected"),
        ("suspended", 404, "suspended"),
        ("unknown", 404, "There’s no"),
    ],
)
def test_a_failure_of_the_only_account_keeps_the_form(
    page: PageReader, world: fake_networks.World, failure: str, status: int, sentence: str
) -> None:
    """The message is at the field, with the matching status."""
    world.x.has("nasa", posts=5)
    world.x.fails("nasa", with_=failure)
    html_page = page.open("/report?users=nasa&n=77", status=status)
    assert sentence in html_page.problems["users"]
    assert html_page.fields["users"] == "nasa"
    assert html_page.fields["n"] == "77"


def test_a_failure_of_the_network_marks_no_field(page: PageReader, world: fake_networks.World) -> None:
    """What was typed is fine, so the sentence is below the title, and the form stays filled."""
    world.x.has("nasa", posts=5)
    world.x.fails("nasa", with_="rate limit")
    html_page = page.open("/report?users=nasa&n=77", status=429)
    assert "X doesn’t let us read @nasa for now." in html_page.text
    assert "marked field" not in html_page.text
    assert html_page.problems == {}
    assert html_page.fields["n"] == "77"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("users=nasa&n=abc", "Check the marked field below."),
        ("users=nasa&n=abc&tz=Mars", "Check the marked fields below."),
        ("users=nasa&colour=red", "Part of the address isn’t valid."),
    ],
)
def test_an_error_page_says_where_the_problem_is(page: PageReader, asked: str, sentence: str) -> None:
    """Only a page with a marked field speaks of one."""
    assert sentence in page.open(f"/report?{asked}", status=400).text


def test_a_rate_limit_has_retry_after(client: FlaskClient, world: fake_networks.World) -> None:
    """The header has seconds."""
    world.x.has("nasa", posts=5)
    world.x.fails("nasa", with_="rate limit")
    assert 1 <= int(client.get("/report?users=nasa").headers["Retry-After"]) <= 24 * 3600


def test_an_unavailable_network_is_explained(page: PageReader) -> None:
    """The page says that this server takes no files."""
    assert "Files can’t be uploaded on this server" in page.open("/report?users=file:abc", status=503).text


@pytest.mark.slow
def test_more_posts_than_the_cap_are_cut_with_a_note(demo_page: PageReader) -> None:
    """Requesting 9,999 posts returns 3,200."""
    assert "You asked for 9,999 posts per account; Chorus reads up to 3,200." in demo_page.open(f"/html/frequency?users={NEWS}&n=9999").text


def test_an_interval_with_too_many_rows_is_refused_at_its_field(page: PageReader, world: fake_networks.World) -> None:
    """The message for fifteen years by the hour says what to do."""
    from datetime import UTC, datetime

    world.x.has("old")
    world.x.post("old", "first", at=datetime(2012, 1, 1, tzinfo=UTC))
    world.x.post("old", "last", at=datetime(2025, 1, 1, tzinfo=UTC))
    assert "longer interval" in page.open("/report?users=old&interval=hour", status=400).problems["interval"]


def test_a_figure_is_sent_as_data_and_not_as_script(page: PageReader) -> None:
    """It is a JSON block with Plotly's cloud off."""
    text = page.open(f"/html/frequency?users={AIR}&n=20").text
    figure = json.loads(re.findall(r'<script type="application/json" id="frequency-figure">(.*?)</script>', text)[0])
    assert figure["config"] | {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False} == figure["config"]
    assert sum(figure["data"][0]["y"]) == 20


def test_only_an_embedded_chart_can_be_framed(demo_client: FlaskClient) -> None:
    """Only embed=1 lifts the ban."""
    policies = [demo_client.get(f"/html/frequency?users={AIR}{extra}").headers["Content-Security-Policy"] for extra in ("", "&embed=1")]
    assert "frame-ancestors 'none'" in policies[0]
    assert "frame-ancestors *" in policies[1]


def test_a_chart_with_too_many_marks_is_an_image(demo_page: PageReader) -> None:
    """A year by the hour would be megabytes of marks that nobody can point at."""
    html_page = demo_page.open(f"/html/sentiment?users={AIR}&n=3200&interval=hour")
    assert "too many for an interactive chart" in html_page.text
    assert 'id="sentiment-figure"' not in html_page.text
    assert "<picture>" in html_page.text
    assert len(html_page.text) < 400_000


def test_pages_load_nothing_from_other_hosts(client: FlaskClient) -> None:
    """The policy of every page allows no other host and no inline script."""
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy + ";"
    assert "http" not in policy


def test_an_unknown_url_is_a_page_with_the_form(page: PageReader) -> None:
    """Its status is 404, and its title is in plain words."""
    html_page = page.open("/nothing/here", status=404)
    assert html_page.h1s == ["Page not found"]
    assert "users" in html_page.fields


def test_an_unknown_url_is_a_problem_document_for_programs(client: FlaskClient) -> None:
    """A client that accepts JSON gets one."""
    response = client.get("/nothing", headers={"Accept": "application/json"})
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.get_json()["status"] == 404
    assert response.get_json()["title"] == "Not Found"


@pytest.mark.parametrize(
    ("path", "accept", "content_type"),
    [
        ("/summary.csv", "*/*", "application/problem+json"),
        ("/summary.json", "", "application/problem+json"),
        ("/frequency.xlsx", "*/*", "application/problem+json"),
        ("/summary.csv", "text/html,*/*;q=0.8", "text/html"),
        ("/nothing/here", "text/csv", "application/problem+json"),
        ("/nothing/here", "*/*", "text/html"),
        ("/nothing/here", "", "text/html"),
        ("/report", "text/csv", "application/problem+json"),
    ],
)
def test_an_error_has_the_form_that_was_asked_for(client: FlaskClient, path: str, accept: str, content_type: str) -> None:
    """Programs that ask for data get no page, and browsers get one."""
    answer = client.get(path, headers={"Accept": accept} if accept else {})
    assert answer.status_code in (400, 404)
    assert answer.content_type.partition(";")[0] == content_type


def test_a_wrong_method_has_the_allowed_ones(client: FlaskClient) -> None:
    """A 405 keeps its Allow header."""
    assert "GET" in client.post("/report").headers["Allow"]


def test_health_is_as_in_the_contract(client: FlaskClient) -> None:
    """The response is a small JSON document."""
    assert client.get("/health").get_json() == {"status": "healthy", "model_loaded": False}


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/report", "/html/sentiment"])
def test_a_page_links_to_the_same_chart_on_the_other_scale(demo_page: SharedPageReader, path: str) -> None:
    """The link leads back to the chart, keeps the rest of the question, and isn't there for a single account."""
    users = "users=demo:harbour-news,demo:aster-air"
    assert f"{path}?{users}&n=90&axis=same#sentiment" in demo_page.open(f"{path}?{users}&n=90").link_urls
    assert f"{path}?{users}&n=90#sentiment" in demo_page.open(f"{path}?{users}&n=90&axis=same").link_urls
    assert not any("axis=" in url for url in demo_page.open(f"{path}?users=demo:harbour-news&n=90").link_urls)


def test_a_report_shows_the_balance_per_post_by_default(demo_page: PageReader) -> None:
    """Its address says nothing about it, and links to its charts carry it."""
    html_page = demo_page.open(f"/report?users={AIR}&n=50&measure=mean")
    assert html_page.url == f"/report?users={AIR}&n=50"
    assert html_page.fields["measure"] == "mean"
    assert f"/html/sentiment?users={AIR}&n=50&measure=mean" in html_page.link_urls


def test_a_report_of_the_total_balance_says_so_in_its_address(demo_page: PageReader) -> None:
    """The pages of single charts have that default, so their addresses needn't."""
    html_page = demo_page.open(f"/report?users={AIR}&n=50&measure=net")
    assert html_page.url == f"/report?users={AIR}&n=50&measure=net"
    assert html_page.fields["measure"] == "net"
    assert f"/html/sentiment?users={AIR}&n=50" in html_page.link_urls
