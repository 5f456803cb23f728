"""Analyzes collections of posts that are larger than memory, on all cores or a cluster, and writes what was found out as a dataset.

In: files, and how to read and score them. Out: a dataset without texts that a server answers from as from posts. Imported by: cli. Start
reading in `run.py`; how such a dataset is read belongs in `sources.files.collections`.
"""
