"""One module per chart: what was read for a question becomes the chart's table, its drawing, its remarks and its links to posts.

In: an `Analysis`. Out: a `ChartResult`. Imported by: nobody; `core.charts` names each builder, and `reports.builder` calls it.
Start reading in `rhythm.py`, the shortest.
"""
