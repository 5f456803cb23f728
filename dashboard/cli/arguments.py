"""What the arguments of several commands have in common: files, and the folder of Chorus itself."""

from pathlib import Path

import click

REPOSITORY = Path(__file__).parents[2]
FILE_PATH = click.Path(path_type=Path)
