"""The request and response shapes of `/predict`.

In: a JSON body. Out: a typed request and the response document. Imported by: web. Start reading in `schemas.py`.
"""
