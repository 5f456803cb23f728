"""The posts behind a mark of a chart are exactly those that it counts."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest

from dashboard.analytics.fact_tables import FactTables
from dashboard.charts.spec.chart import PostQuery
from dashboard.core import post_selection
from dashboard.core.charts import CHARTS
from dashboard.core.errors import InvalidQuery, ModelUnavailable
from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.prediction.classifier.classifier import load_built_in_classifier
from dashboard.prediction.protocols import LABELS, ModelCard
from dashboard.prediction.serving.labeller import Labeller, build_labeller
from dashboard.reports import builder, posts_page
from dashboard.reports.fetched import Fetched
from dashboard.reports.posts_page import PostsPage
from dashboard.sources.x_network import X
from tests.support.builders import build_posts, build_query, build_timeline, build_timeline_at
from tests.support.fault_suite import ONLY_IN_FAULTS

SKY, OWL = "nasa.bsky.social", "demo:owl"
TEXTS = ("good good bad", "awful", "a fine day", {"text": "mañana será otro día", "lang": "es"}, "not good", {"text": "", "kind": "repost"})


def select_posts(
    query: Query,
    *timelines: Timeline,
    where: PostQuery = (),
    model: Labeller | None = None,
    facts: FactTables | None = None,
    **chosen: str,
) -> PostsPage:
    """Return the posts behind a mark."""
    asked, picked = post_selection.parse_query_and_selection({name: [value] for name, value in [*query.to_args(), *where, *chosen.items()]})
    return posts_page.build_posts_page(asked, picked, Fetched(timelines, labeller=model, facts=facts or FactTables()))


def texts(query: Query, *timelines: Timeline, **chosen: str) -> list[str]:
    """Return the texts of a selection, in its order."""
    return select_posts(query, *timelines, **chosen).table["text"].to_list()


@pytest.fixture(scope="module")
def model() -> Labeller:
    """The built-in model as a labeller."""
    return build_labeller(load_built_in_classifier())


def busy(account: str, *moments: str) -> Timeline:
    """Return a timeline with posts of every kind at these moments."""
    rows = [{"text": text} if isinstance(text, str) else text for text in (TEXTS[place % len(TEXTS)] for place in range(len(moments)))]
    return build_timeline(*({**row, "created_at": moment} for row, moment in zip(rows, moments, strict=True)), account=account)


def every_quarter(account: str, day: str, hours: Sequence[int]) -> Timeline:
    """Return a timeline with a post every quarter of some hours (UTC), newest first."""
    moments = [f"{day}T{hour:02}:{minute:02}:00" for hour in hours for minute in (0, 15, 30, 45)]
    return busy(account, *reversed(moments))


QUESTIONS = [
    ({}, (busy(SKY, "2026-03-05T23:30", "2026-03-03T00:00", "2026-03-02T12:00"), busy(OWL, "2026-03-04T01:00", "2026-03-03T23:59"))),
    ({"tz": "Asia/Tokyo", "kinds": "post"}, (busy(SKY, *[f"2026-03-0{day}T15:00" for day in (9, 8, 7, 5, 5, 2)]),)),
    ({"interval": "hour", "tz": "Europe/Berlin"}, (every_quarter(SKY, "2026-10-25", range(6)),)),
    ({"interval": "hour", "tz": "Europe/Berlin"}, (every_quarter(SKY, "2026-03-29", range(6)),)),
    ({"interval": "hour", "tz": "Australia/Lord_Howe"}, (every_quarter(SKY, "2026-04-04", range(12, 18)),)),
    ({"interval": "hour", "tz": "Australia/Lord_Howe"}, (every_quarter(SKY, "2026-10-03", range(12, 18)),)),
    ({"interval": "day", "tz": "Africa/Cairo"}, (every_quarter(SKY, "2026-04-23", range(20, 24)),)),
    (
        {"interval": "week", "tz": "America/New_York", "window": "common"},
        (every_quarter(SKY, "2026-03-08", range(9)), busy(OWL, "2026-03-08T07:10", "2026-03-08T03:20")),
    ),
    ({"interval": "month", "method": "afinn"}, (busy(SKY, "2026-03-01T00:00", "2026-02-28T23:59", "2026-01-31T23:59"),)),
]
THOROUGH_QUESTIONS = (0, 7)  # which `make test` asks of every chart, and the others of one


@pytest.mark.parametrize(
    ("kind", "args", "timelines"),
    [
        pytest.param(kind, *question, marks=() if kind == "frequency" or number in THOROUGH_QUESTIONS else ONLY_IN_FAULTS)
        for number, question in enumerate(QUESTIONS)
        for kind in CHARTS.names()
    ],
)
def test_a_row_links_to_as_many_posts_as_it_counts(
    kind: str, args: dict[str, str], timelines: tuple[Timeline, ...], model: Labeller
) -> None:
    """This holds for each kind of chart, at midnight and at clock changes."""
    query = build_query(",".join(timeline.account for timeline in timelines), **args)
    drawn = builder.build_report(kind, query, Fetched(timelines, labeller=model))
    column = "posts_now" if kind == "compare" else "posts"
    if column not in drawn.table.columns:
        pytest.skip("its rows count no posts")
    counted = drawn.table[column].fill_null(0).to_list()
    assert [
        select_posts(query, *timelines, where=where, model=model).total_posts if where else 0 for where in drawn.post_queries
    ] == counted
    assert sum(counted) > 0 or drawn.table.is_empty() or kind == "compare"


@pytest.mark.parametrize("kind", ["frequency", "sentiment"])
@pytest.mark.parametrize(("args", "timelines"), QUESTIONS)
def test_the_bars_of_a_chart_contain_every_post_once(kind: str, args: dict[str, str], timelines: tuple[Timeline, ...]) -> None:
    """The intervals of a chart over time add up to all posts."""
    query = build_query(",".join(timeline.account for timeline in timelines), **args)
    drawn = builder.build_report(kind, query, Fetched(timelines))
    parts = [
        row
        for where in drawn.post_queries
        if where
        for row in select_posts(query, *timelines, where=where).table.select("account", "id").rows()
    ]
    language = {"language": "english"} if kind == "sentiment" else {}
    assert sorted(parts) == sorted(select_posts(query, *timelines, **language).table.select("account", "id").rows())


@pytest.mark.parametrize("kind", ["frequency", "sentiment"])
def test_marks_and_rows_have_the_same_links(kind: str) -> None:
    """Marks without posts have none."""
    drawn = builder.build_report(
        kind,
        build_query(f"{SKY},{OWL}", interval="day"),
        Fetched([busy(SKY, "2026-03-05T10:00", "2026-03-03T10:00"), busy(OWL, "2026-03-04T10:00")]),
    )
    marks = [where for line in drawn.chart.series for where in line.post_queries]  # type: ignore[attr-defined]
    assert marks == list(drawn.post_queries)
    assert [place for place, where in enumerate(marks) if not where] == [1]
    assert len(marks) == 4


def test_posts_without_a_time_are_behind_no_mark() -> None:
    """No chart shows them."""
    assert texts(build_query(SKY), build_timeline({"text": "when?", "created_at": None}, "now", account=SKY)) == ["now"]


def test_days_are_local() -> None:
    """A post before midnight in London is on the next day in Berlin."""
    timeline = build_timeline_at("2026-03-02T23:30", account=SKY)
    day = {"from": "2026-03-03", "to": "2026-03-04"}
    assert [select_posts(build_query(SKY, tz=tz), timeline, **day).total_posts for tz in ("Europe/London", "Europe/Berlin")] == [0, 1]


def test_the_end_is_excluded() -> None:
    """Spans are half-open."""
    moments = build_timeline_at("2026-03-02T11:00", "2026-03-02T10:00", account=SKY)
    span = {"from": "2026-03-02T10:00:00+00:00", "to": "2026-03-02T11:00:00+00:00"}
    assert [post.created_at.hour for post in select_posts(build_query(SKY), moments, **span).posts] == [10]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"word": "good"}, ["good good bad", "not good"]),
        ({"polarity": "positive"}, ["good good bad", "a fine day", "not good"]),
        ({"polarity": "negative"}, ["awful"]),
        ({"polarity": "neutral"}, [""]),
        ({"language": "other"}, ["mañana será otro día"]),
        ({"id": "999"}, ["awful"]),
        ({"weekday": "1"}, ["good good bad"]),
        ({"hour": "11"}, []),
    ],
)
def test_each_parameter_selects_its_posts(chosen: dict[str, str], expected: list[str]) -> None:
    """Other posts are left out."""
    assert texts(build_query(SKY), build_timeline(*TEXTS, account=SKY), **chosen) == expected


def test_words_are_those_of_the_method() -> None:
    """AFINN has the entry “not good”, so “good” doesn't match in it."""
    timeline = build_timeline(*TEXTS, account=SKY)
    assert [texts(build_query(SKY, method="afinn"), timeline, word=word) for word in ("good", "not good")] == [
        ["good good bad"],
        ["not good"],
    ]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["a", "good", "bad", "¿qué?"]),
        ("oldest", ["¿qué?", "bad", "good", "a"]),
        ("positive", ["good", "a", "bad", "¿qué?"]),
        ("negative", ["bad", "a", "good", "¿qué?"]),
        ("reactions", ["bad", "good", "a", "¿qué?"]),
    ],
)
def test_posts_are_sorted_with_unknown_values_last(sort: str, expected: list[str]) -> None:
    """A post in another language has no score, and one without counts has no reactions."""
    rows = [{"text": "a"}, {"text": "good", "likes": 0}, {"text": "bad", "likes": 2, "replies": 3}, {"text": "¿qué?", "lang": "es"}]
    assert texts(build_query(SKY), build_timeline(*rows, account=SKY), sort=sort) == expected


def test_disputed_posts_come_first(model: Labeller) -> None:
    """They are positive by one method and negative by another."""
    timeline = build_timeline("It was a great day.", "not good", "We meet at noon.", account=SKY)
    assert select_posts(build_query(SKY), timeline, model=model, sort="disagreement").table["text"].to_list()[0] == "not good"


def test_too_many_posts_are_not_compared() -> None:
    """Every method would have to score each of them; the message has the limit and advice."""
    many = [build_timeline(*["a"] * 2_600, account=account) for account in (SKY, OWL)]
    with pytest.raises(InvalidQuery) as refused:
        select_posts(build_query(f"{SKY},{OWL}", n=3000), *many, sort="disagreement")
    assert "up to 5,000 posts (here: 5,200)" in dict(refused.value.problems)["sort"]


def test_each_method_has_its_score() -> None:
    """It is formatted with its sign; without a model there is a dash."""
    post = select_posts(build_query(SKY), build_timeline("a great day, not good", account=SKY)).posts[0]
    assert [(score.method, score.text, score.polarity) for score in post.scores] == [
        ("bing", "+2", "up"),
        ("afinn", "+1", "up"),
        ("vader", "+0.40", "up"),
        ("model", "–", "flat"),
    ]


def test_a_post_in_another_language_has_no_scores(model: Labeller) -> None:
    """None of its words is marked."""
    post = select_posts(build_query(SKY), build_timeline({"text": "das Gift good", "lang": "de"}, account=SKY), model=model).posts[0]
    assert [score.text for score in post.scores] == ["–"] * 4
    assert {piece.polarity for piece in post.segments} == {""}


def test_a_model_explains_its_posts(model: Labeller) -> None:
    """It does so only if it is the method of the query."""
    timeline = build_timeline("What a great day, thank you", account=SKY)
    by_model, by_bing = (select_posts(build_query(SKY, method=method), timeline, model=model).posts[0] for method in ("model", "bing"))
    assert by_model.explanation
    assert not by_bing.explanation


@pytest.mark.slow
def test_only_the_start_of_a_very_long_post_is_highlighted() -> None:
    """All of it is shown, and no word is cut in two."""
    text = "good " * 399 + "goodness " * 2_000
    post = select_posts(build_query(SKY), build_timeline(text, account=SKY)).posts[0]
    assert "".join(piece.text for piece in post.segments) == post.text
    assert post.text + post.unhighlighted_text == text
    assert len(post.text) == 1_994
    assert sum(piece.polarity == "up" for piece in post.segments) == 399


class Counting:
    """A custom model that finds every text positive and counts the texts it receives."""

    kind = "text"
    card = ModelCard("mine", "1", "", LABELS)

    def __init__(self) -> None:
        self.heard = 0

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a positive prediction for each text."""
        self.heard += len(texts)
        return [[0.1, 0.2, 0.7] for _ in texts]

    def explain(self, text: str) -> None:
        """Return None."""


def test_only_the_posts_of_a_page_are_rated_unless_more_are_needed() -> None:
    """Sorting by score rates all posts once, and the data file reuses that."""
    timeline, model = build_timeline(*[f"post {place}" for place in range(130)], account=SKY), Counting()
    heard, facts = [], FactTables()
    for chosen in ({}, {"sort": "positive"}, {"polarity": "positive"}):
        selected_page = select_posts(build_query(SKY, method="model"), timeline, model=Labeller(model), facts=facts, **chosen)
        assert len(selected_page.posts) == 50
        assert selected_page.total_posts == 130
        heard.append(model.heard)
    assert heard[0] == 50
    selected_page.to_rows()
    assert heard[1] == 130
    assert model.heard == heard[1]


@pytest.mark.slow
def test_a_custom_model_scores_every_language() -> None:
    """Nothing is left out, and each post has its scores."""
    rows = [{"text": "mañana será otro día", "lang": "es"}, {"text": "a good day", "lang": "en", "likes": 3}] * 20
    timeline, query, model = build_timeline(*rows, account=SKY), build_query(SKY, method="model"), Labeller(Counting())
    for kind in CHARTS.names():
        drawn = builder.build_report(kind, query, Fetched([timeline], labeller=model))
        column = {"compare": "posts_now"}.get(kind, "posts")
        counts = drawn.table[column] if column in drawn.table.columns else [1] * drawn.table.height
        assert [select_posts(query, timeline, where=where, model=model).total_posts for where in drawn.post_queries if where] == [
            count for count, where in zip(counts, drawn.post_queries, strict=True) if where
        ]
    selected_page = select_posts(query, timeline, model=model, polarity="positive")
    assert selected_page.total_posts == 40
    assert selected_page.select_exported_rows()["score"].null_count() == 0
    assert {post.unread_reason for post in selected_page.posts} == {""}
    assert "20 of these posts aren’t in English, so the AI model may be wrong about them." in selected_page.remarks


def test_the_method_model_requires_a_model() -> None:
    """Charts require one, too."""
    with pytest.raises(ModelUnavailable):
        select_posts(build_query(SKY, method="model"), build_timeline("good", account=SKY))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://bsky.app/profile/x/post/1", "https://bsky.app/profile/x/post/1"),
        ("http://mastodon.example/@x/1", "http://mastodon.example/@x/1"),
        ("javascript:alert(1)", ""),
        ("data:text/html,<script>", ""),
        ("https:///nowhere", ""),
        (" https://x.example", ""),
        (None, ""),
    ],
)
def test_only_web_urls_are_linked(url: str | None, expected: str) -> None:
    """URLs from networks aren't trusted."""
    assert select_posts(build_query(SKY), build_timeline({"text": "a", "url": url}, account=SKY)).posts[0].url == expected


def test_unknown_counts_are_not_shown() -> None:
    """Zero is a count, null isn't."""
    assert select_posts(build_query(SKY), build_timeline({"likes": 0, "views": 7}, account=SKY)).posts[0].reaction_counts == [
        ("likes", 0),
        ("views", 7),
    ]


def test_a_page_has_fifty_posts() -> None:
    """The last page has the rest, and pages after it are empty."""
    timeline = build_timeline(*["a"] * 120, account=SKY)
    selected_page = [select_posts(build_query(SKY), timeline, page=str(page)) for page in (1, 3, 4)]
    assert [(len(response.posts), response.total_posts, response.page_count) for response in selected_page] == [
        (50, 120, 3),
        (20, 120, 3),
        (0, 120, 3),
    ]


def test_a_data_file_has_only_ids_of_posts_from_x() -> None:
    """Posts from other networks are complete."""
    mixed = select_posts(
        build_query(f"nasa,{SKY}"), build_timeline({"text": "good", "likes": 3}), build_timeline({"text": "good", "likes": 3}, account=SKY)
    )
    rows = {row["account"]: row for row in mixed.to_rows()}
    assert {name: value for name, value in rows["nasa"].items() if value is not None} == {"account": "nasa", "id": "1000"}
    assert rows[SKY]["text"] == "good"
    assert rows[SKY]["likes"] == 3
    assert rows[SKY]["score"] == 1.0
    assert mixed.notes[-1] == "X’s terms allow a data file only the account and ID of at most 500 posts."


def test_a_data_file_has_a_limited_number_of_posts_from_x() -> None:
    """They are the first in the selected order; posts from other networks are complete."""
    mixed = select_posts(
        build_query(f"nasa,{SKY}", n=1000), build_timeline(*["a"] * 600), build_timeline(*["a"] * 600, account=SKY), sort="oldest"
    )
    rows = mixed.to_rows()
    assert [sum(row["account"] == account for row in rows) for account in ("nasa", SKY)] == [X.max_shared_posts, 600]
    assert next(row["id"] for row in rows if row["account"] == "nasa") == "401"
    assert mixed.notes[-1].endswith("The file has the first 500 of 600.")


def test_the_limit_for_x_is_shared_by_all_its_accounts() -> None:
    """It is 500 posts in total, not per account."""
    both = select_posts(build_query("nasa,esa", n=1000), *(build_timeline(*["a"] * 400, account=account) for account in ("nasa", "esa")))
    assert len(both.to_rows()) == X.max_shared_posts
    assert both.to_csv().count("\r\n") == X.max_shared_posts + 1
    assert both.notes[-1].endswith("The file has the first 500 of 800.")


@pytest.mark.parametrize(("many", "text", "kept"), [(20_010, "", 20_000), (90, "é" * 50_000, 80), (90, "", 90)])
@pytest.mark.slow
def test_a_data_file_is_limited_with_a_note(many: int, text: str, kept: int) -> None:
    """There are limits on posts and on bytes of text; the page has all posts."""
    selected_page = select_posts(build_query(SKY, n=3200), build_timeline(*[text] * many, account=SKY, created_at="2026-03-02"))
    assert len(selected_page.to_rows()) == kept
    assert selected_page.to_csv().count("\r\n") - 1 == kept
    assert selected_page.total_posts == many
    note = f"The download contains the first {kept:,} of {many:,} posts. Choose a shorter period to get the rest."
    assert [text for text in selected_page.notes if "download" in text] == ([note] if kept < many else [])


def test_posts_of_a_file_are_exported_completely() -> None:
    """The person who imported them has them anyway."""
    account = "file:abcdefghijklmnopqrstuvwxyz/nasa"
    assert select_posts(build_query(account), build_timeline({"text": "mine"}, account=account)).to_rows()[0]["text"] == "mine"


def test_a_csv_has_no_formulas() -> None:
    """A text that starts like one is preceded by an apostrophe, and coverage is included."""
    rows: list[dict[str, Any]] = list(
        csv.DictReader(io.StringIO(select_posts(build_query(SKY), build_timeline("=1+1", account=SKY)).to_csv(), newline=""))
    )
    assert rows[0]["text"] == "'=1+1"
    assert rows[0]["fetched"] == "1"


def test_a_page_without_posts_is_valid() -> None:
    """An empty timeline has one empty page."""
    nothing = select_posts(build_query(SKY), Timeline(SKY, build_posts(), None, build_timeline("a").fetched_at), sort="disagreement")
    assert nothing.total_posts == 0
    assert nothing.page_count == 1
    assert nothing.posts == []
    assert nothing.to_rows() == []
