"""Builds reports: turns a query and its timelines into tables, charts and notes.

In: a `Query` and the timelines or counts of its accounts. Out: a `Report` with table, chart, coverage and notes. Imported by: web and cli.
Start reading in `builder.py`.
"""
