"""`/openapi.json`, derived from the types that requests are checked with.

In: queries, schemas and settings. Out: an OpenAPI 3.1 document. Imported by: web.views. Start reading in `document.py`.
"""
