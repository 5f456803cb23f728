"""The memory of a report on the longest texts that a file can have, measured in a process of its own."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MAX_MEGABYTES = 512
PROGRAM = """
import sys
from pathlib import Path
from dashboard.app import create_app

client = create_app({"CHORUS_DATASETS": sys.argv[1]}).test_client()
with open(sys.argv[2], "rb") as file:
    location = client.post("/upload", data={"file": (file, "posts.csv.gz")}, content_type="multipart/form-data").headers["Location"]
page = client.get(f"{location}&n=3200").text
print("very long texts were shortened" in page)
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.faults
@pytest.mark.long
def test_a_report_on_very_long_texts_stays_within_its_memory(tmp_path: Path) -> None:
    """3,200 posts of 24,900 characters are 80 MB of text and 0.2 MB of upload; the report says that they were shortened."""
    with gzip.open(tmp_path / "posts.csv.gz", "wt") as file:
        file.write("created_at,id,account,text\n")
        file.writelines(f"2026-01-{1 + n % 28:02}T10:00:00Z,{n},nasa,{n} {'a b c d e f g ' * 1_778}\n" for n in range(3_200))
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "datasets"), str(tmp_path / "posts.csv.gz")]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    shortened, kilobytes = finished.stdout.splitlines()[-2:]
    assert shortened == "True"
    assert int(kilobytes) // 1024 < MAX_MEGABYTES
