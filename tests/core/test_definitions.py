"""The definitions of terms: one place that pages, tables, the API page and the manual read."""

import re
from typing import get_args

import pytest
from flask.testing import FlaskClient

from dashboard.core.charts import CHARTS
from dashboard.core.columns import COLUMNS
from dashboard.core.definitions import DEFINITIONS, Definition
from dashboard.core.query_values import Measure
from dashboard.reports.builder import build_report
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline


@pytest.mark.parametrize("definition", DEFINITIONS, ids=DEFINITIONS.names())
def test_a_definition_is_one_or_two_sentences(definition: Definition) -> None:
    """A busy reader doesn't read more."""
    sentences = re.findall(r"[.](?= |$)", definition.text)
    assert 1 <= len(sentences) <= 2
    assert definition.text.endswith(".")
    assert not definition.formula.endswith(".")


def test_every_measure_is_defined() -> None:
    """Headings of tables name the measure, so each one has an entry of its name."""
    assert set(get_args(Measure)) <= set(DEFINITIONS.names())


def test_columns_refer_to_definitions_that_exist() -> None:
    """A misspelt name would only fail once the chart is drawn."""
    overrides = [options["definition"] for column in COLUMNS for options in column.in_charts.values() if "definition" in options]
    own_columns = [column for chart in CHARTS for column in chart.columns]
    names = {name for name in [column.definition for column in [*COLUMNS, *own_columns]] + overrides if name}
    assert names - {"{measure}"} - set(DEFINITIONS.names()) == set()


@pytest.mark.parametrize(("measure", "formula"), [("net", "positive − negative"), ("share", "positive ÷ (positive + negative)")])
def test_the_heading_of_a_measure_is_explained(measure: str, formula: str) -> None:
    """The explanation is that of the measure that the question asks for."""
    report = build_report("sentiment", build_query(measure=measure), Fetched([build_timeline("good", "bad")]))
    explanations = {column.name: column.definition for column in report.columns}
    assert explanations["value"].endswith(formula)
    assert explanations["account"] == ""


@pytest.mark.slow
def test_the_api_page_defines_every_term(client: FlaskClient) -> None:
    """Each definition can be linked to."""
    text = client.get("/docs").text
    assert [definition.name for definition in DEFINITIONS if f'id="{definition.anchor}"' not in text] == []


def test_a_table_explains_its_headings(demo_client: FlaskClient) -> None:
    """The explanation appears when the pointer rests on a heading."""
    text = demo_client.get("/html/sentiment?users=demo:aster-air&n=20&measure=share").text
    assert re.search(
        r'<th scope="col" class="number" title="How much of what is positive or negative is positive[^"]*">Positive share', text
    )
