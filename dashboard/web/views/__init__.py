"""The routes: each view parses a request, fetches and responds.

In: an HTTP request. Out: a response. Imported by: app only. Start reading in `pages.py`.
"""
