"""Fits the pipelines of the model server to compare with: `python bench/peers/train.py FOLDER`.

`words.joblib` knows words and pairs of words, `letters.joblib` also groups of letters, which is comparable with what Chorus's own
classifier looks at. Both are fitted on the demo's texts with made-up labels: their predictions are worthless, but take as long as others.
"""

import sys
from pathlib import Path

import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from posts import load_texts  # noqa: E402

LABELS = ("negative", "neutral", "positive")


def main() -> None:
    """Fit and save both pipelines."""
    folder, texts = Path(sys.argv[1]), load_texts()
    folder.mkdir(parents=True, exist_ok=True)
    labels = [LABELS[len(text) % 3] for text in texts]
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, max_features=100_000)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, max_features=200_000)
    for name, features in (("words", words), ("letters", make_union(words, letters))):
        joblib.dump(make_pipeline(features, LogisticRegression(max_iter=200)).fit(texts, labels), folder / f"{name}.joblib", compress=3)


if __name__ == "__main__":
    main()
