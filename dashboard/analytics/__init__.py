"""Posts in, tables out: pure polars. No network, no drawing, no words for people beyond column names.

Tables hold sums (posts, words, positive, negative), so that parts add up; means and shares are derived last.
"""
