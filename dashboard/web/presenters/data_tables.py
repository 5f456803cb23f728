"""The rows of a chart's data table as HTML. A report has some 7,000 cells, for which a template takes several times as long.

What the cells say belongs in `reports/table_format.py`, and the table around the rows in the template.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Flask
from markupsafe import Markup, escape

from dashboard.core.formatting.texts import format_labelled, start_within_sentence
from dashboard.core.query import Query
from dashboard.web import urls

if TYPE_CHECKING:
    from dashboard.reports.report import Report
    from dashboard.reports.table_format import TableColumn


def init_app(app: Flask) -> None:
    """Make the rows available to templates."""
    app.jinja_env.globals.update(render_table_rows=render_rows)


def render_rows(report: "Report", query: Query, max_rows: int) -> Markup:
    """Return the first rows of a table as `tr` elements. Cells of the link column link to the posts behind their row, if it has any."""
    columns = {name: _escape_all(texts) for name, texts in report.format_columns(max_rows).items()}
    if report.link_column:
        columns[report.link_column] = _link_cells(report, query, columns)
    row = f"      <tr>{''.join(map(_cell_pattern, report.columns))}</tr>\n"
    return Markup("".join([row % cells for cells in zip(*columns.values(), strict=True)]))


def _cell_pattern(column: "TableColumn") -> str:
    if column.name == "account":
        return '<th scope="row">%s</th>'
    return '<td class="number">%s</td>' if column.is_numeric else "<td>%s</td>"


def _escape_all(texts: Sequence[str]) -> list[str]:
    """Return texts as HTML. Many cells of a column are equal."""
    escaped = {text: str(escape(text)) for text in set(texts)}
    return [escaped[text] for text in texts]


def _link_cells(report: "Report", query: Query, columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the cells of the link column as links to the posts behind them, whose labels name the cells before. `columns` are HTML."""
    names = [column.name for column in report.columns]
    position = names.index(report.link_column)
    title = escape(format_labelled(start_within_sentence(report.columns[position].title), ""))
    target = ' target="_blank"' if query.embed else ""
    start, texts = f'<a href="{escape(urls.for_posts(query))}', columns[report.link_column]
    labels = map(", ".join, zip(*(columns[name] for name in names[:position]), strict=True))
    post_queries = [*report.post_queries[: len(texts)], *[()] * (len(texts) - len(report.post_queries))]
    return [
        f'{start}{escape(urls.with_args("", post_query))}" rel="nofollow"{target} aria-label="{text} {title}{label}">{text}</a>'
        if post_query
        else text
        for text, label, post_query in zip(texts, labels, post_queries, strict=True)
    ]
