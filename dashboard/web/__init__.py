"""The application over HTTP: parse, ask, answer. Nothing here computes; polars, plotly, altair and models are behind `cached`."""
