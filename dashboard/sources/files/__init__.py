"""People's own files as a network: imported once, stored as datasets, read like any timeline.

In: an uploaded file. Out: a dataset's id, and its accounts' timelines. Imported by: app, cli and web. Start reading in `store.py`.
"""
