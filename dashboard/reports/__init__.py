"""Where the parts meet: a question and its timelines become tables, charts and what must be said of them.

In: a `Query` and the answers of its accounts. Out: a `Report` with table, chart, coverage and notes. Imported by: web and cli.
Start reading in `builder.py`.
"""
