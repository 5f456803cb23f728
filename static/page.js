// What makes a page handier: links to copy, printing, questions that this browser asked before, numbers and dates as its reader writes them.
// Without it the page shows the same.
"use strict";

(() => {
  // --- share ---

  function copying(button, field) {
    const said = document.getElementById("share-said");
    button.addEventListener("click", async () => {
      let done = false;
      try { await navigator.clipboard.writeText(field.value); done = true; } catch {
        field.select();
        try { done = document.execCommand("copy"); } catch { done = false; }
      }
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      said.textContent = done ? "Copied." : "Select and copy it with Ctrl+C.";
      if (!done) field.select();
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  // Paper shows pictures that no screen does: they are fetched when somebody prints, and waited for.
  async function printed() {
    const pictures = [...document.querySelectorAll("img.paper")];
    for (const picture of pictures) picture.src ||= picture.dataset.src;
    await Promise.allSettled(pictures.map((picture) => picture.decode()));
    print();
  }
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "p") return;
    event.preventDefault();
    printed();
  });

  for (const place of document.querySelectorAll(".share .copied")) {
    const field = place.querySelector("input");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = "Copy";
    button.setAttribute("aria-describedby", field.id);
    place.append(button);
    field.addEventListener("focus", () => field.select());
    copying(button, field);
  }
  // Which of a report's charts the picture and the frame are of.
  const chosen = document.getElementById("share-chart");
  if (chosen) {
    const snippets = JSON.parse(document.getElementById(chosen.dataset.snippets).textContent);
    const show = () => {
      for (const what of ["image", "frame"]) document.getElementById(`share-${what}`).value = snippets[chosen.value][what];
    };
    chosen.closest("p").hidden = false;
    chosen.addEventListener("change", show);
    show();
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", printed);
  }
  for (const box of document.querySelectorAll("details.share")) {
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && box.open) { box.open = false; box.querySelector("summary").focus(); }
    });
    addEventListener("click", (event) => { if (box.open && !box.contains(event.target)) box.open = false; });
  }

  // --- questions asked before ---

  const KEY = "chorus-recent";
  const MOST = 8;

  function remembered() {
    try {
      const list = JSON.parse(localStorage.getItem(KEY) || "[]");
      const fine = (each) => each && typeof each.path === "string" && /^\/(report|html\/[a-z]+)\?/.test(each.path) && typeof each.title === "string";
      return Array.isArray(list) ? list.filter(fine).slice(0, MOST) : [];
    } catch { return []; }
  }

  function remember() {
    const path = location.pathname + location.search;
    const title = document.querySelector("h1").textContent.trim().slice(0, 120);
    const others = remembered().filter((each) => each.path !== path);
    try { localStorage.setItem(KEY, JSON.stringify([{ path, title, asked: new Date().toISOString() }, ...others].slice(0, MOST))); } catch { /* full or forbidden: then not */ }
  }

  function listed(section) {
    const list = section.querySelector("ul");
    const known = remembered();
    list.replaceChildren(...known.map((each) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = each.path;
      link.textContent = each.title;
      item.append(link);
      const moment = new Date(each.asked);
      if (!Number.isNaN(moment.valueOf())) {
        const when = document.createElement("span");
        when.className = "of";
        when.textContent = ` ${moment.toLocaleDateString(undefined, { day: "numeric", month: "short" })}`;
        item.append(when);
      }
      return item;
    }));
    section.hidden = known.length === 0;
  }

  const recent = document.getElementById("recent");
  if (recent) {
    listed(recent);
    recent.querySelector("button").addEventListener("click", () => {
      try { localStorage.removeItem(KEY); } catch { /* there is nothing then */ }
      listed(recent);
      document.getElementById("users")?.focus();
    });
    addEventListener("pageshow", () => listed(recent));
  }
  if (document.querySelector("#report .share") && /^\/(report|html\/)/.test(location.pathname)) remember();

  // What leads nowhere any more is forgotten: this address, or every question about a file that was deleted.
  function forget(dead) {
    try { localStorage.setItem(KEY, JSON.stringify(remembered().filter((each) => !dead(each.path)))); } catch { /* there is nothing then */ }
  }
  const deleted = document.querySelector("[data-deleted]")?.dataset.deleted;
  if (deleted) forget((path) => decodeURIComponent(path).includes(`file:${deleted}`));
  if (document.querySelector("[data-status='404']")) forget((path) => path === location.pathname + location.search);

  // --- back from the posts: the tables that were open, and the link that led there ---

  const PLACE = `chorus-place ${location.pathname}${location.search}`;

  addEventListener("pagehide", () => {
    const open = [...document.querySelectorAll("details.data")].map((each) => each.open);
    const link = document.activeElement?.closest("details.data a")?.getAttribute("href") || "";
    try { if (open.includes(true)) sessionStorage.setItem(PLACE, JSON.stringify({ open, link })); else sessionStorage.removeItem(PLACE); } catch { /* then not */ }
  });

  function returned() {
    const { open, link } = JSON.parse(sessionStorage.getItem(PLACE) || "{}");
    if (!Array.isArray(open)) return;
    document.querySelectorAll("details.data").forEach((each, place) => { each.open = open[place] === true; });
    if (typeof link === "string" && link) [...document.querySelectorAll("details.data a")].find((each) => each.getAttribute("href") === link)?.focus();
  }
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
    try { returned(); } catch { /* what is kept there is no place of ours */ }
  }

  // --- numbers and dates of the reader's own ---

  const language = navigator.language || "en";

  function number(text) {
    const found = /^([−+-]?)(\d{1,3}(?:,\d{3})*|\d+)(\.\d+)?(\s*%)?$/.exec(text.trim());
    if (!found) return null;
    const digits = found[3] ? found[3].length - 1 : 0;
    const shown = Number(found[2].replaceAll(",", "") + (found[3] || "")).toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return found[1].replace("-", "−") + shown + (found[4] || "");
  }

  function localised(root) {
    for (const place of root.querySelectorAll("td.number, td.number > a:only-child, data[value]")) {
      const shown = place.childElementCount ? null : number(place.textContent);
      if (shown !== null && shown !== place.textContent) place.textContent = shown;
    }
    for (const place of root.querySelectorAll("time[datetime]")) {
      const iso = place.getAttribute("datetime");
      if (iso.length !== 10) continue; // a time of day keeps its zone
      const day = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
      if (place.childElementCount || Number.isNaN(day.valueOf())) continue;
      place.title = iso;
      place.textContent = day.toLocaleDateString(language, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
    }
  }

  try { if (!/^en(-US)?$/.test(language)) localised(document); } catch { /* a language that the browser does not know */ }
})();
