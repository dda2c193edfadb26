"""The figures of a report as files, SVG and PNG, by matplotlib: for papers and slides; the page draws its own."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import shown
from selfinstruct.report.counting.lengths import EDGES
from selfinstruct.report.counting.nearest import TENTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plots"]

COLOURS = ("#1f6fc4", "#c4560a", "#14805e", "#a8407f", "#8a6a00", "#2a8fa8", "#6a50c7", "#6b7280")
FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei", "SimHei")
"""The first of these that has a character draws it."""

Sets = Sequence[Mapping[str, Any]]
Words = Mapping[str, str]


def plots(sets: Sets, names: Sequence[str], words: Words) -> dict[str, bytes]:
    """Images by the names of their files: verbs.svg, verbs.png, lengths.svg … Those without data are left out.

    names   of the data sets, as the legend has them; words: of the page
    Raises ImportError when matplotlib is missing.
    """
    import matplotlib
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    settings: Any = {
        "font.family": [name for name in FONTS if name in known] or ["sans-serif"],
        "svg.hashsalt": "selfinstruct",
        "svg.fonttype": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
    }
    made: dict[str, bytes] = {}
    draws: dict[str, Callable[[Sets, Sequence[str], Words], Figure | None]] = {
        "verbs": _verbs,
        "lengths": _lengths,
        "nearest": _nearest,
        "growth": _growth,
        "funnel": _funnel,
        "map": _map,
    }
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a character that no font here has is a box, and nothing to stop for
        for name, draw in draws.items():
            if drawn := draw(sets, names, words):
                for kind in ("svg", "png"):
                    file = io.BytesIO()
                    about = {"Date": None} if kind == "svg" else {"Software": None}
                    drawn.savefig(file, format=kind, dpi=150, metadata=about)
                    made[f"{name}.{kind}"] = file.getvalue()
                    drawn.set_layout_engine("none")  # it is laid out, which takes half of the time
    return made


def _axes(count: int, width: float = 5.2, height: float = 3.4) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * count, height), layout="constrained")
    return figure, [figure.add_subplot(1, count, at + 1) for at in range(count)]


def _bins(axes: Axes, edges: Sequence[float], series: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    """Shares of equally wide bins: bars of one series, outlines of several."""
    last = max((at for row in series for at, count in enumerate(row) if count), default=0)
    first = min((at for row in series for at, count in enumerate(row) if count), default=0)
    places = list(range(first, last + 1))
    for at, row in enumerate(series):
        total = sum(row) or 1
        shares = [row[place] / total for place in places]
        if len(series) == 1:
            axes.bar(places, shares, width=0.92, align="edge", color=COLOURS[0])
        else:
            axes.stairs(
                shares, [*places, last + 1], color=COLOURS[at % len(COLOURS)], linewidth=2, label=_plain(names[at])
            )
    step = max(1, len(places) // 8)
    axes.set_xticks(places[::step], [f"{edges[place]:g}" for place in places[::step]])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    if len(series) > 1:
        axes.legend(frameon=False)


def _plain(text: str) -> str:
    """matplotlib takes what stands between $ for mathematics, and cannot draw half a surrogate pair."""
    return shown(text).replace("$", r"\$")


def _verbs(sets: Sets, names: Sequence[str], words: Words) -> Figure | None:
    known = [(figures["verbs"], name) for figures, name in zip(sets, names, strict=True) if figures["verbs"]]
    known = [(found, name) for found, name in known if found["top"]]
    if not known:
        return None
    figure, all_axes = _axes(len(known), 7, 7)
    for axes, (found, name) in zip(all_axes, known, strict=True):
        top, inner, outer = found["top"], [], []
        for at, one in enumerate(top):
            colour = COLOURS[at % len(COLOURS)]
            inner.append((one["count"], one["verb"], colour))
            objects = sum(count for _, count in one["objects"])  # they share their verb's arc, as in the papers
            outer += [(one["count"] * count / objects, noun, f"{colour}66") for noun, count in one["objects"]]
            outer += [(one["count"], "", "#ffffff00")] * (not objects)
        for ring, radius, place in ((inner, 0.7, 0.78), (outer, 1.0, 0.86)):
            total = sum(count for count, *_ in ring) or 1
            axes.pie(
                [count for count, *_ in ring],
                radius=radius,
                labels=[_plain(text) if count / total > 0.008 else "" for count, text, _ in ring],
                colors=[colour for *_, colour in ring],
                labeldistance=place,
                rotatelabels=True,
                startangle=90,
                counterclock=False,
                wedgeprops={"width": 0.36 if radius < 1 else 0.29, "edgecolor": "white", "linewidth": 0.6},
                textprops={"fontsize": 8, "ha": "center", "va": "center"},
            )
        axes.set_title(_plain(name))
    return figure


def _lengths(sets: Sets, names: Sequence[str], words: Words) -> Figure | None:
    figure, all_axes = _axes(3)
    for axes, part in zip(all_axes, ("instruction", "input", "output"), strict=True):
        _bins(axes, EDGES, [figures["lengths"][part]["bins"] for figures in sets], names)
        axes.set_title(words["length_of"].replace("{a}", words[part]))
        axes.set_xlabel(words["words"])
    return figure


def _nearest(sets: Sets, names: Sequence[str], words: Words) -> Figure | None:
    kinds = [kind for kind in ("other", "seed") if any(figures["nearest"].get(kind) for figures in sets)]
    if not kinds:
        return None
    figure, all_axes = _axes(len(kinds))
    for axes, kind in zip(all_axes, kinds, strict=True):
        known = [
            (figures["nearest"][kind], name)
            for figures, name in zip(sets, names, strict=True)
            if figures["nearest"].get(kind)
        ]
        _bins(axes, TENTHS, [found["bins"] for found, _ in known], [name for _, name in known])
        axes.set_title(words[f"nearest_{kind}"])
        axes.set_xlabel("ROUGE-L F")
    return figure


def _growth(sets: Sets, names: Sequence[str], words: Words) -> Figure | None:
    known = [(figures, name) for figures, name in zip(sets, names, strict=True) if len(figures["growth"]) > 2]
    if not known:
        return None
    figure, all_axes = _axes(len(known))
    for axes, (figures, name) in zip(all_axes, known, strict=True):
        for at, part in enumerate(("nearest", "pairs")):
            points = [(row["tasks"], row[part]) for row in figures["growth"] if row[part] is not None]
            if points:
                axes.plot(
                    *zip(*points, strict=True),
                    color=COLOURS[at],
                    marker="o",
                    markersize=4,
                    label=words[f"growth_{part}"],
                )
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(words["tasks"])
        axes.set_title(_plain(name))
        axes.legend(frameon=False)
    return figure


def _funnel(sets: Sets, names: Sequence[str], words: Words) -> Figure | None:
    known = [(figures, name) for figures, name in zip(sets, names, strict=True) if figures.get("rejected")]
    if not known:
        return None
    figure, all_axes = _axes(len(known), 6.4, 3.4)
    for axes, (figures, name) in zip(all_axes, known, strict=True):
        reasons = list(dict.fromkeys(reason for step in figures["funnel"] for reason in step["reasons"]))
        for row, step in enumerate(figures["funnel"]):
            axes.barh(row, step["left"], color=COLOURS[2], label=words["kept"] if not row else None)
            left = step["left"]
            for reason, count in step["reasons"].items():
                colour = COLOURS[(reasons.index(reason) + 3) % len(COLOURS)]
                axes.barh(row, count, left=left, color=colour, label=_plain(reason))
                left += count
        axes.set_yticks(range(len(figures["funnel"])), [_plain(step["step"]) for step in figures["funnel"]])
        axes.invert_yaxis()
        axes.set_title(_plain(name))
        axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _map(sets: Sets, names: Sequence[str], words: Words) -> Figure | None:
    if len(sets) > 1 or not sets[0].get("map"):
        return None
    figure, (axes,) = _axes(1, 6, 6)
    points, tasks = sets[0]["map"]["points"], sets[0]["map"]["tasks"]
    steps = list(dict.fromkeys(task["step"] for task in tasks))
    for at, step in enumerate(steps[:8]):
        some = [point for point, task in zip(points, tasks, strict=True) if task["step"] == step]
        xs, ys = [x for x, _ in some], [-y for _, y in some]
        axes.scatter(xs, ys, s=14, color=COLOURS[at], alpha=0.75, label=_plain(step))
    axes.set_axis_off()
    if len(steps) > 1:
        axes.legend(frameon=False)
    axes.set_title(words["map_title"])
    return figure
