"""Charts independent of what draws them: one module per kind of chart, with its marks, its scales and its texts.

In: numbers and texts of `definitions`. Out: frozen values that `plotlyjs` and `vega` draw in the same way. Imported by: all of `charts`,
and reports. Start reading in `chart.py`, then in `bars.py`.
"""
