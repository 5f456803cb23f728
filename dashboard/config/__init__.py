"""Every setting and how it is read from the environment; docs/operate/settings.md is generated from it.

In: environment variables. Out: one frozen value, `Settings`. Imported by: what starts a process, and what is configured. Start reading in
`settings.py`; to add a setting, add a line there.
"""
