// What the scripts of the page share: elements, words, numbers, the tip. Texts become text nodes, never markup.
"use strict";

const DATA = JSON.parse(document.getElementById("data").textContent);
const WORDS = DATA.words, SETS = DATA.sets, ONE = SETS.length === 1;
const main = document.querySelector("main"), nav = document.querySelector(".bar nav");

/** The words of the page under a name, with {a}, {b} … filled in. */
function t(name, ...values) {
  let text = WORDS[name] ?? name;
  values.forEach((value, at) => { text = text.split(`{${"abcdef"[at]}}`).join(String(value)); });
  return text;
}

/** An element, or one of SVG; functions become listeners, texts become text. */
function el(name, attributes, ...children) {
  const svg = name.startsWith("svg:");
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(key, value);
    else if (key === "style") for (const [property, to] of Object.entries(value)) made.style.setProperty(property, to);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const LOCALE = DATA.language === "zh" ? "zh-CN" : "en";
const whole = new Intl.NumberFormat(LOCALE);
const short = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });
const two = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function number(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) ? whole.format(value) : Math.abs(value) < 1 ? two.format(value) : short.format(value);
}
function percent(value) {
  if (value === null || value === undefined) return "–";
  const share = value * 100;
  return `${share > 0 && share < 1 ? short.format(Number(share.toPrecision(1))) : Math.round(share)} %`;
}

/** The end of a path: as much of it as tells data sets apart. */
function title(name) {
  const parts = String(name).replace(/[\\/]+$/, "").split(/[\\/]/);
  const last = parts.at(-1).replace(/\.(jsonl?|csv|tsv|parquet|arrow)(\.\w+)?$/, "");
  const twins = DATA.sets.filter((one) => one.name.endsWith(parts.at(-1))).length > 1;
  return twins && parts.length > 1 ? `${parts.at(-2)}/${last}` : last;
}
const COLOURS = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7", "--c8"].map((name) => `var(${name})`);
const colour = (at) => COLOURS[at % COLOURS.length];

/** Tells which data set is meant. */
const dot = (at) => el("i", { class: "dot", style: { background: colour(at) }, title: title(SETS[at].name) });

const tip = el("div", { id: "tip", role: "status", hidden: true });
document.body.append(tip);
function tipped(mark, text) {
  const show = (event) => {
    tip.textContent = typeof text === "function" ? text() : text;
    tip.hidden = false;
    const box = event.clientX === undefined || event.type === "focus" ? mark.getBoundingClientRect() : { left: event.clientX, bottom: event.clientY, top: event.clientY };
    tip.style.setProperty("left", `${Math.max(4, Math.min(box.left + 12, innerWidth - tip.offsetWidth - 8))}px`);
    const below = box.bottom + 14;
    tip.style.setProperty("top", `${below + tip.offsetHeight > innerHeight ? Math.max(4, box.top - tip.offsetHeight - 10) : below}px`);
  };
  const hide = () => { tip.hidden = true; };
  for (const name of ["mousemove", "focus"]) mark.addEventListener(name, show);
  for (const name of ["mouseleave", "blur"]) mark.addEventListener(name, hide);
  return mark;
}
addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

/** A table of figures: numbers to the right. */
function table(heads, rows, caption) {
  const cell = (tag, value, extra) => {
    const numeric = typeof value === "number" || value === null || value === undefined;
    return el(tag, { class: numeric || (extra && extra.numeric) ? "number" : null, ...(tag === "th" && extra && extra.scope ? { scope: extra.scope } : {}) },
      value instanceof Node ? value : numeric ? number(value) : value);
  };
  return el("div", { class: "wide" }, el("table", {},
    caption ? el("caption", { class: "unseen" }, caption) : null,
    el("thead", {}, el("tr", {}, heads.map((head, at) => cell("th", head, { scope: "col", numeric: at > 0 && rows.length && (typeof rows[0][at] === "number" || rows[0][at] === null || /^[\d$–]/.test(rows[0][at] || "")) })))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((value, at) => (at ? cell("td", value, { numeric: /^(?:[a-z]{2} )?[–\d$][\d.,]*(?: %)?$/.test(value) }) : cell("th", value, { scope: "row" }))))))));
}
const numbers = (heads, rows, caption) => el("details", {}, el("summary", {}, t("numbers")), table(heads, rows, caption));

/** A section with its link in the bar; nothing where there is nothing to show. */
function section(name, ...parts) {
  const shown = parts.flat(Infinity).filter(Boolean);
  if (!shown.length) return;
  main.append(el("section", { id: name, "aria-labelledby": `${name}-title` }, el("h2", { id: `${name}-title` }, t(name)), shown));
  nav.append(el("a", { href: `#${name}` }, t(name)));
}
