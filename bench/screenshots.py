"""Photograph every page in Chromium: light and dark, desktop and phone. `python bench/screenshots.py [folder] [base URL]`.

Without a base URL it starts its own server on a free port with demo data only.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PAGES = {
    "form": "/",
    "report": "/report?users=demo:aster-air,demo:harbour-news&n=3200",
    "chart": "/html/sentiment?users=demo:aster-air&n=3200",
    "problem": "/report?users=%3Cscript%3E&n=abc&since=2026-02-01&until=2026-01-01",
}


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Serve Chorus with no key on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "dashboard.app:create_app()"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1)
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def photograph(folder: Path, base: str) -> None:
    """Write one PNG a page, theme and size."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for theme in ("light", "dark"):
            for size, viewport in SIZES.items():
                context = browser.new_context(viewport=viewport, color_scheme=theme, device_scale_factor=1)
                page = context.new_page()
                page.on("console", lambda message: print("console:", message.text) if message.type in ("error", "warning") else None)
                for name, path in PAGES.items():
                    page.goto(base + path)
                    charts = page.locator("figure[data-figure] .plot").count()
                    page.wait_for_function(f"() => document.querySelectorAll('.plot[data-drawn]').length == {charts}")
                    page.screenshot(path=folder / f"{name}-{size}-{theme}.png", full_page=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "screenshots")
    with contextlib.nullcontext(sys.argv[2]) if len(sys.argv) > 2 else served() as address:
        photograph(target, address)
    print(f"screenshots in {target}")
