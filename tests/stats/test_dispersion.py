"""Dispersion over the parts of a corpus."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tifa.stats import dispersion

MEASURES = ["dp", "dp_norm", "juilland_d"]
parts = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5000)), min_size=2, max_size=30)


def spread(n, words, least=1):
    table = pd.DataFrame({"entry": "x", "n": n, "words": words})
    return dispersion(table, least=least).iloc[0]


def test_as_in_lijffijt_and_gries():
    """Lijffijt & Gries (2012), p. 148: three equal parts with 2, 1 and 0 hits, DPnorm 0.5.

    So in the tests of Wordless (test_measures_dispersion.py).
    """
    result = spread([2, 1, 0], [1000, 1000, 1000])
    assert round(result["dp_norm"], 1) == 0.5
    assert result["dp"] == pytest.approx(1 / 3)
    assert (result["range"], result["parts"]) == (2, 3)


@pytest.mark.parametrize(
    ("letter", "parts", "juilland_d", "dp", "dp_norm"),
    [
        ("b", 5, 0.968, 0.02, 0.024),
        ("i", 1, 0, 0.82, 1),
        ("q", 1, 0, 0.8, 0.976),
        ("x", 1, 0, 0.78, 0.951),
    ],
)
def test_letters_of_gries(letter, parts, juilland_d, dp, dp_norm):
    """Gries, Analyzing dispersion, in the Practical Handbook of Corpus Linguistics: five parts.

    Letters and numbers as in the tests of scattertext (JasonKessler, test_Dispersion.py).
    """
    text = (
        "b a m n i b e u p | b a s a t b e w q n | b c a g a b e s t a"
        " | b a g h a b e a a t | b a h a a b e a x a t"
    )
    letters = [part.split() for part in text.split("|")]
    result = spread([part.count(letter) for part in letters], [len(part) for part in letters])
    assert result["range"] == parts
    assert result[MEASURES].astype(float).round(3).tolist() == [dp, dp_norm, juilland_d]


def test_allemand_of_lyne_as_in_tlda():
    """Lyne (1985), pp. 85 and 299, as the README of the R package tlda (lsoenning) prints it.

    There D is 0.6038797 (of rates) and DP, scaled as by Gries, 0.4990705. That is DP as Gries
    defines it, although the output names the divisor of Egbert et al., which would give 0.554.
    """
    words = [8143, 8058, 8271, 8125, 7959, 7941, 8146, 8001, 8003, 7930]
    result = spread([2, 0, 1, 1, 3, 0, 3, 0, 0, 0], words, least=10)
    assert round(result["dp"], 7) == 0.4990705
    assert round(result["juilland_d"], 7) == 0.6038797
    assert result["range"] / result["parts"] == 0.5


def test_juilland_as_in_carroll():
    """Carroll (1970), ETS Research Bulletin Series 1970(2), p. 14: 0, 4, 3, 2, 1.

    So in the tests of Wordless (test_measures_dispersion.py).
    """
    assert round(spread([0, 4, 3, 2, 1], [10] * 5)["juilland_d"], 4) == 0.6464


@given(parts)
def test_bounds(rows):
    n, words = zip(*rows, strict=True)
    result = spread(list(n), list(words))
    if not sum(n):
        assert result[MEASURES].isna().all()
        return
    assert -1e-12 <= result["dp"] <= 1
    assert result["dp"] <= result["dp_norm"] + 1e-12 <= 1 + 2e-12
    assert -1e-9 <= result["juilland_d"] <= 1 + 1e-12
    assert result["range"] == sum(count > 0 for count in n)


@settings(max_examples=20)
@given(parts, st.integers(2, 9), st.integers(0, 1000))
def test_scale_and_order_do_not_matter(rows, times, seed):
    n, words = (list(column) for column in zip(*rows, strict=True))
    assume(sum(n))
    result = spread(n, words)[MEASURES].astype(float)
    longer = spread(n, [count * times for count in words])[MEASURES].astype(float)
    oftener = spread([count * times for count in n], words)[MEASURES].astype(float)
    order = np.random.default_rng(seed).permutation(len(n))
    mixed = spread([n[i] for i in order], [words[i] for i in order])[MEASURES].astype(float)
    for other in (longer, oftener, mixed):
        assert other.to_numpy() == pytest.approx(result.to_numpy(), abs=1e-9)


@given(st.integers(2, 20), st.integers(1, 20))
def test_even_and_uneven(size, rate):
    words = [100 * (i + 1) for i in range(size)]
    even = spread([rate * (i + 1) for i in range(size)], words)
    assert even[MEASURES].astype(float).tolist() == pytest.approx([0, 0, 1])
    uneven = spread([rate] + [0] * (size - 1), words)
    assert uneven["dp_norm"] == pytest.approx(1)
    assert uneven["juilland_d"] == pytest.approx(0)


def test_entries_apart_and_rare_ones_not_measured():
    table = pd.DataFrame({"entry": list("bbaa"), "n": [5, 4, 6, 4], "words": [10, 10, 10, 0]})
    with pytest.raises(ValueError, match="without words"):
        dispersion(table)
    table["words"] = 10
    result = dispersion(table).set_index("entry")
    assert result.loc["b", MEASURES].isna().all()
    assert result.loc["b", "range"] == 2
    assert result.loc["a", "dp"] == pytest.approx(0.1)
    assert dispersion(table, least=9).notna().all(axis=None)


def test_dispersion_over_a_single_part():
    result = spread([12, 0], [100, 0])
    assert (result["parts"], result["dp"]) == (1, 0)
    assert result[["dp_norm", "juilland_d"]].isna().all()
    with pytest.raises(ValueError, match="negative"):
        spread([-1, 2], [10, 10])
