"""`chorus import` and `chorus delete`: people's own files in the folder of imported files, as a server stores them."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dashboard.cli.arguments import FILE_PATH, REPOSITORY
from dashboard.cli.failures import CommandFailed
from dashboard.cli.notes import word_notes
from dashboard.cli.progress import TrackedFile, progress_bar
from dashboard.core.errors import ChorusError, InvalidSetting, UnknownColumns
from dashboard.core.formatting.counts import format_count

if TYPE_CHECKING:
    from dashboard.sources.files.dataset import Dataset

_DEFAULT_DATASETS_FOLDER = REPOSITORY / "datasets"  # the folder that `make run` serves
_MAX_LISTED_ACCOUNTS = 20


def parse_column_mapping(_context: click.Context, _parameter: click.Parameter, text: str) -> dict[str, str]:
    """Parse `field=column` pairs, separated by commas."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(equals and column.strip() for _, equals, column in pairs):
        raise click.BadParameter("write it as text=Body,created_at=Date")
    return {field.strip(): column.strip() for field, _, column in pairs}


def _require_folder(_context: click.Context, _parameter: click.Parameter, text: str) -> Path:
    from dashboard.config.places import check_folder

    folder = check_folder(text, "--datasets (CHORUS_DATASETS)")
    if not folder:
        raise InvalidSetting("There is no folder for imported files.", "Name one with --datasets DIR.")
    return Path(folder)


datasets_option = click.option(
    "--datasets",
    metavar="DIR",
    default=str(_DEFAULT_DATASETS_FOLDER),
    show_default="datasets in the folder of Chorus, as for `make run`",
    envvar="CHORUS_DATASETS",
    show_envvar=True,
    callback=_require_folder,
    help="The folder of imported files. A server shows the files in its own CHORUS_DATASETS.",
)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=FILE_PATH, metavar="FILE...")
@click.option(
    "--columns",
    metavar="FIELD=COLUMN,…",
    default="",
    callback=parse_column_mapping,
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
@datasets_option
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
        with progress_bar(f"Importing {path.name}", path.stat().st_size) as bar, io.BufferedReader(TrackedFile(path, bar)) as file:
            dataset = DatasetStore(folder).import_file(
                file, path.name, column_by_field, zone=choices["zone"], date_order=choices["date_order"], account=choices["account"]
            )
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
    for line in (*dataset.reasons, *word_notes(dataset.warnings)):
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


@click.command()
@click.argument("dataset_id", metavar="ID")
@click.option("--key", required=True, metavar="KEY", help="The owner's key, as printed when the file was imported.")
@datasets_option
def delete(dataset_id: str, key: str, datasets: Path) -> None:
    """Delete an imported file."""
    from dashboard.sources.files.store import DatasetStore

    dataset_id = dataset_id.removeprefix("file:")
    if not DatasetStore(datasets).delete(dataset_id, key):
        raise CommandFailed("There is no imported file with this ID, or this isn't its owner's key.")
    click.echo(f"file:{dataset_id} is deleted.")
