"""Where posts come from: one file per network, each behind the `Source` protocol.

In: an account, a limit and a deadline. Out: pages of rows. Imported by: timelines, app and web. Start reading in `base.py`.
"""
