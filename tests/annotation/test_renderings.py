"""Which wording translates which, in the speeches that exist in both languages."""

import re

import pandas as pd

from tifa.annotation.renderings import pairs, renderings
from tifa.util.data_folder import data_folder


def test_uses_are_those_of_the_finding_on_what_is_lost():
    ledger = pd.read_csv(data_folder() / "findings.csv").set_index("id")
    said = re.findall(r"\d+", ledger.loc["F7.6", "statement"])
    uses, speeches, lost = (int(number) for number in said[:3])
    table = renderings()
    assert len(pairs()) == speeches
    assert table["original"].sum() == uses
    assert table["original"].sum() - table["matched"].sum() == lost


def test_wordings_of_an_entry_add_up_to_its_uses():
    table = renderings().set_index("entry")
    for side in ("original", "english"):
        wordings = table["chinese_wordings" if side == "original" else "english_wordings"]
        assert wordings.map(lambda w: sum(w.values())).equals(table[side])
    # spelt out in English, as terrorism, separatism and extremism
    assert table.loc["three-evil-forces", ["original", "english"]].tolist() == [1, 0]
    # three in the text, one in its heading, which the Chinese page counts
    assert table.loc["shanghai-spirit", ["original", "english"]].tolist() == [4, 3]


def test_another_translator_has_other_speeches():
    others = pairs(translator="interpret")
    assert len(others) == 1
    assert not set(others["english"]) & set(pairs()["english"])
    assert renderings(translator="interpret")["original"].sum() > 0
