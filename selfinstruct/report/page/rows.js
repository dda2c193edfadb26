// The table of tasks and rejections: rows that are in sight, a filter, and each row opened. Rows come with the page, from
// files beside it, or from the server; the table does not know which.
"use strict";

/* Rows in memory: those of the page, and what the files beside it bring. */
function inMemory() {
  const rows = [];
  const exchanges = new Map(), waiting = new Map();
  let changed = () => {};
  const take = (found) => { for (const row of found) { row.at = rows.length; rows.push(row); } };
  const takeExchanges = (found) => { for (const [id, [step, model, middle, answer, thoughts]] of Object.entries(found.said)) { const [before, after] = found.frames[step] || ["", ""]; exchanges.set(id, { step, model, prompt: before + middle + after, answer, thoughts }); } };
  for (const block of document.querySelectorAll("script.rows")) take(JSON.parse(block.textContent));
  for (const block of document.querySelectorAll("script.exchanges")) takeExchanges(JSON.parse(block.textContent));
  const script = (name) => new Promise((done) => {
    const made = el("script", { src: `${DATA.beside.folder}/${name}`, load: () => done(true), error: () => done(false) });
    document.head.append(made);
  });
  let last = null;
  window.selfinstructTake = (text) => { last = JSON.parse(text); };
  const source = {
    all: DATA.total, lost: false, order: null,
    get here() { return rows.length; },
    async begin(tell) {
      changed = tell;
      for (let chunk = 0; DATA.beside && chunk < DATA.beside.chunks; chunk++) {
        if (!(await script(`rows-${chunk}.js`))) { source.lost = true; break; }
        last.forEach((row) => { row.chunk = chunk; });
        take(last);
        if (chunk % 8 === 7) { changed(); await new Promise((go) => setTimeout(go)); }
      }
      changed();
    },
    /** The places of the rows that fit, in order; some thousands at a time, so that the page goes on answering. */
    async find(filter, stale) {
      const fits = fitting(filter), found = [];
      for (let at = 0; at < rows.length; at++) {
        if (fits(rows[at])) found.push(at);
        if (at % 4000 === 3999) { await new Promise((go) => setTimeout(go)); if (stale()) return null; }
      }
      const key = SORTS[filter.sort];
      if (key) {
        const keys = new Map(found.map((at) => [at, key(rows[at])]));
        const sign = filter.down ? -1 : 1;
        found.sort((a, b) => { const x = keys.get(a), y = keys.get(b); return (x === null) - (y === null) || (x < y ? -sign : x > y ? sign : a - b); });
      } else if (filter.down) found.reverse();
      source.order = found;
      return found.length;
    },
    async rows(from, to) { return source.order.slice(from, to).map((at) => rows[at]); },
    async place(test) { return source.order.findIndex((at) => test(rows[at])); },
    /** The row of an id, and those that were made by rewriting it. */
    async family(id) { return { own: rows.find((row) => row.i === id), made: rows.filter((row) => row.o && row.p && row.p[0] === id) }; },
    async exchanges(row) {
      const ids = row.h || [];
      if (row.chunk !== undefined && ids.some((id) => !exchanges.has(id)) && row.chunk < DATA.beside.exchanges) {
        if (!waiting.has(row.chunk)) waiting.set(row.chunk, script(`exchanges-${row.chunk}.js`).then((came) => { if (came) takeExchanges(last); }));
        await waiting.get(row.chunk);
      }
      return ids.map((id) => [id, exchanges.get(id)]);
    },
  };
  return source;
}

/* Rows from the server, a page at a time. */
function served() {
  const ask = async (what, values) => (await fetch(`${what}?${new URLSearchParams(values)}`)).json();
  const STEP = 200;
  let pages = new Map(), filter = {}, found = 0;
  const flat = (one) => Object.fromEntries(Object.entries(one).filter((pair) => pair[1] !== "" && pair[1] !== false && pair[1] !== null).map(([name, value]) => [name, String(value)]));
  const page = (number) => {
    if (!pages.has(number)) pages.set(number, ask("rows", { ...flat(filter), offset: number * STEP, limit: STEP }));
    return pages.get(number);
  };
  const source = {
    all: DATA.total, here: DATA.total, lost: false,
    async begin(tell) { tell(); },
    async find(wanted, stale) {
      const { count } = await ask("count", flat(wanted));
      if (stale()) return null;
      filter = wanted; pages = new Map(); found = count;
      return found;
    },
    async rows(from, to) {
      const numbers = [];
      for (let number = Math.floor(from / STEP); number * STEP < Math.min(to, found); number++) numbers.push(number);
      const all = (await Promise.all(numbers.map(page))).flat(), start = Math.floor(from / STEP) * STEP;
      return all.slice(from - start, to - start);
    },
    async place() { return -1; },
    async family() { return { own: undefined, made: [] }; },
    async exchanges(row) {
      const ids = row.h || [];
      if (!ids.length) return [];
      const known = await ask("exchanges", { ids: ids.join(" "), set: row.z || 0 });
      return ids.map((id) => [id, known[id]]);
    },
  };
  return source;
}

const SORTS = {
  instruction: (row) => row.q, outcome: (row) => row.k || "", step: (row) => row.s || "", language: (row) => row.l || "",
  words_in: (row) => row.n[0], words_out: (row) => row.n[1], score: (row) => row.v ?? null,
};
function haystack(row) {
  return (row.low ??= [row.q, row.a, row.i, ...(row.x || []).flat(), ...(row.t || []).map((turn) => turn[1])].filter(Boolean).join("\n").toLowerCase());
}
function fitting(filter) {
  const terms = (filter.search || "").toLowerCase().split(/\s+/).filter(Boolean);
  const low = filter.min_words === "" ? null : Number(filter.min_words), high = filter.max_words === "" ? null : Number(filter.max_words), least = filter.min_score === "" ? null : Number(filter.min_score);
  return (row) => {
    if (filter.outcome === "kept" ? row.k : filter.outcome === "rejected" ? !row.k : false) return false;
    if (filter.reason && row.k !== filter.reason) return false;
    if (filter.step && row.s !== filter.step) return false;
    if (filter.operator && row.o !== filter.operator) return false;
    if (filter.language && row.l !== filter.language) return false;
    if (filter.dataset !== "" && filter.dataset !== undefined && String(row.z || 0) !== filter.dataset) return false;
    if ((low !== null && row.n[0] < low) || (high !== null && row.n[0] > high)) return false;
    if (least !== null && !(row.v >= least)) return false;
    if (!terms.length) return true;
    const text = haystack(row);
    return terms.every((term) => text.includes(term));
  };
}

const table_ = (() => {
  const source = DATA.served ? served() : inMemory();
  const empty = { search: "", outcome: "", reason: "", step: "", operator: "", language: "", dataset: "", min_words: "", max_words: "", min_score: "", sort: "", down: false };
  let filter = { ...empty }, count = 0, version = 0, chosen = 0;
  const narrow = matchMedia("(max-width: 720px)"), high = () => (narrow.matches ? 64 : 44);
  const MOST = 15e6; // pixels that a browser scrolls

  const choice = (name, options) => options.length > 1 ? el("label", {}, t(name), el("select", { "data-filter": name, style: { "max-width": "220px" }, change: (event) => { filter[name] = event.target.value; refresh(); } }, el("option", { value: "" }, t("any")), options.map(([value, text]) => el("option", { value }, text)))) : null;
  const facets = (name) => Object.entries(DATA.facets[name] || {}).filter((pair) => pair[0]).map(([value, n]) => [value, `${value} (${whole.format(n)})`]);
  const search = el("input", { type: "search", "data-filter": "search", placeholder: t("search_hint"), style: { width: "min(340px, 80vw)" }, input: (event) => { filter.search = event.target.value; soon(); } });
  const words_ = (name, label) => el("label", {}, t(label || name), el("input", { type: "number", min: 0, "data-filter": name, style: { width: "92px" }, input: (event) => { filter[name] = event.target.value; soon(); } }));
  const reasons = facets("reason");
  const controls = el("div", { class: "controls", role: "search" },
    el("label", {}, t("search"), search),
    SETS.length > 1 ? choice("dataset", SETS.map((set, at) => [String(at), title(set.name)])) : null,
    reasons.length ? choice("outcome", [["kept", t("kept")], ["rejected", t("rejected")]]) : null,
    reasons.length ? el("label", {}, t("reason"), el("select", { "data-filter": "reason", style: { "max-width": "220px" }, change: (event) => { filter.reason = event.target.value; refresh(); } }, el("option", { value: "" }, t("any")), reasons.map(([value, text]) => el("option", { value }, text)))) : null,
    choice("step", facets("step")), choice("operator", facets("operator")), choice("language", facets("language")),
    words_("min_words"), words_("max_words"), DATA.facets.scored ? words_("min_score") : null,
    el("button", { type: "button", click: () => { filter = { ...empty }; for (const field of controls.querySelectorAll("[data-filter]")) field.value = ""; refresh(); } }, t("clear")));
  const told = el("p", { class: "soft small", role: "status", "aria-live": "polite", style: { "min-height": "1.5em" } });
  const heads = [["instruction", "instruction"], ["outcome", "outcome"], ["step", "step"], ["language", "language"], ["words_in", "words_in"], ["words_out", "words_out"], ["score", "score"]].map(([name, text]) =>
    el("span", { role: "columnheader" }, el("button", { type: "button", "data-sort": name, title: name === "words_in" || name === "words_out" ? t("words") : null, click: () => { if (filter.sort !== name) filter = { ...filter, sort: name, down: false }; else if (!filter.down) filter.down = true; else filter = { ...filter, sort: "", down: false }; refresh(); } }, t(text))));
  const space = el("div", { style: { position: "relative" }, role: "rowgroup" });
  const box = el("div", { class: "rows", tabindex: 0, role: "grid", "aria-label": t("read"), "aria-describedby": "keys" }, el("div", { class: "head", role: "row" }, heads), space);

  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(refresh, 160); };
  const tell = () => {
    let text = t("found", whole.format(count), whole.format(source.here));
    if (source.lost) text += `  ${t("missing_rows", whole.format(source.here), DATA.beside.folder)}`;
    else if (source.here < DATA.inside) text += `  ${t("loading", whole.format(source.here), whole.format(DATA.inside))}`;
    else if (DATA.inside < DATA.total) text += `  ${t("more_rows", whole.format(DATA.inside), whole.format(DATA.total))}`;
    told.textContent = text;
  };
  async function refresh(keep) {
    const mine = ++version, found = await source.find(filter, () => mine !== version);
    if (found === null) return;
    count = found;
    if (keep !== true) { chosen = 0; box.scrollTop = 0; }
    space.style.setProperty("height", `${Math.min(count * high(), MOST)}px`);
    box.setAttribute("aria-rowcount", count + 1);
    for (const button of box.querySelectorAll("[data-sort]")) { const mark = button.dataset.sort === filter.sort ? (filter.down ? " ↓" : " ↑") : ""; button.textContent = t({ outcome: "outcome" }[button.dataset.sort] || button.dataset.sort) + mark; button.parentElement.setAttribute("aria-sort", mark ? (filter.down ? "descending" : "ascending") : "none"); }
    tell();
    await paint();
  }
  const top = () => { const full = count * high(), room = Math.max(1, Math.min(full, MOST) - box.clientHeight + 40); return full <= MOST ? box.scrollTop : (box.scrollTop / room) * (full - box.clientHeight + 40); };
  let painting = 0;
  async function paint() {
    const mine = ++painting, h = high(), at = top(), first = Math.max(0, Math.floor(at / h) - 6), last = Math.min(count, Math.ceil((at + box.clientHeight) / h) + 6);
    const rows = await source.rows(first, last);
    if (mine !== painting) return;
    const shift = box.scrollTop - at;
    space.replaceChildren(...rows.map((row, n) => line(row, first + n, (first + n) * h + shift)));
    box.setAttribute("aria-activedescendant", `row-${chosen}`);
  }
  const outcome = (row) => (row.k ? el("span", { class: "tag bad" }, row.k) : reasons.length ? el("span", { class: "tag good" }, t("kept")) : "");
  function line(row, place, y) {
    const made = el("div", { class: "row", id: `row-${place}`, role: "row", "aria-rowindex": place + 2, "aria-selected": String(place === chosen), style: { top: `${y}px` }, click: () => { chosen = place; open(); } },
      el("span", { role: "gridcell", dir: "auto" }, ONE ? null : dot(row.z || 0), row.q.slice(0, 300)),
      el("span", { role: "gridcell" }, outcome(row)),
      el("span", { role: "gridcell", class: "about soft" }, [row.s, row.o].filter(Boolean).join(" · ")),
      el("span", { role: "gridcell", class: "wideonly soft" }, row.l || ""),
      ...[row.n[0], row.n[1], row.v].map((value, at) => el("span", { role: "gridcell", class: "wideonly soft" }, value === undefined || value === null ? "" : at === 2 ? String(Math.round(value * 1000) / 1000) : whole.format(value))));
    return made;
  }
  let frame = 0;
  box.addEventListener("scroll", () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(paint); }, { passive: true });
  new ResizeObserver(() => refresh(true)).observe(box);

  function show(place) {
    chosen = Math.max(0, Math.min(count - 1, place));
    const h = high(), y = chosen * h;
    if (count * h > MOST) { const room = MOST - box.clientHeight + 40; box.scrollTop = (y / (count * h - box.clientHeight + 40)) * room; }
    else if (y < box.scrollTop) box.scrollTop = y;
    else if (y + h > box.scrollTop + box.clientHeight - 42) box.scrollTop = y + h - box.clientHeight + 42;
    return paint();
  }
  box.addEventListener("keydown", (event) => {
    const page = Math.floor(box.clientHeight / high()) - 1;
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: chosen + page, PageUp: chosen - page, Home: 0, End: count - 1 }[event.key];
    if (event.target !== box) return;
    if (to !== undefined) { event.preventDefault(); show(to); }
    else if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(); }
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select, textarea") && !dialog.open) { event.preventDefault(); search.focus(); }
    if (dialog.open && event.target.closest("textarea, input") === null) {
      if (event.key === "ArrowRight" || event.key === "j") { event.preventDefault(); move(1); }
      if (event.key === "ArrowLeft" || event.key === "k") { event.preventDefault(); move(-1); }
    }
  });

  /* One row, opened. */
  const body = el("div", {}), dialog = el("dialog", { "aria-label": t("read") },
    el("div", { style: { display: "flex", gap: "8px", "justify-content": "flex-end", position: "sticky", top: "-20px", padding: "0 0 8px", background: "var(--ground)" } },
      el("button", { type: "button", click: () => move(-1) }, `← ${t("previous")}`), el("button", { type: "button", click: () => move(1) }, `${t("next")} →`), el("button", { type: "button", click: () => dialog.close() }, t("close"))), body);
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => box.focus());
  const said = (heading, text, more) => (text === undefined || text === null || text === "" ? null : el("div", {}, heading ? el("h3", {}, heading) : null, el("div", { class: "said", dir: "auto", ...more }, text)));
  /** Ids of tasks with what they ask: those that are rows here open, seeds are only told. */
  const relatives = (heading, ids, known) => el("div", {}, el("h3", {}, heading), el("ul", { class: "plain" }, ids.map((id) => {
    const text = known.get(id)?.q ?? DATA.givens[id];
    return el("li", {}, known.get(id) || DATA.served ? el("button", { type: "button", class: "mono chip", click: () => api.open(id) }, id) : el("span", { class: "mono soft" }, id), text ? `  ${text.slice(0, 200)}` : null);
  })));
  async function move(by) { await show(chosen + by); await open(); }
  async function open() {
    const [row] = await source.rows(chosen, chosen + 1);
    if (!row) return;
    const facts = [row.s, row.o && `${row.o}, ${t("round")} ${row.r}`, row.l, row.c === true ? t("classification") : null, row.v !== undefined ? `${t("score")} ${row.v}` : null].filter(Boolean);
    const place = el("div", { style: { "min-height": "3em" } });
    const families = new Map(await Promise.all((row.p || []).map(async (id) => [id, (await source.family(id)).own])));
    const { made } = row.i && !row.k ? await source.family(row.i) : { made: [] };
    body.replaceChildren(...[
      el("p", {}, outcome(row), " ", el("span", { class: "soft mono" }, row.i || ""), el("span", { class: "soft" }, `  ${facts.join(" · ")}`)),
      row.k ? el("p", { class: "notice" }, `${t("detail_rejected")}: ${row.k}${row.d ? `: ${row.d}` : ""}${row.w ? ` (${row.w})` : ""}`) : null,
      said(t("detail_instruction"), row.q),
      said(t("detail_answer"), row.a),
      ...(row.x || []).flatMap(([given, answer, thoughts]) => [said(t("detail_input"), given), said(t("detail_thoughts"), thoughts), said(t("detail_output"), answer)]),
      row.t ? el("h3", {}, t("detail_conversation")) : null,
      ...(row.t || []).flatMap(([role, text, thoughts]) => [el("p", { class: "soft small", style: { margin: "0" } }, role), said("", thoughts && `(${thoughts})`), said("", text || " ")]),
      ...(row.j || []).map(([good, text, score]) => said(`${t(good ? "detail_chosen" : "detail_refused")}${score === null ? "" : ` (${score})`}`, text)),
      said(t("detail_parent"), row.e),
      row.p && !row.e ? relatives(t("detail_parents"), row.p, families) : row.p ? relatives(t("detail_lineage"), row.p, families) : null,
      made.length ? relatives(t("detail_children"), made.slice(0, 12).map((one) => one.i), new Map(made.map((one) => [one.i, one]))) : null,
      said(t("detail_extra"), row.m, { class: "said mono" }),
      row.h ? el("details", {}, el("summary", {}, `${t("detail_exchanges")} (${row.h.length})`), place) : null,
    ].filter(Boolean));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    const known = await source.exchanges(row);
    place.replaceChildren(...known.flatMap(([id, one]) => one
      ? [el("p", { class: "soft" }, el("span", { class: "mono" }, id), ` · ${one.step} · ${one.model}`), said(t("detail_prompt"), one.prompt), said(t("detail_thoughts"), one.thoughts), said(t("detail_raw"), one.answer || " ")]
      : [el("p", { class: "soft" }, el("span", { class: "mono" }, id), ` · ${t("detail_no_exchange")}`)]));
  }

  const arrive = () => document.getElementById("read").scrollIntoView();
  const set = (name, value) => { filter = { ...empty, [name]: value }; for (const field of controls.querySelectorAll("[data-filter]")) field.value = filter[field.dataset.filter] ?? ""; };
  const api = {
    search(text) { set("search", text); refresh(); arrive(); },
    filter(name, value) { set(name, value); refresh(); arrive(); },
    async open(id) {
      if (DATA.served) { set("search", id); await refresh(); if (count) { chosen = 0; await open(); } else { api.search(id); } return; }
      set("search", ""); await refresh();
      const place = await source.place((row) => row.i === id);
      if (place >= 0) { await show(place); await open(); } else api.search(id);
    },
    async openRow(number) { set("search", ""); await refresh(); if (number < count) { await show(number); await open(); } },
    mount() {
      section("read", el("p", { class: "soft small", id: "keys" }, t("keys")), controls, told, box);
      source.begin(() => refresh(true));
    },
    source,
  };
  return api;
})();
