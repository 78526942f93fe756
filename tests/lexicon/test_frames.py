"""When a sentence gets a frame."""

import pytest
from conftest import frames_of, refusal

import tifa
from tifa.lexicon.frames import code_sentences
from tifa.lexicon.model import FrameDictionary


def codes(sentences, *indicators, names=()):
    dictionary = FrameDictionary.model_validate(frames_of(names, f=list(indicators)))
    return code_sentences(sentences, dictionary)["f"].tolist()


def coded(sentence, *indicators, names=()):
    return codes([sentence], *indicators, names=names) == [1]


def half(pattern):
    return {"pattern": pattern, "weight": 0.5}


HALVES = [half("boats"), half("cargo")]
THIRDS = [{"pattern": p, "weight": w} for p, w in [("a", 0.1), ("b", 0.2), ("c", 0.7)]]
TENTHS = [{"pattern": f"w{n}", "weight": 0.1} for n in range(10)]
HEAD = [{"pattern": "head", "not_before": ["of state", "of government"]}]
SECURITY = [{"pattern": "security", "not_after": ["food", "social welfare"]}]
RACE = [{"pattern": "slow boats", "not_before": ["race"]}]
WITH = [{"pattern": "boats", "with": ["oar*", "sails"]}]
WITHOUT = [{"pattern": "boats", "without": ["war", "battle"]}]

#: Indicators, and sentences that get the frame or do not.
RULES = [
    (["clinic*"], ["A Clinic opened.", "CLINICS’ doors"], ["A school opened."]),
    # two indicators of half weight need each other; each counts once, however often it matches
    (HALVES, ["boats with cargo"], ["boats", "boats and boats and boats"]),
    # weights that sum to one are enough, in spite of rounding errors
    (THIRDS, ["a b c"], ["a b"]),
    (TENTHS, [" ".join(f"w{n}" for n in range(10))], [" ".join(f"w{n}" for n in range(9))]),
    (
        HEAD,
        ["the head spoke", "the head, of state", "the head of the state"],
        ["the head of state spoke", "the head of government spoke"],
    ),
    (HEAD, ["the head of state and the head nurse"], []),
    (
        SECURITY,
        ["security grew", "food, security", "no food; then security", "food security and security"],
        ["food security grew", "old food security grew", "social welfare security"],
    ),
    (RACE, ["slow boats may race"], ["slow boats race"]),
    (WITH, ["boats and oars", "an oar, then boats", "boats, sails"], ["boats", "oars"]),
    (WITHOUT, ["boats"], ["boats at war", "a battle of boats", "war"]),
]


@pytest.mark.parametrize(("indicators", "coded_so", "not_so"), RULES)
def test_a_sentence_gets_a_frame_by_its_indicators(indicators, coded_so, not_so):
    assert [s for s in [*coded_so, *not_so] if coded(s, *indicators)] == coded_so


def test_conditions_only_apply_within_the_sentence():
    boats = {"pattern": "boats", "with": ["oars"], "without": ["war"]}
    reed = {"pattern": "reed", "not_before": ["rush"], "not_after": ["old"]}
    sentences = ["boats", "oars", "boats oars", "war", "reed", "rush", "old", "reed", "x", "y"]
    found = codes([*sentences, "x y"], boats, reed, half("x"), half("y"))
    assert found == [0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1]


def test_names_speak_for_no_frame():
    names = ("harbour health office",)
    assert not coded("The Harbour Health Office opened.", "health", names=names)
    assert coded("The Harbour Health Office spoke of health.", "health", names=names)
    assert coded("The harbour office spoke of health.", "health", names=names)
    # names may overlap
    overlapping = ("harbour health", "health office")
    for indicator in ("health", "office"):
        assert not coded("harbour health office", indicator, names=overlapping)
    # no indicator matches inside a name, across it, or together with it
    for across in ("the harbour", "office opened"):
        assert not coded("The Harbour Health Office opened.", across, names=names)
    beside = "boats, Harbour Health Office"
    assert not coded(beside, {"pattern": "boats", "with": ["office"]}, names=names)
    assert coded(beside, {"pattern": "boats", "without": ["office"]}, names=names)


def test_one_string_is_not_coded_letter_by_letter():
    with refusal("a list of sentences"):
        tifa.code_frames("Vaccines must reach every village.")
