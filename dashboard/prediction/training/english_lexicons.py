"""The English word lists: Bing, VADER, AFINN and the Emoji Sentiment Ranking, as numbers per term.

Only training reads the lists; a model file contains what it needs of them.
"""

import csv
from pathlib import Path

import numpy as np

from dashboard.prediction.classifier.vocabulary import Array

_EMOJI_COLUMN = 3  # of `load_lexicons`
LICENCES = {
    "lexicons/bing.csv": "Hu and Liu (2004): any use, with attribution",
    "lexicons/vader.txt": "MIT",
    "lexicons/afinn.txt": "ODbL 1.0",
    "lexicons/emoji.csv": "CC BY-SA 4.0",
}


def load_lexicons(folder: Path) -> tuple[list[str], Array]:
    """Return the terms of all word lists, and their polarity, about −2 … 2, as float32: (1 + terms) × lists.

    The lists are Bing, VADER, AFINN and the Emoji Sentiment Ranking. Row 0, of unlisted terms, is zero.
    """
    bing: dict[str, float] = {}
    vader, afinn, emoji = dict[str, float](), dict[str, float](), dict[str, float]()
    with (folder / "bing.csv").open(newline="") as file:
        for word, side in list(csv.reader(file))[1:]:
            bing[word] = bing.get(word, 0) + (1 if side == "positive" else -1)
    for line in (folder / "vader.txt").read_text("utf-8").splitlines():
        token, mean, *_ = line.split("\t")
        vader[token.lower() if len(token) > 3 else token] = float(mean) / 2
    for line in (folder / "afinn.txt").read_text("utf-8").splitlines():
        token, points = line.split("\t")
        afinn[token] = float(points) / 2.5
    with (folder / "emoji.csv").open(newline="", encoding="utf-8") as file:
        for row in list(csv.reader(file))[1:]:
            negative, neutral, positive = map(float, row[4:7])
            emoji[row[0]] = (positive - negative) / (negative + neutral + positive)
    lexicons = (bing, vader, afinn, emoji)
    terms = sorted(set().union(*lexicons) - {""})
    return terms, np.array([[0.0] * 4, *([lexicon.get(term, 0) for lexicon in lexicons] for term in terms)], dtype=np.float32)


def average_polarity(folder: Path) -> dict[str, float]:
    """Return the mean polarity of each word in the lists that have it, about −2 … 2; emoji aren't words."""
    terms, polarity = load_lexicons(folder)
    words = polarity[1:, :_EMOJI_COLUMN]
    listed_in = np.count_nonzero(words, axis=1)
    means = words.sum(axis=1) / np.maximum(listed_in, 1)
    return {term: float(mean) for term, mean, count in zip(terms, means, listed_in, strict=True) if count}
