"""Tables in, pictures out: `definitions` makes a neutral Chart of a table, `interactive` and `image` draw it the same way."""
