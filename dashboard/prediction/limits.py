"""How much one request for predictions may hold."""

MOST_TEXTS = 256
LONGEST = 25_000  # characters of a text
MOST_ROWS = 256
MOST_NUMBERS = 10_000  # of a row
