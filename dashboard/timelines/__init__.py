"""Posts and counts kept and extended, so that nothing is read or paid for twice.

In: an account and what is asked of it. Out: a `Timeline` or `Counts`, from the cache or from its source. Imported by: app and web.
Start reading in `store.py`.
"""
