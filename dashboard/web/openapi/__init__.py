"""`/openapi.json`, built from the same types that validate requests.

In: queries, schemas and settings. Out: an OpenAPI 3.1 document. Imported by: web.views. Start reading in `document.py`.
"""
