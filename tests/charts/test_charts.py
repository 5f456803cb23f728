"""All charts: the same numbers in the same colours in every renderer, as figures that plotly.js takes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.charts.palette import PALETTE
from dashboard.charts.plotlyjs import figures
from dashboard.charts.vega import images
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline
from tests.support.drawn_charts import EACH_CHART, EACH_KIND, build_chart, build_report, list_users, render_svg
from tests.support.plotly_check import expand_layouts, validate_figure

# What each renderer draws, as {account's label: (colour, [(day, value)])}
Drawn = dict[str, tuple[str, list[tuple[str, float | None]]]]


def in_table(kind: str, args: dict[str, str]) -> Drawn:
    """Return the numbers of the table, with the colours of the accounts."""
    report, value = build_report(kind, **args), "posts" if kind == "frequency" else "value"
    return {
        f"@{account}": (PALETTE[place], [(row["start"], row[value]) for row in report.to_rows() if row["account"] == account])
        for place, account in enumerate(["zeta", "alpha"])
    }


def in_figure(kind: str, args: dict[str, str]) -> Drawn:
    """Return what plotly.js draws in full colour."""
    full = [
        trace
        for trace in figures.build_figure(build_chart(kind, **args))["data"]
        if trace.get("marker", {"opacity": 0}).get("opacity", 1) == 1
    ]
    colours = [trace["line"]["color"] if kind == "frequency" else trace["marker"]["line"]["color"] for trace in full]
    return {
        trace["name"]: (colour, [(start[:10], value) for start, value in zip(trace["x"], trace["y"], strict=True)])
        for trace, colour in zip(full, colours, strict=True)
    }


def in_specification(kind: str, args: dict[str, str]) -> Drawn:
    """Return what Vega-Lite draws."""
    datasets = images.build_spec(build_chart(kind, **args), width=900, height=420, theme_name="light")["datasets"]
    rows_by_label: dict[str, list[dict[str, Any]]] = {}
    for row in [row for rows in datasets.values() for row in rows]:
        rows_by_label.setdefault(row["label"], []).append(row)
    return {
        label: (rows[0]["colour"], [(f"{datetime.fromtimestamp(row['x'] / 1000, UTC):%Y-%m-%d}", row["y"]) for row in rows])
        for label, rows in rows_by_label.items()
    }


@pytest.mark.parametrize("drawn", [in_figure, in_specification])
@EACH_CHART
def test_every_renderer_draws_the_numbers_of_the_table_in_the_same_colours(
    kind: str, args: dict[str, str], drawn: Callable[[str, dict[str, str]], Drawn]
) -> None:
    """Page, image and data agree, and an unknown value stays unknown."""
    assert drawn(kind, args) == in_table(kind, args)


def test_the_lines_of_an_image_have_the_colours_and_dashes_of_the_styles() -> None:
    """Vega-Lite's colour scale maps each account to its own colour."""
    chart = build_chart("frequency", list_users(6))
    encoding = images.build_spec(chart, width=900, height=420, theme_name="light")["vconcat"][0]["layer"][0]["encoding"]
    scales = [encoding[channel]["scale"] for channel in ("color", "strokeDash")]
    assert [scale["domain"] for scale in scales] == [[line.label for line in chart.series]] * 2
    assert scales[0]["range"] == [line.style.color for line in chart.series]


def test_the_pale_bars_are_the_positive_and_negative_sums() -> None:
    """They go up and down behind the net, in figure and specification."""
    chart = build_chart("sentiment", "nasa")
    sums = [(2, 0), (1, 0), (0, 0), (1, -2), (0, -1)]
    pale = [list(trace["y"]) for trace in figures.build_figure(chart)["data"] if trace["marker"].get("opacity") != 1]
    rows = images.build_spec(chart, width=900, height=420, theme_name="light")["datasets"]["0"]
    assert list(zip(*pale, strict=True)) == sums
    assert [(row["up"], row["down"]) for row in rows] == sums


@EACH_CHART
def test_a_figure_is_plain_json(kind: str, args: dict[str, str]) -> None:
    """It has no binary arrays and no NaN, so a script block can hold it."""
    text = json.dumps(figures.build_figure(build_chart(kind, **args)), allow_nan=False)
    assert json.loads(text) == figures.build_figure(build_chart(kind, **args))


@EACH_CHART
def test_a_figure_is_valid_for_plotly(kind: str, args: dict[str, str]) -> None:
    """plotly.py accepts it and changes nothing."""
    figure = figures.build_figure(build_chart(kind, **args))
    assert validate_figure(figure) == expand_layouts(figure)


def test_the_check_refuses_names_that_plotly_does_not_know() -> None:
    """plotly.js itself would silently ignore a misspelt name."""
    with pytest.raises(ValueError, match="hovermodus"):
        validate_figure(figures.build_figure(build_chart("frequency")) | {"layout": {"hovermodus": "closest"}})


@EACH_KIND
def test_a_figure_never_offers_to_send_data_away(kind: str) -> None:
    """Plotly's cloud button is off, and its URL is empty."""
    config = figures.build_figure(build_chart(kind))["config"]
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["displaylogo"] is False


@EACH_KIND
def test_names_cannot_add_markup_to_a_figure(kind: str) -> None:
    """An imported account named like a tag is shown by its name."""
    figure = json.dumps(figures.build_figure(build_chart(kind, "file:ab/<img&b>")))
    assert "<img" not in figure
    assert "&lt;img&amp;b" in figure


@EACH_KIND
def test_tooltips_have_only_numbers_and_fixed_words(kind: str) -> None:
    """They contain no text of a post and no markup except our line breaks."""
    texts = [text for trace in figures.build_figure(build_chart(kind, "file:ab/<b>"))["data"] for text in trace.get("hovertext", ())]
    assert [text for text in texts if "<" in text.replace("<br>", " ") or "post" not in text] == []


@EACH_KIND
def test_the_figure_of_no_posts_is_plain_json(kind: str) -> None:
    """A page without posts has a chart without visible traces."""
    figure = json.loads(json.dumps(figures.build_figure(builder.build_report(kind, build_query(), Fetched([build_timeline()])).chart)))
    assert [trace["x"] for trace in figure["data"] if trace.get("x")] == []


def test_a_figure_grows_with_its_accounts() -> None:
    """Twenty facets need more height than one."""
    assert figures.figure_height(build_chart("sentiment", list_users(20))) > 20 * 25


def test_the_sixth_line_is_dashed_in_page_and_image() -> None:
    """Both renderers distinguish it from the first, which has the same hue."""
    chart = build_chart("frequency", list_users(6))
    dashes = [trace["line"]["dash"] for trace in figures.build_figure(chart)["data"] if "marker" in trace]
    assert dashes == ["solid"] * 5 + ["dash"]
    assert 'stroke-dasharray="6,3"' in render_svg(chart)


@pytest.mark.parametrize(("count", "row_count"), [(6, 1), (7, 7), (20, 20)])
def test_seven_accounts_have_a_plot_each(count: int, row_count: int) -> None:
    """Seven lines in one plot are a tangle, so each account has a row of bars on its own scale."""
    chart = build_chart("frequency", list_users(count))
    layout = figures.build_figure(chart)["layout"]
    assert len(images.build_spec(chart, width=900, height=2000, theme_name="light")["vconcat"]) == row_count
    assert len([name for name in layout if name.startswith("yaxis")]) == row_count
