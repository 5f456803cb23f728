"""A tiny, made-up folder of everything that `chorus train --languages` reads."""

import gzip
import random
from pathlib import Path

import numpy as np

from dashboard.prediction.multilingual.languages import LANGUAGES
from dashboard.prediction.training.train_languages import CALIBRATION_SETS, ENGLISH_SET, POOL_SET, TRAINING_SET_WEIGHTS

WORDS_BY_LANGUAGE = {  # negative, neutral, positive
    "ar": (["سيء", "حزين", "كريه"], ["اجتماع", "طاولة", "غرفة"], ["جميل", "رائع", "سعيد"]),
    "de": (["schlecht", "furchtbar", "traurig"], ["sitzung", "tisch", "zimmer"], ["schön", "toll", "glücklich"]),
    "en": (["awful", "hate", "sad"], ["meeting", "table", "room"], ["love", "great", "happy"]),
    "es": (["malo", "horrible", "triste"], ["reunión", "mesa", "cuarto"], ["bueno", "genial", "feliz"]),
    "fr": (["mauvais", "affreux", "triste"], ["réunion", "table", "chambre"], ["bon", "génial", "heureux"]),
    "id": (["jelek", "buruk", "sedih"], ["rapat", "meja", "kamar"], ["bagus", "indah", "senang"]),
    "it": (["brutto", "pessimo", "triste"], ["riunione", "tavolo", "stanza"], ["bello", "ottimo", "felice"]),
    "pt": (["ruim", "péssimo", "triste"], ["reunião", "mesa", "quarto"], ["bom", "ótimo", "feliz"]),
}
_TAGS = {"umsab": (*LANGUAGES, "en"), "arsarcasm": ("ar",), "afrisenti": ("pt-MZ",)}
_FILLERS = ["1", "@ana", "!", "#news", "2", "ok"]


def invent_posts(language: str, count: int, seed: int) -> list[tuple[int, str]]:
    """Return labelled posts whose words mostly, not always, fit their label."""
    generator, rows = random.Random(f"{language}{seed}"), []
    sides = WORDS_BY_LANGUAGE[language]
    for index in range(count):
        label = index % 3
        words = [
            *generator.choices(sides[label if generator.random() < 0.85 else generator.randrange(3)], k=2),
            *generator.choices(_FILLERS, k=3),
        ]
        generator.shuffle(words)
        rows.append((label, " ".join(words)))
    return rows


def write_folder(folder: Path) -> None:
    """Write every dataset, word list and vector."""
    for name in ("languages", "lexicons", "lexicons-multilingual", "tweeteval-sentiment", "pseudo"):
        (folder / name).mkdir()
    for seed, name in enumerate([name for name in (*TRAINING_SET_WEIGHTS, *CALIBRATION_SETS) if name.startswith("languages/")]):
        tags = next((tags for source, tags in _TAGS.items() if source in name), ("id",))
        rows = [(label, tag, text) for tag in tags for label, text in invent_posts(tag[:2], 90, seed)]
        _write(folder / f"{name}.tsv.gz", "label\tlang\ttext", rows)
    _write(folder / f"{ENGLISH_SET}.tsv.gz", "label\ttext", invent_posts("en", 300, 0))
    pool = [(label, *(0.8 if label == index else 0.1 for index in range(3)), text) for label, text in invent_posts("en", 300, 1)]
    _write(folder / f"{POOL_SET}.tsv.gz", "label\tp_neg\tp_neu\tp_pos\ttext", pool)
    _write_lists(folder)
    _write_vectors(folder / "languages" / "vectors.npz")


def _write(path: Path, header: str, rows: list[tuple[object, ...]] | list[tuple[int, str]]) -> None:
    lines = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(f"{header}\n{lines}".encode(), mtime=0))


def _write_lists(folder: Path) -> None:
    (folder / "lexicons" / "bing.csv").write_text("word,sentiment\nlove,positive\nhate,negative\n")
    (folder / "lexicons" / "vader.txt").write_text("great\t3.1\t0.7\t[]\nawful\t-2.0\t0.7\t[]\n")
    (folder / "lexicons" / "afinn.txt").write_text("happy\t3\nsad\t-2\n")
    (folder / "lexicons" / "emoji.csv").write_text("Emoji,a,b,c,Negative,Neutral,Positive\n😀,1,1,1,10,20,70\n")
    for language, (negative, _, positive) in WORDS_BY_LANGUAGE.items():
        lines = f"{positive[0]}\t3\n{negative[0]}\t-3\na phrase\t1\n"
        (folder / "lexicons-multilingual" / f"{language}.afinn.tsv").write_text(lines, encoding="utf-8")


def _write_vectors(path: Path) -> None:
    """Give words of the same side similar vectors in all languages, except for the third of each, which has none."""
    from dashboard.prediction.multilingual.tokenizer import fold

    rng, directions, vectors = np.random.default_rng(0), np.random.default_rng(1).normal(size=(3, 64)) * 40, dict[str, np.ndarray]()
    for sides in WORDS_BY_LANGUAGE.values():
        for side, words in enumerate(sides):
            vectors |= {fold(word): directions[side] + rng.normal(size=64) * 20 for word in words[:2]}
    vectors["слово"] = rng.normal(size=64)
    table = np.clip(np.array(list(vectors.values())), -127, 127).astype(np.int8)
    np.savez(path, words=np.frombuffer("\n".join(vectors).encode(), dtype=np.uint8), vectors=table)
