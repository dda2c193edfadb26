"use strict";
// The page of a review. Texts of rows are only ever put in as text; what is said is saved before the page goes on.

const SHOWN = 20000; // characters of a text that are shown at once
const PAUSE = 400; // milliseconds of no typing, after which a text is saved
const SESSION = "selfinstruct-review";
// Controls, marks of direction, and characters as wide as nothing: a reviewer has to see that they are there.
const ODD = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

const $ = (id) => document.getElementById(id);
const page = {
  session: "", words: WORDS.en, language: "en", kind: "questions", me: "", states: [], at: 0, item: null, opinion: null,
  question: 0, editing: false, noting: false, view: "item", waiting: 0, cache: new Map(), typing: 0, moving: 0, pressed: [],
};

function node(name, text, more) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(more || {})) made.setAttribute(key, value);
  return made;
}

function button(id, text, key, act, more) {
  const made = node("button", text, { type: "button", ...more });
  if (id) made.id = id;
  if (key) {
    made.append(" ", node("kbd", key));
    made.setAttribute("aria-keyshortcuts", key);
  }
  made.addEventListener("click", () => { act(); $("main").focus({ preventScroll: true }); });
  return made;
}

// Text as text, with what cannot be seen written out.
function put(into, text, all) {
  const shown = all || text.length <= SHOWN ? text : text.slice(0, SHOWN);
  let end = 0;
  into.textContent = "";
  for (const found of shown.matchAll(ODD)) {
    into.append(shown.slice(end, found.index));
    into.append(node("span", `U+${found[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`, { class: "odd" }));
    end = found.index + found[0].length;
  }
  into.append(shown.slice(end));
  if (shown.length < text.length) into.append(node("br"), button("", page.words.more, "", () => put(into, text, true)));
}

// What is sent and received

async function ask(path, body) {
  const headers = { Authorization: `Bearer ${page.session}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const method = body === undefined ? "GET" : "POST";
  const reply = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), keepalive: body !== undefined && JSON.stringify(body).length < 60000 });
  const value = await reply.json();
  if (!reply.ok) throw Object.assign(new Error(value.error), { status: reply.status });
  return value;
}

let queue = Promise.resolve();

// One after the other, each until it is saved: the event's name tells the server what it knows already.
function send(path, body) {
  const event = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  page.waiting += 1;
  said(page.words.saving);
  queue = queue.then(async () => {
    for (;;) {
      try {
        const value = await ask(path, { event, ...body });
        alarm("");
        return value;
      } catch (error) {
        if (error.status === 401) { alarm(page.words.used); await new Promise(() => {}); }
        if (error.status && error.status !== 507) { alarm(page.words.refused(error.message)); return null; }
        alarm(error.status ? page.words.full(error.message) : page.words.lost);
        await new Promise((go) => setTimeout(go, 1000));
      }
    }
  }).finally(() => { page.waiting -= 1; });
  return queue;
}

function alarm(text) {
  $("alarm").textContent = text;
  $("alarm").hidden = !text;
}

function said(text) { $("said").textContent = text; }

window.addEventListener("beforeunload", (event) => { saveTyped(); if (page.waiting) event.preventDefault(); });

// What is shown

function label(name, role) {
  const kind = name.split("/")[0];
  if (kind !== "turns") return page.words[kind];
  return ["user", "assistant", "system", "tool"].includes(role) ? page.words[role] : role;
}

function fieldNode(field) {
  const quiet = /^(thoughts|tools)/.test(field.name);
  const box = node(quiet ? "details" : "section", undefined, { class: "field", "data-name": field.name });
  const changed = page.opinion.texts[field.name];
  const head = node(quiet ? "summary" : "h2", label(field.name, field.role));
  box.append(head);
  if (changed !== undefined && changed !== field.text) {
    box.classList.add("changed");
    head.append(node("span", `(${page.words.changed})`), button("", page.words.original, "", () => change(field, field.text, true)));
  }
  if (page.editing && field.editable) {
    const area = node("textarea", undefined, { "aria-label": label(field.name, field.role), dir: "auto" });
    area.value = changed !== undefined ? changed : field.text;
    area.rows = Math.min(20, area.value.split("\n").length + Math.ceil(area.value.length / 90));
    area.addEventListener("input", () => change(field, area.value, false));
    box.append(area);
  } else {
    const empty = field.name === "input" ? page.words.noInput : page.words.empty;
    const text = node("div", undefined, { class: "said", dir: "auto", "data-empty": empty });
    put(text, changed !== undefined ? changed : field.text, false);
    box.append(text);
  }
  return box;
}

function draw() {
  const words = page.words, item = page.item;
  document.documentElement.lang = page.language;
  $("to-table").textContent = page.view === "table" ? words.back : words.table;
  $("to-help").textContent = page.view === "help" ? words.back : words.help;
  $("language").textContent = words.other;
  drawProgress();
  for (const view of ["item", "table", "help"]) $(view).hidden = page.view !== view;
  $("panel").hidden = page.view !== "item" || !item;
  if (!item) return;
  $("fields").replaceChildren(...item.fields.map(fieldNode));
  const sides = item.left ? [["sideA", item.left], ["sideB", item.right]] : [];
  $("sides").replaceChildren(...sides.map(([name, fields]) => {
    const side = node("section", undefined, { id: name });
    side.append(node("h2", words[name]), ...fields.map(fieldNode));
    return side;
  }));
  drawPanel();
}

function drawProgress() {
  const many = (state) => page.states.filter((one) => one === state).length;
  $("progress").textContent = page.words.progress(many("done"), page.states.length, many("draft"), page.me);
  $("bar").max = page.states.length || 1;
  $("bar").value = many("done");
  $("bar").setAttribute("aria-label", $("progress").textContent);
}

const SAYS = { questions: [["yes", "y"], ["no", "n"], ["unsure", "u"]], pairs: [["left", "a"], ["right", "b"], ["tie", "t"], ["neither", "x"]] };

function questionText(name) { return page.whole && name === "better" ? page.words.whole : page.words[`${name}Question`] || page.words[name]; }

function drawPanel() {
  const words = page.words;
  $("questions").replaceChildren(...page.item.questions.map((name, number) => {
    const row = node("div", undefined, { class: "question", role: "group", "aria-current": String(number === page.question), "data-question": name });
    const text = node("span", page.item.questions.length > 1 ? `${number + 1}. ${questionText(name)}` : questionText(name));
    text.addEventListener("click", () => { page.question = number; drawPanel(); });
    row.append(text);
    for (const [answer, key] of SAYS[page.kind]) {
      const pressed = String(page.opinion.answers[name] === answer);
      row.append(button("", words[answer], key, () => { page.question = number; answered(answer); }, { "data-answer": answer, "aria-pressed": pressed }));
    }
    return row;
  }));
  const first = page.at === 0, last = page.at === page.states.length - 1;
  const actions = [
    button("submit", words.submit, "Enter", submit, { class: "main" }), button("skip", words.skip, "s", skip), button("undo", words.undo, "z", undo),
    button("add-note", words.note, "c", note), button("previous", words.previous, "←", () => go(page.at - 1), first ? { disabled: "" } : {}),
    button("next", words.next, "→", () => go(page.at + 1), last ? { disabled: "" } : {}),
  ];
  if (page.item.fields.some((field) => field.editable)) actions.splice(4, 0, button("edit", page.editing ? words.ready : words.edit, "e", edit));
  $("actions").replaceChildren(...actions);
  $("note-label").textContent = words.note;
  $("note").hidden = $("note-label").hidden = !(page.noting || page.opinion.note);
  if (document.activeElement !== $("note")) $("note").value = page.opinion.note;
}

// What is said

function save(message) {
  clearTimeout(page.typing);
  page.typing = 0;
  const { state, answers, note: written, texts } = page.opinion, number = page.item.number;
  page.states[number] = state === "draft" && !written && !Object.keys(answers).length && !Object.keys(texts).length ? "" : state;
  page.cache.delete(number);
  drawProgress();
  return send("say", { item: number, state, answers: { ...answers }, note: written, texts: { ...texts } }).then((value) => { if (value && !page.waiting && $("said").textContent === page.words.saving) said(message || page.words.saved); return value; });
}

function saveTyped() { if (page.typing) save(); }

function typed() {
  reopened();
  clearTimeout(page.typing);
  page.typing = setTimeout(save, PAUSE);
}

// A change to what was submitted stays submitted, as long as nothing is missing; what was skipped is a draft again.
function reopened() {
  const all = page.item.questions.every((name) => page.opinion.answers[name]);
  page.opinion.state = page.opinion.state === "done" && all ? "done" : "draft";
}

function change(field, text, redraw) {
  if (text === field.text) delete page.opinion.texts[field.name]; else page.opinion.texts[field.name] = text;
  typed();
  if (redraw) draw();
}

function answered(answer) {
  const names = page.item.questions;
  page.opinion.answers[names[page.question]] = answer;
  reopened();
  const open = names.findIndex((name) => !page.opinion.answers[name]);
  if (open >= 0) page.question = open; else if (page.question < names.length - 1) page.question += 1;
  drawPanel();
  save(page.words[page.opinion.state]);
}

function submit() {
  const open = page.item.questions.findIndex((name) => !page.opinion.answers[name]);
  if (open >= 0) {
    page.question = open;
    drawPanel();
    said(page.words.missing(questionText(page.item.questions[open])));
    return;
  }
  page.opinion.state = "done";
  moving(finish);
}

function skip() {
  page.opinion.state = "skipped";
  moving(finish);
}

async function finish() {
  const all = page.states.length, from = page.at;
  if (!(await save(page.words.saved))) return;
  if (page.at !== from) return; // the reviewer went elsewhere meanwhile
  for (let step = 1; step < all; step += 1) {
    const next = (from + step) % all;
    if (!["done", "skipped"].includes(page.states[next])) { await go(next); return; }
  }
  await look("table");
}

function through() { return page.states.every((state) => ["done", "skipped"].includes(state)); }

function undo() { moving(takeBack); }

async function takeBack() {
  saveTyped();
  const value = await send("undo", {});
  if (!value) return;
  if (value.item === null) { said(page.words.nothing); return; }
  page.cache.delete(value.item);
  await go(value.item);
  const { state, answers, note: written, texts } = page.opinion;
  page.states[value.item] = state === "draft" && !written && !Object.keys(answers).length && !Object.keys(texts).length ? "" : state;
  drawProgress();
  said(page.words.undone);
}

function edit() {
  saveTyped();
  page.editing = !page.editing;
  draw();
  if (!page.editing) return;
  said(page.words.editing);
  document.querySelector("#fields textarea").focus();
}

function note() {
  page.noting = true;
  drawPanel();
  $("note").focus();
}

// Where to go

// Keys that are pressed on the way to another row are meant for that one: they wait for it.
async function moving(act) {
  page.moving += 1;
  try { await act(); } finally { page.moving -= 1; }
  while (!page.moving && page.pressed.length) obey(page.pressed.shift());
}

async function fetched(number) {
  if (!page.cache.has(number)) page.cache.set(number, ask(`items/${number}`));
  try { return await page.cache.get(number); } catch (error) { page.cache.delete(number); throw error; }
}

function go(number) { return moving(() => arrive(number)); }

async function arrive(number) {
  if (number < 0 || number >= page.states.length) return;
  saveTyped();
  let item;
  try { await queue; item = structuredClone(await fetched(number)); } catch (error) { alarm(error.status === 401 ? page.words.used : page.words.lost); return; }
  const open = item.questions.findIndex((name) => !item.opinion.answers[name]);
  Object.assign(page, { at: number, item, opinion: item.opinion, question: Math.max(0, open), editing: false, noting: false, view: "item" });
  draw();
  said(page.states[number] ? page.words[page.states[number]] : "");
  window.scrollTo(0, 0);
  $("main").focus({ preventScroll: true });
  if (number + 1 < page.states.length) fetched(number + 1).catch(() => {});
}

function look(view) { return moving(() => turned(view)); }

async function turned(view) {
  saveTyped();
  page.view = page.view === view ? "item" : view;
  if (page.view === "help") drawHelp();
  if (page.view === "table") {
    try { await queue; drawTable(await ask("table")); } catch (error) {
      if (error.status === 409) $("table").replaceChildren(node("p", page.words.not_yet)); else alarm(page.words.lost);
    }
  }
  draw();
}

function drawHelp() {
  const list = node("dl");
  const keys = page.kind === "pairs" ? [...page.words.pairKeys, ...page.words.keys.slice(2).filter(([key]) => key !== "e")] : page.words.keys;
  for (const [key, what] of keys) { const term = node("dt"); term.append(node("kbd", key)); list.append(term, node("dd", what)); }
  $("help").replaceChildren(list);
}

const percent = (value) => (value === null ? "" : `${(100 * value).toFixed(1)} %`);
const between = (rate) => (rate && rate.value !== null ? `${(100 * rate.low).toFixed(1)} – ${percent(rate.high)}` : "");

function tableNode(caption, heads, rows) {
  const wide = node("div", undefined, { class: "wide", tabindex: "0", role: "region", "aria-label": caption });
  const table = node("table"), head = node("tr");
  head.append(...heads.map((text) => node("th", text, { scope: "col" })));
  table.append(node("caption", caption), head);
  for (const cells of rows) { const row = node("tr"); row.append(...cells.map((text) => node("td", text))); table.append(row); }
  wide.append(table);
  return wide;
}

function drawTable(found) {
  const words = page.words, about = `${found.done} / ${found.sample}, ${found.rows} ${words.rows}: ${found.data.join(", ")}`;
  const made = through() ? [node("p", words.all_done, { class: "notice" })] : [];
  if (found.kind === "pairs") {
    const rows = [["first", found.names[0]], ["second", found.names[1]], ["tie", words.tie], ["neither", words.neither]].map(([name, text]) => [text, String(found[name])]);
    const won = found.first_wins;
    made.push(tableNode(about, [words.answer, words.rows], rows), node("p", `${found.names[0]}: ${percent(won.value)} (${between(won)})`), node("p", `${words.same}: ${found.same}`));
  } else if (found.reasons) {
    const heads = [words.reason, words.rejected, words.isRight, words.isWrong, words.unsure, words.wrongShare, words.interval];
    made.push(tableNode(about, heads, found.reasons.map((one) => [
      one.reason, String(one.rows), String(one.right), String(one.wrong), String(one.unsure), percent(one.rate.value), between(one.rate),
    ])), node("p", `${words.wrongShare}: ${percent(found.wrong.value)} (${between(found.wrong)})`));
  } else {
    const judged = found.questions.some((one) => one.with_judge);
    const heads = [words.question, words.yes, words.no, words.unsure, words.rate, words.interval, ...(judged ? [words.judge, words.interval] : []), words.paper];
    made.push(tableNode(about, heads, found.questions.map((one) => [
      questionText(one.question), String(one.yes), String(one.no), String(one.unsure), percent(one.rate.value), between(one.rate),
      ...(judged ? [one.with_judge ? percent(one.with_judge.value) : "", between(one.with_judge)] : []), `${Math.round(100 * one.paper)} %`,
    ])));
  }
  if (found.agreement && found.agreement.length) {
    made.push(tableNode(words.agreement, [words.question, "", words.rows, "kappa", words.interval], found.agreement.map((one) => [
      questionText(one.question), one.people.join(" – "), String(one.rows), one.kappa === null ? "" : one.kappa.toFixed(2), `${one.low.toFixed(2)} – ${one.high.toFixed(2)}`,
    ])));
  }
  $("table").replaceChildren(...made);
}

// Keys

// An input method, or a layout of other letters, gives no letter of ours: then the place on the keyboard counts.
function keyOf(event) {
  if (/^[a-z0-9?]$/i.test(event.key) || event.key.length > 1 && event.key !== "Process" && event.key !== "Unidentified") return event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = /^(?:Key|Digit)(.)$/.exec(event.code || "");
  return found ? found[1].toLowerCase() : event.key;
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inText = event.target instanceof HTMLTextAreaElement;
  if (event.key === "Escape") {
    if (inText) { event.target.blur(); saveTyped(); if (page.editing) edit(); $("main").focus({ preventScroll: true }); } else if (page.view !== "item") look(page.view);
    return;
  }
  if (inText || event.isComposing || !page.item) return;
  const key = keyOf(event), isButton = event.target instanceof HTMLButtonElement;
  if (isButton && (key === "Enter" || key === " ")) return;
  if (!KEYS[key] && !onItem(key)) return;
  event.preventDefault();
  if (!page.moving) obey(key); else if ($("alarm").hidden) page.pressed.push(key);
}

function obey(key) {
  const act = KEYS[key] || (page.view === "item" && onItem(key));
  if (act) act();
}

const KEYS = { "?": () => look("help"), r: () => look("table") };

function onItem(key) {
  const answer = SAYS[page.kind].find(([, own]) => own === key);
  if (answer) return () => answered(answer[0]);
  if (/^[1-9]$/.test(key) && Number(key) <= page.item.questions.length) return () => { page.question = Number(key) - 1; drawPanel(); };
  return {
    Enter: submit, s: skip, z: undo, c: note, ArrowRight: () => go(page.at + 1), j: () => go(page.at + 1), ArrowLeft: () => go(page.at - 1), k: () => go(page.at - 1),
    e: () => { if (page.item.fields.some((field) => field.editable)) edit(); },
  }[key];
}

// Beginning

function speak(language) {
  page.language = language;
  page.words = WORDS[language];
  if (page.view === "help") drawHelp();
  const table = page.view === "table";
  if (table) { page.view = "item"; look("table"); } else draw();
}

function kept(value) {
  for (const place of [sessionStorage, localStorage]) { try { if (value === undefined && place.getItem(SESSION)) return place.getItem(SESSION); if (value) place.setItem(SESSION, value); } catch { /* storage that is switched off */ } }
  return "";
}

async function begin() {
  const token = location.hash.slice(1);
  page.session = kept();
  speak((navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en");
  if (token) {
    history.replaceState(null, "", location.pathname);
    try { page.session = (await ask("open", { token })).session; kept(page.session); } catch (error) { if (!error.status) { alarm(page.words.lost); return; } }
  }
  let state;
  try { state = await ask("state"); } catch (error) { alarm(error.status ? page.words.used : page.words.lost); return; }
  Object.assign(page, { kind: state.kind, whole: state.whole, me: state.me, states: state.states });
  if (WORDS[state.language]) speak(state.language);
  const open = page.states.findIndex((one) => !["done", "skipped"].includes(one));
  await go(Math.max(0, open));
  if (open < 0) await look("table");
}

$("to-table").addEventListener("click", () => look("table"));
$("to-help").addEventListener("click", () => look("help"));
$("language").addEventListener("click", () => speak(page.language === "en" ? "zh" : "en"));
$("note").addEventListener("input", () => { page.opinion.note = $("note").value; typed(); });
document.addEventListener("keydown", pressed);
window.addEventListener("hashchange", () => location.reload()); // another link, put into the same tab
begin();
