"""Times as files write them: a column of raw values goes in, UTC instants and the evidence for how they were read come out.

Start with `column.py`. Only the readers import this package. Nothing depends on the locale, and nothing is guessed: a value that could
mean two things is decided by its whole column, by a person, or not at all.
"""
