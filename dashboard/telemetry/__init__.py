"""What the process says while it runs: log lines, tracebacks without anybody's words, traces and metrics.

In: events of the other packages, as they happen. Out: JSON lines and `/metrics`. Imported by: app, cli and web; the packages below web
speak to it through `core.observer` only. Start reading in `logs.py`.
"""
