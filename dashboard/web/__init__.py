"""The HTTP layer: parse a request, fetch, respond. Nothing is computed here: polars, charts and models are used only through `fetching`."""
