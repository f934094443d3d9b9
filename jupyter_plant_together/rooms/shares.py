"""What one user may have of what all share (PROTOCOL I6), so that nobody can use all of it up.

A bound of this kind passes by itself, so who meets it is told to come back: 503, and 1013 on a WebSocket.
"""

from __future__ import annotations

import time
from collections import Counter, deque

from ..errors import Unavailable


class Shares:
    """Counts what each user has at the moment.

    Parameters
    ----------
    at_most
        How much one user may have.
    sentence
        What whoever wants more is told.
    """

    def __init__(self, at_most: int, sentence: str) -> None:
        self._at_most = at_most
        self._sentence = sentence
        self._taken: Counter[str] = Counter()

    def take(self, user: str) -> None:
        """Count one more; raises Unavailable where that would be too many."""
        if self._taken[user] >= self._at_most:
            raise Unavailable(self._sentence)
        self._taken[user] += 1

    def give_back(self, user: str) -> None:
        """Count one less."""
        self._taken[user] -= 1
        if not self._taken[user]:
            del self._taken[user]


class Rates:
    """Counts what each user has asked for of late.

    Parameters
    ----------
    at_most
        How often in ``seconds``.
    sentence
        What whoever asks more often is told.
    """

    def __init__(self, at_most: int, seconds: float, sentence: str) -> None:
        self._at_most = at_most
        self._seconds = seconds
        self._sentence = sentence
        self._asked: dict[str, deque[float]] = {}  # in the order of who asked last

    def count(self, user: str) -> None:
        """Count once more; raises Unavailable where that would be too often."""
        now = time.monotonic()
        while self._asked:
            oldest = next(iter(self._asked))
            if self._asked[oldest][-1] > now - self._seconds:
                break
            del self._asked[oldest]
        times = self._asked.pop(user, None) or deque(maxlen=self._at_most)
        if len(times) == self._at_most and times[0] > now - self._seconds:
            self._asked[user] = times
            raise Unavailable(self._sentence)
        times.append(now)
        self._asked[user] = times
