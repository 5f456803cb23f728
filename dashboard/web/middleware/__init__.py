"""Code that applies to every request: static files, CORS, the request log, detection of bots, security headers.

In: the WSGI application. Out: the same application, wrapped. Imported by: app and views. Start reading in `security_headers.py`.
"""
