// Page enhancements: copy buttons, printing, recent reports, and localised numbers and dates. Without it, pages show the same content.
"use strict";

(() => {
  // --- share ---

  function copying(button, field) {
    const status = document.getElementById("share-said");
    button.addEventListener("click", async () => {
      let done = false;
      try { await navigator.clipboard.writeText(field.value); done = true; } catch {
        field.select();
        try { done = document.execCommand("copy"); } catch { done = false; }
      }
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      status.textContent = done ? "Copied." : "Select and copy it with Ctrl+C.";
      if (!done) field.select();
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  // Printed pages use their own images, which are loaded before the print dialog opens.
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
  // Selects the chart of a report that the image and the frame embed.
  const chosen = document.getElementById("share-chart");
  if (chosen) {
    const snippets = JSON.parse(document.getElementById(chosen.dataset.snippets).textContent);
    const show = () => {
      for (const format of ["image", "frame"]) document.getElementById(`share-${format}`).value = snippets[chosen.value][format];
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

  // --- recent reports ---

  const KEY = "chorus-recent";
  const MAX_REPORTS = 8;

  function remembered() {
    try {
      const list = JSON.parse(localStorage.getItem(KEY) || "[]");
      const isValid = (entry) => entry && typeof entry.path === "string" && /^\/(report|html\/[a-z]+)\?/.test(entry.path) && typeof entry.title === "string";
      return Array.isArray(list) ? list.filter(isValid).slice(0, MAX_REPORTS) : [];
    } catch { return []; }
  }

  function remember() {
    const path = location.pathname + location.search;
    const title = document.querySelector("h1").textContent.trim().slice(0, 120);
    const others = remembered().filter((entry) => entry.path !== path);
    try { localStorage.setItem(KEY, JSON.stringify([{ path, title, asked: new Date().toISOString() }, ...others].slice(0, MAX_REPORTS))); } catch { /* storage is full or blocked */ }
  }

  function listed(section) {
    const list = section.querySelector("ul");
    const reports = remembered();
    list.replaceChildren(...reports.map((entry) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = entry.path;
      link.textContent = entry.title;
      item.append(link);
      const moment = new Date(entry.asked);
      if (!Number.isNaN(moment.valueOf())) {
        const when = document.createElement("span");
        when.className = "of";
        when.textContent = ` ${moment.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}`;
        item.append(when);
      }
      return item;
    }));
    section.hidden = reports.length === 0;
  }

  const recent = document.getElementById("recent");
  if (recent) {
    listed(recent);
    recent.querySelector("button").addEventListener("click", () => {
      try { localStorage.removeItem(KEY); } catch { /* storage is blocked */ }
      listed(recent);
      document.getElementById("users")?.focus();
    });
    addEventListener("pageshow", () => listed(recent));
  }
  if (document.querySelector("#report .share") && /^\/(report|html\/)/.test(location.pathname)) remember();

  // Removes dead links: this address if it wasn't found, or every report of a deleted file.
  function forget(dead) {
    try { localStorage.setItem(KEY, JSON.stringify(remembered().filter((entry) => !dead(entry.path)))); } catch { /* storage is blocked */ }
  }
  const deleted = document.querySelector("[data-deleted]")?.dataset.deleted;
  if (deleted) forget((path) => decodeURIComponent(path).includes(`file:${deleted}`));
  if (document.querySelector("[data-status='404']")) forget((path) => path === location.pathname + location.search);

  // --- returning from the posts: reopens the tables and focuses the link that was followed ---

  const PLACE = `chorus-place ${location.pathname}${location.search}`;

  addEventListener("pagehide", () => {
    const open = [...document.querySelectorAll("details.data")].map((table) => table.open);
    const link = document.activeElement?.closest("details.data a")?.getAttribute("href") || "";
    try { if (open.includes(true)) sessionStorage.setItem(PLACE, JSON.stringify({ open, link })); else sessionStorage.removeItem(PLACE); } catch { /* storage is blocked */ }
  });

  function returned() {
    const { open, link } = JSON.parse(sessionStorage.getItem(PLACE) || "{}");
    if (!Array.isArray(open)) return;
    document.querySelectorAll("details.data").forEach((table, index) => { table.open = open[index] === true; });
    if (typeof link === "string" && link) [...document.querySelectorAll("details.data a")].find((anchor) => anchor.getAttribute("href") === link)?.focus();
  }
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
    try { returned(); } catch { /* the stored state is invalid */ }
  }

  // --- localised numbers and dates ---

  const language = navigator.language || "en";

  function number(text) {
    const match = /^([−+-]?)(\d{1,3}(?:,\d{3})*|\d+)(\.\d+)?(\s*%)?$/.exec(text.trim());
    if (!match) return null;
    const digits = match[3] ? match[3].length - 1 : 0;
    const localised = Number(match[2].replaceAll(",", "") + (match[3] || "")).toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return match[1].replace("-", "−") + localised + (match[4] || "");
  }

  function localised(root) {
    for (const place of root.querySelectorAll("td.number, td.number > a:only-child, data[value]")) {
      const text = place.childElementCount ? null : number(place.textContent);
      if (text !== null && text !== place.textContent) place.textContent = text;
    }
    for (const place of root.querySelectorAll("time[datetime]")) {
      const iso = place.getAttribute("datetime");
      if (iso.length !== 10) continue; // times keep their time zone
      const day = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
      if (place.childElementCount || Number.isNaN(day.valueOf())) continue;
      place.title = iso;
      place.textContent = day.toLocaleDateString(language, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
    }
  }

  try { if (!/^en(-US)?$/.test(language)) localised(document); } catch { /* the browser doesn't know the language */ }
})();
