// The sections of the page, from the figures. One data set, or several side by side.
"use strict";

/** A heading for each data set, where there are several. */
const each = (draw) => SETS.map((set, at) => { const drawn = draw(set, at); return drawn && (ONE ? drawn : el("div", {}, el("p", { class: "soft" }, dot(at), title(set.name)), drawn)); });
const fact = (name, value) => (value === null || value === undefined || value === "–" ? null : el("div", {}, el("dt", {}, name), el("dd", {}, value)));
const share = (part, of) => (of ? percent(part / of) : "–");

function overview() {
  if (!ONE) return comparison();
  const set = SETS[0], labelled = set.classification.yes + set.classification.no, spent = set.spending || [];
  const dollars = spent.map((row) => row.dollars).filter((value) => value !== null);
  section("overview", el("dl", { class: "facts" },
    fact(t("tasks"), number(set.tasks)),
    set.rejected.length ? fact(`${t("kept")} (${whole.format(set.proposed)} ${t("proposed")})`, share(set.kept, set.proposed)) : null,
    fact(t("instances"), set.instances ? number(set.instances / set.tasks) : "–"),
    fact(t("with_input"), share(set.with_input, set.tasks)),
    fact(t("classification"), share(set.classification.yes, labelled)),
    fact(t("median_words"), number(set.lengths.instruction.median)),
    fact(t("distinct_pairs"), set.verbs ? number(set.verbs.pairs) : "–"),
    fact(t("nearest_mean"), set.nearest.other ? two.format(set.nearest.other.mean ?? 0) : "–"),
    fact(t("language"), Object.entries(set.languages).slice(0, 1).map(([code, count]) => `${code} ${share(count, set.tasks)}`)[0]),
    dollars.length ? fact(t("dollars"), `$${two.format(dollars.reduce((a, b) => a + b, 0))}`) : null,
    spent.length ? fact(t("tokens_out"), whole.format(spent.reduce((sum, row) => sum + (row.output || 0), 0))) : null));
}

function comparison() {
  const { table: rows, lacking, sentences, map } = DATA.comparison, shares = new Set(["with_input", "classification", "similar", "duplicates", "refusals", "longer", "kept"]);
  const shown = Object.entries(rows).filter(([name, values]) => !["even", "language_share"].includes(name) && values.some((value) => value !== null));
  const cell = (name, value, at) => name === "language" ? `${value} ${percent(rows.language_share[at])}` : shares.has(name) ? percent(value) : number(value);
  const even = rows.even[0], note = (name) => (["verbs", "pairs", "nearest"].includes(name) && even ? el("span", { class: "soft" }, ` ${t("even_of", whole.format(even))}`) : "");
  const value = (fact, amount) => (["more_similar", "more_duplicates", "more_refusals", "more_inputs"].includes(fact.says) ? percent(amount) : number(amount));
  section("side",
    el("ul", {}, sentences.map((fact) => el("li", {}, t(`says_${fact.says}`, title(fact.first), title(fact.second), value(fact, fact.high), value(fact, fact.low))))),
    table(["", ...SETS.map((set, at) => el("span", {}, dot(at), title(set.name)))],
      shown.map(([name, values]) => [el("span", {}, t(`f_${name}`), note(name)), ...values.map((one, at) => cell(name, one, at))])),
    el("div", { class: "grid", style: { "margin-top": "28px" } }, lacking.map((only, at) => {
      const list = (name, items) => (items.length ? el("p", {}, el("span", { class: "soft" }, `${t(name)}: `), items.map((item, n) => [n ? ", " : "", el("span", { title: whole.format(item.at(-1)) }, item.slice(0, -1).join(" "))])) : null);
      const parts = [list("lacking_verbs", only.verbs), list("lacking_pairs", only.pairs), list("lacking_nouns", only.nouns)];
      return parts.some(Boolean) ? el("div", {}, el("h3", {}, t("lacking_title", title(SETS[at].name))), parts) : null;
    })),
    map ? el("div", { style: { "margin-top": "28px" } }, figure(t("joint_title"), el("div", {}, legend(SETS.map((set) => title(set.name))), scatter(t("joint_title"), map.points, (at) => `${title(SETS[map.sets[at]].name)}\n${map.texts[at]}`, (at) => colour(map.sets[at]))), t("map_says", whole.format(map.points.length), t(`by_${map.by}`)))) : null);
}

function verbs() {
  const missing = SETS.find((set) => set.missing);
  if (missing) return section("verbs", el("p", { class: "notice" }, t("no_verbs", missing.missing)));
  if (!SETS.some((set) => set.verbs && set.verbs.top.length)) return;
  section("verbs", el("div", { class: "grid" }, each((set) => {
    const said = set.verbs;
    if (!said || !said.top.length) return null;
    const note = said.asked < set.tasks ? ` ${t("sampled", whole.format(said.asked))}` : "";
    const drawn = figure(t("sunburst_title", said.top.length), sunburst(t("sunburst_title", said.top.length), said.top, (query) => table_.search(query)), t("sunburst_says", whole.format(said.with_object), whole.format(said.asked)) + note,
      numbers([t("lacking_verbs"), t("tasks"), t("lacking_pairs")], said.top.map((one) => [one.verb, one.count, one.objects.map((pair) => pair.join(" ")).join(", ")])));
    if (!ONE) return drawn;
    const bars = said.common.slice(0, 16).map(([verb, noun, count]) => [`${verb} ${noun}`, count, whole.format(count)]);
    return [drawn, figure(t("common_pairs"), across(t("common_pairs"), bars, (query) => table_.search(query)))];
  })));
}

function coverage() {
  section("coverage", each((set) => !(set.coverage || []).length ? null : el("div", { class: "grid" }, set.coverage.map((axis) => {
    const bars = axis.by_value.slice(0, 16).map(([value, kept, proposed]) => [value, kept, t("of", whole.format(kept), whole.format(proposed))]);
    const says = t("coverage_says", whole.format(axis.values), whole.format(axis.never_proposed), whole.format(axis.never_kept));
    return figure(axis.axis, across(axis.axis, bars), says, numbers([axis.axis, t("kept"), t("proposed")], axis.by_value));
  }))));
}

function lengths() {
  if (!SETS.some((set) => set.tasks)) return;
  const edges = DATA.edges.map((edge) => whole.format(edge)), keys = ONE ? null : legend(SETS.map((set) => title(set.name)));
  const drawn = ["instruction", "input", "output"].map((name) => {
    const series = SETS.map((set) => ({ name: title(set.name), bins: set.lengths[name].bins }));
    const first = SETS[0].lengths[name];
    const says = !ONE ? null : t("length_says", number(Math.round(first.quarter)), number(Math.round(first.three_quarters)), number(Math.round(first.nine_tenths)), number(first.mean));
    if (!series.some((one) => one.bins.some(Boolean))) return el("div", {}, el("h3", {}, t("length_of", t(name))), el("p", { class: "soft" }, t("length_none")));
    const heads = [t("words"), ...SETS.map((set) => title(set.name))];
    return figure(t("length_of", t(name)), bins(t("length_of", t(name)), edges, series, t("words")), says, numbers(heads, edges.map((edge, at) => [`${edge}+`, ...series.map((one) => one.bins[at])]).filter((row) => row.slice(1).some(Boolean))));
  });
  const most = 10, counts = SETS.map((set) => ({ name: title(set.name), bins: Array.from({ length: most + 1 }, (_, at) => set.per_task[at] || 0) }));
  if (SETS.some((set) => set.instances)) drawn.push(figure(t("per_task_title"), bins(t("per_task_title"), counts[0].bins.map((_, at) => (at === most ? "10+" : String(at))), counts, "", true)));
  const spoken = SETS.some((set) => Object.keys(set.languages).length > 1);
  if (spoken) drawn.push(el("div", {}, each((set) => figure(t("languages"), across(t("languages"), Object.entries(set.languages).slice(0, 10).map(([code, count]) => [code, count, `${whole.format(count)} (${share(count, set.tasks)})`]), ONE ? (code) => table_.filter("language", code) : null)))));
  if (SETS.some((set) => set.scores)) drawn.push(el("div", {}, each((set) => set.scores && figure(t("scores_title"), bins(t("scores_title"), set.scores.edges.map((edge) => number(edge)), [{ name: "", bins: set.scores.bins }], t("score"), set.scores.edges.length === set.scores.bins.length), t("scores_says", whole.format(set.scores.tasks), number(set.scores.lowest), number(set.scores.highest), number(set.scores.mean))))));
  section("lengths", keys, el("div", { class: "grid" }, drawn));
}

function novelty() {
  const edges = DATA.tenths.map((edge) => edge.toFixed(2)), drawn = [];
  for (const name of ["other", "seed"]) {
    const known = SETS.filter((set) => set.nearest[name] && set.nearest[name].asked);
    if (!known.length) continue;
    const series = known.map((set) => ({ name: title(set.name), bins: set.nearest[name].bins })), first = known[0].nearest[name];
    const says = known.length > 1 ? null : t("nearest_says", two.format(first.mean), percent(first.above), whole.format(first.asked), whole.format(first.among));
    drawn.push(figure(t(`nearest_${name}`), [known.length > 1 ? legend(series.map((one) => one.name)) : null, bins(t(`nearest_${name}`), edges, series, "ROUGE-L")], says, numbers(["ROUGE-L", ...series.map((one) => one.name)], edges.map((edge, at) => [edge, ...series.map((one) => one.bins[at])]))));
  }
  each((set) => {
    const head = (name) => (ONE ? t(name) : `${t(name)} · ${title(set.name)}`);
    if (set.growth.length > 2) {
      const series = [{ name: t("growth_nearest"), points: set.growth.map((part) => [part.tasks, part.nearest]) }, { name: t("growth_pairs"), points: set.growth.map((part) => [part.tasks, part.pairs]) }];
      drawn.push(figure(head("growth_title"), [legend(series.map((one) => one.name)), lines(t("growth_title"), series, t("tasks"))], ONE ? t("growth_says") : null, numbers([t("tasks"), ...series.map((one) => one.name)], set.growth.map((part) => [part.tasks, part.nearest, part.pairs]))));
    }
    if (set.acceptance && set.acceptance.length > 2) {
      const series = [{ name: t("kept"), points: set.acceptance.map((part) => [part.requests, part.proposed ? part.kept / part.proposed : null]) }, { name: t("too_similar"), points: set.acceptance.map((part) => [part.requests, part.proposed ? part.similar / part.proposed : null]) }];
      drawn.push(figure(head("acceptance_title"), [legend(series.map((one) => one.name)), lines(t("acceptance_title"), series, t("requests"))], ONE ? t("acceptance_says") : null, numbers([t("requests"), t("proposed"), t("kept"), t("too_similar")], set.acceptance.map((part) => [part.requests, part.proposed, part.kept, part.similar]))));
    }
    return null;
  });
  if (drawn.length) section("novelty", el("div", { class: "grid" }, drawn));
}

function funnel() {
  section("funnel", each((set) => {
    if (!set.rejected.length) return null;
    const reasons = [...new Set(set.funnel.flatMap((step) => Object.keys(step.reasons)))];
    const rows = set.funnel.map((step) => {
      const parts = [["kept", step.left], ...Object.entries(step.reasons)];
      const bar = chart(`${step.step}: ${t("of", whole.format(step.left), whole.format(step.came))}`, 34, (svg, width) => {
        const wide = (width * step.came) / Math.max(set.proposed, 1);
        let x = 0;
        for (const [reason, count] of parts) {
          const part = (wide * count) / Math.max(step.came, 1), at = reasons.indexOf(reason);
          const fill = reason === "kept" && at < 0 ? "var(--c3)" : colour([0, 1, 3, 4, 5, 6, 7][at % 7]);
          if (part > 0.4) svg.append(tipped(el("svg:rect", { x, y: 4, width: Math.max(1, part - 1), height: 26, rx: 2, fill, class: "hot" }), `${reason === "kept" ? t("kept") : reason}: ${whole.format(count)} (${share(count, step.came)})`));
          x += part;
        }
      });
      const tags = Object.entries(step.reasons).map(([reason, count]) => el("button", { type: "button", click: () => table_.filter("reason", reason), style: { "min-height": "32px", padding: "2px 10px", "font-size": ".875rem" } }, `${reason} `, el("b", {}, whole.format(count))));
      return el("div", { style: { margin: "14px 0" } }, el("h3", {}, step.step || "?", el("span", { class: "soft", style: { "font-weight": "400" } }, `  ${t("of", whole.format(step.left), whole.format(step.came))}`)), bar, el("div", { class: "controls", style: { margin: "4px 0" } }, tags));
    });
    return [el("p", { class: "soft" }, t("funnel_says", whole.format(set.proposed), whole.format(set.kept))), rows];
  }));
}

function evolution() {
  section("evolution", each((set) => !set.survivors || !set.survivors.length ? null : el("div", {},
    el("div", { style: { "margin-bottom": "24px" } }, el("h3", {}, t("survivors")), table([t("operator"), t("round"), t("made"), t("alive"), t("share"), t("eliminated")], set.survivors.map((row) => [row.operator, row.round, row.made, row.kept, share(row.kept, row.made), Object.entries(row.reasons).map((pair) => pair.join(" ")).join(", ")]))),
    el("div", {}, el("h3", {}, t("rounds")), table([t("round"), t("tasks"), t("words"), t("conditions"), t("reasoning"), t("new_words"), "ROUGE-L", t("difficulty")], set.rounds.map((row) => [String(row.round), row.tasks, row.length, row.conditions, row.reasoning, row.new, row.rouge, row.difficulty]))),
    !set.attempts ? null : el("div", { style: { "margin-top": "24px" } }, el("h3", {}, t("attempts")), table([t("attempt"), t("marked"), t("taken"), t("share"), t("weak_right"), t("strong_right"), t("gap"), t("taken_gap")], set.attempts.map((row) => [String(row.attempt), row.marked, row.taken, share(row.taken, row.marked), share(row.weak, 1), share(row.strong, 1), share(row.gap, 1), row.taken_gap === null ? "–" : share(row.taken_gap, 1)]))))));
}

function cost() {
  section("cost", each((set) => !set.spending || !set.spending.length ? null : [
    table([t("step"), t("model"), t("requests"), t("retries"), t("seconds"), t("tokens_in"), t("tokens_out"), t("thinking"), t("dollars")], set.spending.map((row) => [row.step || "?", row.model, row.requests, row.retries, row.seconds, row.input, row.output, row.thinking, row.dollars === null ? "–" : `$${row.dollars.toFixed(4)}`])),
    el("p", { class: "soft small", style: { "margin-top": "8px" } }, t("cost_says"))]));
}

function quality() {
  if (!SETS.some((set) => set.tasks)) return;
  section("quality", el("div", { class: "grid" }, each((set) => {
    const found = set.duplicates;
    return el("div", {}, el("h3", {}, t("duplicates_title")), el("p", { class: "soft" }, t("duplicates_says", whole.format(found.tasks), whole.format(found.compared), whole.format(found.clusters))),
      found.largest.length ? table([t("instruction"), t("size")], found.largest.map((row) => [row.instruction, row.size])) : null,
      el("h3", { style: { "margin-top": "20px" } }, t("refusals_title")), el("p", { class: "soft" }, t("refusals_says", whole.format(set.refusals.found), whole.format(set.refusals.asked))),
      set.refusals.ids.length ? el("p", { class: "small" }, set.refusals.ids.map((id) => [el("button", { type: "button", class: "chip mono", click: () => table_.open(id) }, id)])) : null);
  })));
}

function maps() {
  if (!ONE || !SETS[0].map) return;
  const { by, points, tasks } = SETS[0].map, choices = ["verb", "operator", "step", "language", "score", "family"].filter((name) => new Set(tasks.map((task) => task[name])).size > 1);
  const place = el("div", {}), select = el("select", { change: () => draw(select.value) }, choices.map((name) => el("option", { value: name }, t(name))));
  const draw = (name) => {
    if (name === "score") {
      const known = tasks.map((task) => task.score).filter((value) => value !== undefined), low = Math.min(...known), high = Math.max(...known);
      const hue = (at) => (tasks[at].score === undefined ? "var(--line)" : `color-mix(in oklab, var(--c2) ${Math.round((100 * (tasks[at].score - low)) / (high - low || 1))}%, var(--c1))`);
      place.replaceChildren(el("p", { class: "small soft" }, `${number(low)} `, el("span", { style: { color: "var(--c1)" } }, "●"), " … ", el("span", { style: { color: "var(--c2)" } }, "●"), ` ${number(high)}`), scatter(t("map_title"), points, says, hue, go));
      return;
    }
    const counts = new Map();
    for (const task of tasks) counts.set(task[name] ?? "", (counts.get(task[name] ?? "") || 0) + 1);
    if (name === "verb") counts.delete("");
    const top = [...counts].sort((a, b) => b[1] - a[1]).filter((pair) => pair[1] > 1).slice(0, 7).map((pair) => pair[0]);
    const names = [...top.map((value) => value || t("none")), ...(tasks.some((task) => !top.includes(task[name] ?? "")) ? ["…"] : [])];
    place.replaceChildren(choices.length ? legend(names.map((value) => value.slice(0, 30))) : el("span", {}), scatter(t("map_title"), points, says, (at) => { const which = top.indexOf(tasks[at][name] ?? ""); return which < 0 ? colour(7) : colour(which); }, go));
  };
  const says = (at) => `${tasks[at].instruction}\n${[tasks[at].step, tasks[at].operator, tasks[at].score].filter((value) => value !== undefined && value !== "").join(" · ")}`;
  const go = (at) => table_.openRow(tasks[at].row);
  draw(choices[0] || "none");
  section("map", choices.length ? el("div", { class: "controls" }, el("label", {}, t("colour_by"), select)) : null, place, el("p", { class: "soft" }, t("map_says", whole.format(points.length), t(`by_${by}`))));
}

document.querySelector("h1").textContent = ONE ? title(SETS[0].name) : SETS.map((set) => title(set.name)).join(" · ");
for (const draw of [overview, funnel, coverage, verbs, lengths, novelty, evolution, cost, quality, maps]) draw();
