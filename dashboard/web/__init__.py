"""The HTTP layer: parse a request, fetch, respond. Nothing here computes; polars, charts and models are reached through `fetching`."""
