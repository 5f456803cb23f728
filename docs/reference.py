"""The parts of the documentation that are generated from the code: one function per part, each returning Markdown.

A page includes a part with a line such as `<!-- generated: settings -->`. Where the code says what exists, but not in words fit for
a manual, the words are here, and a missing or superfluous entry stops the build. To document a registry, read it in the part's function.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args

import click
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from dashboard import cli
from dashboard.app import create_app
from dashboard.config.settings import VARIABLES
from dashboard.core.charts import CHARTS, find_column
from dashboard.core.definitions import DEFINITIONS
from dashboard.core.formatting.texts import format_list
from dashboard.core.methods import METHODS, Method
from dashboard.core.query import Query
from dashboard.core.query_values import Measure
from dashboard.sources.files.shapes.shape import SHAPES
from dashboard.telemetry.metrics import Metrics
from dashboard.web.formats import FORMATS, Format, data_formats, picture_formats

ROOT = Path(__file__).parents[1]
PART = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def alternatives(formats: Iterable[Format]) -> str:
    """Return the suffixes of formats in words."""
    return format_list([f"`{entry.name}`" for entry in formats], conjunction="or")


ROUTES = {
    "/": "The form.",
    "/model/reliability/<name>.svg": "The reliability diagrams on the page of the model, one per language and data set.",
    "/demo-chart/<name>.svg": "The chart of two demo accounts on the form, drawn once per process and day.",
    "/report": "Everything about a question: key findings, a scorecard of each account, every chart, coverage, and links to every format.",
    "/report.pptx": "The report as [slides](../use/sharing.md): one finding, one chart and one source line per slide.",
    "/report.json": "The report's [findings and scorecard](../use/charts.md#key-findings) as JSON.",
    "/report.csv": "The same as CSV: one row per finding, then one per account and number.",
    "/html/KIND": "One interactive chart. With `embed=1`, only the chart, for a frame in another page.",
    "/KIND": "The chart as PNG.",
    "/KIND.FORMAT": f"The chart as {alternatives(FORMATS)}.",
    "/posts": "The posts behind a chart, or behind one mark of it, 50 per page.",
    "/posts.FORMAT": f"The same posts as {alternatives(data_formats())}: at most 20,000 posts or 8 MB of text. "
    "Posts on X have only the account and ID, and there are at most 500.",
    "/kept/KIND.FORMAT": f"A chart as {alternatives(picture_formats())}, drawn only from what is stored or free. "
    "It never costs money, so others can embed it.",
    "/kept/card/KIND.FORMAT": "The same chart sized for link previews.",
    "/kept/bare/KIND.FORMAT": "The same chart without title and notes, for Chorus's own pages.",
    "/kept/overview/KIND.FORMAT": "The chart that a report shows in its place, without title and notes: for reactions, the medians alone.",
    "/upload": "Takes a file in the multipart field `file`; redirects to its report (303). The header `Link` names `/datasets/ID.json`, "
    "which says how the file was read; with `show=summary` it redirects to the same as a page. The optional field `zone` is the time zone "
    "of times without one, `account` is the account of posts that don't name one, `date_order` is `day-first`, `month-first` or "
    "`year-first` for dates such as 04/05/2026, and `column-FIELD` names the column of a field. If only a person can say how the file is "
    "written, the response is a page that asks (422).",
    "/datasets/<identity>": "How an imported file was read. Its owner can correct that.",
    "/datasets/<identity>.json": "The same as JSON.",
    "/datasets/<identity>/delete": "Where the owner of an imported file deletes it.",
    "/classify": "Shows how a text sounds, and which words decided it. `text=…` makes it bookmarkable.",
    "/cost": 'The most that a question would cost, as JSON: `{"at_most", "left", "sentence"}` (US dollars).',
    "/predict": "The classifier for programs.",
    "/model": "The classifier's name, version, digest, labels, training data, scores and limits, and the digests of the word lists. "
    "Browsers get a page.",
    "/model.json": "The same as JSON, whatever the client accepts.",
    "/health": '`{"status": "healthy", "model_loaded": …}` as long as the process serves requests.',
    "/ready": "200 once the model is loaded and has made a real prediction; until then 503 with the reason.",
    "/metrics": "What the process has counted, in Prometheus's text format.",
    "/openapi.json": "OpenAPI 3.1 description of every JSON route.",
    "/docs": "The same as a page to read and try.",
    "/signin": "Where a person enters an access key. The browser stays signed in for 12 hours.",
    "/signout": "Ends the sign-in.",
    "/favicon.ico": "Redirects to the logo, for browsers that show data or an image.",
    "/robots.txt": "Tells search engines to stay away, unless `CHORUS_ROBOTS=allow`.",
    "/confirm": "Where the button of a page that another site may have opened starts a paid read.",
}

MEASURES = {
    "net": "positive − negative",
    "mean": "the mean per post",
    "share": "positive ÷ (positive + negative)",
}


def fill(text: str) -> str:
    """Return a page with every part generated."""
    return PART.sub(lambda line: PARTS[line[1]](), text)


def routes() -> str:
    """Every route with its HTTP methods."""
    found: dict[str, set[str]] = {}
    for rule in create_app({}).url_map.iter_rules():
        found.setdefault(written(str(rule)), set()).update(rule.methods or ())
    words = described(found, ROUTES, "routes")
    return table(
        ["Route", "HTTP", "Answer"], [[f"`{rule}`", " ".join(sorted(found[rule] & {"GET", "POST"})), words[rule]] for rule in words]
    )


def written(rule: str) -> str:
    """Return a rule as people write it: with KIND for the charts and FORMAT for the formats."""
    return re.sub(r"<format[^>]*:file_format>", "FORMAT", rule.replace("<chart:kind>", "KIND"))


def parameters() -> str:
    """Return every parameter of a question."""
    listed = openapi()["components"]["parameters"]
    embed = {"description": "For `/html/KIND`: only the chart, without the page around it.", "schema": {"enum": ["0", "1"], "default": "0"}}
    described(Query.model_fields, {*listed, "embed"}, "parameters")
    return table(["Name", "Values", "Default", "Meaning"], [parameter(name, one) for name, one in (listed | {"embed": embed}).items()])


def post_parameters() -> str:
    """Return the parameters that only the posts behind a chart take."""
    listed = openapi()["paths"]["/posts.json"]["get"]["parameters"]
    return table(["Name", "Values", "Default", "Meaning"], [parameter(one["name"], one) for one in listed if "$ref" not in one])


def parameter(name: str, one: Mapping[str, Any]) -> list[str]:
    """Return a row of a table of parameters."""
    default = one["schema"].get("default")
    shown = "required" if one.get("required") else "none" if default is None else "all" if isinstance(default, list) else f"`{default}`"
    return [f"`{name}`", values(one["schema"]), shown, one["description"]]


def values(schema: Mapping[str, Any]) -> str:
    """Return in words which values a JSON schema allows."""
    match schema:
        case {"type": "array", "items": {"enum": listed}}:
            return f"any of {codes(listed)}, separated by commas"
        case {"type": "array"}:
            return f"up to {schema['maxItems']}, separated by commas"
        case {"enum": listed} if len(listed) > 20:
            return "a time zone such as `Europe/Berlin`"
        case {"enum": listed}:
            return codes(listed)
        case {"type": "integer"}:
            return f"{schema['minimum']:,} to {schema['maximum']:,}" if "maximum" in schema else f"{schema['minimum']:,} or more"
        case {"format": "date"}:
            return "a date such as `2026-01-31`"
        case _:
            return "a date, or a time with its offset" if "T" in schema.get("pattern", "") else "text"


def charts() -> str:
    """Return every chart with the columns of its table, in order."""
    rows = [
        [f"`{chart.name}`", chart.description, codes(openapi()["components"]["schemas"][f"{chart.name.capitalize()}Row"]["properties"])]
        for chart in CHARTS
    ]
    return table(["Kind", "What it shows", "Columns"], rows)


def chart_questions() -> str:
    """Return every chart as pages call it, with the question that it answers."""
    return table(["Chart", "What it answers"], [[chart.heading or chart.title, chart.question or chart.description] for chart in CHARTS])


def columns() -> str:
    """Return every column of every table: its type, its unit, its meaning, and the tables in which it has these."""
    schemas = openapi()["components"]["schemas"]
    tables = {kind: schemas[f"{kind.capitalize()}Row"] for kind in CHARTS.names()} | {
        "posts": schemas["Post"],
        "coverage": schemas["Coverage"],
    }
    tables_by_row: dict[tuple[str, str, str, str], list[str]] = {}
    for title, schema in tables.items():
        for name, values_schema in schema["properties"].items():
            column = find_column(name, title)
            tables_by_row.setdefault((f"`{name}`", kind_of(values_schema), column.unit, column.description), []).append(title)
    return table(["Column", "Type", "Unit", "Meaning", "In"], [[*row, ", ".join(titles)] for row, titles in sorted(tables_by_row.items())])


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return the type of a column in words; null is allowed if it may be unknown."""
    kinds = schema.get("type", "any")
    named = [kinds] if isinstance(kinds, str) else list(kinds)
    return " or ".join("time" if (kind, schema.get("format")) == ("string", "date-time") else kind for kind in named)


def methods() -> str:
    """Return every sentiment method with what it counts."""
    rows = [
        [f"`{one.name}`", one.title, one.description, one.positive_meaning, one.mean_meaning, _describe_reading(one)] for one in METHODS
    ]
    return table(["Method", "Name on pages", "How it works", "`positive` counts", "`mean` is", "Reads"], rows)


def _describe_reading(method: Method) -> str:
    """Return which languages a method reads, and how many of 100 labelled English posts it misreads."""
    if method.needs_labeller:
        return "English and seven other languages, as its cards say ([English](../model-card.md), [others](../language-model-card.md))"
    reading = method.load_readings().get("en")
    return (
        f"English: {100 * reading.error_rate:.0f} of 100 posts are misread, {100 * reading.opposite_rate:.0f} with the opposite sign"
        if reading
        else "English"
    )


def definitions() -> str:
    """Return what the terms on pages mean."""
    return table(["Term", "Meaning", "Formula"], [[one.term, one.text, one.formula] for one in DEFINITIONS])


def measures() -> str:
    """Return every measure of sentiment."""
    words = described(get_args(Measure), MEASURES, "measures")
    return table(["Measure", "Meaning"], [[f"`{name}`", words[name]] for name in get_args(Measure)])


def shapes() -> str:
    """Return every kind of file that is recognised and read, by what wrote it."""
    return table(["File", "Where to get it"], [[shape.title, shape.source] for shape in SHAPES if shape.is_readable])


def unreadable_shapes() -> str:
    """Return every kind of file that is recognised and refused, with what to upload instead."""
    return table(
        ["File", "Why it isn't read", "What to do"], [[one.title, one.refusal, one.advice] for one in SHAPES if not one.is_readable]
    )


def settings() -> str:
    """Return every environment variable."""
    return table(["Name", "Default", "Meaning"], [[f"`{one.name}`", one.default, one.meaning] for one in VARIABLES])


def metrics() -> str:
    """Return every metric of /metrics with its labels."""
    counted = Metrics()
    labels = {one.describe()[0].name: one._labelnames for one in vars(counted).values() if isinstance(one, MetricWrapperBase)}
    rows = [
        [f"`{family.name}{'_total' * (family.type == 'counter')}`", family.type, codes(labels.get(family.name, ())), family.documentation]
        for family in text_string_to_metric_families(counted.render_text().decode())
    ]
    return table(["Metric", "Type", "Labels", "Meaning"], rows)


def command_line() -> str:
    """Return what each command says of itself with --help."""
    with cli.chorus.make_context("chorus", [], resilient_parsing=True, terminal_width=100) as group:
        names = cli.chorus.list_commands(group)
        return "\n\n".join([help_block(cli.chorus), *(f"## `chorus {name}`\n\n{help_block(cli.chorus.commands[name])}" for name in names)])


def help_block(command: click.Command) -> str:
    """Return what a command prints with --help, as a command of the current group."""
    parent = click.get_current_context()
    context = parent if command is parent.command else click.Context(command, parent, command.name)
    return block(command.get_help(context))


def make_targets() -> str:
    """Return what make can do."""
    found = re.findall(r"^([a-z-]+):.*## (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return table(["Command", "What it does"], [[f"`make {name}`", f"{words[0].upper()}{words[1:]}."] for name, words in found])


@cache
def openapi() -> dict[str, Any]:
    """Return the OpenAPI document of a Chorus without any setting."""
    document: dict[str, Any] = create_app({}).test_client().get("/openapi.json").get_json()
    return document


def described(names: Iterable[str], words: Any, what: str) -> Any:
    """Return the words if they are about exactly these names. Raises ValueError."""
    if wrong := set(names) ^ set(words):
        raise ValueError(f"docs/reference.py and the code differ in their {what}: {', '.join(sorted(wrong))}")
    return words


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def block(text: str) -> str:
    """Return text to be shown as it is."""
    return f"```text\n{text}\n```"


def codes(names: Iterable[object]) -> str:
    """Return names as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


PARTS: dict[str, Callable[[], str]] = {
    part.__name__: part
    for part in (
        routes,
        parameters,
        post_parameters,
        charts,
        chart_questions,
        columns,
        definitions,
        methods,
        measures,
        settings,
        shapes,
        unreadable_shapes,
        metrics,
        command_line,
        make_targets,
    )
}
