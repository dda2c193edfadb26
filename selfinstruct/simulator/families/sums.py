"""Problems in words: each family draws the numbers of its stories, with all that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random

from selfinstruct.simulator.families.making import stories
from selfinstruct.simulator.vocabulary import NAMES, clock, plain_number

__all__ = ["FAMILIES"]

Numbers = Mapping[str, object]


def _change(rng: Random) -> Numbers:
    n, price = rng.randint(3, 9), rng.randint(4, 19)
    total = n * price
    paid = next(note for note in (50, 100, 200) if note > total + 1)
    more = {"n1": n + 1, "total1": total + price, "tenth": plain_number(Fraction(total, 10)), "change": paid - total}
    return {"name": rng.choice(NAMES), "n": n, "price": price, "total": total, "paid": paid} | more


def _distance(rng: Random) -> Numbers:
    speed, hours = rng.randrange(60, 96, 6), rng.choice((2, 4, 6, 8))
    distance = speed * hours
    more = {"half": distance // 2, "per_minute": speed * 1000 // 60}
    return {"name": rng.choice(NAMES), "speed": speed, "hours": hours, "distance": distance} | more


def _average_speed(rng: Random) -> Numbers:
    speed, hours = rng.randint(9, 18), rng.randint(2, 7)
    distance = speed * hours
    more = {"double": 2 * distance, "double_hours": 2 * hours}
    return {"name": rng.choice(NAMES), "speed": speed, "hours": hours, "distance": distance} | more


def _wages(rng: Random) -> Numbers:
    hours, rate, bonus = rng.randint(3, 12), rng.randint(14, 45), rng.randrange(15, 60, 5)
    more = {"base": hours * rate, "pay": hours * rate + bonus, "hours2": 2 * hours, "pay2": 2 * hours * rate + bonus}
    return {"name": rng.choice(NAMES), "hours": hours, "rate": rate, "bonus": bonus} | more


def _saving(rng: Random) -> Numbers:
    step, weeks, have = rng.randrange(10, 60, 5), rng.randint(4, 20), rng.randrange(20, 200, 10)
    gap = step * weeks
    more = {"gap": gap, "goal": gap + have, "step2": 2 * step, "weeks2": (weeks + 1) // 2}
    return {"name": rng.choice(NAMES), "step": step, "weeks": weeks, "have": have} | more


def _sharing(rng: Random) -> Numbers:
    groups, each = rng.randint(4, 12), rng.randint(5, 20)
    left = rng.randint(2, groups - 1)
    used = groups * each
    more = {"used": used, "total": used + left, "missing": groups - left, "each1": each + 1, "next": used + groups}
    return {"groups": groups, "each": each, "left": left} | more


def _discount(rng: Random) -> Numbers:
    price, percent = rng.randrange(80, 900, 20), rng.choice((5, 10, 15, 20, 25, 30, 40))
    off = price * percent // 100
    more = {"off": off, "new": price - off, "two": 2 * (price - off)}
    return {"name": rng.choice(NAMES), "price": price, "percent": percent} | more


def _admission(rng: Random) -> Numbers:
    x, y, a, c = rng.randint(2, 9), rng.randint(3, 12), 2 * rng.randint(4, 8), 2 * rng.randint(1, 3)
    more = {"xa": x * a, "yc": y * c, "total": x * a + y * c, "gap": abs(x * a - y * c)}
    return {"name": rng.choice(NAMES), "x": x, "y": y, "a": a, "c": c} | more


def _interest(rng: Random) -> Numbers:
    capital, rate = rng.randrange(400, 9000, 100), rng.randint(2, 8)
    more = {"interest": capital * rate // 100, "whole": capital + capital * rate // 100}
    return {"name": rng.choice(NAMES), "capital": capital, "rate": rate} | more


def _ages(rng: Random) -> Numbers:
    younger, gap = rng.randint(5, 30), rng.randint(2, 9)
    name, other = rng.sample(NAMES, 2)
    more = {"sum": 2 * younger + gap, "rest": 2 * younger, "older": younger + gap}
    return {"name": name, "other": other, "younger": younger, "gap": gap} | more


def _reading(rng: Random) -> Numbers:
    step, days = rng.randint(12, 48), 2 * rng.randint(4, 12)
    more = {"pages": step * days, "half": days // 2, "left": step * days // 2}
    return {"name": rng.choice(NAMES), "step": step, "days": days} | more


def _fuel(rng: Random) -> Numbers:
    use, hundreds = rng.randint(5, 14), rng.randint(2, 9)
    more = {"km": 100 * hundreds, "litres": use * hundreds, "cost": 2 * use * hundreds}
    return {"name": rng.choice(NAMES), "use": use, "hundreds": hundreds} | more


def _rectangle(rng: Random) -> Numbers:
    a, b = 4 * rng.randint(2, 4), rng.randint(4, 9)
    more = {"area": a * b, "around": 2 * (a + b), "quarter": a * b // 4}
    return {"name": rng.choice(NAMES), "a": a, "b": b} | more


def _ratio(rng: Random) -> Numbers:
    p, q = rng.choice(((2, 3), (1, 4), (3, 5), (5, 7), (3, 1), (4, 5), (3, 4)))
    part = 2 * rng.randint(6, 60)
    name, other = rng.sample(NAMES, 2)
    more = {"parts": p + q, "sum": (p + q) * part, "first": p * part, "second": q * part}
    return {"name": name, "other": other, "p": p, "q": q, "part": part} | more | {"half": (p + q) * part // 2}


def _probability(rng: Random) -> Numbers:
    """Never in lowest terms from the beginning, so that there is something to reduce."""
    while True:
        r, b, g = rng.randint(2, 12), rng.randint(2, 12), rng.randint(2, 12)
        chance = Fraction(r, r + b + g)
        if chance.numerator != r:
            return {"r": r, "b": b, "g": g, "h": b + g, "all": r + b + g, "chance": chance, "not_chance": 1 - chance}


def _arrival(rng: Random) -> Numbers:
    start, h, m = rng.randrange(9 * 60, 17 * 60, 5), rng.randint(2, 4), rng.randrange(10, 60, 5)
    times = {"start": clock(start), "middle": clock(start + 60 * h), "end": clock(start + 60 * h + m)}
    return {"name": rng.choice(NAMES), "h": h, "m": m, "minutes": 60 * h + m} | times


def _average(rng: Random) -> Numbers:
    values = [rng.randint(11, 39) for _ in range(3)]
    values.append(40 - sum(values) % 4)
    more = {"sum": sum(values), "mean": sum(values) // 4, "range": max(values) - min(values)}
    return {"name": rng.choice(NAMES)} | dict(zip("abcd", values, strict=True)) | more


def _share(rng: Random) -> Numbers:
    whole, percent = rng.randrange(120, 900, 20), rng.randrange(5, 95, 5)
    return {"all": whole, "part": whole * percent // 100, "percent": percent, "rest": 100 - percent}


def _workers(rng: Random) -> Numbers:
    """Both teams' days are whole."""
    while True:
        n, m, days = rng.randint(3, 9), rng.randint(2, 12), rng.randint(4, 15)
        if n != m and n * days % m == 0 and n * days > m:
            return {"n": n, "m": m, "days": days, "work": n * days, "days2": n * days // m}


def _temperature(rng: Random) -> Numbers:
    """No temperature or change is of one degree, which would not be "degrees"."""
    while True:
        low, rise, fall = -rng.randint(3, 15), rng.randint(6, 20), rng.randint(3, 12)
        noon, end, differs = low + rise, low + rise - fall, abs(rise - fall)
        if 1 not in (abs(noon), abs(end), differs) and differs:
            return {"low": low, "rise": rise, "noon": noon, "fall": fall, "end": end, "differs": differs}


FAMILIES = tuple(
    stories("sums", name, draw)
    for name, draw in {
        "shopping_change": _change,
        "distance": _distance,
        "average_speed": _average_speed,
        "wages": _wages,
        "saving": _saving,
        "sharing": _sharing,
        "discount": _discount,
        "admission": _admission,
        "interest": _interest,
        "ages": _ages,
        "reading": _reading,
        "fuel": _fuel,
        "rectangle": _rectangle,
        "ratio": _ratio,
        "probability": _probability,
        "arrival": _arrival,
        "average": _average,
        "share": _share,
        "workers": _workers,
        "temperature": _temperature,
    }.items()
)
