// Shows the cost of a report while the form is filled in, and what a button is doing after it was pressed. Forms work without it.
"use strict";

(() => {
  for (const form of document.querySelectorAll("form.question, form.upload")) {
    form.addEventListener("submit", () => {
      const button = form.querySelector("button");
      button.dataset.label = button.textContent;
      button.textContent = button.dataset.busy;
      button.setAttribute("aria-busy", "true");
    });
  }
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button[data-label]")) {
      button.textContent = button.dataset.label;
      button.removeAttribute("aria-busy");
    }
  });

  // Enter sends the one-line field of accounts, as in any other; Shift and Enter begin a new line.
  for (const field of document.querySelectorAll("form.question textarea[enterkeyhint]")) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      field.form.requestSubmit();
    });
  }

  const form = document.querySelector("form.question[data-cost]");
  const costText = form && form.querySelector("#cost");
  let timer = 0;

  async function showCost() {
    const args = new URLSearchParams(new FormData(form));
    if (form.dataset.language !== "en") args.set("lang", form.dataset.language);
    const isInvalid = form.querySelector("[aria-invalid]") || !form.checkValidity(); // such a form has no cost
    if (isInvalid || !args.get("users").trim()) { costText.textContent = ""; return; }
    const response = await fetch(`${form.dataset.cost}?${args}`, { headers: { Accept: "application/json" } }).catch(() => null);
    costText.textContent = response && response.ok ? (await response.json()).sentence : "";
  }

  if (costText) {
    form.addEventListener("input", event => {
      event.target.closest("[aria-invalid]")?.removeAttribute("aria-invalid"); // the server judged what was there before
      clearTimeout(timer);
      timer = setTimeout(showCost, 400);
    });
    showCost();
  }
})();
