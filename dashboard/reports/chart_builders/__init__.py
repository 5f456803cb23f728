"""One module per chart, which builds its table, its chart, its remarks and its links to posts.

In: an `Analysis`. Out: a `ChartResult`. No module imports these by name: `core.charts` names each builder, and `reports.builder` calls it.
A table that several charts need is in `analytics`, and a large drawing in `charts.definitions`. Start reading in `rhythm.py`, the shortest.
"""
