"""When a sentence gets a frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tifa.lexicon.frames import code_sentences
from tifa.lexicon.model import FrameDictionary


def coded(sentence, *indicators, names=()):
    dictionary = FrameDictionary.model_validate(
        {
            "version": 1,
            "names": list(names),
            "frames": [{"id": "f", "label": "F", "about": "x", "indicators": list(indicators)}],
        }
    )
    return bool(code_sentences([sentence], dictionary)["f"].tolist() == [1])


def half(pattern):
    return {"pattern": pattern, "weight": 0.5}


def test_one_whole_indicator_is_enough():
    assert coded("A Clinic opened.", "clinic*")
    assert coded("CLINICS’ doors", "clinic*")
    assert not coded("A school opened.", "clinic*")


def test_halves_need_each_other():
    assert not coded("boats", half("boats"), half("cargo"))
    assert coded("boats with cargo", half("boats"), half("cargo"))


def test_an_indicator_counts_once_however_often_it_matches():
    assert not coded("boats and boats and boats", half("boats"), half("cargo"))


def test_thirds_sum_to_one_in_spite_of_rounding():
    thirds = [{"pattern": p, "weight": w} for p, w in [("a", 0.1), ("b", 0.2), ("c", 0.7)]]
    assert coded("a b c", *thirds)
    assert not coded("a b", *thirds)
    tenths = [{"pattern": f"w{n}", "weight": 0.1} for n in range(10)]
    assert coded(" ".join(f"w{n}" for n in range(10)), *tenths)
    assert not coded(" ".join(f"w{n}" for n in range(9)), *tenths)


@pytest.mark.parametrize(
    ("sentence", "carries"),
    [
        ("the head spoke", True),
        ("the head of state spoke", False),
        ("the head of government spoke", False),
        ("the head, of state", True),
        ("the head of the state", True),
        ("the head of state and the head nurse", True),
    ],
)
def test_not_before(sentence, carries):
    rule = {"pattern": "head", "not_before": ["of state", "of government"]}
    assert coded(sentence, rule) is carries


@pytest.mark.parametrize(
    ("sentence", "carries"),
    [
        ("security grew", True),
        ("food security grew", False),
        ("old food security grew", False),
        ("food, security", True),
        ("no food; then security", True),
        ("social welfare security", False),
        ("food security and security", True),
    ],
)
def test_not_after(sentence, carries):
    rule = {"pattern": "security", "not_after": ["food", "social welfare"]}
    assert coded(sentence, rule) is carries


def test_not_before_of_a_longer_pattern():
    rule = {"pattern": "slow boats", "not_before": ["race"]}
    assert not coded("slow boats race", rule)
    assert coded("slow boats may race", rule)


@pytest.mark.parametrize(
    ("sentence", "carries"),
    [
        ("boats", False),
        ("boats and oars", True),
        ("an oar, then boats", True),
        ("boats, sails", True),
        ("oars", False),
    ],
)
def test_with_needs_one_of_its_patterns_anywhere(sentence, carries):
    assert coded(sentence, {"pattern": "boats", "with": ["oar*", "sails"]}) is carries


@pytest.mark.parametrize(
    ("sentence", "carries"),
    [("boats", True), ("boats at war", False), ("a battle of boats", False), ("war", False)],
)
def test_without_fails_on_one_of_its_patterns_anywhere(sentence, carries):
    assert coded(sentence, {"pattern": "boats", "without": ["war", "battle"]}) is carries


def test_conditions_only_apply_within_the_sentence():
    dictionary = FrameDictionary.model_validate(
        {
            "version": 1,
            "frames": [
                {
                    "id": "f",
                    "label": "F",
                    "about": "x",
                    "indicators": [
                        {"pattern": "boats", "with": ["oars"], "without": ["war"]},
                        {"pattern": "reed", "not_before": ["rush"], "not_after": ["old"]},
                        half("x"),
                        half("y"),
                    ],
                }
            ],
        }
    )
    sentences = [
        "boats",
        "oars",
        "boats oars",
        "war",
        "reed",
        "rush",
        "old",
        "reed",
        "x",
        "y",
        "x y",
    ]
    assert code_sentences(sentences, dictionary)["f"].tolist() == [0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1]


def test_names_speak_for_no_frame():
    names = ("harbour health office",)
    assert not coded("The Harbour Health Office opened.", "health", names=names)
    assert coded("The Harbour Health Office spoke of health.", "health", names=names)
    assert coded("The harbour office spoke of health.", "health", names=names)
    # no indicator matches inside a name, across it, or together with it
    assert not coded("The Harbour Health Office opened.", "office opened", names=names)
    assert not coded(
        "boats, Harbour Health Office", {"pattern": "boats", "with": ["office"]}, names=names
    )
    assert coded(
        "boats, Harbour Health Office", {"pattern": "boats", "without": ["office"]}, names=names
    )


def test_names_may_overlap():
    names = ("harbour health", "health office")
    assert not coded("harbour health office", "health", names=names)
    assert not coded("harbour health office", "office", names=names)


def test_every_sentence_has_a_row():
    dictionary = FrameDictionary.model_validate(
        {
            "version": 1,
            "frames": [
                {"id": i, "label": i, "about": "x", "indicators": [i]} for i in ("reed", "rush")
            ],
        }
    )
    table = code_sentences(["reed", "", "rush reed", "…"], dictionary)
    assert list(table.columns) == ["reed", "rush"]
    assert table.to_numpy().tolist() == [[1, 0], [0, 0], [1, 1], [0, 0]]
    assert code_sentences([], dictionary).shape == (0, 2)


_WORDS = st.lists(st.sampled_from("abcd"), max_size=8)


@given(
    words=_WORDS,
    weights=st.dictionaries(
        st.sampled_from(["a", "b", "a b", "b c d"]),
        st.sampled_from([0.25, 0.5, 0.75, 1.0]),
        min_size=1,
    ),
)
def test_the_same_as_summing_by_hand(words, weights):
    sentence = " ".join(words)
    total = sum(w for p, w in weights.items() if f" {p} " in f" {sentence} ")
    indicators = [{"pattern": p, "weight": w} for p, w in weights.items()]
    assert coded(sentence, *indicators) is (total >= 1)
