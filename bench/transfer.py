"""What a report weighs and when it is seen: bytes that Chromium transfers for the first report and for the next, and its largest paint.

`python bench/transfer.py` serves by itself on a free port; times are of this machine and this minute.
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


def weighed(context: BrowserContext, url: str, what: str, target: str) -> None:
    """Open a page and print its line."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_function(DRAWN)
    page.wait_for_timeout(500)
    total, html, heaviest, painted, began, moved = page.evaluate(WEIGHED)
    times = f"first byte {began:5.0f} ms  largest paint {painted:5.0f} ms (target 1000)  layout shift {moved:.3f}"
    print(f"{what:<28} {total / 1000:6.1f} KB (target {target}), page {html / 1000:5.1f} KB, most: {heaviest:<14} {times}")
    page.close()


def main() -> None:
    """Print a line a page: a browser that was never here, the same with another question, and the first again."""
    with served() as base, sync_playwright() as playwright:
        time.sleep(3)  # the warm-up draws meanwhile, as it does while a person types
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
