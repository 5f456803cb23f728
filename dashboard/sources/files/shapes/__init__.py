"""The table of known shapes: what the files of each tool look like, and what their columns and keys mean.

In: the columns of a table or the keys of a JSON object. Out: the shape they belong to. Imported by: sources.files.readers. Start reading
in `shape.py`; to support another tool, add a row to `tables.py` or `json_posts.py`, or to `unreadable.py` if its files have no posts.
"""
