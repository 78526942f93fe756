"""Find which list of terms a sentence recites, when several lists share terms.

"Mutual trust, mutual benefit, equality" begins the Shanghai Spirit and is nearly all of the New
Security Concept; "equality and mutual benefit" is one of the Five Principles. So terms are matched
as sequences, and each hit is assigned to the longest sequence that it can be part of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tifa.stats.bootstrap import SEED, percentile_interval
from tifa.stats.check import Floats
from tifa.util.errors import TifaError


@dataclass(frozen=True)
class TermList:
    """A formulation that is a list of terms.

    ``items`` has, for each term in order, the entries that count as this term, written "entry" or
    "entry/variant". ``name`` is the entry for the name of the formulation.
    """

    id: str
    label: str
    items: tuple[tuple[str, ...], ...]
    name: str = ""


def _listed(id: str, label: str, *items: str, name: str = "") -> TermList:
    return TermList(id, label, tuple(tuple(item.split(" or ")) for item in items), name or id)


#: The lists, oldest first. Terms without a phrasebook entry are left out: mutual non-aggression,
#: cooperation, lasting peace.
LISTS = (
    _listed(
        "five-principles",
        "Five Principles of Peaceful Coexistence (1953-54)",
        "sovereignty-and-territorial-integrity",
        "non-interference or internal-affairs",
        "mutual-benefit/with-equality",
        "peaceful-coexistence",
    ),
    _listed(
        "new-security-concept",
        "New Security Concept (1996)",
        *("mutual-trust", "mutual-benefit", "equality"),
    ),
    _listed(
        "shanghai-spirit",
        "Shanghai Spirit (2001)",
        *("mutual-trust", "mutual-benefit", "equality"),
        "consultation or dialogue-and-consultation",
        "respect-for-diverse-civilisations",
        "common-development",
    ),
    _listed(
        "harmonious-world",
        "Harmonious world of lasting peace and common prosperity (2005)",
        *("harmonious-world", "common-prosperity"),
    ),
    _listed(
        "shared-future",
        "Community with a shared future (2012)",
        "community-with-a-shared-future or shared-future-for-mankind",
        *("universal-security", "common-prosperity", "clean-and-beautiful-world"),
        name="community-with-a-shared-future",
    ),
)


#: Largest number of words (in Chinese, characters) between two terms of one occurrence of a list.
GAP = 8
#: Number of years in a block of the bootstrap.
BLOCK = 2


class _Hit(NamedTuple):
    begin: int
    end: int
    keys: frozenset[str]


def find_lists(
    hits: pd.DataFrame,
    lists: Sequence[TermList] = LISTS,
    *,
    least: int = 3,
    gap: int | None = GAP,
    ordered: bool = True,
) -> pd.DataFrame:
    """Find occurrences of lists in sentences.

    An occurrence of a list is a sequence of at least ``least`` distinct terms from it, or of all
    its terms if it has fewer. Between one term and the next there are at most ``gap`` words (in
    Chinese, characters); None means no limit. If ``ordered``, the terms must follow the order of
    the list. Each hit is used only once, in the occurrence with the most terms. If several
    occurrences tie, the one that covers the larger share of its list is used; if these tie, too,
    the one whose list comes first in ``lists``.

    ``hits`` has ``doc_id``, ``sentence``, ``position`` (of the first word, or character in
    Chinese), ``words`` (the length, in the same unit), ``entry`` and ``variant``. Hits without a
    published position are ignored.

    Returns one row per occurrence: ``doc_id``, ``sentence``, ``position``, ``words`` (from the
    first term to the last), ``list``, ``terms`` (how many) and ``sequence`` (the terms in the order
    found; each is written as the first of its entries in ``items``). Raises TifaError if ``least``
    is below 2.
    """
    if least < 2:
        raise TifaError(f"least is {least}; a list has at least two terms")
    columns = ["doc_id", "sentence", "position", "words", "list", "terms", "sequence"]
    wanted = {key for one in lists for item in one.items for key in item}
    entries = {key.split("/")[0] for key in wanted}
    shortest = min(least, *(len(one.items) for one in lists))
    rows = []
    placed = hits[hits["entry"].isin(entries) & hits["position"].notna()]
    in_order = placed.sort_values(["doc_id", "sentence", "position"])
    for (doc_id, sentence), group in in_order.groupby(["doc_id", "sentence"], sort=False):
        if len(group) < shortest:
            continue
        spots = [
            _Hit(p, p + n, frozenset({e, f"{e}/{v}"}) & wanted)
            for p, n, e, v in zip(
                group["position"], group["words"], group["entry"], group["variant"], strict=True
            )
        ]
        for one, chain, sequence in _in_sentence(spots, lists, least, gap, ordered):
            begin, end = min(h.begin for h in chain), max(h.end for h in chain)
            terms = " > ".join(one.items[i][0] for i in sequence)
            rows.append((doc_id, sentence, begin, end - begin, one.id, len(chain), terms))
    return pd.DataFrame(rows, columns=columns)


def order_unknown(hits: pd.DataFrame, entries: Collection[str], *, least: int) -> set[str]:
    """Return the documents in which :func:`find_lists` may miss a list for lack of positions.

    These documents have a sentence with hits of at least ``least`` distinct ``entries``, and one or
    more of these hits have no position. (Positions are not published if hits are so close together
    that they would reveal a protected text.) ``hits`` are as for :func:`find_lists`.

    >>> hits = pd.DataFrame({"doc_id": "d", "sentence": 1, "entry": ["trust", "benefit"]})
    >>> order_unknown(hits.assign(position=[3.0, None]), ["trust", "benefit"], least=2)
    {'d'}
    >>> order_unknown(hits.assign(position=[3.0, 5.0]), ["trust", "benefit"], least=2)
    set()
    """
    terms = hits[hits["entry"].isin(entries)]
    different = terms.groupby(["doc_id", "sentence"])["entry"].transform("nunique")
    return {*terms.loc[(different >= least) & terms["position"].isna(), "doc_id"]}


def _in_sentence(
    spots: list[_Hit], lists: Sequence[TermList], least: int, gap: int | None, ordered: bool
) -> list[tuple[TermList, list[_Hit], list[int]]]:
    found: list[tuple[TermList, list[_Hit], list[int]]] = []
    left = [h for h in spots if h.keys]
    while True:
        best = None
        for rank, one in enumerate(lists):
            chain, sequence = _longest(left, one, gap, ordered)
            complete = len(chain) / len(one.items)
            if len(chain) >= min(least, len(one.items)) and (
                best is None or (len(chain), complete, -rank) > best[0]
            ):
                best = ((len(chain), complete, -rank), one, chain, sequence)
        if best is None:
            return found
        _, one, chain, sequence = best
        found.append((one, chain, sequence))
        # drop all hits that overlap a used one, such as "equality" in "equality and mutual benefit"
        left = [h for h in left if not any(h.begin < c.end and c.begin < h.end for c in chain)]


def _longest(
    spots: list[_Hit], one: TermList, gap: int | None, ordered: bool
) -> tuple[list[_Hit], list[int]]:
    """Return the hits of the longest sequence of distinct terms, and the indices of these terms.

    If several sequences are equally long, the one that ends first is returned.
    """
    chains: list[tuple[list[_Hit], list[int]]] = []
    for spot in spots:
        for number, item in enumerate(one.items):
            if not spot.keys.intersection(item):
                continue
            longest: tuple[list[_Hit], list[int]] = ([], [])
            for before, sequence in chains:
                follows = before[-1].end <= spot.begin and (
                    gap is None or spot.begin - before[-1].end <= gap
                )
                fits = sequence[-1] < number if ordered else number not in sequence
                if follows and fits and len(before) > len(longest[0]):
                    longest = (before, sequence)
            chains.append(([*longest[0], spot], [*longest[1], number]))
    return max(chains, key=lambda c: len(c[0]), default=([], []))


def by_period(
    documents: pd.DataFrame,
    rows: pd.DataFrame,
    periods: Mapping[str, tuple[int, int]],
    *,
    by: str = "list",
    draws: int = 1999,
) -> pd.DataFrame:
    """Compute the rate of each value of a column, such as each list, in each period.

    Speeches of one speaker in neighbouring years resemble each other, so the limits come from a
    bootstrap that draws blocks of :data:`BLOCK` years (Carlstein 1986, The Annals of Statistics
    14(3), 1171-1179). ``documents`` has ``doc_id``, ``year`` and ``words`` of one speaker's
    documents; ``rows`` has one row per occurrence of a list, or per hit, with ``doc_id`` and the
    column ``by``, whose values are counted. ``periods`` maps labels to first and last year.

    Returns one row per value and period: the column ``by``, ``period``, ``n`` (occurrences),
    ``with_it`` (documents with an occurrence), ``documents`` and ``words`` (of the period),
    ``rate`` per 10,000 words, ``low`` and ``high`` (95 % limits; missing if the period has fewer
    than four blocks).
    """
    generator = np.random.default_rng(SEED)
    values, every = list(dict.fromkeys(rows[by])), pd.crosstab(rows["doc_id"], rows[by])
    table: list[dict[str, Any]] = []
    for label, (first, last) in periods.items():
        own = documents[documents["year"].between(first, last)].sort_values("year")
        counted = every.reindex(index=own["doc_id"], columns=values, fill_value=0)
        n, words = _in_blocks(own, counted, first)
        limits = np.full((2, len(values)), np.nan)
        if len(words) >= 4:
            replicates = _drawn_rates(n, words, generator, draws)
            limits = np.array(percentile_interval(1e4 * replicates, 0.95))
        for index, value in enumerate(values):
            table.append(
                {
                    by: value,
                    "period": label,
                    "n": int(n[:, index].sum()),
                    "with_it": int((counted[value] > 0).sum()),
                    "documents": len(own),
                    "words": int(words.sum()),
                    "rate": 1e4 * n[:, index].sum() / words.sum() if len(own) else np.nan,
                    "low": limits[0, index],
                    "high": limits[1, index],
                }
            )
    return pd.DataFrame(table)


def period_ratio(
    documents: pd.DataFrame,
    rows: pd.DataFrame,
    later: tuple[int, int],
    earlier: tuple[int, int],
) -> tuple[float, float, float]:
    """Return the rate in a later period divided by that in an earlier one, with its 95 % limits.

    ``later`` and ``earlier`` are the first and last year of each period. The limits come from the
    same bootstrap as in :func:`by_period`, but they are computed for fewer than four blocks too.
    """
    generator = np.random.default_rng(SEED)
    counted = rows.groupby("doc_id").size().to_frame()
    rates, replicates = [], []
    for first, last in (later, earlier):
        own = documents[documents["year"].between(first, last)]
        n, words = _in_blocks(own, counted.reindex(own["doc_id"], fill_value=0), first)
        rates.append(n.sum() / words.sum())
        replicates.append(_drawn_rates(n, words, generator, 1999))
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = percentile_interval(replicates[0] / replicates[1], 0.95)
    return float(rates[0] / rates[1]), float(low[0]), float(high[0])


def _in_blocks(own: pd.DataFrame, counted: pd.DataFrame, first: int) -> tuple[Floats, Floats]:
    """Return the sums of counts, and the number of words, in each block of years."""
    blocks = ((own["year"] - first) // BLOCK).to_numpy()
    n = counted.groupby(blocks).sum().to_numpy(dtype=float)
    return n, own["words"].groupby(blocks).sum().to_numpy(dtype=float)


def _drawn_rates(n: Floats, words: Floats, generator: np.random.Generator, draws: int) -> Floats:
    """Draw blocks of years with replacement; return the rates, one row per draw."""
    drawn = generator.integers(len(words), size=(draws, len(words)))
    return np.asarray(n[drawn].sum(axis=1) / words[drawn].sum(axis=1)[:, None])
