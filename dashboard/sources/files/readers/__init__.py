"""Files of many tools, read into rows: X's archive, JSON of APIs, JSON lines and tables.

In: a binary file and its name. Out: batches of rows, and a tally of what was left out. Imported by: sources.files. Start reading in
`reader.py`.
"""
