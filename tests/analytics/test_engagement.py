"""Reactions by sentiment. Counts that a network doesn't provide are unknown, not zero."""

from math import comb, log10
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some

from dashboard.analytics import engagement as rooms
from dashboard.analytics import sentiment
from dashboard.app import create_app
from dashboard.charts.definitions import engagement_notes
from dashboard.charts.definitions.engagement import MAX_POINTS
from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec.scatter import ScatterChart
from dashboard.charts.vega import images
from dashboard.core.query_values import POST_KINDS
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support import fake_networks
from tests.support.builders import build_posts, build_query, build_timeline, decode_png_rows, deterministic
from tests.support.client_requests import parse_csv, upload_file
from tests.support.fault_suite import list_cases
from tests.support.plotly_check import expand_layouts, validate_figure
from tests.support.vega_check import validate_specification

COLUMNS = ["account", "id", "start", "score", "polarity", "likes", "reposts", "replies", "quotes", "views", "reactions"]
UNKNOWN = "These posts come without reaction counts."


def post(text: str = "", likes: int | None = 0, **fields: Any) -> dict[str, Any]:
    """Return a post with this many likes and no other reactions."""
    return {"text": text, "likes": likes, "reposts": 0, "replies": 0, "quotes": 0} | fields


def listed(*rows: dict[str, Any], tz: str = "UTC") -> pl.DataFrame:
    """Return the table of one account's posts."""
    return rooms.engagement(sentiment.score_posts(build_posts(*rows), "bing"), tz)


def build_report(*rows: dict[str, Any], users: str = "nasa", **args: Any) -> Report:
    """Return the report on accounts that all posted these texts."""
    asked = build_query(users, **args)
    return builder.build_report("engagement", asked, Fetched([build_timeline(*rows, account=str(user)) for user in asked.users]))


def build_chart(*rows: dict[str, Any], users: str = "nasa", **args: Any) -> ScatterChart:
    """Return the chart of such a report."""
    chart = build_report(*rows, users=users, **args).chart
    assert isinstance(chart, ScatterChart)
    return chart


def some_posts(count: int = 30) -> list[dict[str, Any]]:
    """Return posts of every polarity with 0, 1, 2, … likes."""
    return [post(("good", "so", "bad")[place % 3], place) for place in range(count)]


def test_there_is_a_row_per_post() -> None:
    """It has the method's score and the local time, but not the text."""
    one = {
        "created_at": "2026-03-02T23:30:15.250",
        "text": "good good bad",
        "likes": 7,
        "reposts": 2,
        "replies": 1,
        "quotes": 0,
        "views": 900,
    }
    report_row = build_report({"id": "1"} | one, users="a@b.social", tz="Europe/Berlin").to_rows()
    assert report_row == [
        dict(zip(COLUMNS, ["a@b.social", "1", "2026-03-03T00:30:15+01:00", 1.0, "positive", 7, 2, 1, 0, 900, 10], strict=True))
    ]


@pytest.mark.parametrize(
    ("counts", "reactions"),
    [
        ({"likes": 3, "reposts": 2, "replies": 1, "quotes": 4}, 10),
        ({"likes": 3, "reposts": None, "replies": None, "quotes": None}, 3),
        ({"likes": 0, "reposts": None, "replies": None, "quotes": None}, 0),
        ({"likes": None, "reposts": None, "replies": None, "quotes": None, "views": 5}, None),
    ],
)
def test_reactions_are_the_sum_of_the_known_counts(counts: dict[str, int | None], reactions: int | None) -> None:
    """They are unknown if no count is known; views aren't reactions."""
    assert listed(post() | counts)["reactions"].to_list() == [reactions]


@pytest.mark.parametrize(
    ("text", "polarity"), [("good bad good", "positive"), ("bad", "negative"), ("good bad", "neutral"), ("so", "neutral")]
)
def test_polarity_is_the_sign_of_the_matches(text: str, polarity: str) -> None:
    """As many positive as negative words are neutral."""
    assert listed(post(text))["polarity"].to_list() == [polarity]


def test_reposts_are_left_out_with_a_note() -> None:
    """Their counts belong to the original post."""
    report = build_report(post("good", 5), post("good", 9_000, kind="repost"))
    assert report.table["likes"].to_list() == [5]
    assert "1 repost is not counted" in " ".join(report.remarks)


def test_posts_without_counts_have_a_row_but_no_dot() -> None:
    """A note says how many there are."""
    report = build_report(post("good", 5), post("good", None, reposts=None, replies=None, quotes=None))
    assert report.table["reactions"].to_list() == [5, None]
    assert sum(len(cloud.points) for cloud in report.chart.series) == 1  # type: ignore[attr-defined]
    assert "1 of 2 posts has no reaction counts and is not shown." in report.remarks


@pytest.mark.parametrize("form", ["page", "image"])
def test_a_file_without_counts_says_so(form: str) -> None:
    """The message replaces the chart and is in its alternative text."""
    report = build_report({"text": "good"}, {"text": "bad"})
    assert report.chart.is_empty is True
    assert report.chart.empty_message == UNKNOWN
    assert UNKNOWN in report.remarks
    assert report.chart.alt == "There are no posts with reaction counts to show."
    if form == "image":
        assert UNKNOWN.rstrip(".") in images.render_svg(report.chart, width=900, height=420, theme_name="light").replace("</tspan>", "")


@pytest.mark.parametrize("timelines", [[], [build_timeline()]], ids=["nobody", "silent"])
def test_without_posts_missing_counts_are_not_mentioned(timelines: list[Any]) -> None:
    """The message is about posts, not about counts."""
    report = builder.build_report("engagement", build_query(), Fetched(timelines))
    assert report.chart.is_empty is True
    assert report.chart.empty_message == ""
    assert report.table.height == 0


@pytest.mark.slow
@pytest.mark.parametrize("size", [*range(1, 60), 400, 3200])
def test_the_interval_of_the_median_has_95_percent_coverage(size: int) -> None:
    """Enumerating all splits around the median shows that narrower bounds wouldn't be enough."""
    place = rooms.median_bound_rank(size)
    outside = [2 * sum(comb(size, index) for index in range(bound)) / 2**size for bound in ((place or 0), (place or 0) + 1)]
    assert outside[0] <= 0.05
    assert outside[1] > 0.05
    assert (place is None) == (size < 6)


@deterministic
@given(some.lists(some.integers(0, 50), min_size=6, max_size=80))
def test_a_median_lies_within_its_interval(likes: list[int]) -> None:
    """Both ends are counts of actual posts."""
    (row,) = rooms.median_reactions(listed(*(post("good", count) for count in likes))).to_dicts()
    assert row["low"] <= row["median"] <= row["high"]
    assert {row["low"], row["high"]} <= set(likes)


def test_medians_agree_with_a_calculation_by_hand() -> None:
    """For nine posts, the second and the eighth are the bounds; three posts have no interval."""
    many, few = [post("good", count) for count in (90, 1, 2, 3, 4, 50, 6, 7, 8)], [post("bad", count) for count in (4, 1, 2)]
    assert rooms.median_reactions(listed(*many, *few)).rows() == [
        ("nasa", "negative", 3, -1, 2, None, None),
        ("nasa", "positive", 9, 1, 6, 2, 50),
    ]


def test_a_sentence_summarizes_the_medians() -> None:
    """The same sentence is in the remarks and in the alternative text."""
    many, few = [post("good", count) for count in (90, 1, 2, 3, 4, 50, 6, 7, 8)], [post("bad", count) for count in (4, 1)]
    report = build_report(*many, *few)
    sentence = (
        "@nasa, median reactions: 6 per positive post (2 to 50; 9 posts), 2.5 per negative post (2 posts, too few for a margin of error)."
    )
    assert sentence in report.remarks
    assert report.chart.alt == f"Scatter plot of posts by score and reactions, for @nasa. {sentence}"


def test_a_note_says_what_each_network_counts() -> None:
    """It is based on the posts that were read."""
    here, there = build_timeline(post("good", 1), account="nasa"), build_timeline(post("bad", 2, quotes=None), account="a@b.social")
    remarks = builder.build_report("engagement", build_query("nasa,a@b.social"), Fetched([here, there])).remarks
    assert [remark for remark in remarks if "X: likes, reposts, replies, quotes; Mastodon: likes, reposts, replies." in remark] != []


@pytest.mark.parametrize(
    ("accounts", "kept"),
    [
        ({"nasa": 300}, [300]),
        ({"nasa": 600}, [500]),
        ({"nasa": 400, "esa": 400}, [250, 250]),
        ({"nasa": 450, "esa": 100, "a@b.social": 600}, [400, 100, 600]),
    ],
)
def test_at_most_500_posts_from_x_are_exported(accounts: dict[str, int], kept: list[int]) -> None:
    """They are the newest, equally many per account; posts from other networks are complete."""
    timelines = [build_timeline(*([post("good", 1)] * count), account=account) for account, count in accounts.items()]
    report = builder.build_report("engagement", build_query(",".join(accounts), n=3200), Fetched(timelines))
    assert [report.table.filter(account=account).height for account in accounts] == kept
    cut = f"The table lists the newest 500 of {sum(count for account, count in accounts.items() if '@' not in account):,} posts from X"
    assert any(remark.startswith(cut) for remark in report.remarks) == (kept[0] != 300)
    assert report.table.filter(account="nasa")["start"].to_list() == timelines[0].posts["created_at"].to_list()[: kept[0]]


def test_a_table_has_a_limited_number_of_rows() -> None:
    """A note says what is missing."""
    rows = listed(*([post("good", 1)] * 30))
    table = rooms.limit_rows(rows, build_query("a@b.social").users, 20)
    assert table.height == 20
    assert engagement_notes.explain_truncation(rows, table, 20, {"nasa": "bluesky"}) == [
        "The table lists the newest 20 of 30 posts, the most it can."
    ]


def test_many_posts_are_sampled_with_a_note() -> None:
    """The post with the most reactions stays, and medians use all posts."""
    rows = [post("good", 10_000 if place == 777 else place % 7) for place in range(2_000)]
    report = build_report(*rows, users="a.example", n=3200)
    (cloud,) = report.chart.series  # type: ignore[attr-defined]
    assert len(cloud.points) == MAX_POINTS + 1
    assert max(dot.y for dot in cloud.points) == 10_000
    assert "a sample of 401 posts" in " ".join(report.remarks)
    assert "(3 to 3; 2,000 posts)" in report.chart.alt


@pytest.mark.parametrize("method", ["bing", "vader", "afinn"])
def test_a_dot_is_drawn_at_its_score(method: str) -> None:
    """It is exact for continuous scores, and within its account's lane for whole ones."""
    chart = build_chart(*some_posts(60), users="nasa,esa,a@b.social", method=method)
    scores = {post["id"]: post["score"] for post in build_report(*some_posts(60), users="a@b.social", method=method).to_rows()}
    away = [abs(dot.x - scores[dict(dot.post_query)["id"]]) for cloud in chart.series for dot in cloud.points]
    assert max(away) <= (0.42 if chart.integer_x else 0.006)


def test_lanes_do_not_overlap() -> None:
    """Accounts keep their position around a score, and no two dots of an account coincide."""
    chart = build_chart(*([post("good", 3)] * 40), users="nasa,esa")
    spans = sorted((min(dot.x for dot in cloud.points), max(dot.x for dot in cloud.points)) for cloud in chart.series)
    assert spans[0][1] < spans[1][0]
    assert [len({dot.x for dot in cloud.points}) for cloud in chart.series] == [40, 40]


@pytest.mark.parametrize("users", ["nasa", "nasa,esa,a@b.social"])
def test_page_and_image_show_the_same_dots(users: str) -> None:
    """They have the same values, colours and symbols; the page computes the logarithm that the image's scale applies."""
    chart = build_chart(*some_posts(), users=users)
    traces = figures.build_figure(chart)["data"]
    view = images.build_spec(chart, width=900, height=420, theme_name="light")
    for place, cloud in enumerate(chart.series):
        for trace, name, marks in ((traces[place], "dots", cloud.points), (traces[len(chart.series) + place], "medians", cloud.medians)):
            shown = [row for row in view["datasets"][name] if row["label"] == cloud.label]
            assert trace["x"] == [row["x"] for row in shown] == [dot.x for dot in marks]
            assert trace["y"] == pytest.approx([log10(1 + row["y"]) for row in shown], abs=0.001)
            assert trace["marker"]["color"] == cloud.style.color
            assert trace["marker"]["symbol"] == cloud.style.symbol
    scales = [view["layer"][0]["encoding"][channel]["scale"] for channel in ("color", "shape", "y")]
    assert scales[0] == {"domain": [cloud.label for cloud in chart.series], "range": [cloud.style.color for cloud in chart.series]}
    assert scales[2]["type"] == "symlog"
    assert scales[2]["constant"] == 1


def test_page_and_image_show_the_same_intervals() -> None:
    """The whiskers of the page have the ends of the image's intervals."""
    chart = build_chart(*some_posts())
    whiskers = figures.build_figure(chart)["data"][1]
    shown = images.build_spec(chart, width=900, height=420, theme_name="light")["datasets"]["medians"]
    low = [y - down for y, down in zip(whiskers["y"], whiskers["error_y"]["arrayminus"], strict=True)]
    high = [y + up for y, up in zip(whiskers["y"], whiskers["error_y"]["array"], strict=True)]
    assert low == pytest.approx([log10(1 + row["low"]) for row in shown], abs=0.002)
    assert high == pytest.approx([log10(1 + row["high"]) for row in shown], abs=0.002)


@pytest.mark.parametrize(
    ("most", "names"),
    [
        (0, ["0", "1"]),
        (8, ["0", "1", "3"]),
        (120, ["0", "1", "3", "10", "30", "100"]),
        (2_500_000, ["0", "1", "10", "100", "1k", "10k", "100k", "1M"]),
    ],
)
def test_ticks_are_round_numbers(most: int, names: list[str]) -> None:
    """Zero is one of them, because posts may have no reactions."""
    assert [name for _, name in build_chart(post("good", most)).y_ticks] == names


def test_a_dot_links_to_its_post() -> None:
    """So does each row of the table. A median has no link, because no page shows just the posts it is based on."""
    report = build_report(post("good", 4, id="17"))
    (cloud,) = report.chart.series  # type: ignore[attr-defined]
    assert [cloud.points[0].post_query, *report.post_queries] == [(("account", "nasa"), ("id", "17"))] * 2
    assert cloud.medians[0].post_query == ()


def test_tooltips_list_only_what_exists() -> None:
    """They leave out counts of zero, and they have the day."""
    chart = build_chart(post("good", 1, replies=2, quotes=None))
    assert chart.series[0].points[0].tooltip == "3 reactions: 1 like, 2 replies\n2 Mar 2026"


def test_hostile_names_and_ids_stay_text() -> None:
    """This holds for tooltips, links and the image."""
    chart = build_chart(*some_posts(), post("good", 4, id="<b>&id=9"), users="file:ab/<img>&,nasa")
    figure = figures.build_figure(chart)
    assert figure["data"][0]["name"] == "&lt;img>&amp; (file ab)"
    assert figure["data"][0]["customdata"][-1] == "account=file:ab/%3Cimg%3E%26&id=%3Cb%3E%26id%3D9"
    assert "<img>" not in images.render_svg(chart, width=900, height=420, theme_name="light")


@pytest.mark.parametrize(
    ("size", "count"), list_cases([((900, 420), 1), ((200, 150), 20)], [(900, 420), (200, 150), (1600, 200)], [1, 2, 20])
)
def test_an_image_has_exactly_the_requested_size(size: tuple[int, int], count: int) -> None:
    """Nothing touches its lower edge."""
    width, height = size
    chart = build_chart(*some_posts(), users=",".join(f"a{number}" for number in range(count)))
    rows = decode_png_rows(images.render_png(chart, width=width, height=height, scale=1, theme_name="light"))
    assert len(rows[0]) // 4 == width
    assert len(rows) == height
    assert rows[-1] == b"\xff" * 4 * width


@pytest.mark.parametrize("method", ["bing", "vader"])
def test_the_vega_specification_is_valid(method: str) -> None:
    """Altair's schema accepts it."""
    specification = images.build_spec(build_chart(*some_posts(), users="nasa,esa", method=method), width=900, height=420, theme_name="dark")
    validate_specification(specification)


@pytest.mark.parametrize("method", ["bing", "vader"])
def test_the_figure_is_valid_for_plotly(method: str) -> None:
    """plotly.py accepts it and changes nothing."""
    figure = figures.build_figure(build_chart(*some_posts(), users="nasa,esa", method=method))
    assert validate_figure(figure) == expand_layouts(figure)


@pytest.mark.slow
def test_every_format_is_served(demo_client: FlaskClient) -> None:
    """Both data formats have the same table, without the texts of posts."""
    address = "/engagement{}?users=demo:aster-air,demo:harbour-news&n=60&tz=Asia/Tokyo"
    document = demo_client.get(address.format(".json")).get_json()
    table = parse_csv(demo_client.get(address.format(".csv")).text)
    assert list(document["data"][0]) == COLUMNS
    assert [[row[name] for name in COLUMNS] for row in table] == [
        ["" if value is None else str(value) for value in row.values()] for row in document["data"]
    ]
    assert [demo_client.get(address.format(form)).content_type.split(";")[0] for form in ("", ".png", ".svg")] == [
        "image/png",
        "image/png",
        "image/svg+xml",
    ]


def test_a_page_lists_100_posts(demo_client: FlaskClient) -> None:
    """The CSV has all of them, and the column of times has its own heading."""
    page = demo_client.get("/html/engagement?users=demo:aster-air&n=300").text
    assert "First 100 of " in page
    assert ">Posted<" in page
    assert "from</th>" not in page


def test_the_tooltip_of_a_median_has_its_interval() -> None:
    """It also says which posts it is of."""
    (cloud,) = build_chart(*(post("good", count) for count in (90, 1, 2, 3, 4, 50, 6, 7, 8))).series
    assert cloud.medians[0].tooltip == "Median of 9 positive posts, without reposts\n6 reactions\nmargin of error 2 to 50 (95%)"


@pytest.mark.parametrize("form", ["json", "csv"])
def test_exports_have_only_ids_of_posts_from_x(client: FlaskClient, world: fake_networks.World, form: str) -> None:
    """X's terms allow no more; other networks' posts are complete."""
    world.x.has("nasa", posts=5)
    response = client.get(f"/engagement.{form}?users=nasa,demo:aster-air&n=5")
    data = response.get_json()["data"] if form == "json" else parse_csv(response.text)
    rows = [{name for name in COLUMNS if row[name] not in (None, "")} for row in data]
    assert rows[:5] == [{"account", "id"}] * 5
    assert all({"score", "likes", "start"} <= row for row in rows[5:])
    if form == "json":
        terms = "X’s terms allow a data file only the account and ID of at most 500 posts."
        assert terms in response.get_json()["notes"]


def test_a_page_of_posts_without_counts_says_so(tmp_path: Path) -> None:
    """The message replaces an empty chart."""
    client = create_app({"CHORUS_DATASETS": str(tmp_path / "datasets")}).test_client()
    report_page = upload_file(client, "created_at,text,id,account\n2026-03-01T10:00:00Z,A good day,1,harbour\n").headers["Location"]
    assert UNKNOWN in client.get(report_page.replace("/report", "/html/engagement")).text


def test_only_the_selected_kinds_count() -> None:
    """With kinds=reply, only replies are included."""
    rows = [post("good", place, kind=kind) for place, kind in enumerate(POST_KINDS)]
    assert build_report(*rows, kinds="reply").table["likes"].to_list() == [POST_KINDS.index("reply")]
