"""The report as a page: its sections, the cards of its charts, its lists, and what is folded at its end."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from dashboard.core.definitions import DEFINITIONS
from dashboard.web.formats import FORMATS
from tests.support import fake_networks
from tests.support.html_pages import PageReader

AIR, BOTH = "demo:aster-air", "demo:aster-air,demo:harbour-news"
FIVE = "demo:aster-air,demo:harbour-news,demo:pennywren,demo:tarnside-rovers,demo:moss-and-kettle"
REPORT = f"/report?users={BOTH}&n=400"


def cut_out(text: str, start: str, end: str) -> str:
    """Return the part of a page from one text to the next occurrence of another."""
    assert start in text
    return text.partition(start)[2].partition(end)[0]


@pytest.mark.slow
def test_a_report_has_five_charts_in_four_sections(demo_page: PageReader) -> None:
    """They answer what happened, how it sounds, why, and who reacts; two lists stand beside them."""
    text = demo_page.open(REPORT).text
    parts = re.findall(r'<section class="section" id="(\w+)"|<figure class="chart" data-figure="(\w+)-figure"', text)
    assert [section or chart for section, chart in parts] == [
        *("activity", "frequency", "rhythm"),
        *("sentiment", "sentiment"),
        *("why", "words"),
        *("audience", "engagement"),
    ]


@pytest.mark.slow
def test_a_report_of_many_accounts_shows_their_first_panels(demo_page: PageReader) -> None:
    """The scorecard is compact, and everything else is one click away; data tables have every account."""
    text = demo_page.open(f"/report?users={FIVE}&n=100").text
    assert '<table class="scores compact">' in text
    assert text.count("Show all 5 accounts") == 3
    assert 'class="rest"' not in text
    assert cut_out(text, '<table class="scores compact">', "</table>").count('<th scope="row">') == 5


@pytest.mark.slow
def test_a_report_of_two_accounts_folds_nothing(demo_page: PageReader) -> None:
    """Its panels are side by side."""
    assert "unfold" not in demo_page.open(REPORT).text


@pytest.mark.parametrize("kind", ["compare", "events"])
def test_some_charts_have_only_their_own_page(demo_page: PageReader, kind: str) -> None:
    """The report says the same in findings, in a list and in its scorecard."""
    assert f'id="{kind}-figure"' not in demo_page.open(REPORT).text
    assert f'id="{kind}-figure"' in demo_page.open(f"/html/{kind}?users={BOTH}&n=400").text


def test_every_chart_has_a_menu_with_its_formats(demo_page: PageReader) -> None:
    """It also embeds the chart, opens it alone, and explains it."""
    menus = re.findall(r'<details class="menu">.*?</details>', demo_page.open(REPORT).text, re.DOTALL)
    titles = [re.findall(r">([^<>]+)</a>", menu) for menu in menus]
    assert titles == [["PNG for slides", *(entry.title for entry in FORMATS), "Embed", "Open alone", "What is this?"]] * 5


def test_every_explanation_is_on_the_page(demo_page: PageReader) -> None:
    """Links to definitions lead to entries of the folded section."""
    page = demo_page.open(REPORT)
    anchors = {link[1:] for link in page.link_urls if link.startswith("#about-")}
    assert anchors
    assert [anchor for anchor in anchors if page.id_counts[anchor] != 1] == []
    assert [definition.name for definition in DEFINITIONS if page.id_counts[definition.anchor] != 1] == []


def test_what_the_numbers_rest_on_is_folded_at_the_end(demo_page: PageReader) -> None:
    """It has the coverage of each account, notes, the agreement of the methods, and credits."""
    about = cut_out(demo_page.open(REPORT).text, '<details class="about" id="about">', '<p class="printed">')
    assert re.findall(r"<h3 [^>]*>([^<]+)</h3>", about) == [
        "Definitions",
        "Coverage",
        "How to read the charts, and what’s left out",
        "Do the methods agree?",
        "Credits",
    ]
    assert about.count('<data value="400">400</data> of up to 400') == 2
    assert re.search(r"Methods agree on \d+–\d+% of posts \(closest: ", about)
    assert "AFINN-165 by Finn Årup Nielsen" in about


def test_unusual_days_are_a_dated_list_with_links_to_their_posts(demo_page: PageReader) -> None:
    """Each says when, whose, in what way, how many posts, and which words."""
    unusual = cut_out(demo_page.open(REPORT).text, '<ul class="unusual">', "</ul>")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", unusual))
    assert "Wed 16 Sep Aster Air: much more negative, far more posts 40 posts (usually 6) · sorry, system, sadly" in text
    assert f"/posts?users={BOTH}&amp;account={AIR}&amp;from=2026-09-16&amp;to=2026-09-17&amp;sort=negative" in unusual


def test_without_unusual_days_the_list_says_so(page: PageReader, world: fake_networks.World) -> None:
    """The sentence stands where the list would be."""
    world.x.has("nasa")
    for day in range(1, 21):
        world.x.post("nasa", at=datetime(2026, 1, day, 12, tzinfo=UTC))
    unusual = cut_out(page.open("/report?users=nasa&interval=day").text, 'id="unusual"', "</section>")
    assert "<li>" not in unusual
    assert "No unusual days." in unusual


def test_too_short_a_history_is_named_beside_the_list(page: PageReader, world: fake_networks.World) -> None:
    """Nothing is called usual that isn't known."""
    world.x.has("nasa", posts=5)
    unusual = cut_out(page.open("/report?users=nasa&interval=day").text, 'id="unusual"', "</section>")
    assert "to tell what’s usual for @nasa" in unusual


def test_the_posts_with_most_reactions_are_listed(demo_page: PageReader) -> None:
    """Each links to itself, and the list to all posts in this order."""
    top = cut_out(demo_page.open(REPORT).text, 'id="top-posts"', "</section>")
    counts = [int(count) for count in re.findall(r'<data value="(\d+)">', top)]
    assert len(counts) == 5
    assert counts == sorted(counts, reverse=True)
    assert len(re.findall(r"/posts\?users=[^\"]+&amp;account=[^\"]+&amp;id=", top)) == 5
    assert f"/posts?users={BOTH}&amp;sort=reactions" in top


def test_without_reactions_there_is_no_list_of_top_posts(page: PageReader, world: fake_networks.World) -> None:
    """The chart says that the network doesn't count them."""
    world.x.has("nasa")
    world.x.post("nasa", "good", public_metrics={"like_count": 0, "retweet_count": 0, "reply_count": 0, "quote_count": 0})
    assert 'id="top-posts"' not in page.open("/report?users=nasa").text


def test_an_account_without_posts_is_named_above_the_charts(page: PageReader, world: fake_networks.World) -> None:
    """The reader needn't unfold anything to learn why it is missing."""
    world.x.has("quiet", posts=0)
    world.x.has("nasa", posts=5)
    text = page.open("/report?users=quiet,nasa").text
    assert "@quiet has no posts." in text.partition('id="activity"')[0]


def test_a_period_without_posts_is_explained_once(demo_page: PageReader) -> None:
    """The sentence with the link says it all."""
    text = demo_page.open(f"/report?users={BOTH}&since=2011-01-01&until=2011-02-01").text.partition('id="about"')[0]
    assert "Aster Air and Harbour News have no posts from 1 Jan – 31 Jan 2011." in text
    assert "has no posts in this period" not in text


def test_notes_that_change_how_a_chart_is_read_stay_on_its_card(page: PageReader, world: fake_networks.World) -> None:
    """All other notes are folded."""
    world.x.has("plain")
    world.x.post("plain", "table chair window")
    card = cut_out(page.open("/report?users=plain").text, 'aria-labelledby="sentiment-title"', "</section>")
    assert "None of the words of @plain are in the word list, so its sentiment is unknown." in card
    assert "1 of 3 words" not in card


@pytest.mark.slow
def test_charts_scored_by_afinn_carry_its_licence(demo_page: PageReader) -> None:
    """The ODbL wants a notice wherever its scores are shown."""
    text = demo_page.open(f"{REPORT}&method=afinn").text
    cards = [cut_out(text, f'aria-labelledby="{kind}-title"', "</section>") for kind in ("sentiment", "words", "engagement")]
    assert [card.count("Word scores: AFINN (github.com/fnielsen/afinn), ODbL") for card in cards] == [1, 1, 1]
    assert "Word scores: AFINN" not in cut_out(text, 'aria-labelledby="frequency-title"', "</section>")


@pytest.mark.slow
@pytest.mark.parametrize(("users", "widths"), [(BOTH, [716, 318, 1104, 518, 518]), (f"{BOTH},demo:pennywren", [1104] * 5)])
def test_images_have_the_width_of_their_cards(demo_page: PageReader, users: str, widths: list[int]) -> None:
    """With three accounts and more, every chart has the whole width of the page."""
    text = demo_page.open(f"/report?users={users}&n=400").text.partition('id="about"')[0]
    images = [int(width) for width in re.findall(r'<img src="/kept/(?:bare|overview)/[^>]+ width="(\d+)"', text)]
    assert images == widths


@pytest.mark.slow
def test_a_report_says_that_it_has_fewer_posts_than_asked_for(demo_page: PageReader) -> None:
    """The line below its heading is always visible."""
    text = demo_page.open("/report?users=demo:harbour-news&n=100000").text
    assert "latest 3,200 posts (the most Chorus reads)" in text
    assert "the most Chorus reads" not in demo_page.open("/report?users=demo:small-clocks&n=50").text


@pytest.mark.parametrize("address", [REPORT, f"/html/sentiment?users={BOTH}"])
def test_sentences_are_separated_by_spaces(demo_page: PageReader, address: str) -> None:
    """Those of lists, too, which are run together on paper, and links after a sentence."""
    main = cut_out(demo_page.open(address).text, '<div id="report">', "</main>")
    text = re.sub(
        r"</?(?:li|span|a)\b[^>]*>", "", re.sub(r"<script.*?</script>|<details class=\"edit\".*?</details>", "", main, flags=re.DOTALL)
    )
    assert re.findall(r"[^\n]{0,30}[a-z)]\.[A-Z1-9][^\n]{0,30}", text) == []


def test_no_id_is_on_the_page_twice(demo_page: PageReader) -> None:
    """Fragments and labels are unambiguous."""
    counts: Counter[str] = demo_page.open(REPORT).id_counts
    assert [name for name, count in counts.items() if count > 1] == []


def test_plots_are_lower_on_phones_than_on_their_own_pages(demo_page: PageReader) -> None:
    """A phone shows them one below the other."""
    heights = [
        int(re.findall(r'id="words-figure">.*?"narrow":\{.*?"height":(\d+)', demo_page.open(url).text, re.DOTALL)[0])
        for url in (REPORT, f"/html/words?users={BOTH}&n=400")
    ]
    assert heights[0] < heights[1]


@pytest.mark.slow
def test_accounts_that_could_not_be_read_take_no_room(client: FlaskClient) -> None:
    """The charts of two of five accounts are side by side, and nothing more can be shown."""
    text = client.get("/report?users=demo:harbour-news,demo:aster-air,demo:nobody,demo:none,demo:unknown").text
    assert "Show all 5 accounts" not in text
    assert '<div class="cards activity">' in text
