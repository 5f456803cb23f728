"""Turns tables into charts: `definitions` builds a neutral `Chart` from a table, `plotlyjs` and `vega` draw it in the same way.

In: tables of `analytics` and a `ChartContext`. Out: figures for the page, SVG and PNG. Imported by: reports and web. Start reading in
`spec`.
"""
