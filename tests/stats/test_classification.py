"""Precision, recall, F1 and their intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from tifa.stats import classification_scores, macro_f1, macro_f1_difference
from tifa.stats.bootstrap import SEED, resampled_counts

LIMITS = ["low", "high"]

pairs = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30)


def decisions(seed=1, units=40, frames="xyz", noise=0.2):
    """Invented decisions on each frame; units of one document are coded alike."""
    generator = np.random.default_rng(seed)
    rows = []
    for frame in frames:
        truth = np.repeat(generator.random(units // 2) < 0.4, 2).astype(int)
        predicted = np.where(generator.random(units) < noise, 1 - truth, truth)
        rows += [
            (f"u{i:02}", f"d{i // 2:02}", frame, int(t), int(p))
            for i, (t, p) in enumerate(zip(truth, predicted, strict=True))
        ]
    return pd.DataFrame(rows, columns=["unit", "doc_id", "frame", "truth", "predicted"])


@settings(max_examples=30)
@given(pairs)
def test_as_in_scikit_learn(rows):
    truth, predicted = zip(*rows, strict=True)
    table = pd.DataFrame(
        {"unit": range(len(rows)), "frame": "x", "truth": truth, "predicted": predicted}
    )
    row = classification_scores(table, draws=5).iloc[0]
    tn, fp, fn, tp = confusion_matrix(truth, predicted, labels=[0, 1]).ravel()
    assert row[["tp", "fp", "fn", "tn"]].tolist() == [tp, fp, fn, tn]
    assert row["units"] == row["clusters"] == len(rows)
    for name, score in [("precision", precision_score), ("recall", recall_score), ("f1", f1_score)]:
        expected = score(truth, predicted, zero_division=np.nan)
        assert row[name] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("cluster", [None, "doc_id"])
def test_intervals_equal_those_from_resampled_tables(cluster):
    """Each draw by hand: units or documents repeated as often as they were drawn."""
    table = decisions().query("frame == 'x'")
    groups = [group for _, group in table.groupby(cluster or "unit")]
    by_hand = {"precision": [], "recall": [], "f1": []}
    for draw in next(resampled_counts(len(groups), draws=50, seed=SEED)):
        drawn = pd.concat([g for g, n in zip(groups, draw, strict=True) for _ in range(n)])
        for name, score in zip(by_hand, [precision_score, recall_score, f1_score], strict=True):
            by_hand[name].append(score(drawn["truth"], drawn["predicted"]))
    row = classification_scores(table, cluster=cluster, draws=50).iloc[0]
    for name, values in by_hand.items():
        expected = np.quantile(values, [0.025, 0.975])
        assert [row[f"{name}_low"], row[f"{name}_high"]] == pytest.approx(expected.tolist())
    assert (row["resampled"], row["clusters"]) == (cluster or "unit", len(groups))


def test_under_ten_units_there_is_no_interval():
    nine = decisions(units=18).query("frame == 'x'")
    row = classification_scores(nine, cluster="doc_id").iloc[0]
    assert np.isfinite(row["f1"])
    assert np.isnan(row["f1_low"])
    assert row["draws"] == 0
    assert macro_f1(nine, cluster="doc_id", least=1)[LIMITS].isna().all(axis=None)


def wide(table, column):
    return table.pivot(index="unit", columns="frame", values=column).to_numpy()


def test_macro_f1_resamples_units_with_all_their_codes():
    table = decisions()
    truth, predicted = wide(table, "truth"), wide(table, "predicted")
    by_hand = [
        f1_score(np.repeat(truth, n, axis=0), np.repeat(predicted, n, axis=0), average="macro")
        for n in next(resampled_counts(40, draws=60, seed=SEED))
    ]
    row = macro_f1(table, draws=60).iloc[0]
    assert row["macro_f1"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    assert row[LIMITS].tolist() == pytest.approx(np.quantile(by_hand, [0.025, 0.975]).tolist())
    assert (row["frames"], row["units"], row["undefined"]) == (3, 40, 0)


def test_units_without_a_decision_on_a_frame_count_for_the_others():
    table = decisions()
    gaps = table[~((table["frame"] == "x") & table["unit"].isin(["u01", "u07", "u30"]))]
    each = classification_scores(gaps)
    assert macro_f1(gaps)["macro_f1"][0] == pytest.approx(each["f1"].mean())
    assert macro_f1(gaps)["units"][0] == 40
    assert sorted(each["units"]) == [37, 40, 40]


def test_frames_with_few_positives_have_no_place_in_the_mean():
    table = decisions()
    rare = table.assign(
        truth=table["truth"].where((table["frame"] != "x") | (table["unit"] < "u10"), 0)
    )
    assert 0 < rare.query("frame == 'x'")["truth"].sum() < 10
    kept = macro_f1(rare).iloc[0]
    assert kept["frames"] == 2
    assert kept["macro_f1"] == macro_f1(table.query("frame != 'x'"))["macro_f1"][0]
    none = macro_f1(table, least=99).iloc[0]
    assert (none["frames"], none["draws"]) == (0, 0)
    assert np.isnan(none["macro_f1"])


def two_models():
    good, bad = decisions(noise=0.1), decisions(noise=0.4)
    return pd.concat([good.assign(model="good"), bad.assign(model="bad", truth=good["truth"])])


def test_the_bootstrap_of_the_difference_is_paired():
    """Each draw by hand, both models on the same units."""
    table = two_models()
    truth = wide(table.query("model == 'good'"), "truth")
    first, second = (wide(table[table["model"] == m], "predicted") for m in ("good", "bad"))
    by_hand = []
    for n in next(resampled_counts(40, draws=60, seed=SEED)):
        drawn = [np.repeat(m, n, axis=0) for m in (truth, first, second)]
        scores = [f1_score(drawn[0], m, average="macro") for m in drawn[1:]]
        by_hand.append(scores[0] - scores[1])
    row = macro_f1_difference(table, "good", "bad", draws=60).iloc[0]
    assert row[LIMITS].tolist() == pytest.approx(np.quantile(by_hand, [0.025, 0.975]).tolist())
    each = macro_f1(table, by="model").set_index("model")["macro_f1"]
    assert (row["first_f1"], row["second_f1"]) == (each["good"], each["bad"])
    assert row["difference"] == pytest.approx(each["good"] - each["bad"])
