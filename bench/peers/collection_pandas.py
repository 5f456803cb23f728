"""Sentiment per account and week of JSON lines, the usual way, with pandas and VADER row by row: `python collection_pandas.py FOLDER`."""

import sys
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

analyzer = SentimentIntensityAnalyzer()
posts = pd.concat(pd.read_json(path, lines=True, dtype={"id": str}) for path in sorted(Path(sys.argv[1]).iterdir()))
posts["score"] = posts["text"].apply(lambda text: analyzer.polarity_scores(text)["compound"])
posts["week"] = pd.to_datetime(posts["created_at"], format="ISO8601").dt.tz_localize(None).dt.to_period("W")
print(len(posts.groupby(["account", "week"])["score"].mean()))
