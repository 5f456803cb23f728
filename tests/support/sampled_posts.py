"""Writes files with as many posts in each month as a test asks for."""

import json
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

_WORDS = ["good", "bad", "great", "awful", "the", "report", "today", "we", "love", "hate"]


def write_months(folder: Path, posts_by_month: Mapping[datetime, int], accounts: int, files: int = 3) -> None:
    """Write invented posts, some with copies, at random times of these months, by accounts of different sizes."""
    draw, lines = random.Random(5), list[str]()
    for month, count in posts_by_month.items():
        for number in range(count):
            account = f"account{int(accounts * draw.random() ** 2)}"
            moment = month + timedelta(seconds=draw.randrange(28 * 86_400))
            post = {"id": str(10**18 + len(lines)), "account": account, "created_at": moment.isoformat(), "likes": number % 7}
            lines.append(json.dumps(post | {"text": " ".join(draw.choices(_WORDS, k=8)), "lang": "en"}))
    draw.shuffle(lines)
    lines += lines[:40]
    folder.mkdir(parents=True)
    for number in range(files):
        part = lines[number * len(lines) // files : (number + 1) * len(lines) // files]
        (folder / f"posts-{number}.jsonl").write_text("\n".join(part) + "\n", encoding="utf-8")
