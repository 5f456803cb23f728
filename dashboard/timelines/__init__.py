"""Caches posts and counts and extends them, so that nothing is read or paid for twice.

In: an account and a request. Out: a `Timeline` or `HourlyCounts`, from the cache or from its source. Imported by: app and web.
Start reading in `store.py`.
"""
