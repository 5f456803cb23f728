"""`chorus key`: makes an access key."""

import click

from dashboard.cli.failures import CommandFailed
from dashboard.core.access_keys import generate_key, hash_key, is_key_name


@click.command()
@click.argument("name", metavar="NAME")
def key(name: str) -> None:
    """Make an access key.

    Prints the key, for the person or program that will use it, and the entry for CHORUS_ACCESS_KEYS, which contains only its digest.
    """
    if not is_key_name(name):
        raise CommandFailed("A name has up to 40 letters, digits and . _ -, and starts with a letter.")
    access_key = generate_key()
    click.echo(f"key    {access_key}")
    click.echo(f"entry  {name}:sha256:{hash_key(access_key).hex()}")
