"""Charts as still images: a `Chart` becomes Vega-Lite, then SVG and PNG by vl-convert.

In: a chart of `charts.spec`. Out: bytes. One module per kind of chart. Imported by: web.rendering. Start reading in `images.py`.
"""
