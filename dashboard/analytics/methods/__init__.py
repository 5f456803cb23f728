"""One file per sentiment method: how it scores posts, and how it finds and weighs words.

In: posts. Out: the same posts with scores. Imported by: the rest of analytics, reports and app. No fetching, no drawing.
Start reading in `bing.py`, the simplest.
"""
