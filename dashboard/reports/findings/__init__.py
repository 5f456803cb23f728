"""Turn the tables of a report into sentences that say what happened: its findings, most important first.

In: tables of `analytics`, as an `Analysis` has them. Out: `Finding` objects, which pages, files and link previews write out. Nothing is
computed here that a table already has. Only `reports` may import this package. Start reading in `finding.py`, then `selection.py`.
"""
