"""The image of the Dockerfile, built where there is no container engine, weighed and tried. `make image-check` runs it (Debian, as root).

mmdebstrap makes what stands for the slim Python base, this machine's Node what stands for Node's image, buildah does the Dockerfile's
steps; then the image runs read-only, as its own user, without a network. Packages come from the registries that the Dockerfile names;
of this machine it gets certificates only. Exit code 1 if a check fails or the image is too large; times are printed, not judged.
"""

import argparse
import base64
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import start

TREE = Path(__file__).parents[1]
LARGEST = {"requirements.txt": 500_000_000, "requirements-models.txt": 650_000_000}  # bytes, unpacked, by the lock
NAME = "localhost/chorus"
NEEDED = ["mmdebstrap", "buildah", "node", "npm", "unshare", "chroot"]
SLIM = ["doc", "man", "locale", "info", "groff"]  # of /usr/share: what the official slim images leave out
NAMES = ["ひなた日記 🌸", "서울의 하루 ☕", "北京晨报 📰", "Ζωή & Жизнь 🎉", "مرحبا", "Ünïcødé 👩🏽‍🚀"]
DRAWING = """
import base64, html, json, vl_convert
from dashboard.charts.vega.theme import FONT

def draw(names):
    rows = "".join(f'<text x="16" y="{40 + 44 * at}" font-size="26">{html.escape(name)}</text>' for at, name in enumerate(names))
    size = f'width="700" height="{60 + 44 * len(names)}"'
    return vl_convert.svg_to_png(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}"><rect {size} fill="white"/>{rows}</svg>'
    )

missing = [sign for sign in "日ひ서晨☕🌸🎉👩🚀ΖЖمש" if draw([sign]) == draw(["\U000f0000"])]
print(json.dumps([missing, base64.b64encode(draw(NAMES)).decode()]))
"""
FORBIDDEN = ["gcc", "cc", "make", "npm", "node", "pip", "pip3", "strip", "ld", "git", "curl", "wget"]


class Builder:
    """buildah with a store of its own."""

    def __init__(self, folder: Path) -> None:
        """Keep everything in a folder, so that the next build finds its layers."""
        self.folder = folder
        self.flags = [f"--root={folder}/storage", f"--runroot={folder}/run", "--storage-driver=overlay"]
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, *words: str) -> str:
        """Run buildah and return what it prints."""
        return told(["buildah", *self.flags, *words]).strip()

    def base(self) -> None:
        """Make the two base images, unless they are there."""
        have = self.run("images", "--format={{.Name}}").split()
        if "localhost/base" not in have:
            archive = self.folder / "base.tar"
            told(_debian(archive))
            self.made("localhost/base", "scratch", [(str(archive), "/")])
            archive.unlink()
        if "localhost/node" not in have:
            node, npm = str(Path(shutil.which("node") or "").resolve()), Path(told(["npm", "root", "--global"]).strip()) / "npm"
            self.made("localhost/node", "localhost/base", [(node, "/usr/bin/node"), (str(npm), "/usr/lib/node_modules/npm")], _LINK)

    def made(self, name: str, origin: str, added: list[tuple[str, str]], command: tuple[str, ...] = ()) -> None:
        """Make an image of another one with files added."""
        container = self.run("from", origin)
        for source, target in added:
            self.run("add", "--quiet", container, source, target)
        if command:
            self.run("run", "--isolation=chroot", container, "--", *command)
        self.run("config", "--cmd=python3", "--env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
        self.run("commit", "--quiet", "--rm", container, name)

    def build(self, lock: str) -> float:
        """Do the Dockerfile's steps; return the seconds."""
        began = time.monotonic()
        pip, npm = self.folder / "pip.conf", self.folder / "npmrc"
        pip.write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n", encoding="utf-8")
        npm.write_text("cafile=/etc/ssl/certs/ca-certificates.crt\n", encoding="utf-8")
        mounts = [f"{pip}:/etc/pip.conf", f"{npm}:/root/.npmrc", "/etc/ssl/certs:/etc/ssl/certs"]
        given = [f"--build-arg={each}" for each in ("BASE=localhost/base", "NODE=localhost/node", f"LOCK={lock}")]
        how = ["--isolation=chroot", "--layers", "--format=docker", *(f"--volume={each}:ro" for each in mounts)]
        self.run("bud", *how, *given, f"--tag={NAME}", str(TREE))
        return time.monotonic() - began

    def mounted(self) -> Path:
        """Return the root of the image, unpacked."""
        self.run("rm", "--all")
        return Path(self.run("mount", self.run("from", NAME)))

    def layers(self) -> list[tuple[str, int, int]]:
        """Return each layer: the step that made it, its bytes unpacked and packed."""
        with tempfile.TemporaryDirectory() as folder:
            self.run("push", "--quiet", NAME, f"oci:{folder}/image")
            blobs = Path(folder) / "image" / "blobs" / "sha256"
            manifest = json.loads((Path(folder) / "image" / "index.json").read_text(encoding="utf-8"))["manifests"][0]["digest"]
            packed = [blobs / each["digest"].partition(":")[2] for each in json.loads((blobs / manifest[7:]).read_text())["layers"]]
            sizes = [(_unpacked(blob), blob.stat().st_size) for blob in packed]
        return [(step, *size) for step, size in zip(["the base", *_steps()], sizes, strict=True)]


_LINK = ("ln", "-sf", "../lib/node_modules/npm/bin/npm-cli.js", "/usr/bin/npm")


def _debian(archive: Path) -> list[str]:
    """Return how to make a Debian with Python, as small as the official slim image."""
    left_out = [f"--dpkgopt=path-exclude=/usr/share/{each}/*" for each in SLIM]
    kept = ["--dpkgopt=path-include=/usr/share/doc/*/copyright", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"]
    packages = "--include=usr-is-merged,python3,python3-venv,ca-certificates"
    return ["mmdebstrap", "--quiet", "--variant=minbase", *left_out, *kept, packages, "bookworm", str(archive)]


def _unpacked(blob: Path) -> int:
    """Return the bytes of a packed layer."""
    with gzip.open(blob) as layer:
        return sum(len(part) for part in iter(lambda: layer.read(1 << 20), b""))


def _steps() -> list[str]:
    """Return the steps of the Dockerfile's last stage that make a layer."""
    last = (TREE / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    return [line.rstrip(" \\") for line in last.splitlines() if line.startswith(("RUN ", "COPY "))]


def told(command: list[str]) -> str:
    """Run a command and return what it prints; end with its last lines if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])} … failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout


def weigh(builder: Builder, root: Path, most: int) -> int:
    """Print each layer's share and the largest parts; return the bytes of all."""
    layers = builder.layers()
    whole = sum(size for _, size, _ in layers)
    for step, size, packed in layers:
        print(f"{size / 1e6:8.1f} MB {100 * size / whole:5.1f} %  ({packed / 1e6:6.1f} packed)  {step}")
    print(f"{whole / 1e6:8.1f} MB 100.0 %  ({sum(each[2] for each in layers) / 1e6:6.1f} packed)  all of it (at most {most / 1e6:.0f})")
    site = next((root / "opt/venv/lib").glob("python3.*/site-packages"))
    parts = sorted(((_size(each), each.name) for each in site.iterdir()), reverse=True)
    for size, name in [*parts[:12], (sum(size for size, _ in parts[12:]), f"{len(parts) - 12} others")]:
        print(f"{size / 1e6:8.1f} MB  {name}")
    return whole


def _size(path: Path) -> int:
    return sum(each.lstat().st_size for each in path.rglob("*")) if path.is_dir() else path.lstat().st_size


def bare(root: Path) -> list[str]:
    """Return what is in the image and should not be."""
    folders = [root / each for each in ("usr/bin", "usr/local/bin", "bin", "usr/sbin", "opt/venv/bin")]
    tools = [name for name in FORBIDDEN if any((folder / name).exists() for folder in folders)]
    ours = [str(path) for path in (root / "app").rglob("*") if path.name in ("tests", ".git", ".env", "datasets")]
    return tools + ours + [str(path) for path in (root / "root").glob(".npmrc") if path.stat().st_size]


def tried(root: Path) -> bool:
    """Serve without a network, read-only, as nobody in particular, and smoke-test from inside."""
    script = "gunicorn 'dashboard.app:create_app()' & p=$!; python deploy/smoke.py http://127.0.0.1:8080; r=$?; kill $p; wait $p; exit $r"
    command = start.Place(root).command(["sh", "-c", script], 8080, online=False)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout, end="")
    return done.returncode == 0 and len(done.stdout.splitlines()) == 4


def complete(root: Path) -> list[str]:
    """Return which pages, pictures and texts the image can't answer: each chart in each format, each method, a file of other scripts."""
    sys.path.insert(0, str(TREE))
    from dashboard.core.charts import CHARTS

    users = "users=demo:harbour-news,demo:aster-air"
    asked = [
        "/",
        "/docs",
        "/openapi.json",
        "/model",
        "/classify?text=Gr%C3%BC%C3%9Fe",
        f"/posts?{users}",
        f"/report?{users}&tz=Asia/Kolkata",
    ]
    asked += [f"/{kind}.{form}?{users}" for kind in CHARTS.names() for form in ("png", "svg", "csv", "json")] + [
        f"/html/{kind}?{users}" for kind in CHARTS.names()
    ]
    asked += [f"/sentiment.png?{users}&method={method}&theme=dark" for method in ("bing", "vader", "afinn", "model")]
    with start.served(start.Place(root)) as (port, _, _):
        start.until(port, "/ready")
        return [path for path in asked if not path.startswith("/posts") and start.ask(port, path)[0] != 200]


def written(root: Path, target: Path) -> bool:
    """Draw names in many scripts, and emoji, by the image's fonts; say whether no two of them came out alike."""
    program = DRAWING.replace("NAMES", json.dumps(NAMES, ensure_ascii=False))
    done = told(start.Place(root).command(["python", "-c", program], 8080, online=False))
    missing, picture = json.loads(done)
    target.write_bytes(base64.b64decode(picture))
    print(f"signs that no font of the image has: {missing or 'none'}; see {target}")
    return not missing


def charted(root: Path, target: Path) -> bool:
    """Import a file of accounts with such names, and keep their chart as the image draws it; say whether it came."""
    rows = [
        f"{name.split()[0]} {name.split()[-1]},2026-03-{day:02d}T12:00:00Z,{('a good day', 'bad news today')[day % 2]}"
        for at, name in enumerate(NAMES[:4])
        for day in range(1, 20, at + 1)
    ]
    table = "account,created_at,text\n" + "\n".join(rows)
    body = f'--b\r\nContent-Disposition: form-data; name="file"; filename="names.csv"\r\n\r\n{table}\r\n--b--\r\n'.encode()
    with start.served(start.Place(root), CHORUS_DATASETS="/tmp") as (port, _, _):
        start.until(port, "/ready")
        sent = urllib.request.Request(f"http://127.0.0.1:{port}/upload", body, {"Content-Type": "multipart/form-data; boundary=b"})
        with urllib.request.urlopen(sent) as report:
            users = urllib.parse.urlsplit(report.url).query
        status, picture = start.ask(port, f"/frequency.png?{users}")
    target.write_bytes(picture)
    print(f"a chart of accounts named in four scripts: {status}; see {target}")
    return status == 200


def shared(root: Path) -> bool:
    """Keep timelines in a Redis of this machine, if it has one, and say whether they arrived there."""
    if not shutil.which("redis-server"):
        return True
    with start.redis() as port:
        with start.served(start.Place(root), CHORUS_CACHE_URL=f"redis://127.0.0.1:{port}/0") as (serving, _, _):
            start.until(serving, start.PNG)
        kept = int(told(["redis-cli", "-p", str(port), "dbsize"]))
    print(f"entries that it kept in Redis: {kept}")
    return kept > 0


def mounted(root: Path) -> bool:
    """Serve a scikit-learn pipeline of iris, saved by skops, and say whether it answers as it should."""
    import skops.io
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    skops.io.dump(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)), root / "datasets" / "iris.skops")
    with start.served(start.Place(root), CHORUS_MODEL="/datasets/iris.skops") as (port, _, _):
        known = ["--body", '{"features": [5.1, 3.5, 1.4, 0.2]}', "--expect", "0"]
        command = [sys.executable, str(TREE / "deploy" / "smoke.py"), f"http://127.0.0.1:{port}", *known]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout, end="")
    return done.returncode == 0


def stopped(root: Path) -> bool:
    """Say whether SIGTERM ends it within ten seconds, and what was begun is finished."""
    seconds, status, code = start.stopped(start.Place(root))
    print(f"SIGTERM while a report is made: ended after {seconds:.1f} s, the report got {status}, exit code {code}")
    return (status, code, seconds < 10) == (200, 0, True)


def main() -> None:
    """Build, weigh, try."""
    parser = argparse.ArgumentParser(description="Build the image without an engine, and try it.")
    parser.add_argument(
        "--folder", type=Path, default=Path("/var/tmp/chorus-image"), help="for layers, kept for the next build (/var/tmp/…)"
    )
    parser.add_argument("--lock", default="requirements.txt", choices=LARGEST, help="requirements-models.txt for scikit-learn and skops")
    options = parser.parse_args()
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        sys.exit(f"Install {', '.join(missing)}: apt-get install mmdebstrap buildah nodejs npm util-linux")
    if os.geteuid():
        sys.exit("Images are unpacked and entered here, which only root may: sudo make image-check")
    builder = Builder(options.folder)
    builder.base()
    print(f"built in {builder.build(options.lock):.0f} s")
    root = builder.mounted()
    whole = weigh(builder, root, LARGEST[options.lock])
    found, unanswered = bare(root), complete(root)
    print(f"in the image and not wanted: {found or 'nothing'}; not answered: {unanswered or 'nothing'}")
    drawn = [written(root, options.folder / "scripts.png"), charted(root, options.folder / "chart.png")]
    fine = [whole <= LARGEST[options.lock], not found, not unanswered, *drawn, tried(root), shared(root), stopped(root)]
    if options.lock == "requirements-models.txt":
        fine.append(mounted(root))
    start.report(start.Place(root), rounds=3)
    builder.run("rm", "--all")
    sys.exit(0 if all(fine) else "The image is not as it should be: see above.")


if __name__ == "__main__":
    main()
