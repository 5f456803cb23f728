"""The application over HTTP: parse, ask, answer. Nothing here computes; polars, charts and models are behind `cached`."""
