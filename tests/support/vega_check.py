"""Whether a specification is valid, as Altair judges it. No test in here."""

from typing import Any


def validate_specification(specification: dict[str, Any]) -> None:
    """Raise an error if a specification breaks the schema of Vega-Lite. Altair is loaded by the tests that need it only."""
    import altair as alt

    alt.Chart.from_dict(specification, validate=True)
