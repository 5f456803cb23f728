"""The rows of a chart's data table as HTML. A report has some 7,000 cells, for which a template takes several times as long.

What the cells say belongs in `reports/table_format.py`, and the table around the rows in the template.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Flask
from markupsafe import Markup, escape

from dashboard.core.formatting.texts import start_within_sentence
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
    columns = report.columns
    tags = [_cell_tags(column) for column in columns]
    link_index = next((index for index, column in enumerate(columns) if column.name == report.link_column), -1)
    posts_url, lines = urls.for_posts(query), []
    for number, row in enumerate(report.formatted_rows(max_rows)):
        texts = [str(escape(text)) for text in row.values()]
        if link_index >= 0 and number < len(report.post_queries) and (post_query := report.post_queries[number]):
            url = urls.with_args(posts_url, post_query)
            texts[link_index] = _render_link(url, texts, link_index, columns[link_index].title, opens_tab=query.embed)
        cells = [f"{start}{text}{end}" for (start, end), text in zip(tags, texts, strict=True)]
        lines.append(f"      <tr>{''.join(cells)}</tr>\n")
    return Markup("".join(lines))


def _cell_tags(column: "TableColumn") -> tuple[str, str]:
    if column.name == "account":
        return '<th scope="row">', "</th>"
    return ('<td class="number">' if column.is_numeric else "<td>"), "</td>"


def _render_link(url: str, texts: Sequence[str], index: int, title: str, *, opens_tab: bool) -> str:
    """Return a cell's text as a link, whose label names the cells before it. `texts` are escaped."""
    target = ' target="_blank"' if opens_tab else ""
    label = f"{texts[index]} {escape(start_within_sentence(title))}: {', '.join(texts[:index])}"
    return f'<a href="{escape(url)}" rel="nofollow"{target} aria-label="{label}">{texts[index]}</a>'
