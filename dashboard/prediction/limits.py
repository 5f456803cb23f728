"""How much one request for predictions may hold."""

MAX_TEXTS = 256
MAX_TEXT_CHARACTERS = 25_000  # characters of a text
MAX_ROWS = 256
MAX_NUMBERS_PER_ROW = 10_000  # of a row
