"""`chorus train` and `chorus evaluate`: make a classifier, and measure one."""

import json
from pathlib import Path

import click

from dashboard.cli.arguments import FILE_PATH
from dashboard.cli.failures import CommandFailed
from dashboard.cli.progress import progress_bar


@click.command()
@click.option("--data", required=True, type=FILE_PATH, metavar="DIR", help="The folder of labelled sets, lexicons and vectors.")
@click.option("--languages", is_flag=True, help="Train the model for languages other than English instead of the English classifier.")
@click.option("--without-pool", is_flag=True, help="Leave out the machine-labelled pool. Only for the English classifier.")
@click.option("--out", type=FILE_PATH, metavar="FILE", help="Where to write the classifier. [default: replace the built-in one]")
@click.option("--card", type=FILE_PATH, metavar="FILE", help="Where to write the model card (Markdown).")
@click.option("--date", "day", metavar="DAY", help="The date to record in it, such as 2026-11-25. [default: SOURCE_DATE_EPOCH, or none]")
def train(data: Path, languages: bool, without_pool: bool, out: Path | None, card: Path | None, day: str | None) -> None:
    """Train the classifier. Needs scikit-learn: install the extra `train`."""
    from dashboard.prediction.training import train as english
    from dashboard.prediction.training import train_languages

    with progress_bar("Training", 0) as bar:

        def show_step(step: int, total: int) -> None:
            bar.length = total
            bar.update(step - bar.pos)

        if languages:
            lines = train_languages.train_to_file(data, out, card_path=card, day=day, on_step=show_step)
        else:
            lines = english.train_to_file(data, out, card_path=card, use_pool=not without_pool, day=day, on_step=show_step)
    click.echo("\n".join(lines))


@click.command()
@click.option(
    "--data",
    required=True,
    type=FILE_PATH,
    metavar="FILE",
    help="Labelled texts: .tsv, .csv or .jsonl, also .gz, with the columns label (0, 1, 2 or negative, neutral, positive) and text.",
)
@click.option("--model", type=FILE_PATH, metavar="FILE", help="A classifier. [default: the built-in one]")
@click.option(
    "--language",
    metavar="TAG",
    help="Measure the model for other languages on the rows with this `lang`, such as de; all: on each language that the file has.",
)
@click.option("--png", type=FILE_PATH, metavar="FILE", help="Where to write the reliability diagram. Overwrites an existing file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(data: Path, model: Path | None, language: str | None, png: Path | None, as_json: bool) -> None:
    """Measure a classifier on labelled texts.

    Prints its scores, and draws its reliability diagram.
    """
    from dashboard.reports import model_evaluation

    evaluation = model_evaluation.evaluate_file(data, model, language)
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
