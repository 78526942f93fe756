"""Train a bag-of-words classifier on coded sentences, to compare it with the frame dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from tifa.stats.check import Floats, Int64s
from tifa.stats.folds import grouped_folds
from tifa.text.words import words

Tokens = npt.NDArray[np.object_]


class Setting(NamedTuple):
    """A setting of the classifier, one of several among which cross-validation chooses."""

    #: Number of words (or characters) in the longest n-grams.
    longest: int
    #: Whether English function words, such as "the", are dropped.
    stop_words: bool
    classifier: str
    #: The parameter C of the classifier, or the smoothing parameter of naive Bayes.
    strength: float
    #: Whether n-grams consist of characters (of a word and the spaces around it) instead of words.
    characters: bool = False


_CLASSIFIERS = [
    *(("logistic", c) for c in (1.0, 10.0, 100.0)),
    *(("svm", c) for c in (0.1, 1.0)),
    *(("bayes", alpha) for alpha in (0.05, 0.1, 0.2)),
]
#: All combinations: every classifier, with n-grams of one word or of one and two words, and with
#: function words dropped or kept.
SETTINGS = [
    Setting(longest, stop_words, *classifier)
    for longest in (1, 2)
    for stop_words in (True, False)
    for classifier in _CLASSIFIERS
]
#: Every classifier, with n-grams of two to five characters.
CHARACTER_SETTINGS = [
    Setting(5, False, *classifier, characters=True) for classifier in _CLASSIFIERS
]
#: Number of folds of the cross-validation that chooses setting and cut-offs.
INNER = 5
#: Scores are rounded to this many decimal places, so that floating-point errors cannot affect the
#: choice of a cut-off.
_DIGITS = 9


def predict_held_out(
    texts: Sequence[str],
    codes: Floats,
    groups: pd.Series,
    fold: Int64s,
    *,
    settings: Sequence[Setting] = SETTINGS,
) -> Int64s:
    """Predict the codes (0 or 1) of each fold from the other folds, as :func:`predict_new` does.

    ``fold`` is the number of the fold of each unit; the result has the shape of ``codes``. The
    codes and the text of a unit are not used to train or tune the model that predicts its codes.
    """
    tokens = _tokens(texts)
    predicted = np.zeros(codes.shape, dtype=np.int64)
    for held in np.unique(fold):
        train, test = fold != held, fold == held
        predicted[test] = _predict(
            tokens[train], codes[train], groups[train], tokens[test], settings
        )
    return predicted


def predict_new(
    texts: Sequence[str],
    codes: Floats,
    groups: pd.Series,
    new: Sequence[str],
    *,
    settings: Sequence[Setting] = SETTINGS,
) -> Int64s:
    """Predict the codes (0 or 1) of new sentences, after training on coded ones.

    There is one linear classifier per frame; its features are TF-IDF values of n-grams. A
    cross-validation of the coded sentences chooses a cut-off for each frame. It also chooses, by
    macro F1, one setting for all frames, because a single frame has too few positive sentences for
    a choice of its own. All sentences of a document are in one fold of the cross-validation;
    ``groups`` has the document of each sentence.

    ``codes`` has one row per sentence of ``texts`` and one column per frame: 0, 1, or missing (NaN)
    where the annotators disagree; a missing code is not used for training. Returns one row per new
    sentence and one column per frame.
    """
    return _predict(_tokens(texts), codes, groups, _tokens(new), settings)


def _tokens(texts: Sequence[str]) -> Tokens:
    return np.array([" ".join(words(text)) for text in texts], dtype=object)


def _predict(
    known: Tokens, codes: Floats, groups: pd.Series, new: Tokens, settings: Sequence[Setting]
) -> Int64s:
    setting, cuts = _choose(known, codes, groups, settings)
    ((_, scores),) = _scores([setting], known, codes, new)
    return (scores > cuts).astype(np.int64)


def _choose(
    tokens: Tokens, codes: Floats, groups: pd.Series, settings: Sequence[Setting]
) -> tuple[Setting, Floats]:
    """Return the setting with the best macro F1 in cross-validation, and its cut-off per frame."""
    fold = grouped_folds(groups, np.nan_to_num(codes), folds=INNER)
    scores = {setting: np.empty(codes.shape) for setting in settings}
    for held in np.unique(fold):
        train, test = fold != held, fold == held
        for setting, values in _scores(settings, tokens[train], codes[train], tokens[test]):
            scores[setting][test] = values
    cuts, f1 = {}, {}
    for setting, values in scores.items():
        best = [best_cut(s, c) for s, c in zip(values.T, codes.T, strict=True)]
        cuts[setting], each = np.array(best).T
        # rounded, so that the first of several equally good settings is chosen
        f1[setting] = round(each.mean(), 12)
    chosen = max(f1, key=lambda setting: f1[setting])
    return chosen, cuts[chosen]


def best_cut(scores: Floats, codes: Floats) -> tuple[float, float]:
    """Return the cut-off for which F1 is highest, and this F1.

    A unit with a score above the cut-off has the frame. The cut-off is halfway between two
    neighbouring scores, or minus infinity if all units should have the frame. If several cut-offs
    are equally good, the lowest is returned. If no unit is positive, the cut-off is infinity. Units
    whose code is missing are left out.

    >>> best_cut(np.array([1.0, 2.0, 4.0, 9.0]), np.array([0.0, 1.0, np.nan, 1.0]))
    (1.5, 1.0)
    """
    known = ~np.isnan(codes)
    scores, codes = scores[known], codes[known]
    if not (codes == 1).any():
        return np.inf, 0.0
    order = np.argsort(-scores, kind="stable")
    scores, codes = scores[order], codes[order]
    hits = np.cumsum(codes)
    f1 = 2 * hits / (np.arange(1, len(codes) + 1) + codes.sum())
    # a cut-off is between two distinct scores, so it comes after the last of several equal scores
    last = np.append(scores[:-1] > scores[1:], True)
    chosen = int(np.flatnonzero(last & (f1 >= f1[last].max() - 1e-12))[-1])
    below = scores[chosen + 1] if chosen + 1 < len(scores) else -np.inf
    return float((scores[chosen] + below) / 2), float(f1[chosen])


def _scores(
    settings: Sequence[Setting], train: Tokens, codes: Floats, test: Tokens
) -> Iterator[tuple[Setting, Floats]]:
    """Yield each setting with its scores: one row per test unit and one column per frame.

    The scores of a frame are -inf if all its training codes are the same.
    """
    for terms, group in groupby(settings, key=lambda s: (s.longest, s.stop_words, s.characters)):
        vectorizer = _vectorizer(*terms)
        known_rows = vectorizer.fit_transform(train)
        new_rows = vectorizer.transform(test)
        for setting in group:
            scores = np.full((len(test), codes.shape[1]), -np.inf)
            for index, column in enumerate(codes.T):
                known = ~np.isnan(column)
                if len(np.unique(column[known])) == 2:
                    model = _classifier(setting).fit(known_rows[known], column[known])
                    scores[:, index] = _margin(model, new_rows).round(_DIGITS)
            yield setting, scores


def _vectorizer(longest: int, stop_words: bool, characters: bool) -> Any:
    if characters:
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, longest), sublinear_tf=True)
    return TfidfVectorizer(
        tokenizer=str.split,
        token_pattern=None,
        ngram_range=(1, longest),
        stop_words="english" if stop_words else None,
        sublinear_tf=True,
    )


def _classifier(setting: Setting) -> Any:
    if setting.classifier == "bayes":
        return ComplementNB(alpha=setting.strength)
    options = {"C": setting.strength, "class_weight": "balanced", "random_state": 0}
    if setting.classifier == "svm":
        return LinearSVC(max_iter=20_000, **options)
    return LogisticRegression(solver="liblinear", max_iter=1000, **options)


def _margin(model: Any, rows: Any) -> Floats:
    """Return how strongly a model favours the frame in each row, on the scale of this model."""
    if isinstance(model, ComplementNB):
        scores = model.predict_joint_log_proba(rows)
        return np.asarray(scores[:, 1] - scores[:, 0])
    return np.asarray(model.decision_function(rows))
