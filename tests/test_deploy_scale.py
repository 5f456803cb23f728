"""What it takes to analyze a collection on a cluster works with the programs that read it; a stand-in for Slurm runs its jobs here."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dashboard.cli.chorus_command import chorus
from dashboard.cli.collections import analyze
from tests.support.paths import ROOT

SLURM = ROOT / "deploy" / "slurm.py"
HANG_SECONDS = 300  # generous: it bounds a hang, and no test is about the time
SBATCH = """#!/bin/sh
# Copies the script, as Slurm does, and starts it as a process of this machine, whose number is the job's.
script=$(mktemp "{jobs}.XXXXXX")
cat "$1" >"$script"
setsid /bin/bash "$script" >"$script.log" 2>&1 &
echo $! >>"{jobs}"
echo "Submitted batch job $!"
"""
SCANCEL = '#!/bin/sh\nfor job in "$@"; do kill -- "-$job" 2>/dev/null; done; exit 0\n'


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[Path]:
    """A folder with programs that are called like those of Slurm. Afterwards, no job is left."""
    folder, jobs = tmp_path / "bin", tmp_path / "jobs"
    folder.mkdir()
    for name, text in {"sbatch": SBATCH.format(jobs=jobs), "scancel": SCANCEL}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    yield folder
    for job in jobs.read_text().split() if jobs.exists() else ():
        subprocess.run(["kill", "-KILL", "--", f"-{job}"], check=False, stderr=subprocess.DEVNULL)


def run_slurm(slurm: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{slurm}:{os.environ['PATH']}", "HOME": str(slurm), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, SLURM, *arguments]
    return subprocess.run(command, cwd=slurm, env=environment, capture_output=True, text=True, check=False, timeout=HANG_SECONDS)


@pytest.mark.faults
@pytest.mark.long
def test_the_workers_of_slurm_analyze_a_collection(slurm: Path, tmp_path: Path) -> None:
    """Two jobs are submitted, read both files, and are cancelled at the end."""
    posts, datasets = tmp_path / "posts", tmp_path / "datasets"
    posts.mkdir()
    for month in (3, 4):
        rows = [f"2026-0{month}-{day:02d} 10:00,harbour,The fog is lovely today" for day in range(1, 29)]
        (posts / f"{month}.csv").write_text("\n".join(["date,account,text", *rows]))
    done = run_slurm(slurm, "--jobs", "2", "--", str(posts), "--out", "fog", "--datasets", str(datasets), "--methods", "bing")
    assert done.returncode == 0, done.stderr
    assert re.search(r"file:[0-9a-f]{32}", done.stdout)
    assert len((tmp_path / "jobs").read_text().split()) == 2


def test_a_job_is_one_worker_with_one_thread(slurm: Path) -> None:
    """Two threads would take turns at the interpreter."""
    program = "import slurm, sys; print(slurm.build_cluster('normal', 'me', '01:00:00', '2GiB').job_script())"
    environment = {"PATH": f"{slurm}:{os.environ['PATH']}", "HOME": str(slurm), "PYTHONPATH": str(SLURM.parent)}
    script = subprocess.run([sys.executable, "-c", program], cwd=slurm, env=environment, capture_output=True, text=True, check=True).stdout
    assert "--nthreads 1 " in script
    assert "export POLARS_MAX_THREADS=1" in script
    assert "#SBATCH -p normal" in script
    assert "#SBATCH -A me" in script
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_without_anything_to_analyze_no_job_is_submitted(slurm: Path, tmp_path: Path) -> None:
    """The message says where the arguments go."""
    done = run_slurm(slurm, "--jobs", "2")
    assert done.returncode == 2
    assert "Put the arguments of chorus analyze after --" in done.stderr
    assert not (tmp_path / "jobs").exists()


def test_the_job_of_cloud_run_calls_the_command_as_it_is() -> None:
    """Its arguments are those of today's command line."""
    job = yaml.safe_load((ROOT / "deploy" / "analyze-job.yaml").read_text(encoding="utf-8"))
    (container,) = job["spec"]["template"]["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["python", "-m", "dashboard.cli"]
    name, *arguments = container["args"]
    assert chorus.commands[name] is analyze
    context = analyze.make_context(name, arguments, resilient_parsing=True)
    assert context.params["out"] == "COLLECTION"


def test_workers_of_kubernetes_find_what_they_need() -> None:
    """One thread each, the shared folder, and the same image as the scheduler."""
    values = yaml.safe_load((ROOT / "deploy" / "dask-values.yaml").read_text(encoding="utf-8"))
    worker = values["worker"]
    assert worker["image"] == values["scheduler"]["image"]
    assert worker["threads_per_worker"] == 1
    assert {"name": "POLARS_MAX_THREADS", "value": "1"} in worker["env"]
    assert [mount["name"] for mount in worker["mounts"]["volumeMounts"]] == [volume["name"] for volume in worker["mounts"]["volumes"]]


def test_the_image_keeps_the_command_of_dask() -> None:
    """Dask's chart starts `dask scheduler` and `dask worker`."""
    kept = re.search(r"rm -rf \"\$venv\"/bin/!\((.+?)\)", (ROOT / "deploy" / "slim.sh").read_text(encoding="utf-8"))
    assert kept
    assert "dask" in shlex.split(kept[1].replace("|", " "))
