// Says what a question would cost while it is typed, and that it is being answered once it is asked. The form works without it.
"use strict";

(() => {
  for (const form of document.querySelectorAll("form.question, form.upload")) {
    form.addEventListener("submit", () => {
      const button = form.querySelector("button");
      button.dataset.says = button.textContent;
      button.textContent = "Reading posts…";
      button.setAttribute("aria-busy", "true");
    });
  }
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button[data-says]")) {
      button.textContent = button.dataset.says;
      button.removeAttribute("aria-busy");
    }
  });

  const form = document.querySelector("form.question[data-cost]");
  const told = form && form.querySelector("#cost");
  let waiting = 0;

  async function tell() {
    const asked = new URLSearchParams(new FormData(form));
    if (!asked.get("users").trim()) { told.textContent = ""; return; }
    const answer = await fetch(`${form.dataset.cost}?${asked}`, { headers: { Accept: "application/json" } }).catch(() => null);
    told.textContent = answer && answer.ok ? (await answer.json()).sentence : "";
  }

  if (told) {
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(tell, 400); });
    tell();
  }
})();
