"""Parses files written by many tools into rows: X's archive, API responses in JSON, JSON lines and tables.

In: a binary file and its name. Out: batches of rows, and a tally of what was skipped. Imported by: sources.files. Start reading in
`reader.py`.
"""
