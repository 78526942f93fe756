"""Lambda of sequences of words, against a log-linear model fitted by statsmodels."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from tifa.stats import sequences


def windows(texts, size):
    return [tuple(t[i : i + size]) for t in texts for i in range(len(t) - size + 1)]


@pytest.mark.filterwarnings("ignore")  # statsmodels warns of as many parameters as cells
@pytest.mark.parametrize("size", [2, 3, 4])
def test_lambda_is_the_highest_interaction_of_the_saturated_model(size):
    texts = [list("abcabdabcaacbd"), list("bca"), [], list("dabcbacabc")]
    found = sequences(texts, size=size).set_index("sequence")
    assert len(found) > 1
    for sequence, row in found.iterrows():
        agreements = [
            tuple(int(x == y) for x, y in zip(w, sequence.split(), strict=True))
            for w in windows(texts, size)
        ]
        cells = pd.DataFrame(list(product((0, 1), repeat=size))).add_prefix("w")
        cells["n"] = [agreements.count(cell) + 0.5 for cell in product((0, 1), repeat=size)]
        formula = "n ~ " + " * ".join(f"w{i}" for i in range(size))
        model = smf.glm(formula, cells, family=sm.families.Poisson()).fit(tol=1e-12)
        assert row["lambda"] == pytest.approx(model.params.iloc[-1], abs=1e-6)
        assert row["lambda_z"] == pytest.approx(model.tvalues.iloc[-1], abs=1e-4)
        assert row["n"] == agreements.count((1,) * size)


def test_sequences_stay_within_a_text_and_without_any_there_is_no_row():
    assert "b c" not in set(sequences([["a", "b"], ["c", "d"]], size=2, least=1)["sequence"])
    assert sequences([["a"], []], size=3).empty
    assert np.isinf(sequences([list("abab")], size=2, added=0)["lambda"]).all()
