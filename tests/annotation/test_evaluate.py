"""Predictions for coded sentences, without any use of held-out codes."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import DATA, frames_of, refusal, replace_in, snapshot, write_yaml, written

from tifa.annotation.baseline import Setting as Choice
from tifa.annotation.baseline import best_cut, predict_held_out
from tifa.annotation.codes import read_units
from tifa.annotation.evaluate import MODELS, predict_by_selection, predictions
from tifa.lexicon.model import FrameDictionary


def dictionary(**frames):
    return FrameDictionary.model_validate(frames_of(**frames))


TEXTS = ["A clinic.", "A clinic.", "A nurse.", "A nurse.", "A nurse.", "A doctor.", "A boat."]
TRUTH = np.array([[1.0], [1], [0], [0], [1], [1], [0]])
FOLD = np.array([1, 2, 1, 2, 3, 3, 1])
RULES = dictionary(health=["clinic", "nurse", "doctor"])


def test_an_indicator_is_dropped_if_it_is_mostly_wrong_in_the_other_folds():
    found = predict_by_selection(TEXTS, TRUTH, FOLD, RULES)[:, 0]
    # nurse: wrong once and right once without fold 1 or 2, wrong twice without fold 3
    assert found.tolist() == [1, 1, 1, 1, 0, 1, 0]
    # doctor: no evidence in the other folds, so the option unseen decides whether it is kept
    seen = predict_by_selection(TEXTS, TRUTH, FOLD, RULES, unseen=False)[:, 0]
    assert seen.tolist() == [1, 1, 1, 1, 0, 0, 0]


def test_a_half_weight_indicator_is_judged_where_it_completes_a_frame():
    rules = dictionary(
        trade=[{"pattern": "boats", "weight": 0.5}, {"pattern": "cargo", "weight": 0.5}]
    )
    texts = ["boats", "boats", "boats", "boats with cargo", "boats with cargo"]
    truth = np.array([[0.0], [0], [0], [1], [1]])
    found = predict_by_selection(texts, truth, np.array([1, 1, 1, 1, 2]), rules)
    # boats without cargo never indicates the frame, so it is not wrong in the other sentences
    assert found[:, 0].tolist() == [0, 0, 0, 1, 1]


def test_disagreements_of_annotators_are_not_used():
    truth = np.where(np.arange(7)[:, None] == 3, np.nan, TRUTH)
    found = predict_by_selection(TEXTS, truth, FOLD, RULES)[:, 0]
    # one of the wrong nurses is left out: without fold 3, nurse is once wrong and never right
    assert found.tolist() == [1, 1, 1, 1, 0, 1, 0]
    unsure = np.where(np.arange(7)[:, None] < 4, np.nan, TRUTH)
    assert predict_by_selection(TEXTS, unsure, FOLD, RULES)[4, 0] == 1


#: With this setting all scores are 0 when rounded.
HOPELESS = Choice(1, False, "logistic", 1e-12)
FEW = [
    Choice(2, True, "logistic", 1.0),
    Choice(1, False, "svm", 1.0),
    Choice(1, True, "bayes", 0.1),
]


def invented(seed=1, n=60):
    """Sentences in which one word reveals each frame, among uninformative words."""
    generator = np.random.default_rng(seed)
    filler = ["reed", "oar", "heron", "mud", "dawn", "pier", "rope", "plank", "gull", "tide", "fog"]
    codes = (generator.random((n, 2)) < [0.4, 0.3]).astype(float)
    texts = []
    for health, trade in codes:
        words = [*generator.choice(filler, 6), *["clinic"] * int(health), *["cargo"] * int(trade)]
        texts.append(" ".join(generator.permutation(words)) + ".")
    return texts, codes, pd.Series([f"d{i // 2}" for i in range(n)])


@pytest.mark.parametrize("choice", FEW)
def test_the_classifier_learns_a_planted_word(choice):
    texts, codes, documents = invented(n=160)
    fold = np.arange(160) // 2 % 5
    settings = [HOPELESS, choice, HOPELESS._replace(longest=2)]
    found = predict_held_out(texts, codes, documents, fold, settings=settings)
    assert (found == codes).mean() > 0.9


def test_codes_of_a_held_out_unit_do_not_reach_its_prediction():
    """Flipping every code of a fold does not change the predictions for this fold."""
    texts, codes, documents = invented(seed=4)
    fold = np.arange(60) // 2 % 4
    before = predict_held_out(texts, codes, documents, fold, settings=FEW)
    rules = dictionary(health=["clinic", "reed"], trade=["cargo", "gull", "mud"])
    selected = predict_by_selection(texts, codes, fold, rules, unseen=False)
    for held in range(4):
        turned = np.where((fold == held)[:, None], 1 - codes, codes)
        after = predict_held_out(texts, turned, documents, fold, settings=FEW)
        assert (after[fold == held] == before[fold == held]).all()
        again = predict_by_selection(texts, turned, fold, rules, unseen=False)
        assert (again[fold == held] == selected[fold == held]).all()


@pytest.mark.parametrize(
    ("scores", "codes", "cut", "f1"),
    [
        ([3, 2, 1], [1, 0, 0], 2.5, 1.0),
        ([3, 2, 1], [0, 0, 1], -np.inf, 0.5),
        ([2, 2, 1], [1, 0, 0], 1.5, 2 / 3),  # units with equal scores are not separated
        ([3, 2, 1], [0, 0, 0], np.inf, 0.0),
        ([9, 3, 2, 1], [np.nan, 1, 0, 0], 2.5, 1.0),
        ([4, 3, 2, 1], [1, 0, 1, 0], 1.5, 0.8),
    ],
)
def test_the_cut_with_the_best_f1(scores, codes, cut, f1):
    for order in ([*range(len(scores))], [*reversed(range(len(scores)))]):
        found = best_cut(np.array(scores, dtype=float)[order], np.array(codes, dtype=float)[order])
        assert found == pytest.approx((cut, f1))


SENTENCES = {
    "alder-2001": ("A clinic was opened.", "Cargo came in boats.", "It rained."),
    "birch-2002": ("Health is dear to the miller.", "Nobody spoke of it again."),
    "cedar-2003": ("The trade in reeds grew.", "A second clinic closed.", "The gull flew off."),
    "elder-2004": ("Trade slept that winter.", "Their health suffered."),
    "hazel-2005": ("The ferry sank.", "Clinics were far away.", "Boats were not."),
}
KEYWORDS = frames_of(trade=["trade"], health=["health"])


PLACES = pd.DataFrame(
    [(d, n, text) for d, of in SENTENCES.items() for n, text in enumerate(of, start=1)],
    columns=["doc_id", "sentence", "text"],
)
PLACES.insert(0, "unit", [f"u{n:02}" for n in range(1, len(PLACES) + 1)])
PLACES["corpus"] = "lake"


def containing(**patterns):
    """Which sentences contain these words: one column per frame, 0 or 1."""
    found = {f: PLACES["text"].str.contains(p, case=False) for f, p in patterns.items()}
    return pd.DataFrame(found).astype(int).set_index(PLACES["unit"])


TRULY = containing(health="health|clinic", trade="trade|cargo")


def write_units(data, name, units):
    table = units[["unit", "corpus", "doc_id", "sentence"]]
    table.to_csv(data / "annotations" / name, index=False)


@pytest.fixture
def coded(make_data):
    """A corpus of invented sentences, coded by two annotators who disagree once."""
    setting = make_data("lake", texts={d: " ".join(of) for d, of in SENTENCES.items()})
    write_yaml(setting.data / "lexicon" / "keywords.yml", KEYWORDS)
    other = TRULY.copy()
    other.loc["u02", "trade"] = 0
    codes = pd.concat({"Li": TRULY, "Okoye": other}, names=["annotator"]).assign(problem=0)
    written(setting.data, {"annotations/codes.csv": codes.to_csv()})
    write_units(setting.data, "units.csv", PLACES)
    return setting


def predicted(table, model):
    """The codes that a model predicts: one row per unit, one column per frame."""
    rows = table[table["model"] == model]
    return rows.pivot(index="unit", columns="frame", values="predicted")


def test_evaluate_writes_codes_without_text(coded, run_cli):
    ran = run_cli("evaluate", "--data", coded.data, "--texts", coded.texts)
    assert ran.code == 0, ran.err
    path = coded.data / "annotations" / "predictions.csv"
    table = pd.read_csv(path, dtype={"fold": "Int64"})
    assert list(table.columns) == ["unit", "model", "fold", "frame", "predicted"]
    assert len(table) == len(PLACES) * len(MODELS) * 2
    assert table.equals(table.sort_values(["unit", "model", "frame"]))
    assert predicted(table, "dictionary").equals(TRULY)
    assert predicted(table, "keywords").equals(containing(health="health", trade="trade"))
    # each document is in one fold, and models without folds have none
    held = table[table["fold"].notna()].merge(PLACES, on="unit")
    assert set(held["model"]) == {"bag-of-words", "dictionary-cv", "dictionary-cv-seen"}
    assert held.groupby("doc_id")["fold"].nunique().max() == 1
    assert held["fold"].nunique() == 5
    # the file is described, and contains none of the words
    described = json.loads((coded.data / "datapackage.json").read_text("utf-8"))
    assert "annotations/predictions.csv" in [r["path"] for r in described["resources"]]
    assert not {"clinic", "gull", "miller"} & set(path.read_text("utf-8").split(","))
    assert [line.split()[0] for line in ran.out.splitlines()] == ["model", *sorted(MODELS)]


def test_sentences_drawn_later_are_predicted_by_what_learnt_from_the_earlier(coded, run_cli):
    late = PLACES["doc_id"] == "hazel-2005"
    write_units(coded.data, "units.csv", PLACES[~late])
    write_units(coded.data, "unseen_units.csv", PLACES[late])
    ran = run_cli("evaluate", "--data", coded.data, "--texts", coded.texts)
    assert ran.code == 0, ran.err
    table = pd.read_csv(coded.data / "annotations" / "unseen_predictions.csv")
    assert set(table["model"]) == {"bag-of-words", "characters", "dictionary", "keywords"}
    assert predicted(table, "dictionary").equals(TRULY.tail(3))
    # "Clinics" shares characters with "clinic" in coded sentences, but the word is not in them
    health = [
        predicted(table, model).loc["u12", "health"] for model in ("characters", "bag-of-words")
    ]
    assert health == [1, 0]


SPOILT = {
    "a code": ("annotations/codes.csv", "Li,u03,0", "Li,u03,3", "codes.csv:4: health is '3'"),
    "a number": ("annotations/units.csv", "alder-2001,3", "alder-2001,9", "no sentence 9"),
    "a document": ("annotations/units.csv", "hazel-2005,3", "holly-2006,3", "'holly-2006'"),
    "a corpus": ("annotations/units.csv", "u01,lake", "u01,pond", "pond.yml"),
    "a unit": ("annotations/units.csv", "u01,", "x01,", "'x01' has no codes"),
    "a frame": ("annotations/codes.csv", "trade", "commerce", "no column 'trade'"),
    "a keyword": ("lexicon/keywords.yml", "id: trade", "id: commerce", "other frames"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_evaluate_refuses_in_one_line_and_writes_nothing(coded, run_cli, case):
    name, old, new, said = SPOILT[case]
    replace_in(coded.data / name, old, new)
    before = snapshot(coded.data)
    assert said in run_cli("evaluate", "--data", coded.data, "--texts", coded.texts).refusal
    assert snapshot(coded.data) == before


def test_one_document_makes_no_folds():
    table = pd.DataFrame({"unit": ["a", "b"], "doc_id": "d", "text": ["clinic", "boat"]})
    codes = pd.DataFrame({"unit": ["a", "b"], "annotator": "Li", "health": [1, 0]})
    rules = dictionary(health=["clinic"])
    with refusal("two documents or more"):
        predictions(table, codes, rules, rules)


def test_the_committed_dictionary_is_that_of_the_features():
    """Extraction coded the sentences of the small corpora too, with the same result."""
    units = read_units(DATA / "annotations" / "units.csv")
    table = pd.read_csv(DATA / "annotations" / "predictions.csv")
    table = table.query("model == 'dictionary'").merge(units, on="unit")
    for corpus in ("briefing", "xi"):
        coded = pd.read_csv(DATA / "corpora" / corpus / "sentence_frames.csv")
        rows = table[table["corpus"] == corpus]
        assert len(rows) > 200
        found = rows[rows["predicted"] == 1][["doc_id", "sentence", "frame"]]
        there = coded.merge(rows[["doc_id", "sentence", "frame"]])
        assert sorted(found.itertuples(index=False)) == sorted(there.itertuples(index=False))


@pytest.mark.slow
@pytest.mark.texts
def test_evaluate_reproduces_the_committed_bytes(texts, tmp_path, run_cli):
    data = tmp_path / "data"
    for part in ("annotations", "lexicon", "metadata"):
        shutil.copytree(DATA / part, data / part, ignore=shutil.ignore_patterns("*predictions*"))
    ran = run_cli("evaluate", "--data", data, "--texts", texts)
    assert ran.code == 0, ran.err
    for name in ("predictions.csv", "unseen_predictions.csv"):
        committed = (DATA / "annotations" / name).read_bytes()
        assert (data / "annotations" / name).read_bytes() == committed
