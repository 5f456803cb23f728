"""One module per chart, each with a function that draws a table: titles, axes, hints and alternative texts are written here.

In: a table of `analytics` and how its accounts look. Out: a neutral `spec.Chart`, which a renderer draws. Imported by: reports
and web.rendering. Start reading in `rhythm.py`.
"""
