"""Lexical diversity that does not depend on length.

These measures need the words of a text in order, which are not published for protected texts, so
you need the texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import scipy

from tifa.stats.check import as_counts, as_words


def mattr(tokens: Sequence[str], *, window: int = 50) -> float:
    """Moving-average type-token ratio: the mean over all windows of one length.

    Parameters
    ----------
    tokens
        Words in order.
    window
        Length of the window, in words. Compare only values with the same window.

    Returns
    -------
    From 1 divided by the window to 1.

    Raises
    ------
    ValueError
        For a text shorter than the window, or not split into words.

    References
    ----------
    Covington & McFall (2010), Journal of Quantitative Linguistics 17(2), 94-100.

    Examples
    --------
    >>> round(mattr("one one two one one two one".split(), window=2), 3)
    0.833

    """
    tokens = as_words(tokens, "tokens")
    if not 0 < window <= len(tokens):
        raise ValueError(f"a text of {len(tokens)} words has no window of {window}")
    held = Counter(tokens[:window])
    types = len(held)
    for leaving, entering in zip(tokens, tokens[window:], strict=False):
        held[entering] += 1
        held[leaving] -= 1
        if not held[leaving]:
            del held[leaving]
        types += len(held)
    return types / (window * (len(tokens) - window + 1))


def _factors(tokens: Iterable[str], threshold: float) -> float:
    """Count the stretches that bring the type-token ratio down to the threshold."""
    factors, ratio, length = 0.0, 1.0, 0
    types: set[str] = set()
    for token in tokens:
        length += 1
        types.add(token)
        ratio = len(types) / length
        if ratio <= threshold:
            factors += 1
            ratio, length = 1.0, 0
            types.clear()
    return factors + (1 - ratio) / (1 - threshold)


def mtld(tokens: Sequence[str], *, threshold: float = 0.72) -> float:
    """Measure of textual lexical diversity: mean length of stretches of a given diversity.

    A stretch ends when its type-token ratio has fallen to the threshold (some tools wait until it
    is below); the last stretch counts as a fraction. The result is the mean of reading forwards and
    backwards.

    Parameters
    ----------
    tokens
        Words in order.
    threshold
        The type-token ratio that ends a stretch.

    Returns
    -------
    A length in words; infinite if no word is ever repeated.

    Raises
    ------
    ValueError
        For an empty text, one not split into words, or a threshold outside 0 to 1.

    References
    ----------
    McCarthy & Jarvis (2010), Behavior Research Methods 42(2), 381-392.

    Examples
    --------
    >>> round(mtld("this is a sentence here".split() * 20), 2)
    7.14

    """
    tokens = as_words(tokens, "tokens")
    if not tokens or not 0 < threshold < 1:
        raise ValueError("mtld needs words, and a threshold between 0 and 1")
    both = [_factors(tokens, threshold), _factors(reversed(tokens), threshold)]
    return float(np.mean([len(tokens) / f if f else np.inf for f in both]))


def hdd(tokens: Any, *, draws: int = 42) -> float:
    """HD-D: the type-token ratio expected in a random sample of a given size.

    Parameters
    ----------
    tokens
        Words, as a list, or counts by word (a Series, dict or Counter).
    draws
        Size of the sample, in words.

    Returns
    -------
    From 1 divided by the draws to 1.

    Raises
    ------
    ValueError
        For a text shorter than the sample, or not split into words.

    References
    ----------
    McCarthy & Jarvis (2007), Language Testing 24(4), 459-488; (2010), Behavior Research Methods
    42(2), 381-392.

    Examples
    --------
    >>> round(hdd("this is a sentence here".split() * 20), 3)
    0.119

    """
    counts = as_counts(tokens, "tokens").to_numpy(dtype=float)
    if not 0 < draws <= counts.sum():
        raise ValueError(f"a text of {counts.sum():g} words has no sample of {draws}")
    absent = np.asarray(scipy.stats.hypergeom.pmf(0, counts.sum(), counts, draws))
    return float((1 - absent).sum() / draws)
