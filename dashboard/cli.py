"""Chorus from the command line: `import FILE…`, `delete ID --key KEY`, `evaluate --data FILE`, `train --data DIR`.

It parses, asks the domain and prints; no more.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dashboard.core.errors import ChorusError, InvalidSetting, UnknownColumns
from dashboard.core.formatting import format_count

EXIT_FAILURE = 1  # the exit code when something could not be done; argparse has 2 for what it can't understand


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 if everything was done, 1 with a line on stderr for each thing that was not."""
    given = list(sys.argv[1:] if argv is None else argv)
    options = argparse.Namespace(run=_train_model, rest=given[1:]) if given[:1] == ["train"] else _build_parser().parse_args(given)
    try:
        return int(options.run(options))
    except ChorusError as problem:
        return _report_failure(problem.message)
    except BrokenPipeError:
        return EXIT_FAILURE


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chorus", description="Import files of your own into Chorus, or delete them; measure and train its classifier."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    bring = commands.add_parser("import", help="read X archives, JSON and CSV files into datasets")
    bring.add_argument("files", nargs="+", type=Path, metavar="FILE")
    bring.add_argument(
        "--columns", type=_parse_column_mapping, default={}, metavar="FIELD=COLUMN,…", help="such as text=Body,created_at=Date"
    )
    bring.set_defaults(run=_import_files)
    remove = commands.add_parser("delete", help="delete an imported file")
    remove.add_argument("id", metavar="ID")
    remove.add_argument("--key", required=True, help="the owner's key, as printed when the file was imported")
    remove.set_defaults(run=_delete_dataset)
    _add_evaluate_arguments(commands.add_parser("evaluate", help="measure a classifier on labelled texts"))
    commands.add_parser("train", help="train the classifier (needs scikit-learn)", add_help=False)
    for command in (bring, remove):
        command.add_argument("--datasets", type=Path, default=None, metavar="DIR", help="the folder of imported files (CHORUS_DATASETS)")
    return parser


def _add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    told = "labelled texts: .tsv, .csv or .jsonl, also .gz, with columns label (0, 1, 2 or negative, neutral, positive) and text"
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help=told)
    parser.add_argument("--model", type=Path, default=None, metavar="PATH", help="a classifier's file; the built-in one without it")
    parser.add_argument("--png", type=Path, default=None, metavar="FILE", help="where the reliability diagram goes, even over another file")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_evaluate_model)


def _parse_column_mapping(text: str) -> dict[str, str]:
    """Read `field=column` pairs, parted by commas."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(equals and column.strip() for _, equals, column in pairs):
        raise argparse.ArgumentTypeError("write it as text=Body,created_at=Date")
    return {field.strip(): column.strip() for field, _, column in pairs}


def _import_files(options: argparse.Namespace) -> int:
    return max([_import_file(path, options) for path in options.files])


def _import_file(path: Path, options: argparse.Namespace) -> int:
    """Import one file, and print where it is to be seen and how it is deleted."""
    from dashboard.sources.files.store import DatasetStore

    datasets = DatasetStore(_datasets_folder(options))
    try:
        with path.open("rb") as file:
            dataset = datasets.import_file(file, path.name, options.columns)
    except UnknownColumns as question:
        return _report_failure(f"{path}: {question.detail} Say which is which, as in --columns {_example_mapping(question)}.")
    except ChorusError as problem:
        return _report_failure(f"{path}: {problem.message}")
    except OSError as problem:
        return _report_failure(f"{path}: {problem.strerror or 'it can’t be read'}.")
    until = f"{dataset.expires:%Y-%m-%d}"
    posts, accounts = format_count(dataset.kept, "post"), format_count(dataset.accounts_total, "account")
    _print_line(f"{path}: {posts} of {accounts} as {dataset.canonical_name}, kept until {until}")
    for account in dataset.accounts[:20]:
        _print_line(f"  {dataset.canonical_name}/{account.name}: {format_count(account.post_count, 'post')}")
    _print_line(f"  {format_count(dataset.unreadable, 'row')} can't be read" if dataset.unreadable else "  every row was read")
    for line in (*dataset.reasons, *dataset.warnings):
        _print_line(f"    {line}")
    _print_line(f"  see    /report?users={dataset.canonical_name}")
    _print_line(f"  delete /datasets/{dataset.id}/delete?key={dataset.owner_key}")
    return 0


def _delete_dataset(options: argparse.Namespace) -> int:
    from dashboard.sources.files.store import DatasetStore

    identity = options.id.removeprefix("file:")
    if not DatasetStore(_datasets_folder(options)).delete(identity, options.key):
        return _report_failure("There is no imported file of that id, or this is not its owner's key.")
    _print_line(f"file:{identity} is deleted.")
    return 0


def _evaluate_model(options: argparse.Namespace) -> int:
    """Print how good a classifier is, and draw its reliability diagram."""
    from dashboard.reports import model_evaluation

    found = model_evaluation.evaluate_file(options.data, options.model)
    place = options.png or model_evaluation.default_png_path(options.data)
    problem = _write_diagram(place, model_evaluation.render_png(found), overwrite=bool(options.png))
    if options.json:
        _print_line(json.dumps(model_evaluation.to_dict(found) | {"png": None if problem else str(place)}, ensure_ascii=False, indent=2))
    else:
        for line in model_evaluation.format_lines(found):
            _print_line(line)
        _print_line("" if problem else f"\n  reliability diagram: {place}")
    return _report_failure(problem) if problem else 0


def _write_diagram(path: Path, image: bytes, *, overwrite: bool) -> str:
    """Write a picture, over another one only if told to; return what went wrong, if anything did."""
    try:
        if path.exists() and not overwrite and path.read_bytes() != image:
            return f"{path} is there already, so the diagram is not drawn. Write over it with --png {path}, or name another file."
        path.write_bytes(image)
    except OSError as problem:
        return f"{path} can't be written: {problem.strerror}. Name another file with --png FILE."
    return ""


def _train_model(options: argparse.Namespace) -> int:
    from dashboard.prediction.training.train import main as train

    return train(options.rest)


def _datasets_folder(options: argparse.Namespace) -> Path:
    folder = options.datasets or os.environ.get("CHORUS_DATASETS", "").strip()
    if not folder:
        raise InvalidSetting("There is no folder for imported files.", "Name one with --datasets DIR, or in CHORUS_DATASETS.")
    return Path(folder)


def _example_mapping(unknown_columns: UnknownColumns) -> str:
    columns = unknown_columns.columns or ["COLUMN"]
    return ",".join(f"'{field}={columns[place % len(columns)]}'" for place, field in enumerate(unknown_columns.missing_fields or ["text"]))


def _print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _report_failure(message: str) -> int:
    sys.stderr.write(f"chorus: {message}\n")
    return EXIT_FAILURE


if __name__ == "__main__":
    sys.exit(main())
