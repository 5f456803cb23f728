"""Serves the application: gunicorn manages the process, waitress speaks HTTP, and slow clients never occupy a thread.

In: the WSGI application. Out: responses on the network. Imported by: nobody; gunicorn.conf.py names the worker class. Start reading in
`worker.py`.
"""
