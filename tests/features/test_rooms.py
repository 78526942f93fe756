"""The Chinese corpora checked against their texts by plain counts."""

import polars as pl
import pytest

from tifa.data.corpus import load

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
