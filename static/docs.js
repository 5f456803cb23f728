// Sends the requests of the forms on /docs and shows each response below its form. Without scripts, the GET forms still work as links.
"use strict";

(() => {
  const MAX_SHOWN_CHARACTERS = 20000; // of a response
  const HEADERS = { Accept: "application/json, */*;q=0.8" }; // so that errors come as JSON instead of a page
  const key = document.getElementById("key");

  function shellQuote(text) {
    return `'${text.replaceAll("'", `'\\''`)}'`;
  }

  function buildRequest(form, button) {
    const url = new URL((button && button.getAttribute("formaction")) || form.getAttribute("action"), location.href);
    if ("json" in form.dataset) return { url, options: { method: "POST", body: form.elements.body.value, headers: { ...HEADERS, "Content-Type": "application/json" } } };
    for (const [name, value] of new FormData(form)) {
      const field = form.elements[name];
      if (!value.trim() || value === field.dataset?.default) continue;
      const previous = url.searchParams.get(name);
      url.searchParams.set(name, previous ? `${previous},${value}` : value.trim());
    }
    url.search = url.search.replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll("%2F", "/");
    return { url, options: { headers: { ...HEADERS } } };
  }

  function formatCurl({ url, options }) {
    const bodyOptions = options.body === undefined ? "" : ` -H 'Content-Type: application/json' -d ${shellQuote(options.body)}`;
    return `curl -s ${shellQuote(url.href)}${bodyOptions}`;
  }

  function createElement(name, text, attributes = {}) {
    const node = document.createElement(name);
    node.textContent = text;
    for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
    return node;
  }

  async function renderBody(response) {
    const contentType = response.headers.get("Content-Type") || "";
    if (response.ok && contentType.startsWith("image/")) {
      return createElement("img", "", { src: URL.createObjectURL(await response.blob()), alt: "The image in the response" });
    }
    const text = await response.text();
    let formatted = text;
    if (contentType.includes("json")) {
      try { formatted = JSON.stringify(JSON.parse(text), null, 2); } catch { formatted = text; }
    }
    const hidden = formatted.length - MAX_SHOWN_CHARACTERS;
    if (hidden > 0) formatted = `${formatted.slice(0, MAX_SHOWN_CHARACTERS)}\n… and ${hidden.toLocaleString("en")} more characters`;
    return createElement("pre", formatted, { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Response" });
  }

  async function send(form, button) {
    const output = document.getElementById(form.dataset.response);
    const request = buildRequest(form, button);
    document.getElementById(form.dataset.curl).textContent = formatCurl(request);
    if (key && key.value.trim()) request.options.headers.Authorization = `Bearer ${key.value.trim()}`;
    output.replaceChildren(createElement("p", "Sending…", { class: "hint" }));
    button.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(request.url, request.options);
      const headline = createElement("p", "", { class: response.ok ? "status up" : "status down" });
      headline.append(createElement("strong", `${response.status} ${response.statusText}`.trim()), ` ${response.headers.get("Content-Type") || ""}`);
      output.replaceChildren(headline, await renderBody(response));
    } catch {
      output.replaceChildren(createElement("p", "No response. Is the server still running?", { class: "problem" }));
    }
    button.removeAttribute("aria-busy");
  }

  for (const form of document.querySelectorAll("form.try")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter || form.querySelector("button"));
    });
    form.addEventListener("input", () => {
      document.getElementById(form.dataset.curl).textContent = formatCurl(buildRequest(form, null));
    });
    const examples = form.querySelector("select[data-bodies]");
    if (examples) {
      const bodies = JSON.parse(document.getElementById(examples.dataset.bodies).textContent);
      examples.addEventListener("change", () => { form.elements.body.value = bodies[examples.value].text; });
    }
  }
})();
