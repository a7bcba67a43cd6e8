"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const boxes = [...document.querySelectorAll("#switches input")];
  const whole = 2 ** boxes.length - 1;
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 300, HEIGHT = 34;

  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const shape = (name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
  const state = () => boxes.reduce((sum, box, bit) => sum + (box.checked ? 2 ** bit : 0), 0);

  const strip = (outcome, number, subset) => {
    const [low, high] = data.strips[number];
    const x = (value) => (6 + ((value - low) / (high - low)) * (WIDTH - 12)).toFixed(1);
    const drawing = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "strip" });
    drawing.setAttribute("aria-label", filled(data.words.strip, outcome));
    drawing.append(shape("line", { x1: 6, x2: WIDTH - 6, y1: 17, y2: 17, class: "axis" }));
    data.combinations.forEach((other, place) => {
      const at = other.outcomes[number].at[1];
      if (at === null || place === subset) return;
      const kind = place === whole ? "was" : "other";
      const [top, bottom] = place === whole ? [3, 31] : [11, 23];
      drawing.append(shape("line", { x1: x(at), x2: x(at), y1: top, y2: bottom, class: kind }));
    });
    const [from, mean, to] = outcome.at;
    if (mean === null) return drawing;
    if (from !== null && to !== null) {
      drawing.append(shape("line", { x1: x(from), x2: x(to), y1: 17, y2: 17, class: "interval" }));
    }
    drawing.append(shape("circle", { cx: x(mean), cy: 17, r: 6, class: "now" }));
    return drawing;
  };

  const card = (outcome, number, subset) => {
    const made = element("article", "", "card");
    made.append(element("h3", outcome.name));
    const line = element("p", "", "figure");
    line.append(element("b", outcome.mean), element("small", outcome.range));
    made.append(line, strip(outcome, number, subset));
    const change = element("p", "", "change");
    if (outcome.span) change.append(element("small", data.words.change));
    change.append(outcome.change);
    if (outcome.span) change.append(element("small", `${outcome.span} · ${outcome.verdict}`));
    made.append(change);
    return made;
  };

  const costs = (items) => items.map((item) => {
    const row = element("tr");
    const head = element("th", item.name);
    head.scope = "row";
    const change = element("td", item.change);
    if (item.span) change.append(element("small", item.span));
    row.append(head, element("td", item.mean), change);
    return row;
  });

  const show = () => {
    const subset = state();
    const chosen = data.combinations[subset];
    document.getElementById("with").textContent = chosen.with;
    document.getElementById("sentence").textContent = chosen.sentence;
    document.getElementById("outcomes").replaceChildren(...chosen.outcomes.map((each, n) => card(each, n, subset)));
    const first = chosen.outcomes[0];
    document.getElementById("bar").textContent = filled(data.words.bar, first);
    document.getElementById("costs").replaceChildren(...costs(chosen.costs));
  };
  const choose = (subset) => boxes.forEach((box, bit) => { box.checked = Math.floor(subset / 2 ** bit) % 2 === 1; });
  const keep = () => history.replaceState(null, "", `#${boxes.map((box) => (box.checked ? 1 : 0)).join("")}`);
  const read = () => {
    const bits = location.hash.slice(1);
    if (bits.length === boxes.length && /^[01]+$/.test(bits)) boxes.forEach((box, n) => { box.checked = bits[n] === "1"; });
    show();
  };

  document.getElementById("switches").addEventListener("change", () => { keep(); show(); });
  document.querySelectorAll("[data-state]").forEach((button) => button.addEventListener("click", () => {
    choose(button.dataset.state === "all" ? whole : 0);
    keep();
    show();
  }));
  window.addEventListener("hashchange", read);
  read();
})();
