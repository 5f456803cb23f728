"""The limits of one prediction request, shared by the API and the models. No checks go here."""

MAX_TEXTS = 256
MAX_TEXT_CHARACTERS = 25_000  # per text
MAX_ROWS = 256
MAX_NUMBERS_PER_ROW = 10_000
