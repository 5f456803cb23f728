"""Measures the bytes that Chromium transfers for a first and a second report, and when the largest content is painted.

`python bench/transfer.py` starts its own server on a free port. Times depend on the machine.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from playwright.sync_api import BrowserContext, sync_playwright

from screenshots import CHROMIUM, DRAWN, FLAGS, served

FIRST = "/report?users=demo:aster-air,demo:harbour-news"
NEXT = "/report?users=demo:pennywren,demo:small-clocks"
WATCH = """
window.painted = 0; window.moved = 0;
new PerformanceObserver(list => { for (const each of list.getEntries()) window.painted = each.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => { for (const each of list.getEntries()) window.moved += each.value; })
  .observe({type: "layout-shift", buffered: true});
"""
WEIGHED = """() => {
  const page = performance.getEntriesByType("navigation")[0], rest = performance.getEntriesByType("resource");
  const bytes = [page, ...rest].reduce((sum, each) => sum + each.transferSize, 0);
  const heaviest = rest.reduce((most, each) => each.transferSize > most.transferSize ? each : most, page);
  return [bytes, page.transferSize, heaviest.name.split("/").pop().split("?")[0], painted, page.responseStart, moved];
}"""


def weighed(context: BrowserContext, url: str, title: str, target: str) -> None:
    """Open a page and print its measurements in one line."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_function(DRAWN)
    page.wait_for_timeout(500)
    total, html, heaviest, paint_ms, first_byte_ms, layout_shift = page.evaluate(WEIGHED)
    times = f"first byte {first_byte_ms:5.0f} ms  largest paint {paint_ms:5.0f} ms (target 1000)  layout shift {layout_shift:.3f}"
    print(f"{title:<28} {total / 1000:6.1f} KB (target {target}), page {html / 1000:5.1f} KB, most: {heaviest:<14} {times}")
    page.close()


def main() -> None:
    """Print a line per page: for a new visitor, then for another report, and for the first report again."""
    with served() as base, sync_playwright() as playwright:
        time.sleep(3)  # lets the warm-up finish, which takes as long as a person needs to type
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for width in (1280, 390):
            context = browser.new_context(viewport={"width": width, "height": 900})
            weighed(context, base + FIRST, f"first report, {width} px", "600 KB")
            weighed(context, base + NEXT, f"next report, {width} px", "60 KB")
            weighed(context, base + FIRST, f"first report again, {width} px", "60 KB")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
