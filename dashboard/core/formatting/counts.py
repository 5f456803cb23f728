"""How counts and sizes are written, and the plural that goes with them."""


def pluralize(count: float, singular: str, plural: str = "") -> str:
    """Return the form of a word that goes with a count: `post` or `posts`, `is` or `are`."""
    return singular if count == 1 else plural or f"{singular}s"


def format_count(count: float, singular: str, plural: str = "") -> str:
    """Return `1 post`, `2,345 posts`, `1 reply`, `0 replies`."""
    return f"{count:,.0f} {pluralize(count, singular, plural)}"


def format_bytes(count: int) -> str:
    """Return a size in the largest unit that it fills: `512 bytes`, `64 KiB`, `1.5 MiB`, `4 GiB`."""
    for size, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if count >= size:
            return f"{count / size:,.1f}".removesuffix(".0") + f" {unit}"
    return format_count(count, "byte")


def format_times(count: int) -> str:
    """Return how often something happened: `once`, `12 times`."""
    return "once" if count == 1 else f"{count:,} times"
