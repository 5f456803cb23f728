"""The `chorus` command: serve, import, delete, train, evaluate. Each command parses its arguments, calls the domain and prints the result.

Exit codes: 0 if everything was done; 1 if something couldn't be done, with a line on stderr for each problem; 2 if the command line isn't
valid. Heavy libraries are imported inside the commands, so that `--help` is fast.
"""

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dashboard import __version__
from dashboard.core.access_keys import generate_key, hash_key, is_key_name
from dashboard.core.errors import ChorusError, InvalidSetting, UnknownColumns
from dashboard.core.formatting.counts import format_count

if TYPE_CHECKING:
    from dashboard.sources.files.dataset import Dataset

_REPOSITORY = Path(__file__).parents[2]
_DEFAULT_DATASETS_FOLDER = _REPOSITORY / "datasets"  # the folder that `make run` serves
_MAX_LISTED_ACCOUNTS = 20
_FILE = click.Path(path_type=Path)


class CommandFailed(click.ClickException):
    """A command that couldn't do its work: one line on stderr, and exit code 1."""

    def show(self, file: Any = None) -> None:
        """Print the message in one line."""
        click.echo(f"chorus: {self.message}", err=True)


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
    """Serve the dashboard, import or delete files of your own, and train or evaluate the classifier."""


@chorus.command()
@click.option("--port", type=click.IntRange(1, 65_535), metavar="PORT", help="The port to listen on. [default: PORT, or else 8080]")
def serve(port: int | None) -> None:
    """Serve Chorus with gunicorn.

    The file gunicorn.conf.py configures it. All other settings are environment variables; see the settings page of the documentation.
    """
    environment = dict(os.environ)
    if port:
        environment.pop("AIP_HTTP_PORT", None)  # it would take precedence over PORT
        environment["PORT"] = str(port)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_REPOSITORY), environment.get("PYTHONPATH")]))
    config_file = str(_REPOSITORY / "gunicorn.conf.py")
    os.execve(sys.executable, [sys.executable, "-m", "gunicorn", "--config", config_file, "dashboard.app:create_app()"], environment)


def _parse_column_mapping(_context: click.Context, _parameter: click.Parameter, text: str) -> dict[str, str]:
    """Parse `field=column` pairs, separated by commas."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(equals and column.strip() for _, equals, column in pairs):
        raise click.BadParameter("write it as text=Body,created_at=Date")
    return {field.strip(): column.strip() for field, _, column in pairs}


def _require_folder(_context: click.Context, _parameter: click.Parameter, folder: str) -> Path:
    if not folder.strip():
        raise InvalidSetting("There is no folder for imported files.", "Name one with --datasets DIR.")
    return Path(folder.strip())


_datasets_option = click.option(
    "--datasets",
    metavar="DIR",
    default=str(_DEFAULT_DATASETS_FOLDER),
    show_default="datasets in the folder of Chorus, as for `make run`",
    envvar="CHORUS_DATASETS",
    show_envvar=True,
    callback=_require_folder,
    help="The folder of imported files. A server shows the files in its own CHORUS_DATASETS.",
)


@chorus.command()
@click.argument("name", metavar="NAME")
def key(name: str) -> None:
    """Make an access key.

    Prints the key, for the person or program that will use it, and the entry for CHORUS_ACCESS_KEYS, which contains only its digest.
    """
    if not is_key_name(name):
        raise CommandFailed("A name has up to 40 letters, digits and . _ -, and starts with a letter.")
    access_key = generate_key()
    click.echo(f"key    {access_key}")
    click.echo(f"entry  {name}:sha256:{hash_key(access_key).hex()}")


@chorus.command("import")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option(
    "--columns",
    metavar="FIELD=COLUMN,…",
    default="",
    callback=_parse_column_mapping,
    help="Which columns of a table contain which fields, such as text=Body,created_at=Date.",
)
@click.option(
    "--zone",
    metavar="ZONE",
    default="",
    help="The time zone of times that don't have one, such as Europe/Berlin or +01:00. [default: UTC]",
)
@click.option(
    "--date-order",
    type=click.Choice(["day-first", "month-first", "year-first"]),
    help="What comes first in dates such as 04/05/2026. [default: decided by the whole column]",
)
@click.option("--account", metavar="NAME", default="", help="The account of posts that don't name one. [default: the file's name]")
@_datasets_option
def import_files(
    files: Sequence[Path], columns: Mapping[str, str], zone: str, date_order: str | None, account: str, datasets: Path
) -> None:
    """Import X archives, JSON and CSV files.

    The posts go into the folder of imported files, where a server with the same folder shows them. Prints how each file was
    understood, the address of its charts, and the link that deletes it.
    """
    failures = 0
    for path in files:
        try:
            _import_file(path, columns, {"zone": zone, "date_order": date_order or "", "account": account}, datasets)
        except CommandFailed as failure:
            failure.show()
            failures += 1
    if failures:
        raise click.exceptions.Exit(CommandFailed.exit_code)


def _import_file(path: Path, column_by_field: Mapping[str, str], choices: Mapping[str, str], folder: Path) -> None:
    from dashboard.sources.files.store import DatasetStore

    try:
        with _progress_bar(f"Importing {path.name}", path.stat().st_size) as bar, io.BufferedReader(_TrackedFile(path, bar)) as file:
            dataset = DatasetStore(folder).import_file(file, path.name, column_by_field, **choices)
    except UnknownColumns as error:
        raise CommandFailed(f"{path}: {error.detail} {_advise(error)}") from error
    except ChorusError as error:
        raise CommandFailed(f"{path}: {error.message}") from error
    except OSError as error:
        raise CommandFailed(f"{path}: {error.strerror or 'it can’t be read'}.") from error
    _print_dataset(path, dataset)


def _print_dataset(path: Path, dataset: "Dataset") -> None:
    from dashboard.sources.files.import_description import describe_import

    posts, accounts = format_count(dataset.kept, "post"), format_count(dataset.accounts_total, "account")
    click.echo(f"{path}: {posts} of {accounts} as {dataset.canonical_name}, kept until {dataset.expires:%Y-%m-%d}")
    for account in dataset.accounts[:_MAX_LISTED_ACCOUNTS]:
        click.echo(f"  {dataset.canonical_name}/{account.name}: {format_count(account.post_count, 'post')}")
    click.echo(f"  {format_count(dataset.unreadable, 'row')} can't be read" if dataset.unreadable else "  every row was read")
    for fact in describe_import(dataset)[1:]:
        click.echo(f"  {fact.label.lower():<9} {fact.text}")
    for line in (*dataset.reasons, *dataset.warnings):
        click.echo(f"    {line}")
    click.echo(f"  see    /report?users={dataset.canonical_name}")
    click.echo(f"  delete /datasets/{dataset.id}/delete?key={dataset.owner_key}")


def _advise(error: UnknownColumns) -> str:
    """Return a sentence that names the option for what is missing."""
    if "date_order" in error.problems:
        return "Say what comes first, as in --date-order day-first."
    if "zone" in error.problems:
        return "Say which zone it is, as in --zone Europe/London."
    return f"Name the columns, as in --columns {_example_mapping(error)}."


def _example_mapping(error: UnknownColumns) -> str:
    columns = error.columns or ["COLUMN"]
    return ",".join(f"'{field}={columns[index % len(columns)]}'" for index, field in enumerate(error.missing_fields or ["text"]))


@chorus.command()
@click.argument("dataset_id", metavar="ID")
@click.option("--key", required=True, metavar="KEY", help="The owner's key, as printed when the file was imported.")
@_datasets_option
def delete(dataset_id: str, key: str, datasets: Path) -> None:
    """Delete an imported file."""
    from dashboard.sources.files.store import DatasetStore

    dataset_id = dataset_id.removeprefix("file:")
    if not DatasetStore(datasets).delete(dataset_id, key):
        raise CommandFailed("There is no imported file with this ID, or this isn't its owner's key.")
    click.echo(f"file:{dataset_id} is deleted.")


@chorus.command()
@click.option("--data", required=True, type=_FILE, metavar="DIR", help="The folder of labelled sets, lexicons and vectors.")
@click.option("--without-pool", is_flag=True, help="Leave out the machine-labelled pool.")
@click.option("--out", type=_FILE, metavar="FILE", help="Where to write the classifier. [default: replace the built-in one]")
@click.option("--card", type=_FILE, metavar="FILE", help="Where to write the model card (Markdown).")
@click.option("--date", "day", metavar="DAY", help="The date to record in it, such as 2026-11-25. [default: SOURCE_DATE_EPOCH, or none]")
def train(data: Path, without_pool: bool, out: Path | None, card: Path | None, day: str | None) -> None:
    """Train the classifier. Needs scikit-learn: install the extra `train`."""
    from dashboard.prediction.training.train import train_to_file

    with _progress_bar("Training", 0) as bar:

        def show_step(step: int, total: int) -> None:
            bar.length = total
            bar.update(step - bar.pos)

        lines = train_to_file(data, out, card_path=card, use_pool=not without_pool, day=day, on_step=show_step)
    click.echo("\n".join(lines))


@chorus.command()
@click.option(
    "--data",
    required=True,
    type=_FILE,
    metavar="FILE",
    help="Labelled texts: .tsv, .csv or .jsonl, also .gz, with the columns label (0, 1, 2 or negative, neutral, positive) and text.",
)
@click.option("--model", type=_FILE, metavar="FILE", help="A classifier. [default: the built-in one]")
@click.option("--png", type=_FILE, metavar="FILE", help="Where to write the reliability diagram. Overwrites an existing file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(data: Path, model: Path | None, png: Path | None, as_json: bool) -> None:
    """Measure a classifier on labelled texts.

    Prints its scores, and draws its reliability diagram.
    """
    from dashboard.reports import model_evaluation

    evaluation = model_evaluation.evaluate_file(data, model)
    path = png or model_evaluation.default_png_path(data)
    problem = _write_diagram(path, model_evaluation.render_png(evaluation), overwrite=bool(png))
    if as_json:
        document = model_evaluation.to_dict(evaluation) | {"png": None if problem else str(path)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(model_evaluation.format_lines(evaluation)))
        click.echo("" if problem else f"\n  reliability diagram: {path}")
    if problem:
        raise CommandFailed(problem)


def _write_diagram(path: Path, image: bytes, *, overwrite: bool) -> str:
    """Write an image, replacing another file only with `overwrite`. Return what went wrong, empty if nothing did."""
    try:
        if path.exists() and not overwrite and path.read_bytes() != image:
            return f"{path} already exists, so the diagram wasn't written. Overwrite it with --png {path}, or name another file."
        path.write_bytes(image)
    except OSError as error:
        return f"{path} can't be written: {error.strerror}. Name another file with --png FILE."
    return ""


def _progress_bar(label: str, length: int) -> AbstractContextManager[Any]:
    """Return a progress bar on stderr, which is hidden unless that is a terminal."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


class _TrackedFile(io.FileIO):
    """A file that moves a progress bar to the farthest byte read so far."""

    def __init__(self, path: Path, bar: Any) -> None:
        super().__init__(path)
        self._bar = bar

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self._bar.update(max(0, self.tell() - self._bar.pos))
        return count or 0
