"""An entry added or changed after extraction is never silently counted as zero."""

import copy

import pytest
from conftest import PHRASES, entry_of, extract_setting, refusal, write_yaml

from tifa.analysis.collocates import collocates
from tifa.analysis.counts import count_hits, count_phrase
from tifa.data.corpus import load
from tifa.data.datapackage import write_package
from tifa.data.files import write_corpus
from tifa.lexicon.load import phrasebook

ADDED = entry_of("ferry", "Slow Ferry", {"plain": "ferry"}, zh="木舟")
ADDED["variants"][0]["zh_patterns"] = ["木舟"]
TEXTS = {
    "en": {"a": "The slow ferry left at dawn. The Lakeside Spirit stayed on the quay."},
    "zh": {"a": "木舟天亮时离岸。木舟很慢。"},
}


def write(setting, book):
    write_yaml(setting.data / "lexicon" / "phrases.yml", book)


@pytest.fixture(params=["en", "zh"])
def later(request, make_data):
    """A corpus that was extracted before the entry "ferry" was added."""
    setting = make_data(texts=TEXTS[request.param], language=request.param)
    write_corpus(setting.folder, extract_setting(setting))
    write_package(setting.data)
    write(setting, PHRASES | {"entries": [*PHRASES["entries"], ADDED]})
    return setting


def test_library_and_command_line_refuse_it(later, run_cli):
    corpus = load("lake", data=later.data)
    for ask in (
        lambda: count_phrase(corpus, "slow ferry"),
        lambda: count_hits(corpus, entries=["ferry"]),
        lambda: corpus.hits_of(["ferry"]),
        lambda: collocates(corpus, "ferry"),
    ):
        with refusal("another phrasebook", "ferry", "tifa extract lake"):
            ask()
    # unchanged ones can still be counted
    assert len(corpus.hits_of(["mutual-patience"])) == 0
    with pytest.warns(UserWarning, match="say nothing of ferry"):
        _ = load("lake", data=later.data).hits
    ran = run_cli("count", "木舟", "--corpus", "lake", "--data", later.data)
    assert ran.code == 2 and "another phrasebook" in ran.err


def test_verify_tells_and_a_new_extraction_cures(later, run_cli):
    ran = run_cli("verify", "--data", later.data)
    assert ran.code == 1
    told = "entries.csv: column patterns: found nothing; expected the patterns of ferry"
    assert f"corpora/lake/{told}" in ran.out
    at = ("--data", later.data, "--texts", later.source)
    assert run_cli("extract", "lake", "-j", "1", *at).code == 0
    assert run_cli("verify", "--data", later.data).code == 0
    corpus = load("lake", data=later.data)
    assert count_phrase(corpus, "ferry")["n"].sum() == len(corpus.hits_of(["ferry"])) > 0


def test_only_changed_patterns_matter(later):
    corpus = load("lake", data=later.data)
    book = copy.deepcopy(PHRASES)
    first = book["entries"][0] | {"gloss": "Another gloss."}
    book["entries"][0] = first
    write(later, book)
    assert corpus.changed_entries(phrasebook(data=later.data)) == []
    # a changed Chinese pattern only matters for Chinese texts
    first["variants"][0]["zh_patterns"] = ["湖边精神"]
    write(later, book)
    changed = [first["id"]] if corpus.about.language == "zh" else []
    assert corpus.changed_entries(phrasebook(data=later.data)) == changed


def test_features_without_a_recorded_phrasebook_are_not_trusted(later):
    (later.folder / "entries.csv").unlink()
    write_package(later.data)
    with refusal("another phrasebook"):
        load("lake", data=later.data).hits_of(["mutual-patience"])


def test_an_unknown_id_is_an_error_not_a_zero():
    with refusal("did you mean: shanghai-spirit"):
        count_hits(load("briefing"), entries=["shanghai-spirt"])
