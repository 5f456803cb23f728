"""The routes: each view parses, asks and answers.

In: an HTTP request. Out: a response. Imported by: app only. Start reading in `pages.py`.
"""
