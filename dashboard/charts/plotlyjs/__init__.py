"""Draw charts as interactive figures: turn a `Chart` into the plain JSON that plotly.js draws.

In: a chart of `charts.spec`. Out: {"data", "layout", "config"}. One module per kind of chart. Imported by: web.rendering.
Start reading in `figures.py`.
"""
