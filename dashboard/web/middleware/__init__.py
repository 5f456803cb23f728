"""What applies to every response: static files, CORS, the request log, robots, security headers.

In: the WSGI application. Out: the same, wrapped. Imported by: app and views. Start reading in `security_headers.py`.
"""
