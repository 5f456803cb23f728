"""Turn posts into tables, with polars, and NumPy for formulas. No network access, no drawing and no sentences for users belong here.

Tables hold sums (posts, words, positive, negative), so that parts add up to the whole. Means and shares are derived last.
"""
