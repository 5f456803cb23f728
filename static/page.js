// Page enhancements: copy buttons, printing, recent reports, and localised numbers and dates. Without it, pages show the same content.
"use strict";

(() => {
  // The page's own words in its language; English ones have no list.
  const words = JSON.parse(document.getElementById("messages")?.textContent || "{}");
  const translate = (text) => words[text] || text;

  // --- share ---

  function copyOnClick(button, field) {
    const status = document.getElementById("share-status");
    button.addEventListener("click", async () => {
      let isCopied = false;
      try { await navigator.clipboard.writeText(field.value); isCopied = true; } catch {
        field.select();
        try { isCopied = document.execCommand("copy"); } catch { isCopied = false; }
      }
      button.textContent = isCopied ? translate("Copied") : translate("Press Ctrl+C");
      status.textContent = isCopied ? translate("Copied.") : translate("Press Ctrl+C to copy it.");
      if (!isCopied) field.select();
      setTimeout(() => { button.textContent = translate("Copy"); }, 2000);
    });
  }

  // Charts are printed as images, which are loaded before the print dialog opens.
  async function printPage() {
    const images = [...document.querySelectorAll("img.paper")];
    for (const image of images) image.src ||= image.dataset.src;
    await Promise.allSettled(images.map((image) => image.decode()));
    print();
  }
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "p") return;
    event.preventDefault();
    printPage();
  });

  for (const container of document.querySelectorAll(".share .copyable")) {
    const field = container.querySelector("input");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = translate("Copy");
    button.setAttribute("aria-describedby", field.id);
    container.append(button);
    field.addEventListener("focus", () => field.select());
    copyOnClick(button, field);
  }
  // Copies the findings as lines of text, with the report's title, what they are about (days, posts, method, demo data), and its address.
  for (const button of document.querySelectorAll("[data-copy-list]")) {
    const lines = [...document.querySelectorAll(`#${button.dataset.copyList} [data-text]`)].map((text) => `• ${text.textContent.trim()}`);
    const heading = [document.querySelector("h1").textContent.trim(), button.dataset.copyContext];
    const text = [...heading, ...lines, document.querySelector("link[rel=canonical]")?.href || location.href].join("\n");
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      let isCopied = false;
      try { await navigator.clipboard.writeText(text); isCopied = true; } catch { /* not allowed here; the text can be selected */ }
      button.textContent = isCopied ? translate("Copied") : translate("Select and copy the text");
      setTimeout(() => { button.textContent = translate("Copy text"); }, 2000);
    });
  }
  // Copies a chart as a slide. The image is fetched by the click, so that browsers still count it as the user's own.
  for (const button of document.querySelectorAll("[data-copy-image]")) {
    button.parentElement.hidden = typeof ClipboardItem === "undefined" || !navigator.clipboard;
    button.addEventListener("click", async () => {
      button.textContent = translate("Copying…");
      const image = fetch(button.dataset.copyImage).then((response) => (response.ok ? response.blob() : Promise.reject(new Error(response.statusText))));
      let isCopied = false;
      try { await navigator.clipboard.write([new ClipboardItem({ "image/png": image })]); isCopied = true; } catch { /* not allowed here, or not drawn */ }
      button.textContent = isCopied ? translate("Copied") : translate("Couldn’t copy: use PNG for slides");
      setTimeout(() => { button.textContent = translate("Copy image"); }, 2500);
    });
  }
  // Shows the code that embeds the selected chart of a report.
  const chartSelect = document.getElementById("share-chart");
  if (chartSelect) {
    const snippets = JSON.parse(document.getElementById(chartSelect.dataset.snippets).textContent);
    const showSnippets = () => {
      for (const format of ["image", "frame"]) document.getElementById(`share-${format}`).value = snippets[chartSelect.value][format];
    };
    chartSelect.closest("p").hidden = false;
    chartSelect.addEventListener("change", showSnippets);
    showSnippets();
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", printPage);
  }

  // --- “About these numbers” ---

  // Opens what is folded around the element that the address names; browsers that don't do that by themselves wouldn't scroll there.
  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target?.closest("details:not([open])");
    if (!folded) return;
    folded.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", openTarget);
  if (location.hash) openTarget();

  const about = document.getElementById("about");
  if (about) {
    let wasOpen = false;
    addEventListener("beforeprint", () => { wasOpen = about.open; about.open = true; });
    addEventListener("afterprint", () => { about.open = wasOpen; });
  }

  // --- toolbar and menus ---

  for (const box of document.querySelectorAll(".tools details, details.menu")) {
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && box.open) { box.open = false; box.querySelector("summary").focus(); }
    });
    addEventListener("click", (event) => { if (box.open && (!box.contains(event.target) || event.target.closest(".menu a"))) box.open = false; });
    if (box.classList.contains("add")) box.addEventListener("toggle", () => { if (box.open) box.querySelector("input:not([type=hidden])").focus(); });
  }

  // A card that unfolds below the edge of the window is scrolled into view.
  for (const card of document.querySelectorAll(".quiet-cards details")) {
    card.addEventListener("toggle", () => { if (card.open) card.scrollIntoView({ block: "nearest" }); });
  }

  // The changed page opens at the section that is in view now.
  function sectionInView() {
    const passed = [...document.querySelectorAll(".section[id]")].filter((section) => section.getBoundingClientRect().top < innerHeight / 3);
    return passed.length ? `#${passed.at(-1).id}` : "";
  }
  for (const tools of document.querySelectorAll(".tools")) {
    tools.addEventListener("click", (event) => {
      const link = event.target.closest(".choices a, .account a");
      if (link) link.hash = sectionInView();
    });
    tools.addEventListener("submit", (event) => { event.target.action = event.target.action.split("#")[0] + sectionInView(); });
  }

  // --- recent reports ---

  const KEY = "chorus-recent";
  const MAX_REPORTS = 8;

  function loadReports() {
    try {
      const entries = JSON.parse(localStorage.getItem(KEY) || "[]");
      const isValid = (entry) => entry && typeof entry.path === "string" && /^\/(report|html\/[a-z]+)\?/.test(entry.path) && typeof entry.title === "string";
      return Array.isArray(entries) ? entries.filter(isValid).slice(0, MAX_REPORTS) : [];
    } catch { return []; }
  }

  function saveReport() {
    const path = location.pathname + location.search;
    const title = document.querySelector("h1").textContent.trim().slice(0, 120);
    const others = loadReports().filter((entry) => entry.path !== path);
    try { localStorage.setItem(KEY, JSON.stringify([{ path, title, asked: new Date().toISOString() }, ...others].slice(0, MAX_REPORTS))); } catch { /* storage is full or blocked */ }
  }

  function showReports(section) {
    const list = section.querySelector("ul");
    const reports = loadReports();
    list.replaceChildren(...reports.map((entry) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = entry.path;
      link.textContent = entry.title;
      item.append(link);
      const openedAt = new Date(entry.asked);
      if (!Number.isNaN(openedAt.valueOf())) {
        const dateLabel = document.createElement("span");
        dateLabel.className = "of";
        dateLabel.textContent = ` ${openedAt.toLocaleDateString(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { day: "numeric", month: "short" })}`;
        item.append(dateLabel);
      }
      return item;
    }));
    section.hidden = reports.length === 0;
  }

  const recent = document.getElementById("recent");
  if (recent) {
    showReports(recent);
    recent.querySelector("button").addEventListener("click", () => {
      try { localStorage.removeItem(KEY); } catch { /* storage is blocked */ }
      showReports(recent);
      document.getElementById("users")?.focus();
    });
    addEventListener("pageshow", () => showReports(recent));
  }
  if (document.querySelector(".tools .share") && /^\/(report|html\/)/.test(location.pathname)) saveReport();

  // Removes links that no longer work: to this address if it wasn't found, or to any report on a deleted file.
  function removeReports(isDead) {
    try { localStorage.setItem(KEY, JSON.stringify(loadReports().filter((entry) => !isDead(entry.path)))); } catch { /* storage is blocked */ }
  }
  const deletedDataset = document.querySelector("[data-deleted]")?.dataset.deleted;
  if (deletedDataset) removeReports((path) => decodeURIComponent(path).includes(`file:${deletedDataset}`));
  if (document.querySelector("[data-status='404']")) removeReports((path) => path === location.pathname + location.search);

  // --- returning from the posts: reopens the tables and focuses the link that was followed ---

  const STATE_KEY = `chorus-place ${location.pathname}${location.search}`;

  addEventListener("pagehide", () => {
    const open = [...document.querySelectorAll("details.data")].map((table) => table.open);
    const link = document.activeElement?.closest("details.data a")?.getAttribute("href") || "";
    try { if (open.includes(true)) sessionStorage.setItem(STATE_KEY, JSON.stringify({ open, link })); else sessionStorage.removeItem(STATE_KEY); } catch { /* storage is blocked */ }
  });

  function restoreState() {
    const { open, link } = JSON.parse(sessionStorage.getItem(STATE_KEY) || "{}");
    if (!Array.isArray(open)) return;
    document.querySelectorAll("details.data").forEach((table, index) => { table.open = open[index] === true; });
    if (typeof link === "string" && link) [...document.querySelectorAll("details.data a")].find((anchor) => anchor.getAttribute("href") === link)?.focus();
  }
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
    try { restoreState(); } catch { /* the stored state is invalid */ }
  }

  // --- localised numbers and dates ---

  const language = navigator.language || "en";

  function localiseNumber(text) {
    const match = /^([−+-]?)(\d{1,3}(?:,\d{3})*|\d+)(\.\d+)?(\s*%)?$/.exec(text.trim());
    if (!match) return null;
    const digits = match[3] ? match[3].length - 1 : 0;
    const localNumber = Number(match[2].replaceAll(",", "") + (match[3] || "")).toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return match[1].replace("-", "−") + localNumber + (match[4] || "");
  }

  function localise(root) {
    for (const element of root.querySelectorAll("td.number, td.number > a:only-child, data[value]")) {
      const text = element.childElementCount ? null : localiseNumber(element.textContent);
      if (text !== null && text !== element.textContent) element.textContent = text;
    }
    for (const element of root.querySelectorAll("time[datetime]")) {
      const iso = element.getAttribute("datetime");
      if (iso.length !== 10) continue; // times keep their time zone
      const day = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
      if (element.childElementCount || Number.isNaN(day.valueOf())) continue;
      element.title = iso;
      element.textContent = day.toLocaleDateString(language, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
    }
  }

  // A page in another language has its own numbers and dates already.
  try { if (document.documentElement.lang === "en" && !/^en(-US)?$/.test(language)) localise(document); } catch { /* the browser doesn't know the language */ }
})();
