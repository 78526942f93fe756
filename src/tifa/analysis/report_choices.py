"""Test each finding about the two news reports under other choices than those of the book.

As in :mod:`tifa.analysis.debate_choices`, each finding has a method, which returns the arguments of
:func:`tifa.analysis.multiverse.run`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from scipy.stats.contingency import odds_ratio

from tifa.analysis.align import align, threshold
from tifa.analysis.debate_choices import Tried
from tifa.analysis.multiverse import Claim, Counts, Specification, grid, matchings
from tifa.data.corpus import Corpus
from tifa.features.specifications import SPLITTERS, TOKENISERS
from tifa.stats import rate_ratios
from tifa.stats.check import Floats

ECNS, BRN = "ecns-2020-11-05", "beltandroad-news-2020-11-06"
_KEYS = ["doc_id", "sentence"]


@dataclass(frozen=True)
class ReportChoices:
    """One method for each finding about the two reports, and the tables that the methods need.

    ``briefing`` is the corpus of the two reports. ``read`` has the pairs of sentences that say the
    same thing in a reader's judgement; ``doubtful`` has the pairs about which the reader was in
    doubt. ``codes`` has one row per sentence and annotator, with a column for each code.
    """

    briefing: Corpus
    read: pd.DataFrame
    doubtful: pd.DataFrame
    codes: pd.DataFrame

    @cached_property
    def counts(self) -> Counts:
        """Counts of the two reports under each way of counting."""
        return Counts(self.briefing)

    @cached_property
    def place(self) -> dict[str, int]:
        """The position of each document in the arrays of :class:`Counts`."""
        return {d: n for n, d in enumerate(self.counts.documents["doc_id"])}

    @cached_property
    def bases(self) -> dict[str, Floats]:
        """The possible bases of rates: words by each tokeniser, and sentences by each splitter."""
        words = {f"words ({t})": self.counts.words(t) for t in TOKENISERS}
        return words | {f"sentences ({s})": self.counts.sentences(s) for s in SPLITTERS}

    def uses(self) -> Tried:
        """Set up the test of F2.1: which report says "Shanghai Spirit" at a higher rate?"""
        hits = self.briefing.hits.query("entry == 'shanghai-spirit'")
        quoted = hits.groupby("doc_id")["quoted"].sum().reindex(list(self.place))
        ecns, brn = self.place[ECNS], self.place[BRN]

        def nearest(s: Specification) -> float:
            if s["phrase"] == "quoted uses only":
                found = quoted.to_numpy(dtype=float)
            else:
                found = self.counts.hits("shanghai-spirit", s["phrase"])
            fewer, base = s["left out"] != "nothing", self.bases[s["base"]]
            row = {
                "n": max(int(found[ecns]) - fewer, 0),
                "words": int(base[ecns]),
                "reference_n": int(found[brn]),
                "reference_words": int(base[brn]),
            }
            ratio = rate_ratios(pd.DataFrame([row])).iloc[0]
            return _nearest_to_one(ratio["ratio"], ratio["low"], ratio["high"])

        choices = grid(
            phrase=[*matchings(), "quoted uses only"],
            base=list(self.bases),
            **{"left out": ["nothing", "one place in ECNS"]},
        )
        says = "Which report has the phrase more often cannot be told"
        unit = "times as often: limit of the interval that is nearer to 1"
        return Claim("F2.1", says, unit, 1, below=True), choices, nearest

    def solidarity(self) -> Tried:
        """Set up the test of F3.1: which report speaks of solidarity more often?"""
        of_both = self.codes[self.codes["corpus"] == "briefing"].groupby(_KEYS)["solidarity"]
        by_dictionary = self.briefing.sentence_frames.query("frame == 'solidarity'")
        found = pd.MultiIndex.from_frame(by_dictionary[_KEYS])
        coded = {"both annotators": of_both.min(), "either annotator": of_both.max()}
        sentences = coded["both annotators"].index
        coded["the dictionary"] = pd.Series(sentences.isin(found).astype(int), index=sentences)
        by_rule = {
            "the dictionary, Spirit blanked": ("masked", "sentencex"),
            "the dictionary, no context rules": ("no-context", "sentencex"),
            "the dictionary, paragraphs": ("full", "paragraphs"),
        }

        def nearest(s: Specification) -> float:
            """Return the limit of the odds ratio that is nearer to 1 (see :func:`_nearest_to_one`).

            If each sentence is left out in turn, the largest of the resulting limits is returned.
            """
            if s["codes"] in by_rule:
                rule, splitter = by_rule[s["codes"]]
                has = self.counts.frames(rule, splitter)["solidarity"]
                parts = [(has, pd.Series(self.counts.sentences(splitter), index=has.index))]
            else:
                table = coded[s["codes"]]
                left_out = [[], *([g] for g in table.index if s["left out"] != "nothing")]
                kept = [table.drop(index=g).groupby("doc_id") for g in left_out]
                parts = [(reports.sum(), reports.size().astype(float)) for reports in kept]
            limits = []
            for has, size in parts:
                odds = odds_ratio([[int(n[r]) for r in (ECNS, BRN)] for n in (has, size - has)])
                limits.append(_nearest_to_one(odds.statistic, *odds.confidence_interval()))
            return max(limits)

        choices = grid(codes=list(coded), **{"left out": ["nothing", "each sentence in turn"]})
        choices += grid(codes=list(by_rule), **{"left out": ["nothing"]})
        says = "Which report speaks more of solidarity cannot be told"
        unit = "times the odds: limit of the interval that is nearer to 1"
        return Claim("F3.1", says, unit, 1, below=True), choices, nearest

    def partners(self) -> Tried:
        """Set up the test of F4.1: how many sentences have a counterpart in the other report?"""
        length = self.briefing.sentences.set_index(_KEYS)["words"].astype(float)
        similarity, read, doubtful = self.briefing.similarity, self.read, _pairs(self.doubtful)
        paired = align(similarity, ECNS, BRN, above=threshold(similarity))
        pairs = {
            "those read": _pairs(read),
            "without those in doubt": _pairs(read) - doubtful,
            "with others in doubt": _pairs(read) | doubtful,
            "told quite the same": _pairs(read[read["relation"] == "same"]),
            "the aligner's": set(zip(paired["sentence"], paired["other_sentence"], strict=True)),
        }
        reports = {"both": [ECNS, BRN], "ECNS alone": [ECNS], "Belt & Road News alone": [BRN]}

        def share(s: Specification) -> float:
            """Return the percentage of sentences, or of words in sentences, with a counterpart."""
            one, other = ({p[n] for p in pairs[s["pairs"]]} for n in (0, 1))
            has = [n in (one if d == ECNS else other) for d, n in length.index]
            weights = length ** (s["unit"] == "words")
            inside = length.index.get_level_values("doc_id").isin(reports[s["reports"]])
            return float(100 * (weights * has)[inside].sum() / weights[inside].sum())

        choices = grid(pairs=list(pairs), unit=["sentences", "words"], reports=list(reports))
        says = "More than half of the sentences have a counterpart in the other report"
        return Claim("F4.1", says, "% of sentences", 50), choices, share

    def all(self) -> list[Tried]:
        """Return what each method above returns, one item per finding."""
        return [self.uses(), self.solidarity(), self.partners()]


def _nearest_to_one(ratio: float, low: float, high: float) -> float:
    """Return the lower limit of a ratio or, for a ratio below 1, the lower limit of its inverse.

    If this is below 1, the interval contains 1, and it cannot be told which side has more.
    """
    return float(low if ratio >= 1 else 1 / high)


def _pairs(table: pd.DataFrame) -> set[tuple[int, int]]:
    columns = ["ecns_sentence", "beltandroad_sentence"]
    return set(map(tuple, table[columns].to_numpy().tolist()))
