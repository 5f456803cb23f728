"""`chorus serve`: replaces the process by gunicorn."""

import os
import sys

import click

from dashboard.cli.arguments import REPOSITORY


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), metavar="PORT", help="The port to listen on. [default: PORT, or else 8080]")
def serve(port: int | None) -> None:
    """Serve Chorus with gunicorn.

    The file gunicorn.conf.py configures it. All other settings are environment variables; see the settings page of the documentation.
    """
    environment = dict(os.environ)
    if port:
        environment.pop("AIP_HTTP_PORT", None)  # it would take precedence over PORT
        environment["PORT"] = str(port)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(REPOSITORY), environment.get("PYTHONPATH")]))
    config_file = str(REPOSITORY / "gunicorn.conf.py")
    os.execve(sys.executable, [sys.executable, "-m", "gunicorn", "--config", config_file, "dashboard.app:create_app()"], environment)
