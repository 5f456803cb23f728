"""Logs, tracebacks without private data, traces and metrics: what the running process reports about itself.

In: events of the other packages, as they happen. Out: JSON lines and `/metrics`. Imported by: app, cli and web; the packages below web
use it only through `core.observer`. Start reading in `logs.py`.
"""
