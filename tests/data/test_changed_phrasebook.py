"""An entry added or changed after extraction is never silently counted as zero."""

import copy
import shutil

import pytest
import yaml
from conftest import PHRASES, Setting, build_data
from typer.testing import CliRunner

from tifa.analysis.collocates import collocates
from tifa.analysis.counts import count_hits, count_phrase
from tifa.cli import app
from tifa.data.corpus import load
from tifa.data.datapackage import write_package
from tifa.lexicon.load import phrasebook
from tifa.util.errors import TifaError

ADDED = {
    "id": "ferry",
    "label": "Slow Ferry",
    "zh": "木舟",
    "family": "lake",
    "gloss": "An invented boat.",
    "variants": [{"id": "plain", "patterns": ["ferry"], "zh_patterns": ["木舟"]}],
}
TEXTS = {
    "en": {"a": "The slow ferry left at dawn. The Lakeside Spirit stayed on the quay."},
    "zh": {"a": "木舟天亮时离岸。木舟很慢。"},
}


def write(setting, book):
    text = yaml.safe_dump(book, allow_unicode=True, sort_keys=False)
    (setting.data / "lexicon" / "phrases.yml").write_text(text, "utf-8")


@pytest.fixture(scope="module", params=["en", "zh"])
def extracted(request, tmp_path_factory):
    setting = build_data(
        tmp_path_factory.mktemp("earlier"), texts=TEXTS[request.param], language=request.param
    )
    at = ["--data", str(setting.data), "--texts", str(setting.source)]
    assert CliRunner().invoke(app, ["extract", "lake", *at, "-j", "1"]).exit_code == 0
    return setting


@pytest.fixture
def later(extracted, tmp_path):
    """A corpus that was extracted before the entry "ferry" was added."""
    shutil.copytree(extracted.data, tmp_path / "data")
    setting = Setting(tmp_path / "data", extracted.texts, extracted.corpus)
    book = copy.deepcopy(PHRASES)
    book["entries"].append(ADDED)
    write(setting, book)
    return setting


def test_library_and_command_line_refuse_it(later, run_cli):
    corpus = load("lake", data=later.data)
    for ask in (
        lambda: count_phrase(corpus, "slow ferry"),
        lambda: count_hits(corpus, entries=["ferry"]),
        lambda: corpus.hits_of(["ferry"]),
        lambda: collocates(corpus, "ferry"),
    ):
        with pytest.raises(TifaError, match=r"another phrasebook.*ferry.*tifa extract lake"):
            ask()
    # unchanged ones can still be counted
    assert len(corpus.hits_of(["mutual-patience"])) == 0
    with pytest.warns(UserWarning, match="say nothing of ferry"):
        _ = load("lake", data=later.data).hits
    ran = run_cli("count", "木舟", "--corpus", "lake", "--data", later.data)
    assert (ran.code, ran.out) == (2, "")
    assert "another phrasebook" in ran.err


def test_verify_tells_and_a_new_extraction_cures(later, run_cli):
    ran = run_cli("verify", "--data", later.data)
    assert ran.code == 1
    told = (
        "corpora/lake/entries.csv: column patterns: found nothing; expected the patterns of ferry"
    )
    assert told in ran.out
    at = ("--data", later.data, "--texts", later.source)
    assert run_cli("extract", "lake", "-j", "1", *at).code == 0
    ran = run_cli("verify", "--data", later.data)
    assert (ran.code, ran.out) == (0, "")
    corpus = load("lake", data=later.data)
    assert count_phrase(corpus, "ferry")["n"].sum() == len(corpus.hits_of(["ferry"])) > 0


def test_only_changed_patterns_matter(later):
    corpus = load("lake", data=later.data)
    book = copy.deepcopy(PHRASES)
    for entry in book["entries"]:
        entry["gloss"] = "Another gloss."
    write(later, book)
    assert corpus.changed_entries(phrasebook(data=later.data)) == []
    # Chinese only matters for Chinese texts
    book["entries"][0]["variants"][0]["zh_patterns"] = ["湖边精神"]
    write(later, book)
    changed = [book["entries"][0]["id"]] if corpus.about.language == "zh" else []
    assert corpus.changed_entries(phrasebook(data=later.data)) == changed


def test_features_without_a_recorded_phrasebook_are_not_trusted(later):
    (later.folder / "entries.csv").unlink()
    write_package(later.data)
    with pytest.raises(TifaError, match="another phrasebook"):
        count_hits(load("lake", data=later.data), entries=["mutual-patience"])


def test_an_unknown_id_is_an_error_not_a_zero():
    with pytest.raises(TifaError, match="did you mean: shanghai-spirit"):
        count_hits(load("briefing"), entries=["shanghai-spirt"])
