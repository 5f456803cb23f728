"""One module per chart, each with a function that turns a table into a chart, including its title, axes, hint and alternative text.

In: a table of `analytics` and a `ChartContext`. Out: a neutral `spec.Chart`, which a renderer draws. Imported by: reports
and web.rendering. Start reading in `rhythm.py`.
"""
