"""How a command fails: with one line on stderr."""

from typing import Any

import click


class CommandFailed(click.ClickException):
    """A command that couldn't do its work: one line on stderr, and exit code 1."""

    def show(self, file: Any = None) -> None:
        """Print the message in one line."""
        click.echo(f"chorus: {self.message}", err=True)
