"""Imports people's own files and serves them like a network: each file is stored once, as a dataset, and read as timelines.

In: an uploaded file. Out: a dataset's id, and the timelines of its accounts. Imported by: app, cli and web. Start reading in `store.py`.
"""
