"""Which times a post can have. How times are read isn't here."""

from datetime import UTC, datetime, timedelta

EARLIEST_POST_AT = datetime(2006, 1, 1, tzinfo=UTC)  # no network that Chorus reads is older
FUTURE_TOLERANCE = timedelta(days=1)  # clocks differ, and a time without a zone may be up to 14 hours ahead


def is_plausible(moment: datetime, now: datetime) -> bool:
    """Return whether a post could have been published at a moment (aware UTC), neither before all networks nor in the future."""
    return EARLIEST_POST_AT <= moment <= now + FUTURE_TOLERANCE
