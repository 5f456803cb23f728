"""Builds the Dockerfile's image without a container engine, measures its size and tests it: `make image-check` (Debian, as root).

mmdebstrap builds a substitute for the slim Python base image, this machine's Node replaces Node's image, and buildah runs the
Dockerfile's steps. Then the image runs read-only, as its own user and without a network. Packages come from the registries that the
Dockerfile uses; this machine adds only its certificates. Exit code 1 if a check fails or the image is too large; times are only printed.
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
MAX_IMAGE_BYTES = {"requirements.txt": 500_000_000, "requirements-models.txt": 650_000_000}  # unpacked bytes by lock file
IMAGE_NAME = "localhost/chorus"
REQUIRED_TOOLS = ["mmdebstrap", "buildah", "node", "npm", "unshare", "chroot"]
OMITTED_SHARE_FOLDERS = ["doc", "man", "locale", "info", "groff"]  # folders of /usr/share that the official slim images leave out
NAMES = ["ひなた日記 🌸", "서울의 하루 ☕", "北京晨报 📰", "Ζωή & Жизнь 🎉", "مرحبا", "Ünïcødé 👩🏽‍🚀"]
DRAWING_PROGRAM = """
import base64, html, json, vl_convert
from dashboard.charts.vega.theme import FONT_FAMILY

def draw(names):
    rows = "".join(f'<text x="16" y="{40 + 44 * index}" font-size="26">{html.escape(name)}</text>' for index, name in enumerate(names))
    size = f'width="700" height="{60 + 44 * len(names)}"'
    return vl_convert.svg_to_png(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT_FAMILY}"><rect {size} fill="white"/>{rows}</svg>'
    )

missing = [character for character in "日ひ서晨☕🌸🎉👩🚀ΖЖمש" if draw([character]) == draw(["\U000f0000"])]
print(json.dumps([missing, base64.b64encode(draw(NAMES)).decode()]))
"""
FORBIDDEN_TOOLS = ["gcc", "cc", "make", "npm", "node", "pip", "pip3", "strip", "ld", "git", "curl", "wget"]


class Builder:
    """buildah with its own storage folder."""

    def __init__(self, folder: Path) -> None:
        """Store everything in a folder, so that the next build reuses its layers."""
        self.folder = folder
        self.flags = [f"--root={folder}/storage", f"--runroot={folder}/run", "--storage-driver=overlay"]
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str) -> str:
        """Run buildah and return its output."""
        return run_command(["buildah", *self.flags, *arguments]).strip()

    def build_base_images(self) -> None:
        """Build the two base images unless they exist."""
        existing_images = self.run("images", "--format={{.Name}}").split()
        if "localhost/base" not in existing_images:
            archive = self.folder / "base.tar"
            run_command(_mmdebstrap_command(archive))
            self.commit_image("localhost/base", "scratch", [(str(archive), "/")])
            archive.unlink()
        if "localhost/node" not in existing_images:
            node, npm = str(Path(shutil.which("node") or "").resolve()), Path(run_command(["npm", "root", "--global"]).strip()) / "npm"
            self.commit_image("localhost/node", "localhost/base", [(node, "/usr/bin/node"), (str(npm), "/usr/lib/node_modules/npm")], _LINK)

    def commit_image(self, name: str, base_image: str, added_files: list[tuple[str, str]], command: tuple[str, ...] = ()) -> None:
        """Build an image from another one by adding files."""
        container = self.run("from", base_image)
        for source, target in added_files:
            self.run("add", "--quiet", container, source, target)
        if command:
            self.run("run", "--isolation=chroot", container, "--", *command)
        self.run("config", "--cmd=python3", "--env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
        self.run("commit", "--quiet", "--rm", container, name)

    def build(self, lock: str) -> float:
        """Run the Dockerfile's steps; return the seconds that they took."""
        started_at = time.monotonic()
        pip, npm = self.folder / "pip.conf", self.folder / "npmrc"
        pip.write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n", encoding="utf-8")
        npm.write_text("cafile=/etc/ssl/certs/ca-certificates.crt\n", encoding="utf-8")
        mounts = [f"{pip}:/etc/pip.conf", f"{npm}:/root/.npmrc", "/etc/ssl/certs:/etc/ssl/certs"]
        build_arguments = [f"--build-arg={argument}" for argument in ("BASE=localhost/base", "NODE=localhost/node", f"LOCK={lock}")]
        options = ["--isolation=chroot", "--layers", "--format=docker", *(f"--volume={mount}:ro" for mount in mounts)]
        self.run("bud", *options, *build_arguments, f"--tag={IMAGE_NAME}", str(TREE))
        return time.monotonic() - started_at

    def mount(self) -> Path:
        """Return the root folder of the unpacked image."""
        self.run("rm", "--all")
        return Path(self.run("mount", self.run("from", IMAGE_NAME)))

    def list_layers(self) -> list[tuple[str, int, int]]:
        """Return each layer: the step that created it, and its unpacked and packed bytes."""
        with tempfile.TemporaryDirectory() as folder:
            self.run("push", "--quiet", IMAGE_NAME, f"oci:{folder}/image")
            blobs = Path(folder) / "image" / "blobs" / "sha256"
            manifest = json.loads((Path(folder) / "image" / "index.json").read_text(encoding="utf-8"))["manifests"][0]["digest"]
            layer_blobs = [blobs / layer["digest"].partition(":")[2] for layer in json.loads((blobs / manifest[7:]).read_text())["layers"]]
            sizes = [(_unpacked_bytes(blob), blob.stat().st_size) for blob in layer_blobs]
        return [(step, *size) for step, size in zip(_layer_steps(), sizes, strict=True)]


_LINK = ("ln", "-sf", "../lib/node_modules/npm/bin/npm-cli.js", "/usr/bin/npm")


def _mmdebstrap_command(archive: Path) -> list[str]:
    """Return the command that builds a Debian with Python, as small as the official slim image."""
    excluded = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in OMITTED_SHARE_FOLDERS]
    included = ["--dpkgopt=path-include=/usr/share/doc/*/copyright", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"]
    packages = "--include=usr-is-merged,python3,python3-venv,ca-certificates"
    return ["mmdebstrap", "--quiet", "--variant=minbase", *excluded, *included, packages, "bookworm", str(archive)]


def _unpacked_bytes(blob: Path) -> int:
    """Return the unpacked size of a layer in bytes."""
    with gzip.open(blob) as layer:
        return sum(len(chunk) for chunk in iter(lambda: layer.read(1 << 20), b""))


def _layer_steps() -> list[str]:
    """Return the steps of the Dockerfile's last stage that create a layer."""
    last = (TREE / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    return [line.rstrip(" \\") for line in last.splitlines() if line.startswith(("RUN ", "COPY "))]


def run_command(command: list[str]) -> str:
    """Run a command and return its output; if it fails, exit with the end of its output."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"{' '.join(command[:4])} … failed:\n{result.stdout[-2000:]}{result.stderr[-3000:]}")
    return result.stdout


def print_sizes(builder: Builder, root: Path, max_bytes: int) -> int:
    """Print the size of each layer and of the largest packages; return the total bytes."""
    layers = builder.list_layers()
    total_bytes = sum(size for _, size, _ in layers)
    for step, size, packed in layers:
        print(f"{size / 1e6:8.1f} MB {100 * size / total_bytes:5.1f} %  ({packed / 1e6:6.1f} packed)  {step}")
    packed_bytes = sum(packed for _, _, packed in layers)
    print(f"{total_bytes / 1e6:8.1f} MB 100.0 %  ({packed_bytes / 1e6:6.1f} packed)  in total (at most {max_bytes / 1e6:.0f})")
    site_packages = next((root / "opt/venv/lib").glob("python3.*/site-packages"))
    parts = sorted(((_path_bytes(path), path.name) for path in site_packages.iterdir()), reverse=True)
    for size, name in [*parts[:12], (sum(size for size, _ in parts[12:]), f"{len(parts) - 12} others")]:
        print(f"{size / 1e6:8.1f} MB  {name}")
    return total_bytes


def _path_bytes(path: Path) -> int:
    return sum(child.lstat().st_size for child in path.rglob("*")) if path.is_dir() else path.lstat().st_size


def find_unwanted_files(root: Path) -> list[str]:
    """Return the tools and files in the image that shouldn't be there."""
    folders = [root / folder for folder in ("usr/bin", "usr/local/bin", "bin", "usr/sbin", "opt/venv/bin")]
    tools = [name for name in FORBIDDEN_TOOLS if any((folder / name).exists() for folder in folders)]
    development_files = [str(path) for path in (root / "app").rglob("*") if path.name in ("tests", ".git", ".env", "datasets")]
    return tools + development_files + [str(path) for path in (root / "root").glob(".npmrc") if path.stat().st_size]


def passes_smoke_test(root: Path) -> bool:
    """Serve read-only, without a network and without privileges; return whether the smoke test passes from inside."""
    script = "gunicorn 'dashboard.app:create_app()' & p=$!; python deploy/smoke.py http://127.0.0.1:8080; r=$?; kill $p; wait $p; exit $r"
    command = start.Place(root).command(["sh", "-c", script], 8080, online=False)
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    print(result.stdout, end="")
    return result.returncode == 0 and len(result.stdout.splitlines()) == 4


def find_failing_paths(root: Path) -> list[str]:
    """Return the paths that don't work in the image, out of all pages, charts in all formats and methods."""
    sys.path.insert(0, str(TREE))
    from dashboard.core.charts import CHARTS

    users = "users=demo:harbour-news,demo:aster-air"
    paths = [
        "/",
        "/docs",
        "/openapi.json",
        "/model",
        "/classify?text=Gr%C3%BC%C3%9Fe",
        f"/posts?{users}",
        f"/report?{users}&tz=Asia/Kolkata",
    ]
    paths += [f"/{kind}.{format_name}?{users}" for kind in CHARTS.names() for format_name in ("png", "svg", "csv", "json")] + [
        f"/html/{kind}?{users}" for kind in CHARTS.names()
    ]
    paths += [f"/sentiment.png?{users}&method={method}&theme=dark" for method in ("bing", "vader", "afinn", "model")]
    with start.serve(start.Place(root)) as (port, _, _):
        start.wait_for_ok(port, "/ready")
        return [path for path in paths if not path.startswith("/posts") and start.send_request(port, path)[0] != 200]


def draws_all_scripts(root: Path, target: Path) -> bool:
    """Draw names in many scripts and emoji with the image's fonts; return whether no character is missing."""
    program = DRAWING_PROGRAM.replace("NAMES", json.dumps(NAMES, ensure_ascii=False))
    output = run_command(start.Place(root).command(["python", "-c", program], 8080, online=False))
    missing, image = json.loads(output)
    target.write_bytes(base64.b64decode(image))
    print(f"characters that no font in the image has: {missing or 'none'}; see {target}")
    return not missing


def draws_chart_of_file(root: Path, target: Path) -> bool:
    """Upload a file with accounts named in many scripts and save their chart; return whether that works."""
    rows = [
        f"{name.split()[0]} {name.split()[-1]},2026-03-{day:02d}T12:00:00Z,{('a good day', 'bad news today')[day % 2]}"
        for index, name in enumerate(NAMES[:4])
        for day in range(1, 20, index + 1)
    ]
    table = "account,created_at,text\n" + "\n".join(rows)
    body = f'--b\r\nContent-Disposition: form-data; name="file"; filename="names.csv"\r\n\r\n{table}\r\n--b--\r\n'.encode()
    with start.serve(start.Place(root), CHORUS_DATASETS="/tmp") as (port, _, _):
        start.wait_for_ok(port, "/ready")
        request = urllib.request.Request(f"http://127.0.0.1:{port}/upload", body, {"Content-Type": "multipart/form-data; boundary=b"})
        with urllib.request.urlopen(request) as response:
            users = urllib.parse.urlsplit(response.url).query
        status, image = start.send_request(port, f"/frequency.png?{users}")
    target.write_bytes(image)
    print(f"a chart of accounts named in four scripts: {status}; see {target}")
    return status == 200


def uses_redis(root: Path) -> bool:
    """Return whether the image caches timelines in Redis; True if this machine has no Redis."""
    if not shutil.which("redis-server"):
        return True
    with start.run_redis() as port:
        with start.serve(start.Place(root), CHORUS_CACHE_URL=f"redis://127.0.0.1:{port}/0") as (serving, _, _):
            start.wait_for_ok(serving, start.PNG)
        entries = int(run_command(["redis-cli", "-p", str(port), "dbsize"]))
    print(f"entries stored in Redis: {entries}")
    return entries > 0


def serves_sklearn_model(root: Path) -> bool:
    """Serve a scikit-learn model saved with skops; return whether its prediction is right."""
    import skops.io
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    skops.io.dump(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)), root / "datasets" / "iris.skops")
    with start.serve(start.Place(root), CHORUS_MODEL="/datasets/iris.skops") as (port, _, _):
        arguments = ["--body", '{"features": [5.1, 3.5, 1.4, 0.2]}', "--expect", "0"]
        command = [sys.executable, str(TREE / "deploy" / "smoke.py"), f"http://127.0.0.1:{port}", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    print(result.stdout, end="")
    return result.returncode == 0


def stops_gracefully(root: Path) -> bool:
    """Return whether SIGTERM stops the server within ten seconds, after it has answered open requests."""
    seconds, status, exit_code = start.measure_shutdown(start.Place(root))
    print(f"SIGTERM during a report: stopped after {seconds:.1f} s, the report had status {status}, exit code {exit_code}")
    return (status, exit_code, seconds < 10) == (200, 0, True)


def main() -> None:
    """Build the image, print its size, and test it."""
    parser = argparse.ArgumentParser(description="Build the image without a container engine, and test it.")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/chorus-image"), help="folder for layers, which the next build reuses")
    parser.add_argument(
        "--lock", default="requirements.txt", choices=MAX_IMAGE_BYTES, help="requirements-models.txt for scikit-learn and skops"
    )
    options = parser.parse_args()
    if missing := [name for name in REQUIRED_TOOLS if not shutil.which(name)]:
        sys.exit(f"Install {', '.join(missing)}: apt-get install mmdebstrap buildah nodejs npm util-linux")
    if os.geteuid():
        sys.exit("Unpacking images requires root: sudo make image-check")
    builder = Builder(options.folder)
    builder.build_base_images()
    print(f"built in {builder.build(options.lock):.0f} s")
    root = builder.mount()
    total_bytes = print_sizes(builder, root, MAX_IMAGE_BYTES[options.lock])
    unwanted, failing_paths = find_unwanted_files(root), find_failing_paths(root)
    print(f"unwanted in the image: {unwanted or 'nothing'}; failed paths: {failing_paths or 'nothing'}")
    drawing_checks = [draws_all_scripts(root, options.folder / "scripts.png"), draws_chart_of_file(root, options.folder / "chart.png")]
    checks = [
        total_bytes <= MAX_IMAGE_BYTES[options.lock],
        not unwanted,
        not failing_paths,
        *drawing_checks,
        passes_smoke_test(root),
        uses_redis(root),
        stops_gracefully(root),
    ]
    if options.lock == "requirements-models.txt":
        checks.append(serves_sklearn_model(root))
    start.print_report(start.Place(root), rounds=3)
    builder.run("rm", "--all")
    sys.exit(0 if all(checks) else "The image failed a check: see above.")


if __name__ == "__main__":
    main()
