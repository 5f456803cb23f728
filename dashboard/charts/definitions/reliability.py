"""Builds the reliability diagrams of a model from reliability tables. No metric is computed here."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.charts.spec.reliability import ReliabilityChart, ReliabilityPanel, ReliabilityPoint
from dashboard.core.formatting.numbers import format_number, format_share
from dashboard.core.formatting.texts import format_labelled
from dashboard.core.messages import gettext


def reliability_chart(tables: Mapping[str, Sequence[Mapping[str, Any]]], title: str, caption: Sequence[str] = ()) -> ReliabilityChart:
    """Build the diagrams of reliability tables by heading.

    The bins of a table have `confidence`, `accuracy`, `accuracy_interval` and `rows`.
    """
    descriptions = ". ".join(_describe_table(heading, bins) for heading, bins in tables.items())
    return ReliabilityChart(
        kind="reliability",
        title=title,
        caption=tuple(caption),
        hint=_explain_points(),
        alt=f"{title}. {descriptions}.",
        panels=tuple(ReliabilityPanel(heading, tuple(map(_build_point, bins))) for heading, bins in tables.items()),
        x_title=gettext("How sure it is"),
        y_title=gettext("How often it is right"),
        diagonal_label=gettext("perfectly calibrated"),
    )


def _explain_points() -> str:
    return gettext(
        "Each point stands for the texts about which the model is equally sure, in steps of ten points; the larger it is, the more texts. "
        "On the dashed line, the model is right as often as it says; below it, it is too sure of itself. The vertical line is the "
        "%(share)s interval, and the pale bar the distance from the dashed line",
        share=format_share(0.95),
    )


def _describe_table(heading: str, bins: Sequence[Mapping[str, Any]]) -> str:
    described = "; ".join(
        gettext(
            "%(confidence)s sure, %(accuracy)s of %(count)s right",
            confidence=format_share(table_bin["confidence"]),
            accuracy=format_share(table_bin["accuracy"]),
            count=format_number(table_bin["rows"]),
        )
        for table_bin in bins
    )
    return format_labelled(heading, described) if heading else described


def _build_point(table_bin: Mapping[str, Any]) -> ReliabilityPoint:
    low, high = table_bin["accuracy_interval"]
    return ReliabilityPoint(table_bin["confidence"], table_bin["accuracy"], low, high, table_bin["rows"])
