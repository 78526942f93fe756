"""The registered claims: read, checked, and every choice of the panel carried out."""

import pandas as pd
import pytest
from conftest import refusal

import tifa
from tifa.analysis.entering import Entering
from tifa.analysis.registered import registration
from tifa.util.errors import TifaError


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("id: panel-time", "id: panel", "'panel' is used twice"), ("refuted_if:", "note:", "'panel'")],
)
def test_a_claim_used_twice_or_without_a_criterion_is_refused(tmp_path, old, new, said):
    text = (tifa.data_folder() / "registered.yml").read_text("utf-8")
    (tmp_path / "registered.yml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TifaError, match=said):
        registration(data=tmp_path)


def test_every_registered_choice_of_the_panel_changes_the_panel_or_the_model():
    corpus = tifa.load("ungdc")
    documents = corpus.documents.reset_index(drop=True)
    registered = registration()
    memberships = pd.read_csv(tifa.data_folder() / "facts" / "memberships.csv")
    question = Entering(documents, corpus.hits, memberships, tifa.phrasebook(), registered)
    choices = dict(registered.claim("panel").choices)
    choices["left out"] = [c for c in choices["left out"] if c != "each state in turn"]
    main = registered.claim("panel").main
    single = [main] + [
        main | {kind: option} for kind, options in choices.items() for option in options[1:]
    ]
    seen = []
    for specification in single:
        panel, options = question.panel(specification), question.options(specification)
        assert {"CHN"}.isdisjoint(panel["country"])
        shape = (len(panel), *panel[["different", "entered"]].sum())
        seen.append((shape, tuple(options.items()), specification["estimator"]))
    # the memorandum of a member is signed a year before the decision, that of a partner after it
    assert len(set(seen)) == len(single)
    by_date = [
        question.panel({**main, "standing": f"any standing by the {day}"})["entered"].sum()
        for day in ("decision", "memorandum")
    ]
    assert by_date[0] > by_date[1]
    with refusal("data/registered.yml"):
        question.panel({**specification, "formulas listed": "all that sound nice"})
