"""Lines of context as they are printed, sorted by what is before and after."""

import csv
from functools import partial
from io import StringIO

import pytest

TEXTS = {
    "a": 'The (slow) boat, they said, left. "Boat" is a word.',
    "b": "A new boat came; every Boat-house was open.",
}


@pytest.fixture
def kwic(extracted):
    _, run = extracted(texts=TEXTS)
    return partial(run, "kwic", "boat", "--corpus", "lake")


def test_marks_are_shown_where_they_are(kwic):
    ran = kwic("--window", "3")
    assert ran.code == 0, ran.err
    assert [line.split("  ", 1)[1].strip() for line in ran.out.splitlines()] == [
        "The (slow) [boat], they said, left.",
        '"[Boat]" is a word.',
        "A new [boat] came; every Boat-house",
        "boat came; every [Boat-house] was open.",
    ]


@pytest.mark.parametrize(
    ("sort", "right"),
    [
        ("left", ['" is', "was open", "came; every", ", they said,"]),
        ("right", ["came; every", '" is', ", they said,", "was open"]),
        ("hit", ["came; every", '" is', ", they said,", "was open"]),
    ],
)
def test_lines_are_sorted_by_words_not_by_marks(kwic, sort, right):
    ran = kwic("--window", "2", "--sort", sort, "--format", "csv")
    rows = list(csv.DictReader(StringIO(ran.out)))
    # a window of two words, up to the next one
    assert [r["right"].startswith(x) for r, x in zip(rows, right, strict=True)] == [True] * 4
    first = kwic("--window", "2", "--sort", sort, "--most", "1", "--format", "csv")
    assert list(csv.DictReader(StringIO(first.out))) == rows[:1]
