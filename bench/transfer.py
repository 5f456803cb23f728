"""Measures the bytes that Chromium transfers for a first and a second report, and when the largest content is painted.

`python bench/transfer.py` starts its own server on a free port. Times depend on the machine.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from playwright.sync_api import BrowserContext, sync_playwright

from screenshots import ALL_CHARTS_DRAWN, CHROMIUM, FLAGS, serve

FIRST = "/report?users=demo:aster-air,demo:harbour-news"
NEXT = "/report?users=demo:pennywren,demo:small-clocks"
OBSERVER_SCRIPT = """
window.paintedAt = 0; window.layoutShift = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.paintedAt = entry.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.layoutShift += entry.value; })
  .observe({type: "layout-shift", buffered: true});
"""
MEASUREMENT_SCRIPT = """() => {
  const page = performance.getEntriesByType("navigation")[0], rest = performance.getEntriesByType("resource");
  const bytes = [page, ...rest].reduce((sum, entry) => sum + entry.transferSize, 0);
  const heaviest = rest.reduce((largest, entry) => entry.transferSize > largest.transferSize ? entry : largest, page);
  return [bytes, page.transferSize, heaviest.name.split("/").pop().split("?")[0], paintedAt, page.responseStart, layoutShift];
}"""


def measure_page(context: BrowserContext, url: str, title: str, target: str) -> None:
    """Open a page and print its measurements in one line."""
    page = context.new_page()
    page.add_init_script(OBSERVER_SCRIPT)
    page.goto(url)
    page.wait_for_function(ALL_CHARTS_DRAWN)
    page.wait_for_timeout(500)
    total, html, heaviest, paint_ms, first_byte_ms, layout_shift = page.evaluate(MEASUREMENT_SCRIPT)
    times = f"first byte {first_byte_ms:5.0f} ms  largest paint {paint_ms:5.0f} ms (target 1000)  layout shift {layout_shift:.3f}"
    print(f"{title:<28} {total / 1000:6.1f} KB (target {target}), page {html / 1000:5.1f} KB; largest: {heaviest:<14} {times}")
    page.close()


def main() -> None:
    """Print a line per page: for a new visitor, then for another report, and for the first report again."""
    with serve() as base, sync_playwright() as playwright:
        time.sleep(3)  # lets the warm-up finish, which takes as long as a person needs to type
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for width in (1280, 390):
            context = browser.new_context(viewport={"width": width, "height": 900})
            measure_page(context, base + FIRST, f"first report, {width} px", "600 KB")
            measure_page(context, base + NEXT, f"next report, {width} px", "60 KB")
            measure_page(context, base + FIRST, f"first report again, {width} px", "60 KB")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
