"""The `chorus` command and the list of what it can do.

Exit codes: 0 if everything was done; 1 if something couldn't be done, with a line on stderr for each problem; 2 if the command line isn't
valid. Each command parses its arguments, calls the domain and prints the result. Heavy libraries are imported inside the commands, so that
`--help` is fast.
"""

from collections.abc import Sequence
from typing import Any

import click

from dashboard import __version__
from dashboard.cli.access_keys import key
from dashboard.cli.classifier import evaluate, train
from dashboard.cli.collections import analyze
from dashboard.cli.failures import CommandFailed
from dashboard.cli.imported_files import delete, import_files
from dashboard.cli.serving import serve
from dashboard.core.errors import ChorusError


class _Chorus(click.Group):
    """A group whose commands fail with the sentence of a ChorusError."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ChorusError as error:
            raise CommandFailed(error.message) from error


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv`, by default that of the process, and return its exit code."""
    try:
        chorus.main(argv if argv is None else list(argv), prog_name="chorus")
    except SystemExit as end:
        return int(end.code or 0)


@click.group(cls=_Chorus, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="chorus", message="%(prog)s %(version)s")
def chorus() -> None:
    """Serve the dashboard, import, analyze or delete files of your own, and train or evaluate the classifier."""


for _command in (serve, key, import_files, analyze, delete, train, evaluate):
    chorus.add_command(_command)
