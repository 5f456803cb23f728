"""Counting posts per weekday and hour of local time."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient

from dashboard.analytics import rhythm as rooms
from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec.heatmap import HeatmapChart
from dashboard.charts.vega import images
from dashboard.charts.vega.theme import THEMES
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import build_posts_at, build_query, build_timeline, build_timeline_at, decode_png_rows, parse_utc
from tests.support.client_requests import parse_csv
from tests.support.fault_suite import list_cases
from tests.support.plotly_check import expand_layouts, validate_figure
from tests.support.vega_check import validate_specification

ALWAYS = ("2025-01-01", "2026-12-31")


def known(*rows: tuple[str, str | None, str | None]) -> pl.DataFrame:
    """Return account, known_from and known_to, like analytics.coverage."""
    schema = {"account": pl.String, "known_from": pl.Datetime("us", "UTC"), "known_to": pl.Datetime("us", "UTC")}
    return pl.DataFrame([(name, *(parse_utc(end) if end else None for end in ends)) for name, *ends in rows], schema=schema, orient="row")


def rhythm(*moments: str, tz: str = "UTC") -> list[tuple[int, int, int]]:
    """Return weekday, hour and posts of the cells of one account that have posts."""
    table = rooms.rhythm(build_posts_at(*moments), known(("nasa", *ALWAYS)), ["nasa"], tz)
    return table.filter(pl.col("posts") > 0).select("weekday", "hour", "posts").rows()


def read(*moments: str, users: str = "nasa", **args: Any) -> Report:
    """Return the report on accounts that all posted at these moments and whose whole timelines were read."""
    asked = build_query(users, **args)
    return builder.build_report("rhythm", asked, Fetched([build_timeline_at(*moments, account=str(user)) for user in asked.users]))


def drawn(*moments: str, users: str = "nasa", **args: Any) -> HeatmapChart:
    """Return the chart of such a report."""
    chart = read(*moments, users=users, **args).chart
    assert isinstance(chart, HeatmapChart)
    return chart


def hours_known(first: str | None, last: str | None, tz: str = "UTC") -> int:
    """Return how many hours of the week are known of an account without posts in a span."""
    return rooms.rhythm(build_posts_at(), known(("nasa", first, last)), ["nasa"], tz)["posts"].count()


def test_a_week_has_168_hours() -> None:
    """Each account has every weekday and hour, in order, including those without posts."""
    both = known(("silent", *ALWAYS), ("nasa", *ALWAYS))
    table = rooms.rhythm(build_posts_at("2026-03-02T09:30"), both, ["nasa", "silent"], "UTC")
    assert table.select("account", "weekday", "hour").rows() == [
        (account, weekday, hour) for account in ("nasa", "silent") for weekday in range(1, 8) for hour in range(24)
    ]
    assert table["posts"].sum() == 1
    assert table["posts"].null_count() == 0


def test_the_share_of_an_account_without_posts_is_unknown() -> None:
    """With posts, the shares add up to 1."""
    both = known(("nasa", *ALWAYS), ("silent", *ALWAYS))
    table = rooms.rhythm(build_posts_at("2026-03-02", "2026-03-03", "2026-03-03"), both, ["nasa", "silent"], "UTC")
    shares = table.group_by("account", maintain_order=True).agg(pl.col("share").sum(), pl.col("share").null_count().alias("unknown"))
    assert shares.rows() == [("nasa", pytest.approx(1), 0), ("silent", 0, 168)]


@pytest.mark.parametrize(
    ("tz", "cell"), [("UTC", (1, 23, 1)), ("Europe/Berlin", (2, 0, 1)), ("America/New_York", (1, 18, 1)), ("Asia/Kolkata", (2, 5, 1))]
)
def test_a_post_counts_in_its_local_hour(tz: str, cell: tuple[int, int, int]) -> None:
    """Monday 23:30 in London is Tuesday in Berlin."""
    assert rhythm("2026-03-02T23:30", tz=tz) == [cell]


def test_a_repeated_hour_is_one_hour_of_the_week() -> None:
    """02:30 comes twice in Berlin on 25 October 2026."""
    assert rhythm("2026-10-25T00:30", "2026-10-25T01:30", tz="Europe/Berlin") == [(7, 2, 2)]


def test_the_hour_after_a_skipped_one_is_local() -> None:
    """01:30 UTC is 03:30 in Berlin on 29 March 2026, half an hour after 01:59."""
    assert rhythm("2026-03-29T00:59", "2026-03-29T01:30", tz="Europe/Berlin") == [(7, 1, 1), (7, 3, 1)]


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        ("2026-03-02T09:00", "2026-03-02T10:00", 1),
        ("2026-03-02T09:59", "2026-03-02T10:01", 2),
        ("2026-03-02", "2026-03-05", 72),
        ("2026-03-02", "2026-03-09", 168),
        ("2026-03-24", "2026-04-14", 168),
        (None, "2026-03-09", 168),
        ("2026-03-02", None, 168),
        (None, None, 168),
    ],
)
def test_an_hour_outside_the_known_time_is_unknown(first: str | None, last: str | None, hours: int) -> None:
    """An hour that wasn't read isn't silent."""
    assert hours_known(first, last) == hours


@pytest.mark.parametrize("tz", ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])
def test_known_hours_are_local(tz: str) -> None:
    """Six weeks around a clock change contain every hour of the week; two hours that start with a local hour are two."""
    assert hours_known("2026-03-01", "2026-04-12", tz) == 168
    quarter = {"Europe/Berlin": "09:00", "Asia/Kathmandu": "09:15", "America/St_Johns": "09:30"}[tz]
    assert hours_known(f"2026-03-03T{quarter}", f"2026-03-03T11{quarter[2:]}", tz) == 2


def test_a_note_says_if_there_are_only_few_weeks() -> None:
    """Ten days contain some weekdays twice."""
    few = builder.build_report("rhythm", build_query(), Fetched([build_timeline_at("2026-03-21", "2026-03-28", cut_by="n")])).remarks
    assert [remark for remark in few if remark.startswith("Less than 4 weeks of posts for @nasa")] != []
    assert [remark for remark in read("2026-03-28").remarks if remark.startswith("Fewer")] == []


def test_each_hour_links_to_its_posts() -> None:
    """A row of the table and its cell have the same link."""
    report = read("2026-03-02T09:30", "2026-03-03T23:59")
    behind = {where for row, where in zip(report.to_rows(), report.post_queries, strict=True) if row["posts"]}
    assert behind == {
        (("account", "nasa"), ("weekday", "1"), ("hour", "9")),
        (("account", "nasa"), ("weekday", "2"), ("hour", "23")),
    }
    assert {cell.post_query for cell in report.chart.panels[0].cells if cell.value} == behind  # type: ignore[attr-defined]


@pytest.mark.parametrize("users", ["nasa", "nasa,esa", "nasa,esa,a@b.social"])
def test_page_and_image_show_the_same_cells(users: str) -> None:
    """A cell has the same opacity, colour, weekday and hour in both."""
    chart = drawn("2026-03-02T09:30", "2026-03-02T09:40", "2026-03-08T00:30", users=users)
    traces = figures.build_figure(chart)["data"]
    sheets = images.build_spec(chart, width=900, height=420, theme_name="light")["concat"]
    for trace, view, sheet in zip(traces, sheets, chart.panels, strict=True):
        page = [float(colour.rsplit(",", 1)[1].rstrip(")")) for colour in trace["marker"]["color"]]
        shown = view["data"]["values"]
        assert page == pytest.approx([row["opacity"] for row in shown], abs=0.001)
        assert sorted(page)[-3:] == pytest.approx([0.08, 0.6, 1])
        assert [f"{place:02}" for place in trace["x"]] == [row["column"] for row in shown]
        assert [chart.row_labels[int(base)] for base in trace["base"]] == [row["row"] for row in shown]
        assert view["mark"]["color"] == sheet.style.color


def test_an_unknown_hour_has_no_cell() -> None:
    """It isn't pale like an hour without posts, and the hint explains it."""
    one = builder.build_report(
        "rhythm", build_query(since="2026-03-02", until="2026-03-03"), Fetched([build_timeline_at("2026-03-02T09:30")])
    ).chart
    assert isinstance(one, HeatmapChart)
    strengths = one.cell_opacities(one.panels[0])
    assert strengths.count(0) == 144
    assert strengths.count(0.08) == 23
    assert strengths.count(1) == 1
    assert "Missing squares: no data for that hour" in one.hint


def test_the_alternative_text_names_the_busiest_hour() -> None:
    """It is for people who can't see the chart."""
    alt_text = drawn("2026-03-02T09:30", "2026-03-02T09:40", "2026-03-07T08:30", "2026-03-04T18:00", tz="Europe/Berlin").alt
    assert alt_text.replace("\N{NO-BREAK SPACE}", " ") == (
        "Grid of posts by weekday and hour, times in Europe/Berlin, for @nasa. "
        "@nasa posts most on Mondays from 10:00 to 11:00 (2 posts of 4); Monday is the busiest day. "
        "50% fall on weekdays from 09:00 to 17:00, 25% on weekends."
    )


@pytest.mark.parametrize("timelines", [[], [build_timeline()]], ids=["nobody", "silent"])
def test_a_timeline_without_posts_draws_a_message(timelines: list[Any]) -> None:
    """The message replaces the chart."""
    chart = builder.build_report("rhythm", build_query(), Fetched(timelines)).chart
    assert chart.is_empty is True
    assert chart.alt == "There are no posts to show."


@pytest.mark.parametrize(
    ("size", "count"),
    list_cases([((900, 420), 1), ((200, 150), 20), ((390, 700), 20)], [(900, 420), (200, 150), (1600, 200), (390, 700)], [1, 2, 3, 20]),
)
def test_cells_stay_inside_the_image(size: tuple[int, int], count: int) -> None:
    """For any number and size of panels, nothing touches the lower and the right edge."""
    width, height = size
    chart = drawn("2026-03-02T09:30", users=",".join(f"a{number}" for number in range(count)))
    rows = decode_png_rows(images.render_png(chart, width=width, height=height, scale=1, theme_name="dark"))
    background = bytes.fromhex(THEMES["dark"].background.removeprefix("#")) + b"\xff"
    assert len(rows[0]) // 4 == width
    assert len(rows) == height
    assert rows[-1] == background * width
    assert {row[-4:] for row in rows} == {background}


def test_the_vega_specification_is_valid() -> None:
    """Altair's schema accepts it."""
    specification = images.build_spec(drawn("2026-03-02T09:30", users="nasa,esa"), width=900, height=420, theme_name="dark")
    validate_specification(specification)


def test_the_figure_is_valid_for_plotly() -> None:
    """plotly.py accepts it and changes nothing, on narrow plots too."""
    figure = figures.build_figure(drawn("2026-03-02T09:30", users="nasa,esa"))
    assert validate_figure(figure) == expand_layouts(figure)


def test_hostile_names_stay_text() -> None:
    """This holds for tooltips and headings of the page, and for the image."""
    chart = drawn("2026-03-02T09:30", users="file:ab/<img>&")
    figure = figures.build_figure(chart)
    assert figure["data"][0]["name"] == "&lt;img>&amp; (file ab)"
    assert "<img>" not in figure["layout"]["annotations"][0]["text"]
    assert "<img>" not in images.render_svg(chart, width=900, height=420, theme_name="light")


def test_narrow_pages_have_one_panel_per_row() -> None:
    """Wide pages have two, with the same cells in a lower figure."""
    figure = figures.build_figure(drawn("2026-03-02T09:30", users="nasa,esa"))
    wide, narrow = figure["layout"], figure["narrow"]["layout"]
    assert wide["xaxis2"]["domain"][0] > 0.5
    assert narrow["xaxis2"]["domain"] == [0, 1]
    assert narrow["height"] > wide["height"]


@pytest.mark.slow
def test_every_format_is_served(demo_client: FlaskClient) -> None:
    """Both data formats have the same table."""
    address = "/rhythm{}?users=demo:aster-air,demo:harbour-news&n=60&tz=Asia/Tokyo"
    data = demo_client.get(address.format(".json")).get_json()["data"]
    table = parse_csv(demo_client.get(address.format(".csv")).text)
    assert list(data[0]) == ["account", "weekday", "hour", "posts", "share"]
    assert [[row["weekday"], row["hour"], row["posts"]] for row in table] == [
        [str(row["weekday"]), str(row["hour"]), "" if row["posts"] is None else str(row["posts"])] for row in data
    ]
    assert sum(row["posts"] or 0 for row in data) == 120
    assert len(data) == 336
    assert [demo_client.get(address.format(form)).content_type.split(";")[0] for form in ("", ".png", ".svg")] == [
        "image/png",
        "image/png",
        "image/svg+xml",
    ]


def test_counts_by_a_network_have_no_rhythm(client: FlaskClient) -> None:
    """They are refused at their field."""
    response = client.get("/rhythm.json?users=nasa&counted=network")
    assert response.status_code == 400
    assert response.get_json()["problems"][0]["field"] == "counted"


def test_another_zone_moves_posts_between_hours() -> None:
    """The total number of posts stays the same."""
    moments = [(parse_utc("2026-03-02") + timedelta(hours=7 * step)).isoformat() for step in range(50)]
    assert {sum(count for _, _, count in rhythm(*moments, tz=tz)) for tz in ("UTC", "Asia/Kathmandu", "Pacific/Kiritimati")} == {50}


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("2026-01-03T00:00", "2026-01-05T00:00", 1),  # a Saturday and a Monday
        ("2026-01-03T00:01", "2026-01-05T00:00", 0),
        ("2026-01-03T00:00", "2026-01-04T23:59", 0),
        ("2026-01-05T00:00", "2026-01-09T23:00", 0),
        ("2026-01-01T12:00", "2026-01-28T12:00", 4),
    ],
)
def test_whole_weekends_are_counted(first: str, last: str, count: int) -> None:
    """Both days must lie between the two moments."""
    assert rooms.count_weekends(datetime.fromisoformat(first), datetime.fromisoformat(last)) == count
