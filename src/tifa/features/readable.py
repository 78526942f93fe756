"""Which words of a document can be read, updated word by word."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class Readable:
    """Covered words, how many of them count as quotation, and whether a run is too long.

    ``covered`` says for each word of the document whether it can be read; ``longest`` is the
    longest run of words that is allowed; runs from ``counted`` words on (at most ``longest``) count
    as quotation. Adding or removing a word only looks at its neighbours, so the time depends on the
    number of changes, not on the length of the document.

    >>> readable = Readable(np.array([1, 1, 0, 1, 1], dtype=bool), longest=4, counted=3)
    >>> readable.quoted, readable.too_long
    (0, 0)
    >>> readable.add(2)
    >>> readable.quoted, readable.too_long
    (5, 1)
    """

    def __init__(self, covered: npt.NDArray[np.bool_], *, longest: int, counted: int) -> None:
        self.longest, self.counted = longest, counted
        self.flags = bytearray(covered.tobytes())
        edges = np.flatnonzero(np.diff(covered.astype(np.int8), prepend=0, append=0))
        lengths = edges[1::2] - edges[::2]
        #: Words in runs that count as quotation.
        self.quoted = int(lengths[lengths >= counted].sum())
        #: Number of windows that are covered and one word longer than allowed.
        self.too_long = int(np.maximum(lengths - longest, 0).sum())

    def neighbours(self, place: int) -> tuple[int, int]:
        """Count the covered words directly before and after a word, up to ``longest``."""
        low, high = max(0, place - self.longest), min(len(self.flags), place + 1 + self.longest)
        before = self.flags.rfind(0, low, place)
        behind = self.flags.find(0, place + 1, high)
        return (
            place - max(before + 1, low),
            max((behind if behind >= 0 else high) - place - 1, 0),
        )

    def cost(self, place: int) -> int:
        """Number of words that covering this word would turn into quotation."""
        sides = self.neighbours(place)
        if sum(sides) + 1 < self.counted:
            return 0
        return 1 + sum(side for side in sides if side < self.counted)

    def add(self, place: int) -> None:
        """Cover an uncovered word."""
        self._change(place, 1)

    def remove(self, place: int) -> None:
        """Uncover a covered word."""
        self._change(place, -1)

    def _change(self, place: int, sign: int) -> None:
        self.flags[place] = sign > 0
        self.quoted += sign * self.cost(place)
        self.too_long += sign * max(sum(self.neighbours(place)) + 1 - self.longest, 0)
