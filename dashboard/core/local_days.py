"""When a day starts in a time zone. Days of whole columns are in `local_day_columns.py`, because polars isn't loaded here."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a day as aware UTC.

    If clocks go back from the day to the day before, as in St John's until 2011, the day starts at the second midnight. If they go back to
    midnight itself, as in Havana, it starts at the first one. If they skip midnight, the day starts where they continue.
    """
    first, second = (datetime.combine(day, time(), zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    goes_back = first < second and (second - timedelta(microseconds=1)).astimezone(zone).date() < day
    return second if goes_back else first
