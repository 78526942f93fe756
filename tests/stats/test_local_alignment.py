"""The alignment of Smith and Waterman, against their example and their recurrence."""

from hypothesis import example, given
from hypothesis import strategies as st

from tifa.stats import local_alignment

WORDS = st.lists(st.sampled_from(["reed", "oar", "lake"]), max_size=10)
SCORES = st.fixed_dictionaries(
    {
        "match": st.integers(1, 5),
        "mismatch": st.integers(-4, 0),
        "gap": st.integers(-3, -1),
        "opening": st.integers(-4, 0),
    }
)


def best_score(words, other, match, mismatch, gap, opening):
    """The recurrence of the paper, with gaps of every length tried."""
    table = [[0] * (len(other) + 1) for _ in range(len(words) + 1)]
    for i, word in enumerate(words, 1):
        for j, partner in enumerate(other, 1):
            ends = [table[i - 1][j - 1] + (match if word == partner else mismatch)]
            ends += [table[i - k][j] + opening + k * gap for k in range(1, i + 1)]
            ends += [table[i][j - k] + opening + k * gap for k in range(1, j + 1)]
            table[i][j] = max(0, *ends)
    return max(map(max, table))


def score_of(pairs, match, mismatch, gap, opening):
    score, before = 0, ""
    for one, two in pairs:
        kind = "first" if two is None else "second" if one is None else ""
        if kind:
            score += gap + (opening if kind != before else 0)
        else:
            score += match if one == two else mismatch
        before = kind
    return score


#: Scores by which a long gap pays off, although a cell within the gap has a better way to end.
GAP = {"match": 5, "mismatch": -4, "gap": -1, "opening": -2}


@example(list("abaabac"), list("baac"), GAP)
@given(WORDS, WORDS, SCORES)
def test_no_alignment_scores_higher_and_this_one_scores_so(words, other, scores):
    found = local_alignment(words, other, **scores)
    assert found.score == best_score(words, other, **scores) == score_of(found.pairs, **scores)
    for text, start, side in ((words, found.start, 0), (other, found.other_start, 1)):
        passage = [pair[side] for pair in found.pairs if pair[side] is not None]
        assert text[start : start + len(passage)] == passage


def test_a_passage_with_words_put_in_is_found_where_it_is():
    text = ["rowing", "over", "the", "wide", "grey", "lake", "at", "dawn"]
    other = ["late", "that", "day", "over", "the", "grey", "lake", "at", "dusk"]
    found = local_alignment(text, other)
    assert (found.start, found.other_start) == (1, 3)
    assert found.pairs[2] == ("wide", None)
    assert found.score == 2 * 5 - 1
    assert local_alignment(text, ["heron"]).pairs == []
