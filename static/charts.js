// Draws the charts of a page with plotly.js in the colours of the current theme, and redraws them when it changes. Until then, and
// without scripts, the page shows images.
"use strict";

(() => {
  const PRINT_WIDTH = 660; // pixels
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : dark.matches);
  const pageLanguage = document.documentElement.lang;
  const language = pageLanguage === "en" ? navigator.language || "en" : pageLanguage;
  const words = JSON.parse(document.getElementById("messages")?.textContent || "{}");
  const translate = (text) => words[text] || text;

  // --- style ---

  function colours() {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["ink", "faint", "line", "card"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  function themeLayout(layout, isWide) {
    const { ink, faint, line, card } = colours();
    const axis = { gridcolor: line, zerolinecolor: faint, linecolor: line, tickcolor: line, tickfont: { color: faint, size: isWide ? 12 : 11 } };
    const axes = Object.keys(layout).filter((name) => /^[xy]axis/.test(name));
    const tooltip = { bgcolor: card, bordercolor: line, font: { color: ink } };
    return {
      ...layout,
      ...Object.fromEntries(axes.map((name) => [name, { ...layout[name], ...axis, showgrid: layout[name].showgrid ?? name.startsWith("y"), ...(isWide ? {} : { title: undefined }) }])),
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", color: ink },
      hoverlabel: { ...layout.hoverlabel, ...tooltip },
      margin: isWide ? layout.margin : { ...layout.margin, l: 40, r: 8 },
      separators,
    };
  }

  function themeTrace(trace) {
    if (trace.meta === "gap") return { ...trace, line: { ...trace.line, color: colours().card } };
    return trace.error_y ? { ...trace, error_y: { ...trace.error_y, color: colours().faint } } : trace;
  }

  // --- localised numbers and months ---

  const separators = ["decimal", "group"].map((kind) => {
    const separator = new Intl.NumberFormat(language, { useGrouping: "always" }).formatToParts(1234567.8).find(({ type }) => type === kind);
    return separator ? separator.value : kind === "group" ? "\u2009" : ".";
  }).join("");

  function localNames(unit, count, length) {
    const format = new Intl.DateTimeFormat(language, { [unit]: length, timeZone: "UTC" });
    return Array.from({ length: count }, (_, index) => format.format(unit === "month" ? Date.UTC(2026, index, 1) : Date.UTC(2026, 1, 1 + index)));
  }

  function registerLocale() {
    const ofDays = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
    const isEnglish = pageLanguage === "en"; // whose pages have the day first everywhere
    const shortMonths = isEnglish ? localNames("month", 12, "short") : Array.from({ length: 12 }, (_, index) => ofDays.formatToParts(Date.UTC(2026, index, 1)).find(({ type }) => type === "month").value);
    const dayMonth = isEnglish ? "%-d %b" : ofDays.formatToParts(0).map(({ type, value }) => ({ day: "%-d", month: "%b" })[type] || value).join("");
    const format = { days: localNames("weekday", 7, "long"), shortDays: localNames("weekday", 7, "short"), months: localNames("month", 12, "long"), shortMonths, year: "%Y", month: "%b %Y", dayMonth, dayMonthYear: `${dayMonth} %Y` };
    Plotly.register({ moduleType: "locale", name: language, dictionary: {}, format });
  }

  // --- drawing ---

  function loadFigure(chart) {
    const text = document.getElementById(chart.dataset.figure).textContent;
    const figure = JSON.parse(text);
    if (!isDark()) return figure;
    const channels = (colour) => [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16)).join(",");
    const darkColours = Object.fromEntries(Object.entries(figure.dark).flatMap(([light, darker]) => [[`"${light}"`, `"${darker}"`], [`rgba(${channels(light)},`, `rgba(${channels(darker)},`]]));
    const darkFigure = JSON.parse(text.replace(/"#[0-9a-f]{6}"(?!:)|rgba\(\d+,\d+,\d+,/g, (colour) => darkColours[colour] || colour));
    for (const trace of darkFigure.data) if (trace.meta === "pale") trace.marker.opacity = 0.4;
    return darkFigure;
  }

  function draw(chart) {
    const figure = loadFigure(chart);
    const plot = chart.querySelector(".plot");
    const width = plot.clientWidth;
    const isWide = width > 560;
    const config = { ...figure.config, locale: language };
    const isNarrow = figure.narrow && width < figure.narrow.below;
    const layout = isNarrow ? { ...figure.layout, ...figure.narrow.layout } : figure.layout;
    const isFirstDrawing = !plot.dataset.drawn;
    return Plotly.react(plot, figure.data.map(themeTrace), themeLayout(layout, isWide), config).then(() => {
      plot.dataset.drawn = "yes";
      if (isFirstDrawing) addKeyboardAccess(plot);
      if (isFirstDrawing && chart.dataset.posts) linkPointsToPosts(chart, plot);
      return plot;
    });
  }

  // Reserves the height of each chart before it is drawn.
  function reserveHeights() {
    for (const plot of document.querySelectorAll("figure[data-figure] .plot")) {
      const { height, narrowHeight, narrowBelow } = plot.dataset;
      plot.style.height = `${narrowBelow && plot.clientWidth < Number(narrowBelow) ? narrowHeight : height}px`;
    }
  }

  let drawingRound = 0; // increased by every redrawing, which ends the one before

  // Draws one chart at a time from the top, so that the page stays responsive.
  function drawAll() {
    const thisRound = ++drawingRound;
    const waiting = [...document.querySelectorAll("figure[data-figure]")];
    (function drawNext() {
      if (thisRound !== drawingRound || waiting.length === 0) return;
      draw(waiting.shift());
      setTimeout(drawNext);
    })();
  }

  // If the print image hasn't loaded yet, the chart on screen is printed at a smaller size, and drawn now if it hasn't been.
  function preparePrinting() {
    const zoom = Math.min(1, PRINT_WIDTH / document.querySelector("main").clientWidth); // cards share the paper as they share the window
    for (const chart of document.querySelectorAll("figure.chart")) {
      const image = chart.querySelector(".paper");
      const plot = chart.querySelector(".plot");
      const isImageLoaded = image.complete && image.naturalWidth > 0;
      if (!isImageLoaded && chart.dataset.figure && !plot.dataset.drawn) {
        draw(chart);
        plot.dataset.drawn = "yes"; // before printing begins, so that the image of the page gives way
      }
      chart.classList.toggle("prints-plot", !isImageLoaded);
      chart.classList.toggle("prints-inverted", isDark());
      for (const [name, value] of [["plot-width", `${plot.clientWidth}px`], ["plot-height", `${plot.clientHeight}px`], ["zoom", zoom]]) plot.style.setProperty(`--${name}`, value);
    }
  }

  // --- keyboard access ---

  function addKeyboardAccess(plot) {
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-roledescription", translate("interactive chart"));
    plot.setAttribute("aria-label", `${plot.dataset.alt} ${translate("Use the arrow keys to move between points and Enter to open the posts.")}`);
    const status = document.createElement("p");
    status.className = "unseen";
    status.setAttribute("role", "status");
    plot.after(status);
    makeLegendAccessible(plot);
    plot.on("plotly_afterplot", () => makeLegendAccessible(plot));
    let position = null;
    plot.addEventListener("keydown", (event) => {
      if (event.target !== plot) return;
      if (event.key === "Escape") { Plotly.Fx.unhover(plot); status.textContent = ""; position = null; return; }
      if (event.key === "Enter" && position) { plot.emit("plotly_click", { points: [pointAt(plot, position)], event }); return; }
      const nextPosition = findNextPosition(plot, position, event.key);
      if (!nextPosition) return;
      event.preventDefault();
      position = nextPosition;
      announcePoint(plot, position, status);
    });
  }

  // Makes each legend entry a switch that Space or Enter toggles; with Shift, only that account is shown.
  function makeLegendAccessible(plot) {
    const svg = plot.querySelector(".main-svg");
    if (svg) svg.setAttribute("aria-hidden", "true");
    for (const entry of plot.querySelectorAll(".legend .traces")) {
      const [{ trace }] = entry.__data__;
      entry.setAttribute("tabindex", "0");
      entry.setAttribute("role", "switch");
      entry.setAttribute("aria-checked", String(trace.visible === true));
      entry.setAttribute("aria-label", entry.textContent.trim());
      entry.onkeydown = (event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        const index = plot.data.findIndex((_, candidate) => plot._fullData[candidate].index === trace.index);
        const belongs = (other) => plot.data[other].legendgroup === trace.legendgroup; // a line's marks appear and disappear with it
        const visible = plot.data.map((otherTrace, other) => (event.shiftKey ? belongs(other) || "legendonly" : belongs(other) ? trace.visible !== true || "legendonly" : otherTrace.visible ?? true));
        Plotly.restyle(plot, { visible }).then(() => plot.querySelectorAll(".legend .traces")[index]?.focus());
      };
    }
  }

  function navigableTraces(plot) {
    return plot.data.map((trace, index) => ({ trace, index })).filter(({ trace }) => trace.hoverinfo !== "skip" && trace.meta !== "pale" && (trace.visible ?? true) === true && trace.hovertext?.length);
  }

  function findNextPosition(plot, position, key) {
    const traces = navigableTraces(plot);
    const [traceStep, pointStep] = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -Infinity], End: [0, Infinity] }[key] || [];
    if (traceStep === undefined || traces.length === 0) return null;
    if (!position) return { trace: traces[0].index, point: 0 };
    const current = Math.max(0, traces.findIndex(({ index }) => index === position.trace));
    const next = traces[Math.min(traces.length - 1, Math.max(0, current + traceStep))];
    return { trace: next.index, point: Math.min(next.trace.hovertext.length - 1, Math.max(0, position.point + pointStep)) };
  }

  function pointAt(plot, { trace, point }) {
    const data = plot.data[trace];
    return { data, curveNumber: trace, pointNumber: point, pointIndex: point, customdata: data.customdata?.[point] };
  }

  // Shows the tooltip of a point and has screen readers read it.
  function announcePoint(plot, { trace, point }, status) {
    const fullTrace = plot._fullData[trace];
    Plotly.Fx.hover(plot, [{ curveNumber: trace, pointNumber: point }], `${fullTrace.xaxis || "x"}${fullTrace.yaxis || "y"}`);
    const html = [fullTrace.name, ...fullTrace.hovertext[point].split("<br>")].join("; ");
    status.textContent = new DOMParser().parseFromString(html, "text/html").body.textContent;
  }

  // --- opening the posts ---

  const DOUBLE_CLICK_MILLISECONDS = 300; // between the clicks of a double-click, which resets the zoom
  const MAX_CLICK_MOVEMENT = 4; // pixels; a pointer that moves farther is dragging

  // A click on a data point opens its posts, unless it is part of a double-click or a drag. On touch screens the first tap shows the
  // tooltip and the second one opens the posts.
  function linkPointsToPosts(chart, plot) {
    const touchScreen = matchMedia("(hover: none)");
    let lastSelection = null;
    let openingTimer = 0;
    let pressPosition = [0, 0];
    const cancelOpening = () => clearTimeout(openingTimer);
    plot.addEventListener("pointerdown", (event) => { cancelOpening(); pressPosition = [event.clientX, event.clientY]; }, true);
    for (const name of ["plotly_doubleclick", "plotly_relayout", "plotly_selecting"]) plot.on(name, cancelOpening);
    chart.querySelector(".click-hint")?.removeAttribute("hidden");
    plot.on("plotly_hover", ({ points }) => plot.classList.toggle("opens-posts", Boolean(points[0].customdata)));
    plot.on("plotly_unhover", () => plot.classList.remove("opens-posts"));
    plot.on("plotly_clickannotation", ({ annotation, event }) => plot.emit("plotly_click", { points: [{ customdata: annotation.name }], event }));
    plot.on("plotly_click", ({ points, event }) => {
      const selection = points[0].customdata; // the part of a query string that selects the posts
      const isSecondTap = lastSelection === selection;
      lastSelection = selection;
      cancelOpening();
      if (!selection) return;
      const openPosts = () => {
        const url = `${chart.dataset.posts}&${selection}`;
        if (chart.dataset.newTab || event?.ctrlKey || event?.metaKey) window.open(url, "_blank", "noopener");
        else location.assign(url);
      };
      if (event?.type === "keydown") { openPosts(); return; }
      const isDrag = event?.clientX !== undefined && Math.hypot(event.clientX - pressPosition[0], event.clientY - pressPosition[1]) > MAX_CLICK_MOVEMENT;
      if (isDrag || event?.detail > 1 || (touchScreen.matches && !isSecondTap)) return;
      openingTimer = setTimeout(openPosts, DOUBLE_CLICK_MILLISECONDS);
    });
  }

  registerLocale();
  reserveHeights();
  requestAnimationFrame(() => setTimeout(drawAll)); // so that the images are painted first
  dark.addEventListener("change", drawAll);
  addEventListener("chorus-theme", drawAll);
  addEventListener("beforeprint", preparePrinting);
})();
