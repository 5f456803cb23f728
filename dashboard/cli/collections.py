"""`chorus analyze`: posts larger than memory, as a dataset that a server answers from without their texts."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dashboard.cli.failures import CommandFailed
from dashboard.cli.imported_files import datasets_option, parse_column_mapping
from dashboard.cli.notes import word_notes
from dashboard.cli.progress import AnalysisProgress
from dashboard.core.errors import InvalidSetting
from dashboard.core.formatting.counts import format_count
from dashboard.scale.memory import DEFAULT_MEMORY_MB, MIN_MEMORY_MB

if TYPE_CHECKING:
    from dashboard.scale.pool import Pool
    from dashboard.sources.files.collection_facts import UnreadablePartition
    from dashboard.sources.files.dataset import Dataset

_MAX_LISTED_ACCOUNTS = 20


def _parse_methods(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[str, ...]:
    from dashboard.core.methods import DEFAULT_METHOD, METHODS

    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if wrong := [name for name in names if name not in METHODS.names()]:
        raise click.BadParameter(f"{wrong[0]} isn't a method; choose from {', '.join(METHODS.names())}")
    return tuple(name for name in METHODS.names() if name in (*names, DEFAULT_METHOD)) if names else tuple(METHODS.names())


def _parse_name(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    if "://" in text or text.startswith(("/", "./", "../")):
        raise click.BadParameter("it's the name of the collection, such as mentions-2026, and not a place; the folder is --datasets")
    return text


@click.command("analyze")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--out",
    required=True,
    metavar="NAME",
    callback=_parse_name,
    help="The name of the collection, which is written to the folder of --datasets.",
)
@click.option(
    "--methods",
    metavar="NAME,…",
    default="",
    callback=_parse_methods,
    help="The sentiment methods to score by; fewer are faster. [default: all]",
)
@click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="How many processes to use. [default: one for each core, within --memory]"
)
@click.option(
    "--memory",
    type=click.IntRange(MIN_MEMORY_MB, 10_000_000),
    metavar="MB",
    help=f"How much memory the command and its processes may take together; fewer processes take less. [default: {DEFAULT_MEMORY_MB}]",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    default="",
    help="Use the workers of a Dask scheduler, such as tcp://10.0.0.5:8786, instead of processes of this machine.",
)
@click.option("--strict", is_flag=True, help="End with an error if files can't be read, instead of leaving them out and saying so.")
@click.option(
    "--columns",
    metavar="FIELD=COLUMN,…",
    default="",
    callback=parse_column_mapping,
    help="Which columns of a table contain which fields, as for `chorus import`.",
)
@click.option("--zone", metavar="ZONE", default="", help="The time zone of times that don't have one. [default: UTC]")
@click.option(
    "--date-order", type=click.Choice(["day-first", "month-first", "year-first"]), help="What comes first in dates such as 04/05/2026."
)
@click.option("--account", metavar="NAME", default="", help="The account of posts that don't name one. [default: the file's name]")
@datasets_option
def analyze(
    sources: Sequence[str],
    out: str,
    methods: tuple[str, ...],
    workers: int | None,
    memory: int | None,
    scheduler: str,
    strict: bool,
    columns: Mapping[str, str],
    zone: str,
    date_order: str | None,
    account: str,
    datasets: Path,
) -> None:
    """Analyze posts that are larger than memory.

    Each SOURCE is a file, a folder, or a pattern such as '2026/*.csv', of JSON lines, CSV, or anything else that can be uploaded. What
    charts need is written to the folder of imported files, without the texts. If it is interrupted, the same command continues.
    """
    from dashboard.core.clock import system_clock
    from dashboard.scale import run
    from dashboard.scale.options import Options
    from dashboard.sources.files.times.choices import parse_time_choices

    _check_choices(workers, memory, scheduler)
    parse_time_choices(system_clock(), zone, date_order or "")
    settings: dict[str, Any] = _model_settings() | {"zone": zone, "date_order": date_order or "", "account": account}
    options = Options(methods, system_clock(), column_by_field=tuple(sorted(columns.items())), **settings)
    bar, worker_count = AnalysisProgress(), None if scheduler else workers or _count_workers(memory, methods)
    collection = run.find_collection(
        out, sources, datasets, is_strict=strict, on_unreadable=_report_unreadable, on_resumed=bar.add_finished
    )
    try:
        with _open_pool(scheduler, worker_count, bar) as pool, bar.open(collection.size):
            dataset = run.analyze(collection, options, pool)
    except KeyboardInterrupt:
        raise CommandFailed("Interrupted. The same command continues where it stopped.") from None
    _print_collection(dataset)


def _check_choices(workers: int | None, memory: int | None, scheduler: str) -> None:
    """Raise UsageError if more than one option says how many processes there are."""
    names = [name for name, value in {"--workers": workers, "--memory": memory, "--scheduler": scheduler}.items() if value]
    if len(names) > 1:
        raise click.UsageError(f"Choose either {names[0]} or {names[1]}, not both.")


def _count_workers(memory: int | None, methods: Sequence[str]) -> int:
    """Return how many processes the memory allows, and say why if there are fewer than cores."""
    from dashboard.scale.memory import count_processes, explain_unused_cores

    cores, limit = os.cpu_count() or 1, memory or DEFAULT_MEMORY_MB
    if explanation := explain_unused_cores(cores, limit, methods):
        click.echo(explanation, err=True)
    return count_processes(cores, limit, methods)


@contextmanager
def _open_pool(scheduler: str, workers: int | None, bar: AnalysisProgress) -> "Iterator[Pool]":
    """Open the processes that do the work. Raises ChorusError if they can't be reached."""
    from dashboard.scale.local_pool import LocalPool

    if workers:
        yield LocalPool(workers, bar.show)
        return
    try:
        from dashboard.scale.dask_pool import open_pool
    except ImportError as error:
        raise InvalidSetting("Dask isn't installed.", "Install requirements-scale.txt.") from error
    with open_pool(scheduler, bar.show) as pool:
        click.echo(f"The scheduler shows its work at {pool.dashboard_url}", err=True)
        yield pool


def _model_settings() -> dict[str, Any]:
    from dashboard.config.settings import load_settings

    settings = load_settings(os.environ)
    return {"model_path": settings.model_path, "is_model_trusted": settings.is_model_trusted}


def _report_unreadable(partition: "UnreadablePartition") -> None:
    click.echo(f"chorus: {partition.name} couldn't be read and isn't counted: {partition.reason}", err=True)


def _print_collection(dataset: "Dataset") -> None:
    posts, accounts = format_count(dataset.kept, "post"), format_count(dataset.accounts_total, "account")
    click.echo(f"{dataset.name}: {posts} of {accounts} as {dataset.canonical_name}, kept until {dataset.expires:%Y-%m-%d}")
    for account in dataset.accounts[:_MAX_LISTED_ACCOUNTS]:
        click.echo(f"  {dataset.canonical_name}/{account.name}: {format_count(account.post_count, 'post')}")
    for line in (*dataset.reasons, *word_notes(dataset.warnings)):
        click.echo(f"    {line}")
    click.echo(f"  see    /report?users={dataset.canonical_name}")
    click.echo(f"  all    /report?users={dataset.canonical_name}/*")
    click.echo(f"  delete /datasets/{dataset.id}/delete?key={dataset.owner_key}")
