"""The Chinese corpora checked against their texts: plain counts, same bytes by two processes."""

import polars as pl
import pytest

from tifa.data.corpus import load
from tifa.data.files import sha256, table_file, write_corpus
from tifa.data.metadata import read_overlay
from tifa.features.extract import extract
from tifa.lexicon.load import frame_dictionary, phrasebook
from tifa.lexicon.model import Lexicon
from tifa.sources.open import read
from tifa.sources.places import find_texts
from tifa.util.data_folder import data_folder

SPIRIT = "上海精神"
FILES = {
    "xwlb": ("xwlb.parquet", 189),
    "xi-zh": ("xi_zh.parquet", 22),
    "mfa-zh": ("mfa_zh.parquet", 13),
    "reports-zh": ("reports.parquet", 0),
}
needs_texts = pytest.mark.texts


@needs_texts
@pytest.mark.parametrize("corpus", FILES)
def test_hits_are_those_of_a_plain_count(texts, corpus):
    file, expected = FILES[corpus]
    rows = pl.read_parquet(texts / corpus / file)
    assert rows["text"].str.count_matches(SPIRIT, literal=True).sum() == expected
    assert len(load(corpus).hits_of(["shanghai-spirit"])) == expected


@needs_texts
def test_titles_are_not_counted_as_quotation(texts):
    rows = pl.read_parquet(texts / "xwlb" / "xwlb.parquet")
    said = rows.filter(pl.col("title").str.contains(SPIRIT, literal=True)).height
    documents = load("xwlb").documents
    assert documents["title"].str.contains(SPIRIT, na=False).sum() == said > 0


@needs_texts
def test_two_processes_write_the_committed_bytes(texts, tmp_path):
    data = data_folder()
    overlay = read_overlay(data / "metadata" / "reports-zh.yml")
    documents = read(find_texts(data, "reports-zh").texts, overlay)
    lexicon = Lexicon(phrasebook(), frame_dictionary())
    # small batches, so that both processes have work
    tables = extract(documents, overlay, lexicon, jobs=2, characters=200_000)
    write_corpus(tmp_path / "reports-zh", tables)
    for name in tables:
        fresh = table_file(tmp_path / "reports-zh", name)
        committed = table_file(data / "corpora" / "reports-zh", name)
        assert fresh is not None
        assert committed is not None
        assert sha256(fresh) == sha256(committed), name
