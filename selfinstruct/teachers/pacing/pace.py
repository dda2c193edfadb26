"""When the next request may be sent to one model: arithmetic only, every time is handed in, in seconds.

Four rules, each silent until it has something to say; the one that waits longest decides:

- Evenly: the limits that the user states (--rpm, --tpm), from the start.
- Left: the server's headers; the second half of what they leave is spread over the time until they reset.
- Learned: after an HTTP 429, as many in a second as came through in the last one, and carefully more later on.
- AtOnce: how many are on the wire; fewer when the server fails under them, and more again as it answers.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from selfinstruct.teacher import Limits

__all__ = ["AtOnce", "Evenly", "Learned", "Left", "Pace", "Sent"]

NEVER = float("-inf")
BURST = 0.2  # seconds' worth of a stated limit that may go at once
LOOK = 60.0  # seconds after which one is sent whatever the headers said: a daily limit is the 429's to tell
SECOND = 1.0  # over which a server's answers are counted
EDGE = 1.1  # the same, looked back on: the first ones opened connections, and came later than they were sent
SLACK = 1.01  # that second stretched, for requests that a busy network lets arrive closer together than they left
PAUSE = 0.05  # seconds after a 429 that nobody is sent; doubled until somebody is answered, to
LONGEST = 10.0
CALM = 10.0  # seconds without a 429 before a pace that proved right is exceeded again; doubled each time, to
CALMEST = 120.0
LATE = 0.05  # seconds after a reset that the first are sent: the way to the server is not always as long
SHORT = 5.0  # seconds until the reset: what resets sooner says how many a second
STEP = 0.02  # by how much it is exceeded; doubled as long as no 429 comes
SLOWEST = 0.1  # requests a second: whatever was refused, one in 10 s asks whether that has passed
WRITTEN = 256.0  # tokens that an answer is taken for until one has come

# On the wire at first: where 50 a second are allowed, 28 and then 42 are some 20 too many. 1.5 times as many in each
# round from there reach 200 in five; where a round takes long, 20 more each second.
FIRST = 28
EACH = 0.5
EVERY_SECOND = 20.0


class Evenly:
    """So much a second; what was not used in the last `burst` seconds may be caught up."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._free_at = NEVER

    def wait(self, now: float) -> float:
        return self._free_at - now

    def take(self, now: float, cost: float = 1.0) -> None:
        self._free_at = max(self._free_at, now - self.burst) + cost / self.rate

    def pause(self, until: float) -> None:
        self._free_at = max(self._free_at, until)

    def correct(self, cost: float) -> None:
        """What was taken did cost so much more (or less, below 0)."""
        self._free_at += cost / self.rate


class Left:
    """What the server's headers leave until they reset, less what was sent since.

    The second half is sent ever more slowly, at four times what would spread it evenly over the time to the reset: a
    fixed window is used up just before it ends, a bucket that is refilled all the time stays at a fifth, where as much
    flows in, and a window that slides gives four fifths of its best.
    """

    def __init__(self) -> None:
        self.taken = 0.0
        """All that was ever sent: a later reading less an earlier one is what was sent between them."""
        self._left, self._most = math.inf, 0.0
        self._until, self._period = NEVER, 0.0
        self._last = NEVER

    def wait(self, now: float, cost: float = 1.0) -> float:
        if self._left == math.inf or self._period <= SHORT:
            return 0.0
        if now >= self._until:  # reset
            self._left, self._until = self._most, now + self._period
        if self._left > self._most / 2:
            return 0.0
        cost = min(cost, self._most)  # one request that is larger than all that is ever left goes when nothing else did
        until = self._until
        if self._left >= cost:
            until = self._last + (self._until - now) * cost / self._left / 4
        return min(until, self._last + LOOK) - now

    @property
    def rate(self) -> float | None:
        """So many a second, once half of a short time's are gone: there is no spreading within a second or two."""
        known = 0 < self._period <= SHORT and self._left < self._most / 2
        return self._most / self._period if known else None

    def take(self, now: float, cost: float = 1.0) -> None:
        self.taken += cost
        self._left -= cost
        self._last = now

    def told(self, left: float | None, reset: float | None, now: float, sent: float, taken: float) -> None:
        """Headers came with the answer to a request that was sent at `sent`, when so much had been taken."""
        if left is None or reset is None or not (0 <= left < math.inf and 0 <= reset < math.inf):
            return
        self._most = max(self._most, left + 1)
        self._period = max(self._period, reset)
        full = sent + reset <= now
        self._left = (self._most if full else left) - (self.taken - taken)
        self._until = now + self._period if full else sent + reset + LATE


class Learned:
    """How many the server lets through in a second, learned from its 429s.

    At most so many are sent in any second, whichever kind of limit it is: windows that slide, windows that begin anew
    each second, and buckets that are refilled all the time let just that through.
    """

    def __init__(self) -> None:
        self.rate: float | None = None
        """Requests a second; None until the server objects."""
        self._log: deque[float] = deque()
        self._peak = Evenly(1.0, 0.02)  # at most twice the rate, so that a 429 is seen before all have gone
        self._changed = self._latest = self._settles = self._began = NEVER
        self._was = math.inf
        self._paused_at, self._pause = NEVER, PAUSE
        self._calm, self._step = SECOND, STEP
        self._climb_at = math.inf
        self._pressed = False

    def wait(self, now: float) -> float:
        if self.rate is None:
            return 0.0
        self._climb(now)
        count = max(1, int(self.rate + 1e-6))
        free_at = self._log[-count] + count / self.rate * SLACK if len(self._log) >= count else NEVER
        wait = max(free_at - now, self._peak.wait(now))
        self._pressed = self._pressed or wait > 0
        return wait

    def take(self, now: float) -> None:
        self._log.append(now)
        if self.rate is not None:
            self._peak.take(now)
        oldest = now - SECOND * 2 if self.rate is None or self.rate >= 1 else now - 2 / self.rate
        while self._log[0] < oldest:
            self._log.popleft()

    def told(self, rate: float) -> None:
        """The server named so many a second, before it objected to anything."""
        if self._changed == NEVER and rate > (self.rate or 0.0):
            self.rate, self._peak.rate = rate, rate * 2

    def answered(self) -> None:
        self._pause = PAUSE

    def refused(self, now: float, sent: float) -> None:
        """A 429 came to what was sent at `sent`."""
        if sent in self._log:
            self._log.remove(sent)
        if sent >= self._paused_at:
            self._peak.pause(now + self._pause)
            self._paused_at, self._pause = now, min(LONGEST, self._pause * 2)
        new = sent >= self._changed  # else it is of the same lot as the one before, and shows better how many came
        if new and now < self._settles:  # on a busy network they come in lumps: a lot is enough for a second
            return
        if new:
            self._was, self._latest = self.rate or math.inf, sent
            self._changed = now
        self._latest = latest = max(self._latest, sent)
        # By all of the lot: on their way they overtake each other.
        came = float(sum(latest - SECOND < at <= latest for at in self._log))
        if self._was == math.inf:
            self._began = now
        elif now < self._began + 2 * SECOND:
            came = max(came, sum(latest - EDGE < at <= latest for at in self._log) / EDGE)
        least = 1.0 if self._was == math.inf else max(SLOWEST, self._was * 0.7)
        self.rate = max(min(self._was * 0.99, came), least)
        if new:
            self._settles = now + SECOND if came >= self._was * 0.8 else NEVER
            near = came >= self._was * 0.95  # it was exceeded by little: so this is it
            self._calm = min(CALMEST, max(CALM, self._calm * 2)) if near else SECOND
            self._step, self._pressed = STEP, False
        self._climb_at = now + self._calm
        self._peak.rate = self.rate * 2

    def _climb(self, now: float) -> None:
        if now < self._climb_at or not self._pressed or self.rate is None:
            return
        self.rate *= 1 + self._step
        self._step = min(1.0, self._step * 2)
        self._climb_at, self._pressed = now + self._calm, False
        self._peak.rate = self.rate * 2


class AtOnce:
    """How many may be on the wire, at most `most`."""

    def __init__(self, most: int) -> None:
        self.most, self.limit = most, float(min(most, FIRST))
        self.fell = False
        """Whether the server ever failed under them: from then on it is one more in each round."""
        self._good = self._bad = 0.0
        """Answers and failures of late: halved when they are more than a round of both."""
        self._changed = NEVER
        self._began: float | None = None

    def allowed(self, now: float) -> int:
        if self.fell or self.limit >= self.most:
            return int(self.limit)
        if self._began is None:
            self._began = now
        return min(self.most, int(self.limit + (now - self._began) * EVERY_SECOND))

    def answered(self) -> None:
        self._good += 1
        self._forget()
        if self.limit < self.most:
            self.limit = min(self.most, self.limit + (1 / self.limit if self.fell else EACH))

    def failed(self, now: float, sent: float) -> bool:
        """An attempt failed that was sent at `sent`; whether fewer are sent from now on."""
        if sent < self._changed:  # it says nothing about how many there are now
            return False
        self._bad += 1
        self._forget()
        share = self._bad / (self._good + self._bad)
        if self._bad < 3 or share < 0.25:  # one that is odd, or a server that fails now and then whatever is asked
            return False
        self.limit = max(1.0, min(self.limit, self.allowed(now)) * (0.7 if share > 0.5 else 0.9))
        self.fell, self._changed = True, now
        self._good = self._bad = 0.0
        return True

    def _forget(self) -> None:
        if self._good + self._bad > max(20.0, self.limit):
            self._good, self._bad = self._good / 2, self._bad / 2


class Sent(NamedTuple):
    """One attempt on the wire."""

    at: float
    tokens: float
    """Estimated: read and written."""
    requests_taken: float
    tokens_taken: float


@dataclass(slots=True)
class _Written:
    """The mean of the tokens that answers had, the newer ones weighing more."""

    mean: float = WRITTEN
    count: int = 0

    def add(self, tokens: float) -> None:
        self.count += 1
        self.mean += (tokens - self.mean) / min(self.count, 100)


class Pace:
    """All four rules for one model."""

    def __init__(self, most: int, rpm: float | None = None, tpm: float | None = None) -> None:
        self.at_once, self.learned = AtOnce(most), Learned()
        self.wired = 0
        self.open_at = NEVER
        """Before this, the server asked us not to send."""
        # A minute's worth and what may go at once beside it are together what was stated.
        burst = BURST / 60
        self._requests = Evenly(rpm / 60 * (1 - burst), BURST) if rpm else None
        self._tokens = Evenly(tpm / 60 * (1 - burst), BURST) if tpm else None
        self._left, self._tokens_left = Left(), Left()
        self._written = _Written()
        self.counts_tokens = tpm is not None
        """Whether anybody limits tokens: else nobody needs to estimate them."""

    def tokens(self, prompt: float) -> float:
        """Read and written, by the mean of the answers so far."""
        return prompt + self._written.mean

    def wait(self, now: float, tokens: float = 0.0) -> float:
        """Seconds until the next may be sent, 0 or less for now; infinite when it is for one on the wire to end."""
        allowed = self.at_once.allowed(now)
        if self.wired >= allowed:
            growing = not self.at_once.fell and allowed < self.at_once.most
            return 1 / EVERY_SECOND if growing else math.inf
        wait = max(self.open_at - now, self.learned.wait(now), self._left.wait(now))
        if self._requests:
            wait = max(wait, self._requests.wait(now))
        if self.counts_tokens:
            wait = max(wait, self._tokens_left.wait(now, tokens), self._tokens.wait(now) if self._tokens else 0.0)
        return wait

    def send(self, now: float, tokens: float = 0.0) -> Sent:
        self.wired += 1
        self.learned.take(now)
        self._left.take(now)
        self._tokens_left.take(now, tokens)
        if self._requests:
            self._requests.take(now)
        if self._tokens:
            self._tokens.take(now, tokens)
        return Sent(now, tokens, self._left.taken, self._tokens_left.taken)

    def answered(
        self, sent: Sent, now: float, read: float | None, written: float | None, limits: Limits | None
    ) -> None:
        """An answer of so many tokens, None where the server does not say."""
        self.at_once.answered()
        self.learned.answered()
        if written is not None:
            self._written.add(written)
            if self._tokens and read is not None:
                self._tokens.correct(read + written - sent.tokens)
        self.told(sent, now, limits)

    def told(self, sent: Sent, now: float, limits: Limits | None) -> None:
        if limits is None:
            return
        self._left.told(limits.requests_left, limits.requests_reset, now, sent.at, sent.requests_taken)
        self._tokens_left.told(limits.tokens_left, limits.tokens_reset, now, sent.at, sent.tokens_taken)
        self.counts_tokens = self.counts_tokens or limits.tokens_left is not None
        if (rate := self._left.rate) is not None:
            self.learned.told(rate)
