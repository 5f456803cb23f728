"""Draws charts as static images: a `Chart` becomes Vega-Lite, which vl-convert turns into SVG and PNG.

In: a chart of `charts.spec`. Out: bytes. One module per kind of chart. Imported by: web.rendering. Start reading in `images.py`.
"""
