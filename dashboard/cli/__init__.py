"""The `chorus` command: one module per command or pair of commands, and `chorus_command`, which lists them.

In: a command line. Out: text, files and an exit code. Imported by: nobody; it is started. Start reading in `chorus_command.py`.
"""

from dashboard.cli.chorus_command import chorus, main

__all__ = ["chorus", "main"]
