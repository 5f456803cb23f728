"""Compares Chorus with its peers and writes bench/results.md: `python bench/compare.py [ROW…] [--rounds 7]`, or `make bench-peers`.

The peers are the dashboard in R that Chorus began as and a usual model server (both in bench/peers/), and Python's own libraries. What is
compared is done in turn in one run, so that a busy machine slows all of it down. CPU times are those of a server with its child processes.
A row whose peer isn't installed is left out, and the results say so. `--short` runs every row once, to see that it works.
"""

import argparse
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import posts
from servers import ROOT, Cost, Server, Work, measure_in_turn, median_cost, serve

RESULTS = Path(__file__).with_name("results.md")
PEERS = Path(__file__).with_name("peers")
PLOTLY = ROOT / "static" / "vendor" / "plotly.min.js"  # for R, too, whose own way to the small bundle is a download
PEERS_PYTHON = Path(os.environ.get("PEERS_VENV", ".venv-peers")) / "bin" / "python"
R_PACKAGES = ("dplyr", "tidyr", "stringr", "ggplot2", "tidytext", "rtweet", "plumber", "plotly")
SIZES = (
    (2, 400, ""),
    (2, 3200, "&interval=week"),
    (10, 3200, "&interval=week"),
)  # accounts, posts per account, and what Chorus needs for it
BATCH_TEXTS = 256
LOADING_TEXT = "Das Wetter ist heute sehr schön und warm."  # for which Chorus loads its model for other languages


class Unavailable(Exception):
    """A peer isn't installed; the text says what to do."""


@dataclass(frozen=True)
class Result:
    """A line of the results: what was done, what each took, and the ratio of the peer's median to ours, with its range over the rounds."""

    title: str
    peer: str
    ours: str
    theirs: str
    ratio: str
    target: str = ""


@dataclass
class Bench:
    """What the rows share: the files, the servers that run, and how often to measure."""

    folder: Path
    rounds: int
    stack: ExitStack
    _servers: dict[str, Server] = field(default_factory=dict)

    @property
    def timelines(self) -> Path:
        """The posts of all accounts as CSV, newest first."""
        path = self.folder / "timelines.csv"
        if not path.exists():
            posts.write_timelines(path)
        return path

    def chorus(self, **environment: str) -> Server:
        """Return a Chorus with the timelines as an imported file."""
        command = f"{sys.executable} -m gunicorn --bind 127.0.0.1:{{port}} dashboard.app:create_app()"
        settings = {"CHORUS_DATASETS": str(self.folder / "datasets"), "CHORUS_RATE_LIMIT": "off", **environment}
        return self._start(f"chorus {sorted(environment)}", command, settings)

    def r_dashboard(self) -> Server:
        """Return the dashboard in R. Raises Unavailable."""
        return self._start("R", *self.r_command())

    def r_command(self) -> tuple[str, dict[str, str]]:
        """Return the command of the dashboard in R, and its environment. Raises Unavailable."""
        check_r()
        return f"Rscript {PEERS / 'server.R'}", {"TIMELINES": str(self.timelines), "PLOTLY_BASIC": str(PLOTLY)}

    def model_server(self, pipeline: str) -> Server:
        """Return FastAPI with a pipeline, `words` or `letters`. Raises Unavailable."""
        command = f"{PEERS_PYTHON} -m uvicorn --app-dir {PEERS} fastapi_app:app --host 127.0.0.1 --port {{port}} --log-level error"
        return self._start(f"FastAPI {pipeline}", command, {"MODEL": str(self.pipeline(pipeline)), "OMP_NUM_THREADS": "1"})

    def pipeline(self, name: str) -> Path:
        """Return the file of a fitted pipeline. Raises Unavailable."""
        if not PEERS_PYTHON.exists():
            raise Unavailable("`make bench-peers` installs FastAPI.")
        path = self.folder / "models" / f"{name}.joblib"
        if not path.exists():
            subprocess.run([sys.executable, PEERS / "train.py", path.parent], cwd=ROOT, check=True)
        return path

    def users(self, account_count: int) -> str:
        """Return some accounts of the imported file, as `users` takes them."""
        datasets = self.folder / "datasets"
        if not datasets.exists():
            command = [sys.executable, "-m", "dashboard.cli", "import", "--datasets", datasets, self.timelines]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        (dataset,) = [path.name for path in datasets.iterdir() if path.is_dir()]
        return ",".join(f"file:{dataset}/{name}" for name in posts.ACCOUNTS[:account_count])

    def _start(self, name: str, command: str, environment: dict[str, str]) -> Server:
        if name not in self._servers:
            self._servers[name] = self.stack.enter_context(serve(command, environment))
            self._servers[name].wait_until_warm()
        return self._servers[name]


Row = Callable[[Bench], Iterator[Result]]


# --- rows -------------------------------------------------------------------------------------------------------------


def images(bench: Bench) -> Iterator[Result]:
    """A fresh PNG of 480 pixels, against R's."""
    for kind in ("frequency", "sentiment"):
        for (accounts, count, interval), target in zip(SIZES, ("3 ×", "6 ×", "15 ×"), strict=True):
            users = bench.users(accounts)
            works = {
                "R": get(bench.r_dashboard(), lambda _, a=accounts, n=count, k=kind: f"/{k}?users={','.join(posts.ACCOUNTS[:a])}&n={n}"),
                "Chorus": get(
                    bench.chorus(),
                    lambda i, u=users, n=count, k=kind, by=interval: (
                        f"/{k}.png?users={u}&n={n}{by}&width=480&height={480 + i % 97}&scale=1"
                    ),
                ),
            }
            yield compare(f"fresh PNG, {kind}, {accounts} × {count:,}", works, bench.rounds, target)


def repeated_images(bench: Bench) -> Iterator[Result]:
    """The same PNG again, and with If-None-Match, against a fresh one."""
    server, address = bench.chorus(), f"/frequency.png?users={bench.users(2)}"
    etag = server.request(address)[2]["ETag"]
    works = {
        "fresh": get(server, lambda i: f"{address}&height={500 + i % 997}"),
        "again": get(server, lambda _: address),
        "304": get(server, lambda _: address, status=304, headers={"If-None-Match": etag}),
    }
    costs = measure_in_turn(works, bench.rounds)
    yield describe("the same PNG again", ("fresh", costs["fresh"]), costs["again"], "100 ×")
    yield describe("the same PNG with If-None-Match", ("fresh", costs["fresh"]), costs["304"], "under 2 ms")


def image_sizes(bench: Bench) -> Iterator[Result]:
    """The bytes of each chart's PNG at scale 2."""
    for kind in ("frequency", "sentiment", "compare", "rhythm", "words", "engagement"):
        size = len(bench.chorus().request(f"/{kind}.png?users={bench.users(2)}&scale=2")[1])
        yield Result(f"PNG of {kind} at scale 2", "", f"{size / 1000:.0f} KB", "", "", "100 KB")


def pages(bench: Bench) -> Iterator[Result]:
    """An interactive page, against R's."""
    for kind in ("frequency", "sentiment"):
        for (accounts, count, interval), target in zip(SIZES, ("15 ×", "25 ×", "50 ×"), strict=True):
            users = bench.users(accounts)
            works = {
                "R": get(
                    bench.r_dashboard(), lambda _, a=accounts, n=count, k=kind: f"/html/{k}?users={','.join(posts.ACCOUNTS[:a])}&n={n}"
                ),
                "Chorus": get(
                    bench.chorus(), lambda i, u=users, n=count, k=kind, by=interval: f"/html/{k}?users={u}&n={n - 1 - i % 211}{by}"
                ),
            }
            yield compare(f"interactive page, {kind}, {accounts} × {count:,}", works, bench.rounds, target)


def reports(bench: Bench) -> Iterator[Result]:
    """A report of all charts that nobody has asked for before, and the same again."""
    for accounts, count, target in ((2, 400, "100 ms"), (5, 3200, "250 ms")):
        address = f"/report?users={bench.users(accounts)}"
        works = {
            "fresh": get(bench.chorus(), lambda i, a=address, n=count: f"{a}&n={n - 1 - i % 211}"),
            "again": get(bench.chorus(), lambda _, a=address, n=count: f"{a}&n={n - 20}"),
        }
        costs = measure_in_turn(works, bench.rounds)
        yield Result(f"report, {accounts} × {count:,}", "", format_cost(costs["fresh"]), "", "", target)
        yield describe(f"the same report again, {accounts} × {count:,}", ("fresh", costs["fresh"]), costs["again"])


def predictions(bench: Bench) -> Iterator[Result]:
    """POST /predict with one text, against FastAPI with two pipelines, on 1, 8 and 40 connections."""
    texts = [json.dumps({"text": text}).encode() for text in posts.load_texts()[:2000]]
    for pipeline, target in (("letters", "6 ×"), ("words", "2.5 ×")):
        for connections in (1, 8, 40):
            servers = {"FastAPI": bench.model_server(pipeline), "Chorus": bench.chorus()}
            works = {name: post(server, texts, connections) for name, server in servers.items()}
            yield compare(f"/predict, {pipeline}, {connections} connections", works, bench.rounds, target)


def mounted_pipeline(bench: Bench) -> Iterator[Result]:
    """POST /predict with the same joblib file in both servers."""
    texts, path = [json.dumps({"text": text}).encode() for text in posts.load_texts()[:2000]], bench.pipeline("letters")
    servers = {
        "FastAPI": bench.model_server("letters"),
        "Chorus": bench.chorus(CHORUS_MODEL=str(path), CHORUS_MODEL_TRUSTED="1", OMP_NUM_THREADS="1"),
    }
    works = {name: post(server, texts, 1) for name, server in servers.items()}
    yield compare("/predict with the same mounted pipeline", works, bench.rounds, "2.5 ×")


def batches(bench: Bench) -> Iterator[Result]:
    """POST /predict with 256 texts in one call."""
    texts, server = posts.load_texts(), bench.chorus()
    bodies = [json.dumps({"texts": texts[start : start + BATCH_TEXTS]}).encode() for start in range(0, 8 * BATCH_TEXTS, BATCH_TEXTS)]
    costs = measure_in_turn({"batch": post(server, bodies, 1)}, bench.rounds)["batch"]
    rate = BATCH_TEXTS / median_cost(costs).cpu
    yield Result(f"/predict, {BATCH_TEXTS} texts in a call", "", f"{rate:,.0f} texts per CPU second", "", "", "12,000")


def table(bench: Bench) -> Iterator[Result]:
    """The table of sentiment per account and day, against R's."""
    check_r()
    for post_count, target in ((10_000, "8 ×"), (100_000, "14 ×")):
        path = bench.folder / f"{post_count}.csv"
        posts.write_timelines(path, accounts=10, posts_per_account=post_count // 10)
        commands = {
            "R": ["Rscript", PEERS / "server.R", "table", path, str(bench.rounds)],
            "Chorus": [sys.executable, ROOT / "bench" / "table.py", path, str(bench.rounds)],
        }
        outputs = {name: json.loads(subprocess.check_output(command, cwd=ROOT)) for name, command in commands.items()}
        ours, theirs = (statistics.median(as_list(outputs[name]["seconds"])) for name in ("Chorus", "R"))
        rows = "equal" if outputs["R"]["rows"] == outputs["Chorus"]["rows"] else "different"
        memory = outputs["R"]["peak_mb"] / outputs["Chorus"]["peak_mb"]
        title = f"sentiment table, {post_count:,} posts ({rows} number of rows; R needs {memory:.1f} × the memory)"
        yield Result(title, "R", f"{1000 * ours:.0f} ms", f"{1000 * theirs:.0f} ms", f"{theirs / ours:.1f} ×", target)


def imports(bench: Bench) -> Iterator[Result]:
    """An import of a CSV file, against reading it with Python's csv module."""
    from io import BytesIO

    from dashboard.sources.files.readers.reader import open_reader

    content = bench.timelines.read_bytes()

    def read_rows(_: int) -> None:
        with bench.timelines.open(newline="", encoding="utf-8") as file:
            for _row in csv.DictReader(file):
                pass

    works = {"csv module": Work(read_rows), "Chorus": Work(lambda _: sum(map(len, open_reader(BytesIO(content), "timelines.csv"))))}
    costs = measure_in_turn(works, bench.rounds)
    rate = len(content) / 1e6 / median_cost(costs["Chorus"]).cpu
    yield describe(f"reading CSV, {rate:.1f} MB/s", ("csv module", costs["csv module"]), costs["Chorus"], "40 MB/s")


def starts(bench: Bench) -> Iterator[Result]:
    """From the start of the process to the first prediction and the first PNG."""
    body = json.dumps({"text": "What a day"}).encode()
    chorus = f"{sys.executable} -m gunicorn --bind 127.0.0.1:{{port}} dashboard.app:create_app()"
    fastapi = f"{PEERS_PYTHON} -m uvicorn --app-dir {PEERS} fastapi_app:app --host 127.0.0.1 --port {{port}} --log-level error"
    settings = {"CHORUS_DATASETS": str(bench.folder / "datasets")}
    users = bench.users(2)
    model = {"MODEL": str(bench.pipeline("letters"))}
    works = {"FastAPI": start(fastapi, model, "/predict", body), "Chorus": start(chorus, settings, "/predict", body)}
    yield compare("start to first prediction", works, bench.rounds, "4 ×")
    address = f"/frequency?users={','.join(posts.ACCOUNTS[:2])}&n=400"
    works = {"R": start(*bench.r_command(), address), "Chorus": start(chorus, settings, f"/frequency.png?users={users}")}
    yield compare("start to first PNG", works, bench.rounds, "4 ×")


ROWS: dict[str, Row] = {
    row.__name__.replace("_", "-"): row
    for row in (images, repeated_images, image_sizes, pages, reports, predictions, mounted_pipeline, batches, table, imports, starts)
}


# --- measuring --------------------------------------------------------------------------------------------------------


def get(server: Server, address: Callable[[int], str], status: int = 200, headers: dict[str, str] | None = None) -> Work:
    """Return the work of requesting an address, which may depend on the running number."""

    def request(number: int) -> None:
        response_status, body, _ = server.request(address(number), headers={"Accept-Encoding": "gzip", **(headers or {})})
        if response_status != status:
            raise RuntimeError(f"{address(number)} was answered with {response_status}: {body[:200]!r}")

    return Work(request, server.cpu_seconds)


def post(server: Server, bodies: Sequence[bytes], connections: int) -> Work:
    """Return the work of sending one of the bodies to /predict on each of some connections at the same time."""
    pool = ThreadPoolExecutor(connections)
    pool.submit(server.request, "/predict", json.dumps({"text": LOADING_TEXT}).encode()).result()

    def send(number: int) -> None:
        status, body, _ = server.request("/predict", bodies[number % len(bodies)])
        if status != 200:
            raise RuntimeError(f"/predict was answered with {status}: {body[:200]!r}")

    def send_all(number: int) -> None:
        list(pool.map(send, range(number * connections, (number + 1) * connections)))

    return Work(send_all, server.cpu_seconds)


def start(command: str, environment: dict[str, str], path: str, body: bytes = b"") -> Work:
    """Return the work of starting a server and sending one request."""
    cpu_seconds: list[float] = []

    def start_and_request(_: int) -> None:
        with serve(command, environment) as server:
            assert server.request(path, body)[0] == 200
            cpu_seconds.append(server.cpu_seconds())
            server.kill()

    return Work(start_and_request, lambda: sum(cpu_seconds))


def compare(title: str, works: dict[str, Work], rounds: int, target: str) -> Result:
    """Measure a peer and Chorus in turn."""
    costs = measure_in_turn(works, rounds)
    peer = next(iter(works))
    return describe(title, (peer, costs[peer]), costs["Chorus"], target)


def describe(title: str, peer: tuple[str, Sequence[Cost]], ours: Sequence[Cost], target: str = "") -> Result:
    """Return a line with the ratios of the peer's CPU and wall time to ours, and the range of the first over the rounds."""
    name, theirs = peer
    ratios = sorted(their.cpu / max(our.cpu, 1e-6) for their, our in zip(theirs, ours, strict=True))
    our_median, their_median = median_cost(ours), median_cost(theirs)
    cpu, wall = their_median.cpu / max(our_median.cpu, 1e-6), their_median.wall / our_median.wall
    ratio = f"{cpu:.1f} × ({ratios[0]:.1f}–{ratios[-1]:.1f}), {wall:.1f} × wall"
    return Result(title, name, format_cost(our_median), format_cost(their_median), ratio, target)


def format_cost(cost: Cost | Sequence[Cost]) -> str:
    """Return CPU and wall time in milliseconds."""
    median = cost if isinstance(cost, Cost) else median_cost(cost)
    return f"{1000 * median.cpu:,.3g} ms CPU, {1000 * median.wall:,.3g} ms"


def as_list(value: object) -> list[float]:
    """Return a list of numbers; R writes a single number without brackets."""
    return [float(number) for number in value] if isinstance(value, list) else [float(str(value))]


def check_r() -> None:
    """Raise Unavailable without R and its packages."""
    program = f"for (package in c({','.join(map(repr, R_PACKAGES))})) library(package, character.only = TRUE)"
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", program], capture_output=True, check=False).returncode:
        packages = " ".join(f"r-cran-{package}" for package in R_PACKAGES)
        raise Unavailable(f"R isn't installed, or a package is missing: apt-get install r-base-core {packages}")


# --- results ----------------------------------------------------------------------------------------------------------


def write_results(lines: Sequence[str], rounds: int) -> None:
    """Write bench/results.md."""
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {rounds} rounds in turn"
    heading = [
        "# Results",
        "",
        f"Written by `bench/compare.py` at {revision} on {datetime.now(UTC):%Y-%m-%d}: {machine}. A ratio is the peer's median",
        "divided by ours, with the range over the rounds for CPU time. `docs/contribute/performance.md` says what limits each row.",
        "",
        "| work | peer | Chorus | the peer | ratio | target |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    RESULTS.write_text("\n".join([*heading, *lines]) + "\n", encoding="utf-8")


def main() -> None:
    """Measure the chosen rows, print each result, and write all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--short", action="store_true", help="one round; nothing is written")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(ROWS)}")
    rounds, lines = 1 if options.short else options.rounds, []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.rows or ROWS:
            with ExitStack() as stack:
                bench = Bench(Path(folder), rounds, stack)
                try:
                    for result in ROWS[name](bench):
                        cells = (result.title, result.peer, result.ours, result.theirs, result.ratio, result.target)
                        lines.append(f"| {' | '.join(cells)} |")
                        print(lines[-1], flush=True)
                except Unavailable as error:
                    lines.append(f"| {name} | | not measured: {error} | | | |")
                    print(lines[-1], flush=True)
    if not options.rows and not options.short:
        write_results(lines, rounds)


if __name__ == "__main__":
    main()
