"""Find the terms that distinguish two corpora."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from tifa.stats.check import Floats, as_counts, as_numbers, check_level, check_within
from tifa.stats.rates import PER

#: Counts by term, or a list of words, which are then counted.
Terms: TypeAlias = "pd.Series[Any] | Mapping[str, int] | Sequence[str]"
#: Replaces a count of zero before taking a logarithm (Hardie 2014).
ZERO = 0.5


def signed_g2(
    n: npt.ArrayLike,
    words: npt.ArrayLike,
    reference_n: npt.ArrayLike,
    reference_words: npt.ArrayLike,
    *,
    cells: Literal[2, 4] = 4,
) -> Floats:
    """Compute the log-likelihood ratio G2; it is negative for terms rarer in the first corpus.

    There are two conventions. With four ``cells`` (Dunning 1993; the R package quanteda), G2 is the
    sum over the term and all other words. With two (Rayson & Garside 2000 and their log-likelihood
    wizard), it is the sum over the term alone, which is smaller for frequent words.

    ``n`` and ``reference_n`` are the occurrences of each term in the two corpora, ``words`` and
    ``reference_words`` the numbers of all their words. Returns an array of signed G2, in nats.

    Raises ValueError for a count that is negative, missing or larger than its corpus, a corpus
    without words, or a number of cells other than 2 and 4.

    Dunning (1993), Computational Linguistics 19(1), 61-74; Rayson & Garside (2000), Proceedings of
    the Workshop on Comparing Corpora (ACL), 1-6.

    >>> signed_g2(np.array([348.0]), 1e6, np.array([99.0]), 1e6, cells=2).round(1).tolist()
    [147.0]
    """
    if cells not in (2, 4):
        raise ValueError(f"cells: {cells}; expected 2 or 4")
    n, words, reference_n, reference_words = _two_corpora(n, words, reference_n, reference_words)
    both = n + reference_n
    expected = both * words / (words + reference_words)
    others = both - expected

    def term(observed: Floats, wanted: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(observed > 0, observed / wanted, 1.0)
        return np.asarray(scipy.special.xlogy(observed, share))

    total = term(n, expected) + term(reference_n, others)
    if cells == 4:
        total = total + term(words - n, words - expected)
        total = total + term(reference_words - reference_n, reference_words - others)
    # if all cells are as expected, rounding may give a sum slightly below 0
    return np.asarray(np.sign(n - expected) * 2 * np.maximum(total, 0.0))


def _two_corpora(*counts: npt.ArrayLike) -> list[Floats]:
    names = ("n", "words", "reference_n", "reference_words")
    numbers = [as_numbers(c, name) for c, name in zip(counts, names, strict=True)]
    for i in (0, 2):
        check_within(numbers[i], numbers[i + 1], names[i], names[i + 1])
        if not (numbers[i + 1] > 0).all():
            raise ValueError("a corpus has no words")
    return numbers


def log_ratio(
    n: npt.ArrayLike,
    words: npt.ArrayLike,
    reference_n: npt.ArrayLike,
    reference_words: npt.ArrayLike,
    *,
    level: float = 0.95,
) -> tuple[Floats, Floats, Floats]:
    """Compute the binary logarithm of the ratio of two relative frequencies, with its interval.

    A count of zero in either corpus is replaced by 0.5 (Hardie 2014); the interval is Katz's for a
    ratio of two proportions, with the same replacement. ``level`` is its coverage for one term; for
    many terms choose a level closer to 1.

    Counts and errors are as for :func:`signed_g2`; ``level`` must be between 0 and 1. Returns
    arrays of the log ratio, its lower limit and its upper limit, in bits: 1 means twice as frequent
    in the first corpus, -1 half as frequent.

    Hardie (2014), Log Ratio: an informal introduction, CASS, Lancaster University; Katz et al.
    (1978), Biometrics 34(3), 469-474.

    >>> ratio, low, high = log_ratio(np.array([8.0]), 1000, np.array([0.0]), 1000)
    >>> ratio.tolist()
    [4.0]
    """
    check_level(level)
    n, words, reference_n, reference_words = _two_corpora(n, words, reference_n, reference_words)
    first, second = np.where(n > 0, n, ZERO), np.where(reference_n > 0, reference_n, ZERO)
    ratio = np.log2(first / words) - np.log2(second / reference_words)
    variance = 1 / first + 1 / second - 1 / words - 1 / reference_words
    # if both corpora consist of this term only, rounding may make the variance negative
    with np.errstate(invalid="ignore"):
        margin = scipy.stats.norm.isf((1 - level) / 2) * np.sqrt(variance) / np.log(2)
    return ratio, ratio - margin, ratio + margin


def weighted_log_odds(
    n: npt.ArrayLike,
    words: npt.ArrayLike,
    reference_n: npt.ArrayLike,
    reference_words: npt.ArrayLike,
    prior: npt.ArrayLike,
    *,
    alpha0: float | None = None,
) -> tuple[Floats, Floats]:
    """Compute the difference of a term's log-odds in two corpora, under a Dirichlet prior.

    Counts and errors are as for :func:`signed_g2`. ``prior`` is the pseudo-count (above 0) that is
    added to the count of each term: one number for all terms, or one for each. ``alpha0`` is the
    pseudo-count of all words together, by default the sum of ``prior`` over these terms.

    Returns arrays of the difference (in nats, positive if the first corpus prefers the term), and
    of z, the difference divided by its standard deviation.

    Monroe, Colaresi & Quinn (2008), Political Analysis 16(4), 372-403.

    >>> one, other = np.array([1.0, 2.0]), np.array([0.0, 2.0])
    >>> delta, z = weighted_log_odds(one, 9, other, 9, np.array([0.05, 0.05]), alpha0=0.55)
    >>> z.round(2).tolist()
    [0.69, 0.0]
    """
    n, words, reference_n, reference_words = _two_corpora(n, words, reference_n, reference_words)
    added = np.broadcast_to(as_numbers(prior, "prior"), n.shape)
    if not (added > 0).all():
        raise ValueError("prior: expected numbers above 0")
    strength = float(added.sum()) if alpha0 is None else alpha0
    first, second = n + added, reference_n + added
    # the odds of a word that makes up a whole corpus are infinite
    with np.errstate(divide="ignore", invalid="ignore"):
        delta = np.log(first / (words + strength - first)) - np.log(
            second / (reference_words + strength - second)
        )
    return delta, delta / np.sqrt(1 / first + 1 / second)


def keyness(
    target: Terms,
    reference: Terms,
    *,
    target_words: int | None = None,
    reference_words: int | None = None,
    cells: Literal[2, 4] = 4,
    background: Terms | None = None,
    alpha0: float | None = None,
    adjust: Literal["holm", "fdr_bh", "fdr_by", "bonferroni"] | None = "holm",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare how often each term occurs in two corpora, by G2, log ratio, %DIFF and log-odds.

    No measure is best: G2 grows with the size of the corpora, and the log ratio and %DIFF favour
    rare terms; the z score of the log-odds is a compromise. Terms that occur in neither corpus are
    left out.

    ``target`` and ``reference`` are counts by term (a Series, a dict or a Counter) or the words
    themselves, as a list; ``target_words`` and ``reference_words`` are the number of words of each
    corpus, needed if the counts do not include all terms. ``cells`` is as for :func:`signed_g2`.
    ``background`` has the counts for the Dirichlet prior of the log-odds, by default those of
    target and reference together; a term that the background lacks gets the count 0.5. ``alpha0``
    is the sum to which these counts are scaled, by default the number of words of the background. A
    background much larger than the target shrinks every z towards 0. ``adjust`` is the statsmodels
    name of the method that adjusts p-values for multiple tests. Set it to None to leave out the
    p-values, for example with two single texts, which are not samples. ``level`` is the approximate
    coverage of the interval of the log ratio, for one term.

    Returns one row per term, from the most typical of the target to the most typical of the
    reference (by G2): ``term``, ``n``, ``words``, ``rate`` (per 10,000 words), ``reference_n``,
    ``reference_words``, ``reference_rate``, ``g2`` (signed) and ``cells``, ``p``, ``p_adjusted``
    and ``adjustment`` (unless ``adjust`` is None), ``log_ratio`` with ``low`` and ``high`` (bits),
    ``percent_diff`` (relative to the reference's rate; infinite where that is 0), ``log_odds``
    (nats), ``z`` and ``alpha0``.

    Raises ValueError for a negative or missing count, a repeated term, a corpus without words or
    with fewer words than the sum of its counts, a background without words, an ``alpha0`` that is
    not positive, or an impossible ``adjust``, ``cells`` or ``level``.

    Gabrielatos & Marchi (2012), Keyness: appropriate metrics and practical issues, CADS conference,
    Bologna (on %DIFF); for the other measures see the functions above.

    >>> table = keyness(pd.Series({"lake": 8, "the": 92}), pd.Series({"lake": 2, "the": 98}))
    >>> table[["term", "log_ratio", "percent_diff"]].round(1).values.tolist()
    [['lake', 2.0, 300.0], ['the', -0.1, -6.1]]
    """
    check_level(level)
    target, reference = as_counts(target, "target"), as_counts(reference, "reference")
    terms = target.index.union(reference.index, sort=False)
    both = {"n": target, "reference_n": reference}
    aligned = pd.DataFrame({name: c.reindex(terms, fill_value=0) for name, c in both.items()})
    aligned = aligned[(aligned > 0).any(axis=1)].sort_index()
    n, reference_n = aligned.to_numpy(dtype=float).T
    words = float(n.sum() if target_words is None else target_words)
    others = float(reference_n.sum() if reference_words is None else reference_words)
    for name, sum_, base in (("target", n.sum(), words), ("reference", reference_n.sum(), others)):
        if base <= 0 or base < sum_:
            raise ValueError(f"{name}: {base:g} words, but its counts add up to {sum_:g}")
    if background is None:
        prior, size = n + reference_n, words + others
    else:
        background = as_counts(background, "background")
        given = background.reindex(aligned.index).to_numpy(dtype=float)
        prior = np.where(given > 0, given, ZERO)
        size = float(background.sum()) + ZERO * int((~(given > 0)).sum())
        if background.sum() == 0:
            raise ValueError("background: 0 words")
    strength = size if alpha0 is None else float(alpha0)
    if strength <= 0:
        raise ValueError(f"alpha0: {strength:g}; expected a number above 0")
    prior = prior * (strength / size)
    g2 = signed_g2(n, words, reference_n, others, cells=cells)
    ratio, low, high = log_ratio(n, words, reference_n, others, level=level)
    delta, z = weighted_log_odds(n, words, reference_n, others, prior, alpha0=strength)
    with np.errstate(divide="ignore"):
        percent = 100 * ((n / words) / (reference_n / others) - 1)
    table = pd.DataFrame(
        {
            "term": aligned.index,
            "n": aligned["n"].to_numpy(),
            "words": int(words),
            "rate": n / words * PER,
            "reference_n": aligned["reference_n"].to_numpy(),
            "reference_words": int(others),
            "reference_rate": reference_n / others * PER,
            "g2": g2,
            "cells": cells,
        }
    )
    if adjust is not None:
        p = scipy.stats.chi2.sf(np.abs(g2), df=1)
        from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow to load

        table = table.assign(p=p, p_adjusted=multipletests(p, method=adjust)[1], adjustment=adjust)
    table = table.assign(
        log_ratio=ratio,
        low=low,
        high=high,
        percent_diff=percent,
        log_odds=delta,
        z=z,
        alpha0=strength,
    )
    return table.sort_values("g2", ascending=False, kind="stable", ignore_index=True)
