// Asks what a form of /docs describes and shows the answer beneath it. Without it the page is read, and its GET forms still lead somewhere.
"use strict";

(() => {
  const LONGEST = 20000; // characters of an answer that are shown
  const PROGRAM = { Accept: "application/json, */*;q=0.8" }; // so that what goes wrong is told as data, not as a page
  const key = document.getElementById("key");

  function quoted(text) {
    return `'${text.replaceAll("'", `'\\''`)}'`;
  }

  function asked(form, button) {
    const url = new URL((button && button.getAttribute("formaction")) || form.getAttribute("action"), location.href);
    if ("json" in form.dataset) return { url, options: { method: "POST", body: form.elements.body.value, headers: { ...PROGRAM, "Content-Type": "application/json" } } };
    for (const [name, value] of new FormData(form)) {
      const field = form.elements[name];
      if (!value.trim() || value === field.dataset?.default) continue;
      const before = url.searchParams.get(name);
      url.searchParams.set(name, before ? `${before},${value}` : value.trim());
    }
    url.search = url.search.replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll("%2F", "/");
    return { url, options: { headers: { ...PROGRAM } } };
  }

  function curl({ url, options }) {
    const sent = options.body === undefined ? "" : ` -H 'Content-Type: application/json' -d ${quoted(options.body)}`;
    return `curl -s ${quoted(url.href)}${sent}`;
  }

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    return made;
  }

  async function shown(answer) {
    const kind = answer.headers.get("Content-Type") || "";
    if (answer.ok && kind.startsWith("image/")) {
      return element("img", "", { src: URL.createObjectURL(await answer.blob()), alt: "The image in the response" });
    }
    const text = await answer.text();
    let told = text;
    if (kind.includes("json")) {
      try { told = JSON.stringify(JSON.parse(text), null, 2); } catch { told = text; }
    }
    const more = told.length - LONGEST;
    if (more > 0) told = `${told.slice(0, LONGEST)}\n… and ${more.toLocaleString("en")} more characters`;
    return element("pre", told, { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Response" });
  }

  async function ask(form, button) {
    const place = document.getElementById(form.dataset.answer);
    const question = asked(form, button);
    document.getElementById(form.dataset.curl).textContent = curl(question);
    if (key && key.value.trim()) question.options.headers.Authorization = `Bearer ${key.value.trim()}`;
    place.replaceChildren(element("p", "Sending…", { class: "hint" }));
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(question.url, question.options);
      const headline = element("p", "", { class: answer.ok ? "status up" : "status down" });
      headline.append(element("strong", `${answer.status} ${answer.statusText}`.trim()), ` ${answer.headers.get("Content-Type") || ""}`);
      place.replaceChildren(headline, await shown(answer));
    } catch {
      place.replaceChildren(element("p", "No response. Is the server still running?", { class: "problem" }));
    }
    button.removeAttribute("aria-busy");
  }

  for (const form of document.querySelectorAll("form.try")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form, event.submitter || form.querySelector("button"));
    });
    form.addEventListener("input", () => {
      document.getElementById(form.dataset.curl).textContent = curl(asked(form, null));
    });
    const examples = form.querySelector("select[data-bodies]");
    if (examples) {
      const bodies = JSON.parse(document.getElementById(examples.dataset.bodies).textContent);
      examples.addEventListener("change", () => { form.elements.body.value = bodies[examples.value].text; });
    }
  }
})();
