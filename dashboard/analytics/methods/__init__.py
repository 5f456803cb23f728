"""One file per sentiment method: how it scores posts, and how it finds and weights words.

In: posts. Out: the same posts with scores. Imported by: the rest of analytics, reports and app. No fetching and no drawing here.
Start reading in `bing.py`, the simplest.
"""
