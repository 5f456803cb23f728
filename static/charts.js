// Draws each figure of the page with plotly.js, in the page's own colours, and again when those change. Without it the page shows images.
"use strict";

(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");

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
      ...Object.fromEntries(axes.map((name) => [name, { ...layout[name], ...axis, showgrid: name.startsWith("y"), ...(wide ? {} : { title: undefined }) }])),
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", color: ink },
      hoverlabel: { ...layout.hoverlabel, ...hover },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: faint, activecolor: ink },
      margin: wide ? layout.margin : { ...layout.margin, l: 40, r: 8 },
    };
  }

  function draw(chart) {
    const figure = JSON.parse(document.getElementById(chart.dataset.figure).textContent);
    const plot = chart.querySelector(".plot");
    const wide = plot.clientWidth > 560;
    const config = { ...figure.config, displayModeBar: wide ? "hover" : false };
    Plotly.react(plot, figure.data, dressed(figure.layout, wide), config).then(() => { plot.dataset.drawn = "yes"; });
  }

  function drawAll() {
    document.querySelectorAll("figure[data-figure]").forEach(draw);
  }

  drawAll();
  dark.addEventListener("change", drawAll);
  addEventListener("beforeprint", drawAll);
  addEventListener("afterprint", drawAll);
})();
