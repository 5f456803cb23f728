"""Analyzes a collection on a Slurm cluster: workers are Slurm jobs, and `chorus analyze` runs where this is called, such as a login node.

    python deploy/slurm.py --jobs 40 --partition normal --walltime 04:00:00 -- /data/posts --out elections

What comes after -- goes to `chorus analyze`. Needs Chorus with the extra `scale`, and dask-jobqueue. The posts, CHORUS_DATASETS and this
environment must be on a file system that all nodes share. The exit code is that of `chorus analyze`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from dask_jobqueue import SLURMCluster


def build_cluster(partition: str | None, account: str | None, walltime: str, memory: str) -> SLURMCluster:
    """Return a cluster whose jobs have one worker with one thread each, because a partition keeps one core busy. No job is started yet."""
    return SLURMCluster(
        queue=partition,
        account=account,
        walltime=walltime,
        cores=1,
        processes=1,
        memory=memory,
        python=sys.executable,
        job_script_prologue=["export POLARS_MAX_THREADS=1"],
    )


def main(arguments: list[str] | None = None) -> int:
    """Start the jobs, analyze, and end them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=8, help="how many Slurm jobs with one core each (8)")
    parser.add_argument("--partition", help="the partition to submit them to")
    parser.add_argument("--account", help="the account that they are charged to")
    parser.add_argument("--walltime", default="04:00:00", help="how long a job may take (04:00:00)")
    parser.add_argument("--memory", default="2GiB", help="the memory of a job (2GiB)")
    parser.add_argument("analyze", nargs=argparse.REMAINDER, help="the arguments of chorus analyze, after --")
    options = parser.parse_args(arguments)
    analyze = [argument for argument in options.analyze if argument != "--"]
    if not analyze:
        parser.error("what should be analyzed? Put the arguments of chorus analyze after --")
    with build_cluster(options.partition, options.account, options.walltime, options.memory) as cluster:
        cluster.scale(jobs=options.jobs)
        with cluster.get_client() as client:
            client.wait_for_workers(1)  # until Slurm starts the first job; the others join when they start
        command = [sys.executable, "-m", "dashboard.cli", "analyze", *analyze, "--scheduler", cluster.scheduler_address]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
