// Charts in SVG, drawn for the width that there is, and again when that changes; their heights stay.
"use strict";

const observer = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const width = Math.round(entry.contentRect.width);
    if (width && Math.abs(width - (entry.target.drawn || 0)) > 6) entry.target.draw(width);
  }
});

/** A place of a fixed height, and what draws it: draw(svg, width). */
function chart(label, height, draw) {
  const place = el("div", { style: { "min-height": `${height}px` } });
  place.draw = (width) => {
    place.drawn = width;
    const svg = el("svg:svg", { class: "chart", role: "img", "aria-label": label, viewBox: `0 0 ${width} ${height}`, width, height });
    draw(svg, width, height);
    place.replaceChildren(svg);
  };
  observer.observe(place);
  return place;
}
const words = (x, y, text, more) => el("svg:text", { x, y, ...more }, text);

function figure(heading, drawing, caption, more) {
  return el("figure", {}, el("h3", {}, heading), drawing, caption ? el("figcaption", {}, caption) : null, more || null);
}
function legend(names) {
  return el("ul", { class: "legend" }, names.map((name, at) => el("li", {}, el("i", { style: { background: name === "…" ? colour(7) : colour(at) } }), name)));
}

/** Shares of each bin: bars of one series, outlines of several. series: [{name, bins}], labels: of the bins' edges. */
function bins(label, labels, series, unit, apart) {
  const shares = series.map((one) => { const sum = one.bins.reduce((a, b) => a + b, 0); return one.bins.map((count) => (sum ? count / sum : 0)); });
  let last = 0, first = labels.length;
  shares.forEach((row) => row.forEach((share, at) => { if (share) { last = Math.max(last, at); first = Math.min(first, at); } }));
  if (!apart) first = Math.max(0, Math.min(first, last) - 1);
  else first = Math.min(first, last);
  const shown = last - first + 1, top = Math.max(...shares.flat(), 0.01);
  return chart(label, 220, (svg, width, height) => {
    const left = 40, bottom = 38, high = height - bottom - 8, step = Math.min((width - left - 8) / shown, apart ? 90 : 1e9);
    const y = (share) => 8 + high * (1 - share / top);
    for (let line = 0; line <= 2; line++) {
      const share = (top * line) / 2;
      svg.append(el("svg:path", { class: "axis", d: `M${left} ${y(share)}H${width}` }), words(left - 6, y(share) + 4, `${Math.round(share * 100)}%`, { "text-anchor": "end", class: "soft" }));
    }
    shares.forEach((row, which) => {
      if (series.length === 1) {
        row.slice(first, last + 1).forEach((share, at) => {
          if (share) svg.append(el("svg:rect", { x: left + at * step + 1, y: y(share), width: Math.max(1, step - 2), height: 8 + high - y(share), fill: colour(which), rx: 2 }));
        });
      } else {
        const d = row.slice(first, last + 1).map((share, at) => `${at ? "L" : "M"}${left + at * step} ${y(share)}h${step}`).join("");
        svg.append(el("svg:path", { d, fill: "none", stroke: colour(which), "stroke-width": 2.5, "stroke-linejoin": "round" }));
      }
    });
    const every = Math.ceil(40 / step);
    for (let at = 0; at < shown; at++) {
      if (at % every === 0) svg.append(words(left + (at + (apart ? 0.5 : 0)) * step, height - bottom + 16, labels[first + at], { class: "soft", "text-anchor": at || apart ? "middle" : "start" }));
      const says = () => `${labels[first + at]}${apart ? "" : labels[first + at + 1] ? `–${labels[first + at + 1]}` : "+"}\n` + series.map((one, which) => `${series.length > 1 ? `${one.name}: ` : ""}${whole.format(one.bins[first + at])} (${percent(shares[which][first + at])})`).join("\n");
      svg.append(tipped(el("svg:rect", { x: left + at * step, y: 0, width: step, height: height - bottom, fill: "transparent" }), says));
    }
    svg.append(words(width - 2, height - 4, unit, { "text-anchor": "end", class: "soft" }));
  });
}

/** Lines from 0 to 1 over parts of the data. series: [{name, points: [[x, share or null]]}]. */
function lines(label, series, unit) {
  const xs = series.flatMap((one) => one.points.map((point) => point[0])), far = Math.max(...xs, 1);
  return chart(label, 240, (svg, width, height) => {
    const left = 40, bottom = 38, high = height - bottom - 10, x = (value) => left + ((width - left - 12) * value) / far, y = (share) => 10 + high * (1 - share);
    for (const share of [0, 0.5, 1]) svg.append(el("svg:path", { class: "axis", d: `M${left} ${y(share)}H${width}` }), words(left - 6, y(share) + 4, `${share * 100}%`, { "text-anchor": "end", class: "soft" }));
    for (const part of [0.25, 0.5, 0.75, 1]) svg.append(words(x(far * part), height - bottom + 16, whole.format(Math.round(far * part)), { "text-anchor": part === 1 ? "end" : "middle", class: "soft" }));
    series.forEach((one, which) => {
      const known = one.points.filter((point) => point[1] !== null);
      svg.append(el("svg:path", { d: known.map((point, at) => `${at ? "L" : "M"}${x(point[0])} ${y(point[1])}`).join(""), fill: "none", stroke: colour(which), "stroke-width": 2.5, "stroke-linejoin": "round", "stroke-dasharray": one.dashed ? "6 4" : null }));
      for (const point of known) svg.append(tipped(el("svg:circle", { cx: x(point[0]), cy: y(point[1]), r: 4, fill: colour(which) }), `${one.name}\n${whole.format(point[0])} ${unit}: ${percent(point[1])}`));
    });
    svg.append(words(width - 2, height - 4, unit, { "text-anchor": "end", class: "soft" }));
  });
}

/** Horizontal bars: [[name, value, text]]; press(name) where they can be pressed. */
function across(label, rows, press) {
  const top = Math.max(...rows.map((row) => row[1]), 1e-9);
  return chart(label, rows.length * 28 + 4, (svg, width) => {
    const left = Math.min(170, width * 0.38);
    rows.forEach(([name, value, text], at) => {
      const y = at * 28 + 4, long = Math.max(2, (width - left - 76) * (value / top));
      const bar = el("svg:rect", { x: left, y, width: long, height: 20, rx: 3, fill: colour(0), class: press ? "hot" : null, tabindex: press ? 0 : null, role: press ? "button" : null, "aria-label": `${name} ${text}` });
      if (press) for (const kind of ["click", "keydown"]) bar.addEventListener(kind, (event) => { if (kind === "click" || event.key === "Enter") press(name); });
      svg.append(words(left - 8, y + 15, name.length > 22 ? `${name.slice(0, 21)}…` : name, { "text-anchor": "end" }), tipped(bar, `${name}: ${text}`), words(left + long + 6, y + 15, text, { class: "soft" }));
    });
  });
}

/** Two rings: verbs, and their objects. top: [{verb, count, objects: [[noun, count]]}]. */
function sunburst(label, top, press) {
  const total = top.reduce((sum, one) => sum + one.count, 0) || 1;
  return chart(label, 460, (svg, width, height) => {
    const radius = Math.min(width, height) / 2 - 4, cx = width / 2, cy = height / 2, inner = radius * 0.3, middle = radius * 0.66;
    const at = (angle, r) => `${(cx + r * Math.sin(angle)).toFixed(2)} ${(cy - r * Math.cos(angle)).toFixed(2)}`;
    const arc = (from, to, low, high) => `M${at(from, low)}L${at(from, high)}A${high} ${high} 0 ${to - from > Math.PI ? 1 : 0} 1 ${at(to, high)}L${at(to, low)}A${low} ${low} 0 ${to - from > Math.PI ? 1 : 0} 0 ${at(from, low)}Z`;
    const put = (from, to, low, high, fill, opacity, name, count, query) => {
      if (to - from < 0.002) return;
      const mark = el("svg:path", { d: arc(from, Math.min(to, from + 6.28), low, high), fill, "fill-opacity": opacity, stroke: "var(--ground)", "stroke-width": 1.5, class: "hot" });
      mark.addEventListener("click", () => press(query));
      svg.append(tipped(mark, `${query}: ${whole.format(count)} (${percent(count / total)})`));
      if ((to - from) * ((low + high) / 2) < 13) return;
      const angle = (from + to) / 2, r = (low + high) / 2, flip = angle > Math.PI;
      const fits = Math.floor((high - low - 10) / 7), text = [...name].length > fits ? `${[...name].slice(0, Math.max(1, fits - 1)).join("")}…` : name;
      const turn = (angle * 180) / Math.PI - 90 + (flip ? 180 : 0);
      svg.append(el("svg:text", { transform: `translate(${at(angle, r)}) rotate(${turn})`, "text-anchor": "middle", dy: "0.35em", "pointer-events": "none", class: opacity < 1 ? null : "onmark" }, text));
    };
    let from = 0;
    top.forEach((one, which) => {
      const wide = (one.count / total) * 2 * Math.PI;
      put(from, from + wide, inner, middle, colour(which), 1, one.verb, one.count, one.verb);
      const objects = one.objects.reduce((sum, pair) => sum + pair[1], 0);
      let start = from;
      for (const [noun, count] of one.objects) { // they share their verb's arc, as in the papers' figure
        const part = (count / objects) * wide;
        put(start, start + part, middle + 2, radius, colour(which), 0.28, noun, count, `${one.verb} ${noun}`);
        start += part;
      }
      from += wide;
    });
  });
}

/** Points on a plane, coloured by a value of theirs. */
function scatter(label, points, says, hue, press) {
  return chart(label, 460, (svg, width, height) => {
    points.forEach((point, at) => {
      const mark = el("svg:circle", { cx: (8 + point[0] * (width - 16)).toFixed(1), cy: (8 + point[1] * (height - 16)).toFixed(1), r: 4.5, fill: hue(at), "fill-opacity": 0.75, class: press ? "hot" : null });
      if (press) mark.addEventListener("click", () => press(at));
      svg.append(tipped(mark, () => says(at)));
    });
  });
}
