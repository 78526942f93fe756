"""Folds do not split documents, and have similar numbers of frames."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tifa.stats import grouped_folds


def units(seed, n=200, documents=110):
    generator = np.random.default_rng(seed)
    names = pd.Series([f"d{i:03}" for i in generator.integers(0, documents, n)])
    return names, (generator.random((n, 6)) < [0.4, 0.2, 0.1, 0.1, 0.06, 0.05]).astype(float)


@given(st.integers(0, 500))
def test_documents_are_never_split_and_every_frame_is_in_every_fold_about_alike(seed):
    documents, labels = units(seed)
    fold = grouped_folds(documents, labels, seed=seed)
    assert pd.Series(fold).groupby(documents).nunique().max() == 1
    assert sorted(set(fold)) == list(range(1, 11))
    for column in [*labels.T, np.ones(len(labels))]:
        held = np.array([column[fold == f].sum() for f in range(1, 11)])
        # documents are not split, so sizes may differ from a tenth by up to three
        assert abs(held - column.sum() / 10).max() <= 3, held


@given(st.integers(0, 99))
def test_the_order_of_units_does_not_matter(seed):
    documents, labels = units(3)
    fold = pd.Series(grouped_folds(documents, labels), index=documents).groupby(level=0).first()
    mixed = np.random.default_rng(seed).permutation(len(documents))
    shuffled = documents.iloc[mixed].reset_index(drop=True)
    again = pd.Series(grouped_folds(shuffled, labels[mixed]), index=shuffled)
    pd.testing.assert_series_equal(again.groupby(level=0).first(), fold)
