"""How much of protected Chinese texts a set of files reveals.

The bounds are those of the design, eleven words being twenty characters: no run of more than 20
characters, and at most 10 % of a document's characters in runs of 9 or more. There are too many
documents to index: the files are indexed instead, and each document is read once.

Variants of the phrasebook alone, or in a list with others and with titles, are not a quotation of
every document that uses them: a news item may have sixty characters, and a formulation ten of them.
With one more character, or beyond twenty, they do count, and so does a hit with a position in its
document.
"""

from __future__ import annotations

import re
from functools import cache

from quotation import Bounds, Protected, run_length

from tifa.text import chinese

LONGEST_RUN = 20
COUNTED_RUN = 9

# Han characters, including radicals
_HAN = (
    "\u2e80-\u2fd5\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U000323af"
)
_RUN = re.compile(rf"[^\W_{_HAN}]+")
_OTHER = re.compile(rf"[^{_HAN}\U000f0000-\U0010fffd]+")
#: Stretches with Han characters, in files with much other content.
_STRETCH = re.compile(
    rf"[^{_HAN}]{{0,{COUNTED_RUN - 1}}}(?:[{_HAN}]+[^{_HAN}]{{0,{COUNTED_RUN - 1}}})+"
)
_NOTHING = str.maketrans(dict.fromkeys("\u00ad\u200b\u2060\ufeff"))


class ChineseChecker(Bounds):
    """Searches pieces of text and tables for protected documents, whose words are characters."""

    longest, counted, unit = LONGEST_RUN, COUNTED_RUN, "characters"

    def __init__(self, documents, names=(), wordings=()):
        self._runs = {}
        super().__init__(Protected(i, self.encode(text)) for i, text in documents)
        named = set(map(self.encode, names))
        long = [name for name in named if len(name) >= COUNTED_RUN]
        self._holding = cache(lambda part: [name for name in long if part in name])
        self._wordings = set(map(self.encode, wordings))
        # lists of names and variants, as they are joined in files
        self._listed = named | self._wordings
        self._ends = {w[i:] for w in self._listed for i in range(len(w))}
        self._beginnings = {w[: i + 1] for w in self._listed for i in range(len(w))}
        self._stretches = {}

    def encode(self, text):
        """The tokens of a text, each as one character: itself, or a code for a run of letters."""
        plain = chinese.fold(text.translate(_NOTHING))
        return _OTHER.sub("", _RUN.sub(self._code, plain))

    def _code(self, run):
        return self._runs.setdefault(run[0], chr(0xF0000 + len(self._runs) % 0x1FFFD))

    def length(self, context):
        return len(self.encode(context))

    def text(self, where, text):
        """Add one piece of running text."""
        if not re.search(f"[{_HAN}]", text):
            return
        for stretch in _STRETCH.findall(self.encode(text)):
            if len(stretch) >= COUNTED_RUN:
                self._stretches.setdefault(stretch, where)

    def look(self):
        """Search the added text for the documents."""
        n = COUNTED_RUN
        taken, self._stretches = self._stretches, {}
        if not taken:
            return
        windows = {s[i : i + n] for s in taken for i in range(len(s) - n + 1)}
        places = {}
        for document in self.documents:
            tokens = document.words
            for at in range(len(tokens) - n + 1):
                gram = tokens[at : at + n]
                if gram in windows:
                    places.setdefault(gram, []).append((document, at))
        for stretch, where in taken.items():
            for i in range(len(stretch) - n + 1):
                for document, at in places.get(stretch[i : i + n], ()):
                    size = run_length(stretch, i, document.words, at, n)
                    run = document.words[at : at + size]
                    if run and not self._named(run) and not self._listing(run):
                        self.reveal(where, document, at, at + size)

    def _named(self, run):
        """Whether a run is part of a title or an official name."""
        return any(run in name for name in self._holding(run[:COUNTED_RUN]))

    def _listing(self, run):
        """Whether a run is a list of variants or names; the first and the last may be cut off."""
        if len(run) > LONGEST_RUN:
            return False
        reached = [True] + [run[:stop] in self._ends for stop in range(1, len(run))]
        for stop in range(1, len(run)):
            reached[stop] |= any(
                reached[start] and run[start:stop] in self._listed for start in range(stop)
            )
        return any(r and run[start:] in self._beginnings for start, r in enumerate(reached)) or any(
            run in w for w in self._wordings
        )

    def reveal(self, where, document, start, stop):
        for at in range(start, stop - COUNTED_RUN + 1):
            if self._holding(document.words[at : at + COUNTED_RUN]):
                document.excepted.update(range(at, at + COUNTED_RUN))
        super().reveal(where, document, start, stop)

    def problems(self):
        self.look()
        return super().problems()
