"""The choices under which a finding fails are said in words and drawn."""

from __future__ import annotations

import csv

import pytest
from sphinx_findings.choices import changes, often, strip, sureness
from sphinx_findings.ledger import COLUMNS, described, list_of, to_csv


def made(**given):
    """A verdict, by default one in which nothing was tried alone."""
    verdict = {"claim": "Boats leave", "turn": 0, "specifications": 8, "tried": [], "why": ""}
    return verdict | {"quantity": "% of boats", "published": None, "line": None} | given


def test_a_mark_says_in_words_which_choices_turn_a_finding_alone():
    given = made(
        turn=5,
        specifications=14,
        published=4.0,
        line=0.0,
        why="left out: MON (5 of 8); years: from 2015 (1 of 2); 2016 (1 of 1); base: b; base: c",
        tried=[
            ["years: from 2015", -1.0, True],
            ["left out: MON", -2.25, True],
            ["base: b", 3.0, False],
        ],
    )
    words = {"left out": "{} is left out", "left out: MON": "Monday is left out"}
    assert sureness(given, words) == (  # names the choice that goes furthest beyond the line
        "true in 1 of 3 other ways of counting, for instance not if Monday is left out"
    )
    said = changes(given, words)
    assert said["failing"] == [
        ("Monday is left out", "−2.25"),
        ("the choice is “years: from 2015”", "−1"),
    ]
    assert said["more"] == 0
    others = ("years: 2016", "base: b", "base: c")
    assert said["together"] == [f"the choice is “{choice}”" for choice in others]
    assert changes(given | {"published": None}, words)["published"] == ""


RAIN = [["base: b", 9.0, False], ["it rains", 2.0, False], ["it snows", 6.0, False]]
IN_TURN = [
    ["base: b", 3.0, False],
    ["left out in turn: Monday", 1.0, False],
    ["left out in turn: Sunday", 0.0, True],
]
UNTOLD = {"claim": "Which boat is faster cannot be told", "turn": 1, "line": 0.0}
SNOW = [["it rains", 2.0, False], ["it snows", -1.0, True]]
REFUTED = "The registered claim “‘All’ boats leave” failed by its own rule"


@pytest.mark.parametrize(
    ("given", "mark"),
    [
        (  # no choice turns it: the one that comes nearest
            {"published": 9.0, "line": 1.0, "tried": RAIN},
            "true in 3 of 3 other ways of counting, most narrowly if it rains",
        ),
        ({"published": 9.0, "tried": RAIN}, "true in 3 of 3 other ways of counting"),
        ({"published": 9.0, "line": 1.0}, "true in 8 of 8 ways of counting"),
        (  # what is left out in turn is one way of counting
            {"turn": 1, "line": 1.0, "why": "left out: Sunday (1 of 1)", "tried": IN_TURN},
            "true in 1 of 2 other ways of counting, not if Sunday is left out",
        ),
        (  # a claim that something cannot be told is not called the truer the vaguer it is
            UNTOLD | {"tried": SNOW},
            "undecided, also in 1 of 2 other ways of counting; decided if it snows",
        ),
        ({"refuted": "“All” boats leave"}, f"true in 8 of 8 ways of counting. {REFUTED}"),
    ],
)
def test_a_mark_says_how_often_a_claim_is_true_and_where_it_does_worst(given, mark):
    words = {"left out": "{} is left out"}
    assert sureness(made(**given), words) == mark
    assert changes(made(**given), words)["together"] == []


def test_what_is_undecided_or_refuted_has_a_grade_of_its_own():
    said = "undecided, also in 1 of 2 other ways of counting"
    assert often(made(**UNTOLD, tried=SNOW)) == ("untold", said)
    said = "true in 8 of 8 ways of counting; what was registered failed"
    assert often(made(refuted="All boats leave")) == ("every", said)


@pytest.mark.parametrize(
    ("why", "tried", "mark", "together"),
    [
        (  # a published claim whose line is 50%: a choice that leaves 52% does not make it fail
            "pairs: the same (6 of 6); pairs: the aligner's (4 of 6); pairs: sure (3 of 6)",
            [
                ["pairs: sure", 52.0, False],
                ["pairs: the same", 24.0, True],
                ["pairs: the aligner's", 40.0, True],
            ],
            "for instance not if pairs are the same",
            ["pairs are sure"],
        ),
        (
            "counted: states (36 of 48); others: members (12 of 16); others: any (6 of 16)",
            [["others: members", 2.6, True], ["counted: states", 2.1, True]],
            "for instance not if the choice is “others: members”",
            ["the choice is “others: any”"],
        ),
        (
            "out: trust (4 of 6); out: equality and benefit (1 of 4)",
            [["out: trust", 0.51, True], ["out: equality and benefit", 0.48, False]],
            "for instance not if the choice is “out: trust”",
            ["the choice is “out: equality and benefit”"],
        ),
        (
            "out: trust (1 of 6)",
            [["out: trust", 0.4, False]],
            "but not if the choice is “out: trust” and another choice is made",
            ["the choice is “out: trust”"],
        ),
        ("{days}: {0} (1 of 2)", [], "not if the choice is “{days}: {0}”", []),
    ],
)
def test_only_a_choice_that_turns_a_finding_alone_is_said_to_make_it_fail(
    why, tried, mark, together
):
    given = made(turn=1, specifications=9, published=76.0, why=why, tried=tried)
    words = {"pairs": "pairs are {}"}
    kept = sum(not turns for *_, turns in tried)
    ways = f"{kept} of {len(tried)} other" if tried else "8 of 9"
    assert sureness(given, words) == f"true in {ways} ways of counting, {mark}"
    assert changes(given, words)["together"] == together


def test_a_strip_has_the_line_and_a_mark_for_every_choice_on_its_side():
    tried = [["a", 52.0, False], ["b", 24.0, True], ["c", 40.0, True]]
    given = made(line=50.0, published=76.0, tried=tried)
    drawn = strip(given)
    left, wide = drawn["fails"]
    for place, fails in drawn["dots"]:
        assert (left <= place < left + wide) == fails
    assert drawn["dots"][1][0] < drawn["dots"][2][0] < drawn["line"] < drawn["dots"][0][0]
    assert drawn["published"] == max(drawn["published"], *(x for x, _ in drawn["dots"]))
    below = strip(given | {"published": 24.0, "tried": [["d", 76.0, True]]})
    assert below["fails"][0] == below["line"] < below["dots"][0][0]
    assert strip(given | {"tried": []}) is None


def test_every_choice_is_in_a_list_with_what_its_columns_mean():
    tried = [["out: MON", 52.25, False], ["it rains", 24.0, True]]
    given = made(published=76.0, line=50.0, tried=tried, turn=5, specifications=12, empty=1)
    first, second = csv.DictReader(to_csv(given, {"out": "{} is left out"}).splitlines())
    assert list(first) == list(COLUMNS)
    monday = ["out: MON", "MON is left out", "out: MON", "52.25", "false", "76", "50"]
    assert list(first.values()) == monday
    assert (second["in_words"], second["fails"]) == ("it rains", "true")
    assert "\nout: MON,MON is left out,out: MON,52.25,false,76,\n" in to_csv(
        given | {"line": None}, {"out": "{} is left out"}
    )

    about = described("F2.1", given)
    assert [c["name"] for c in about["columns"]] == list(COLUMNS)
    assert about["notes"] == [
        "2 choices were changed alone; with their combinations 12 ways were tried, 5 fail; "
        "in 1 more nothing was left to count."
    ]
    assert list_of("F2.1", given) == "findings/f2-1-tried.csv"
    assert list_of("F2.1", None) == list_of("F2.1", given | {"tried": []}) == ""
