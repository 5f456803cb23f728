"""Takes screenshots of every page in Chromium: light and dark, desktop and phone. `python bench/screenshots.py [folder] [base URL]`.

Without a base URL it starts its own server on a free port, with demo data only. Without a folder it also updates the README's
screenshots in docs/.
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

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dashboard.core.charts import CHARTS  # noqa: E402

ALL_CHARTS_DRAWN = "() => document.querySelectorAll('.plot[data-drawn]').length == document.querySelectorAll('figure[data-figure]').length"
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
TWO_ACCOUNTS = "users=demo:aster-air,demo:harbour-news&n=3200"
PAGES = {
    "signin": "/signin",
    "form": "/",
    "report": f"/report?{TWO_ACCOUNTS}",
    **{kind: f"/html/{kind}?{TWO_ACCOUNTS}" for kind in CHARTS.names()},
    "posts": "/posts?users=demo:aster-air&n=3200&polarity=negative",
    "classify": "/classify?text=I+love+the+new+line,+but+the+trains+are+delayed+again+:(",
    "classify-list": "/classify?text=What+a+great+night!%0AThe+meeting+is+at+10.%0AStill+waiting,+two+hours+now.+Awful+service.",
    "docs": "/docs",
    "errors": "/report?users=%3Cscript%3E&n=abc&since=2026-02-01&until=2026-01-01",
}
README = {  # screenshots in the README: page, theme, size, and height in pixels
    "report": ("report", "light", "desktop", 1500),
    "report-phone": ("report", "dark", "phone", 1400),
}
KEY = "a-key-for-screenshots"  # so that there is a sign-in page


@contextlib.contextmanager
def serve(**settings: str) -> Iterator[str]:
    """Serve Chorus on a free port without any network's key; yield the base URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)} | settings
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


def take_screenshots(folder: Path, base_url: str) -> None:
    """Write one PNG per page, theme and size."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for theme in ("light", "dark"):
            for size, viewport in SIZES.items():
                context = browser.new_context(viewport=viewport, color_scheme=theme, device_scale_factor=1, reduced_motion="reduce")
                page = context.new_page()
                page.on("console", lambda message: print("console:", message.text) if message.type in ("error", "warning") else None)
                for name, path in PAGES.items():
                    open_page(page, base_url + path)
                    page.screenshot(path=folder / f"{name}-{size}-{theme}.png", full_page=True)
                    if name == "signin" and page.url.endswith("/signin"):
                        page.get_by_label("Access key").fill(KEY)
                        page.get_by_role("button", name="Sign in").click()
                        page.wait_for_url(f"{base_url}/")
                context.close()
        browser.close()


def update_readme_screenshots(folder: Path, base_url: str) -> None:
    """Write the README's screenshots, each of the top of a page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (page_name, theme, size, height) in README.items():
            page = browser.new_page(viewport=SIZES[size] | {"height": height}, color_scheme=theme, device_scale_factor=1)
            open_page(page, base_url + PAGES[page_name])
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        browser.close()


def open_page(page: Page, url: str) -> None:
    """Open a page and wait until its charts are drawn."""
    page.goto(url)
    page.wait_for_function(ALL_CHARTS_DRAWN)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "screenshots")
    with contextlib.nullcontext(sys.argv[2]) if len(sys.argv) > 2 else serve(CHORUS_ACCESS_KEYS=KEY) as base_url:
        take_screenshots(target, base_url)
        if len(sys.argv) == 1:
            update_readme_screenshots(ROOT / "docs", base_url)
    print(f"screenshots in {target}")
