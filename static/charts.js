// Draws the charts of a page with plotly.js in the colours of the current theme, and redraws them when it changes. Until then, and
// without scripts, the page shows images.
"use strict";

(() => {
  const PAPER = 660; // pixels of width when printed
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : dark.matches);
  const language = navigator.language || "en";

  // --- style ---

  function colours() {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["ink", "faint", "line", "card"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  function dressed(layout, wide) {
    const { ink, faint, line, card } = colours();
    const axis = { gridcolor: line, zerolinecolor: faint, linecolor: line, tickcolor: line, tickfont: { color: faint, size: wide ? 12 : 11 } };
    const axes = Object.keys(layout).filter((name) => /^[xy]axis/.test(name));
    const hover = { bgcolor: card, bordercolor: line, font: { color: ink } };
    return {
      ...layout,
      ...Object.fromEntries(axes.map((name) => [name, { ...layout[name], ...axis, showgrid: layout[name].showgrid ?? name.startsWith("y"), ...(wide ? {} : { title: undefined }) }])),
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", color: ink },
      hoverlabel: { ...layout.hoverlabel, ...hover },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: faint, activecolor: ink },
      margin: wide ? layout.margin : { ...layout.margin, l: 40, r: 8 },
      separators: separators,
    };
  }

  function inked(trace) {
    return trace.error_y ? { ...trace, error_y: { ...trace.error_y, color: colours().ink } } : trace;
  }

  // --- localised numbers and months ---

  const separators = ["decimal", "group"].map((kind) => {
    const separator = new Intl.NumberFormat(language, { useGrouping: "always" }).formatToParts(1234567.8).find(({ type }) => type === kind);
    return separator ? separator.value : kind === "group" ? "\u2009" : ".";
  }).join("");

  function named(unit, many, length) {
    const format = new Intl.DateTimeFormat(language, { [unit]: length, timeZone: "UTC" });
    return Array.from({ length: many }, (_, place) => format.format(unit === "month" ? Date.UTC(2026, place, 1) : Date.UTC(2026, 1, 1 + place)));
  }

  function learn() {
    const format = { days: named("weekday", 7, "long"), shortDays: named("weekday", 7, "short"), months: named("month", 12, "long"), shortMonths: named("month", 12, "short"), year: "%Y", month: "%b %Y", dayMonth: "%-d %b", dayMonthYear: "%-d %b %Y" };
    Plotly.register({ moduleType: "locale", name: language, dictionary: {}, format });
  }

  // --- drawing ---

  function figureOf(chart) {
    const text = document.getElementById(chart.dataset.figure).textContent;
    const figure = JSON.parse(text);
    if (!isDark()) return figure;
    const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)).join(",");
    const shades = Object.fromEntries(Object.entries(figure.dark).flatMap(([light, other]) => [[`"${light}"`, `"${other}"`], [`rgba(${parts(light)},`, `rgba(${parts(other)},`]]));
    const shaded = JSON.parse(text.replace(/"#[0-9a-f]{6}"(?!:)|rgba\(\d+,\d+,\d+,/g, (colour) => shades[colour] || colour));
    for (const trace of shaded.data) if (trace.meta === "pale") trace.marker.opacity = 0.4;
    return shaded;
  }

  function draw(chart) {
    const figure = figureOf(chart);
    const plot = chart.querySelector(".plot");
    const width = plot.clientWidth;
    const wide = width > 560;
    const config = { ...figure.config, displayModeBar: wide ? "hover" : false, locale: language };
    const narrow = figure.narrow && width < figure.narrow.below;
    const layout = narrow ? { ...figure.layout, ...figure.narrow.layout } : figure.layout;
    const first = !plot.dataset.drawn;
    return Plotly.react(plot, figure.data.map(inked), dressed(layout, wide), config).then(() => {
      plot.dataset.drawn = "yes";
      if (first) open(plot);
      if (first && chart.dataset.posts) lead(chart, plot);
      return plot;
    });
  }

  // Reserves the height of each chart before it is drawn.
  function reserve() {
    for (const plot of document.querySelectorAll("figure[data-figure] .plot")) {
      const { high, tall, below } = plot.dataset;
      plot.style.height = `${below && plot.clientWidth < Number(below) ? tall : high}px`;
    }
  }

  let turn = 0;

  // Draws one chart at a time from the top, so that the page stays responsive.
  function drawAll() {
    const mine = ++turn;
    const waiting = [...document.querySelectorAll("figure[data-figure]")];
    (function next() {
      if (mine !== turn) return;
      if (waiting.length === 0) return;
      draw(waiting.shift());
      setTimeout(next);
    })();
  }

  // If the print image hasn't loaded yet, the chart on screen is printed at a smaller size.
  function printing() {
    for (const chart of document.querySelectorAll("figure.chart")) {
      const picture = chart.querySelector(".paper");
      const plot = chart.querySelector(".plot");
      const there = picture.complete && picture.naturalWidth > 0;
      chart.classList.toggle("unpictured", !there);
      chart.classList.toggle("dim", isDark());
      for (const [name, value] of [["wide", `${plot.clientWidth}px`], ["drawn", `${plot.clientHeight}px`], ["zoom", Math.min(1, PAPER / plot.clientWidth)]]) plot.style.setProperty(`--${name}`, value);
    }
  }

  // --- keyboard access ---

  function open(plot) {
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-roledescription", "interactive chart");
    plot.setAttribute("aria-label", `${plot.dataset.alt} Use the arrow keys to move between points and Enter to open the posts.`);
    const status = document.createElement("p");
    status.className = "unseen";
    status.setAttribute("role", "status");
    plot.after(status);
    reachable(plot);
    plot.on("plotly_afterplot", () => reachable(plot));
    let at = null;
    plot.addEventListener("keydown", (event) => {
      if (event.target !== plot) return;
      if (event.key === "Escape") { Plotly.Fx.unhover(plot); status.textContent = ""; at = null; return; }
      if (event.key === "Enter" && at) { plot.emit("plotly_click", { points: [pointAt(plot, at)], event }); return; }
      const moved = step(plot, at, event.key);
      if (!moved) return;
      event.preventDefault();
      at = moved;
      point(plot, at, status);
    });
  }

  // Makes each legend entry a switch that Space or Enter toggles; with Shift, only that account is shown.
  function reachable(plot) {
    const drawing = plot.querySelector(".main-svg");
    if (drawing) drawing.setAttribute("aria-hidden", "true");
    for (const entry of plot.querySelectorAll(".legend .traces")) {
      const [{ trace }] = entry.__data__;
      entry.setAttribute("tabindex", "0");
      entry.setAttribute("role", "switch");
      entry.setAttribute("aria-checked", String(trace.visible === true));
      entry.setAttribute("aria-label", entry.textContent.trim());
      entry.onkeydown = (event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        const place = plot.data.findIndex((_, at) => plot._fullData[at].index === trace.index);
        const visible = event.shiftKey ? plot.data.map((_, at) => at === place || "legendonly") : plot.data.map((other, at) => (at === place ? trace.visible !== true || "legendonly" : other.visible ?? true));
        Plotly.restyle(plot, { visible }).then(() => plot.querySelectorAll(".legend .traces")[place]?.focus());
      };
    }
  }

  function steps(plot) {
    return plot.data.map((trace, place) => ({ trace, place })).filter(({ trace }) => trace.hoverinfo !== "skip" && trace.meta !== "pale" && (trace.visible ?? true) === true && trace.hovertext?.length);
  }

  function step(plot, at, key) {
    const rows = steps(plot);
    const move = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -Infinity], End: [0, Infinity] }[key];
    if (!move || rows.length === 0) return null;
    if (!at) return { place: rows[0].place, point: 0 };
    const row = Math.max(0, rows.findIndex(({ place }) => place === at.place));
    const next = rows[Math.min(rows.length - 1, Math.max(0, row + move[0]))];
    return { place: next.place, point: Math.min(next.trace.hovertext.length - 1, Math.max(0, at.point + move[1])) };
  }

  function pointAt(plot, at) {
    const data = plot.data[at.place];
    return { data, curveNumber: at.place, pointNumber: at.point, pointIndex: at.point, customdata: data.customdata?.[at.point] };
  }

  function point(plot, at, status) {
    const full = plot._fullData[at.place];
    Plotly.Fx.hover(plot, [{ curveNumber: at.place, pointNumber: at.point }], `${full.xaxis || "x"}${full.yaxis || "y"}`);
    const words = new DOMParser().parseFromString(`${full.name}: ${full.hovertext[at.point].replaceAll("<br>", "; ")}`, "text/html").body.textContent;
    status.textContent = words;
  }

  // --- opening the posts ---

  const DOUBLE = 300; // milliseconds between the clicks of a double-click, which resets the zoom
  const STILL = 4; // pixels that a pointer may move without dragging

  // A click on a data point opens its posts, unless it is part of a double-click or a drag. On touch screens the first tap shows the
  // tooltip and the second one opens the posts.
  function lead(chart, plot) {
    const fingers = matchMedia("(hover: none)");
    let lastTarget = null;
    let waiting = 0;
    let pressed = [0, 0];
    const wait = () => clearTimeout(waiting);
    plot.addEventListener("pointerdown", (event) => { wait(); pressed = [event.clientX, event.clientY]; }, true);
    for (const name of ["plotly_doubleclick", "plotly_relayout", "plotly_selecting"]) plot.on(name, wait);
    chart.querySelector(".pick")?.removeAttribute("hidden");
    plot.on("plotly_hover", ({ points }) => plot.classList.toggle("leads", Boolean(points[0].customdata)));
    plot.on("plotly_unhover", () => plot.classList.remove("leads"));
    plot.on("plotly_click", ({ points, event }) => {
      const where = points[0].customdata;
      const again = lastTarget === where;
      lastTarget = where;
      wait();
      if (!where) return;
      const go = () => {
        const address = `${chart.dataset.posts}&${where}`;
        if (chart.dataset.apart || event?.ctrlKey || event?.metaKey) window.open(address, "_blank", "noopener");
        else location.assign(address);
      };
      if (event?.type === "keydown") { go(); return; }
      const moved = event?.clientX !== undefined && Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > STILL;
      if (moved || event?.detail > 1 || (fingers.matches && !again)) return;
      waiting = setTimeout(go, DOUBLE);
    });
  }

  learn();
  reserve();
  requestAnimationFrame(() => setTimeout(drawAll)); // so that the images are painted first
  dark.addEventListener("change", drawAll);
  addEventListener("chorus-theme", drawAll);
  addEventListener("beforeprint", printing);
})();
