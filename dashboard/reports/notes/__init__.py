"""The notes that several charts share: coverage, what was left out, how posts were scored, and that demo data is made up.

In: a query, its coverage and its posts. Out: sentences. Notes of a single chart belong in that chart's own module. Imported by: all of
reports. Start reading in `post_notes.py`.
"""
