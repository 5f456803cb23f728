"""Rhythm: posts counted per weekday and hour of the clock on the wall."""

import polars as pl
import pytest
from builders import posted, question, timeline

from dashboard import report
from dashboard.analytics import rhythm as rooms
from dashboard.charts import image, interactive
from dashboard.charts.spec import Grid


def rhythm(*times: str, tz: str = "UTC") -> list[tuple[int, int, int]]:
    """Return weekday, hour and posts of the cells of one account that have posts."""
    table = rooms.rhythm(posted(*times), ["nasa"], tz)
    return table.filter(pl.col("posts") > 0).select("weekday", "hour", "posts").rows()


def drawn(*texts: str) -> Grid:
    """Return the picture of one account's posts."""
    chart = report.build("rhythm", question(), [timeline(*texts)], {}).chart
    assert isinstance(chart, Grid)
    return chart


def test_a_week_has_168_hours() -> None:
    """Each account has every weekday and hour, in the order given, those without posts too."""
    table = rooms.rhythm(posted("2026-03-02T09:30"), ["nasa", "silent"], "UTC")
    assert (table.height, table["account"].unique(maintain_order=True).to_list(), table["posts"].sum()) == (336, ["nasa", "silent"], 1)


def test_the_share_of_an_account_without_posts_is_unknown() -> None:
    """Of posts it adds up to one."""
    table = rooms.rhythm(posted("2026-03-02", "2026-03-03", "2026-03-03"), ["nasa", "silent"], "UTC")
    assert table.group_by("account", maintain_order=True).agg(
        pl.col("share").sum(), pl.col("share").null_count().alias("unknown")
    ).rows() == [
        ("nasa", pytest.approx(1), 0),
        ("silent", 0, 168),
    ]


@pytest.mark.parametrize(
    ("tz", "cell"), [("UTC", (1, 23, 1)), ("Europe/Berlin", (2, 0, 1)), ("America/New_York", (1, 18, 1)), ("Asia/Kolkata", (2, 5, 1))]
)
def test_a_post_is_of_the_hour_that_its_zone_had(tz: str, cell: tuple[int, int, int]) -> None:
    """Monday 23:30 in London is Tuesday in Berlin."""
    assert rhythm("2026-03-02T23:30", tz=tz) == [cell]


def test_an_hour_that_comes_twice_is_one_hour_of_the_clock() -> None:
    """02:30 comes twice in Berlin on 25 October 2026."""
    assert rhythm("2026-10-25T00:30", "2026-10-25T01:30", tz="Europe/Berlin") == [(7, 2, 2)]


def test_both_pictures_show_the_same_cells() -> None:
    """A cell is as opaque in the page as in the image, in the account's colour."""
    chart = drawn("good", "bad")
    (trace,) = interactive.figure(chart)["data"]
    (sheet,) = image.specification(chart, width=900, height=420, theme="light")["vconcat"]
    page = [float(colour.rsplit(",", 1)[1].rstrip(")")) for colour in trace["marker"]["color"]]
    assert page == pytest.approx([row["strength"] for row in sheet["data"]["values"]], abs=0.001)


def test_the_words_name_the_busiest_hour() -> None:
    """For who can't see the picture."""
    told = drawn("good", "bad", "so").alt
    assert ("posts most on" in told, "busiest day" in told) == (True, True)


def test_a_timeline_without_posts_draws_nothing() -> None:
    """It says so instead."""
    chart = drawn()
    assert (chart.empty, chart.alt) == (True, "There is no post to draw.")
