// Applies the theme chosen in this browser before the first paint. Without scripts or a choice, the system's theme applies.
"use strict";

(() => {
  const root = document.documentElement;

  function loadTheme() {
    try { return localStorage.getItem("chorus-theme") || ""; } catch { return ""; }
  }

  // Dark images follow the choice as well. Each has its media query in data-dark.
  function applyToSource(source) {
    const choice = root.dataset.theme;
    const systemMedia = `(prefers-color-scheme: dark)${source.dataset.dark === "all" ? "" : ` and ${source.dataset.dark}`}`;
    const media = choice === "dark" ? source.dataset.dark : choice === "light" ? "not all" : systemMedia;
    if (source.media !== media) source.media = media;
  }

  function apply(choice) {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice; else delete root.dataset.theme;
    document.querySelectorAll("source[data-dark]").forEach(applyToSource);
  }

  root.dataset.scripts = "yes";
  apply(loadTheme());
  const observer = new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.nodeName === "SOURCE" && node.dataset.dark) applyToSource(node);
  });
  if (root.dataset.theme) {
    observer.observe(root, { childList: true, subtree: true });
    addEventListener("DOMContentLoaded", () => observer.disconnect());
  }

  addEventListener("DOMContentLoaded", () => {
    const control = document.getElementById("theme");
    if (!control) return;
    control.value = root.dataset.theme || "";
    control.addEventListener("change", () => {
      try { if (control.value) localStorage.setItem("chorus-theme", control.value); else localStorage.removeItem("chorus-theme"); } catch { /* storage is blocked, so the choice lasts for this page only */ }
      apply(control.value);
      dispatchEvent(new Event("chorus-theme"));
    });
  });
  addEventListener("storage", (event) => {
    if (event.key !== "chorus-theme") return;
    apply(event.newValue || "");
    const control = document.getElementById("theme");
    if (control) control.value = root.dataset.theme || "";
    dispatchEvent(new Event("chorus-theme"));
  });
})();
