"""What words.yml takes out of texts or makes words, from reading to every count."""

import shutil
from collections import Counter

import pytest

import tifa
from tifa.analysis.words import word_keyness
from tifa.sources.word_rules import apply_rules


@pytest.mark.parametrize(
    ("rule", "text", "left", "n"),
    [
        ("addresses", "See https://lake.example/a_b?c=1#d. Row.", "See . Row.", 1),
        ("addresses", "(www.lake.example/x) or oar@lake.example!", "( ) or !", 2),
        ("addresses", "见https://lake.example/路。船", "见 路。船", 1),
        ("addresses", "The wwwhat: http, 3.5 and a.b", "The wwwhat: http, 3.5 and a.b", 0),
        ("names", "@reed_7 met (@oar): @ dawn", "met ( ): @ dawn", 2),
        ("names", "oar@lake", "oar@lake", 0),
        ("hashtags", "#Boats and #小船 but #3", "and but #3", 2),
        ("hashtags", "#湖上 的船#来了", "来了", 1),
        ("hashtags", "x &#39; C# a#b", "x &#39; C# a#b", 0),
        ("emoji", "Row ⛵👍🏽!", "Row sailboat thumbs-up-sign !", 2),
        ("emoji", "1 © #", "1 copyright-sign #", 1),
    ],
)
def test_a_rule_finds_what_it_names_and_nothing_else(rule, text, left, n):
    taken = Counter()
    assert " ".join(apply_rules(text, [rule], taken).split()) == left
    assert taken[rule] == n


def test_a_name_inside_an_address_goes_with_it():
    taken = Counter()
    text = apply_rules("https://lake.example/@reed#boat", ["names", "hashtags", "addresses"], taken)
    assert (text.strip(), taken) == ("", {"addresses": 1, "names": 0, "hashtags": 0})


@pytest.fixture
def lake(extracted):
    return extracted(
        texts={"a": "@reed The boat, see www.lake.example 😀", "b": "The oar.", "c": "@reed"},
        documents={"a": {"genre": "x"}, "b": {"genre": "y"}, "c": {"genre": "y"}},
    )


def test_rules_are_in_force_from_extraction_on(lake):
    data, run = lake
    (data / "words.yml").write_text("leave_out: [names, addresses]\nemoji: words\n", "utf-8")
    ran = run("extract", "lake", "-j", "1")
    assert ran.code == 0, ran.err
    assert "names: 2 taken out" in ran.err
    # nothing is left of c: this is reported, and there is no document without words
    assert "no word is left" in ran.err
    corpus = tifa.load("lake", data=data)
    assert dict(corpus.rules.values.tolist()) == {"addresses": 1, "emoji": 1, "names": 2}
    assert set(corpus.terms["term"]) == {"the", "boat", "see", "grinning-face", "oar"}
    kwic = run("kwic", "boat", "--corpus", "lake")
    assert kwic.out.strip().endswith("The [boat], see grinning-face")
    count = run("count", "grinning-face", "--corpus", "lake", "--format", "csv")
    assert count.rows[0]["n"] == "1"
    assert run("verify").code == 0


def test_features_of_other_rules_are_not_taken_for_these(lake):
    data, run = lake
    (data / "words.yml").write_text("leave_out: [names]\n", "utf-8")
    ran = run("count", "boat", "--corpus", "lake")
    assert "extracted with no rule, and words.yml now says names" in ran.err
    ran = run("verify")
    assert ran.code == 1
    assert "rules of words.yml" in ran.out + ran.err
    (data / "words.yml").write_text("leave_out: [stops]\n", "utf-8")
    assert "words.yml:1" in run("count", "boat", "--corpus", "lake").err


def test_stop_words_are_left_out_of_lists_not_of_counts(lake):
    data, run = lake
    options = ["--corpus", "lake", "--format", "csv"]
    before = run("keyness", *options, "--where", "genre=x")
    (data / "words.yml").write_text("stop_list: english\nstop_words: [Reed]\n", "utf-8")
    after = run("keyness", *options, "--where", "genre=x")
    assert "left out: 319 stop words" in after.err
    rows, kept = ({r["term"]: [*r.values()][:6] for r in ran.rows} for ran in (before, after))
    assert {"the", "reed"} <= set(rows)
    assert not {"the", "reed", "see"} & set(kept)
    assert kept == {term: row for term, row in rows.items() if term in kept}
    near = run("collocates", "boat", *options)
    assert "\nthe," not in near.out
    assert "\nwww," in near.out
    assert "lake,2," in run("count", "the", "--corpus", "lake", "--format", "csv").out


def test_stop_words_of_either_corpus_are_not_compared(lake, tmp_path):
    data, _ = lake
    other = shutil.copytree(data, tmp_path / "other")
    (data / "words.yml").write_text("stop_words: [oar]\n", "utf-8")
    (other / "words.yml").write_text("stop_words: [boat]\n", "utf-8")
    sides = [tifa.load("lake", data=folder) for folder in (data, other)]
    for target, reference in (sides, sides[::-1]):
        compared = set(word_keyness(target, reference)["term"])
        assert "reed" in compared
        assert not {"boat", "oar"} & compared
