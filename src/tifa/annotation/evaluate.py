"""Predict the codes of the coded sentences with several models; the results contain no text.

The author wrote the frame dictionary after reading these sentences, so the results do not test the
dictionary. Cross-validation shows only how much the choice of indicators depends on single
sentences. For a test on sentences that the author had not read, see :func:`unseen_predictions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tifa.annotation.baseline import CHARACTER_SETTINGS, SETTINGS, predict_held_out, predict_new
from tifa.annotation.codes import gold
from tifa.lexicon.frames import ENOUGH, code_sentences, match_indicators
from tifa.lexicon.model import FrameDictionary
from tifa.stats.check import Floats, Int64s
from tifa.stats.folds import grouped_folds
from tifa.util.errors import TifaError

#: The names of the models, in the order of the rows.
MODELS = ("bag-of-words", "dictionary", "dictionary-cv", "dictionary-cv-seen", "keywords")
FOLDS = 10
#: The models that are cross-validated.
_HELD_OUT = ("bag-of-words", "dictionary-cv", "dictionary-cv-seen")


def predictions(
    coded: pd.DataFrame,
    codes: pd.DataFrame,
    dictionary: FrameDictionary,
    keywords: FrameDictionary,
) -> pd.DataFrame:
    """Predict the frames of coded sentences with each of :data:`MODELS`.

    ``coded`` has one row per unit, with ``unit``, ``doc_id`` and ``text`` (one sentence); ``codes``
    is a table as returned by :func:`tifa.annotation.codes.read_codes`. Both dictionaries must have
    the same frames, and ``codes`` a column for each. Codes on which annotators disagree are not
    used for training, but are predicted. All models use the same folds, and all sentences of a
    document are in the same fold.

    Returns one row per unit, model and frame, sorted by unit, model and frame: ``unit``, ``model``,
    ``fold`` (from 1; missing for a model that is not cross-validated), ``frame`` and ``predicted``
    (0 or 1). Raises TifaError if the frames differ or are missing in ``codes``, if a unit has no
    codes, or if all units belong to one document.
    """
    frames = [frame.id for frame in dictionary.frames]
    if sorted(frames) != sorted(frame.id for frame in keywords.frames):
        raise TifaError("the keywords have other frames than the dictionary; make them the same")
    absent = [frame for frame in frames if frame not in codes.columns]
    if absent:
        raise TifaError(f"the codes have no column {absent[0]!r}, which is a frame")
    coded = coded.sort_values("unit", ignore_index=True)
    uncoded = coded.loc[~coded["unit"].isin(codes["unit"]), "unit"]
    if len(uncoded):
        raise TifaError(f"the unit {uncoded.iloc[0]!r} has no codes")
    if coded["doc_id"].nunique() < 2:
        raise TifaError("units of one document only; folds need two documents or more")
    truth = agreed_codes(coded["unit"], codes, frames)
    fold = grouped_folds(coded["doc_id"], np.nan_to_num(truth), folds=FOLDS)
    texts = coded["text"].tolist()
    found = {
        "bag-of-words": predict_held_out(texts, truth, coded["doc_id"], fold),
        "dictionary": code_sentences(texts, dictionary)[frames].to_numpy(),
        "dictionary-cv": predict_by_selection(texts, truth, fold, dictionary),
        "dictionary-cv-seen": predict_by_selection(texts, truth, fold, dictionary, unseen=False),
        "keywords": code_sentences(texts, keywords)[frames].to_numpy(),
    }
    table = _by_unit(found, coded["unit"], frames)
    folds_of = table["unit"].map(dict(zip(coded["unit"], fold, strict=True)))
    table.insert(2, "fold", folds_of.where(table["model"].isin(_HELD_OUT)).astype("Int64"))
    return table


def unseen_predictions(
    coded: pd.DataFrame,
    codes: pd.DataFrame,
    unseen: pd.DataFrame,
    dictionary: FrameDictionary,
    keywords: FrameDictionary,
) -> pd.DataFrame:
    """Predict the frames of sentences that no model was tuned or trained on.

    The two classifiers (bag-of-words, characters) are trained on ``coded`` and ``codes``, which are
    as for :func:`predictions`; ``unseen`` has ``unit`` and ``text``.

    Returns one row per unit, model and frame, sorted by unit, model and frame: ``unit``, ``model``
    (bag-of-words, characters, dictionary or keywords), ``frame`` and ``predicted`` (0 or 1).
    """
    frames = [frame.id for frame in dictionary.frames]
    coded, unseen = (table.sort_values("unit", ignore_index=True) for table in (coded, unseen))
    truth, texts = agreed_codes(coded["unit"], codes, frames), coded["text"].tolist()
    new = unseen["text"].tolist()
    found = {
        model: predict_new(texts, truth, coded["doc_id"], new, settings=chosen)
        for model, chosen in (("bag-of-words", SETTINGS), ("characters", CHARACTER_SETTINGS))
    }
    for model, lists in (("dictionary", dictionary), ("keywords", keywords)):
        found[model] = code_sentences(new, lists)[frames].to_numpy()
    return _by_unit(found, unseen["unit"], frames)


def _by_unit(found: Mapping[str, Int64s], units: pd.Series, frames: Sequence[str]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(values, columns=list(frames))
        .assign(unit=units, model=model)
        .melt(id_vars=["unit", "model"], var_name="frame", value_name="predicted")
        for model, values in found.items()
    ]
    return pd.concat(parts).sort_values(["unit", "model", "frame"], ignore_index=True)


def agreed_codes(units: pd.Series, codes: pd.DataFrame, frames: Sequence[str]) -> Floats:
    """Return the codes on which all annotators agree; other codes are missing (NaN).

    The array has one row per unit and one column per frame.
    """
    table = gold(codes, columns=frames).pivot(index="unit", columns="frame", values="truth")
    return table.reindex(index=units, columns=list(frames)).to_numpy(dtype=float)


def predict_by_selection(
    texts: Sequence[str],
    truth: Floats,
    fold: Int64s,
    dictionary: FrameDictionary,
    *,
    unseen: bool = True,
) -> Int64s:
    """Predict the codes of each fold with the indicators that pass a test in the other folds.

    An indicator is right in a sentence if it helps the dictionary assign a frame that all
    annotators assign, and wrong if it helps assign a frame that no annotator assigns. An indicator
    that is wrong more often than right in the training folds is dropped. An indicator that is
    neither right nor wrong there is kept if ``unseen`` is true. No sentence of these folds speaks
    against it, but the author may have taken it from a sentence that is held out.

    ``truth`` has the codes that :func:`agreed_codes` returns, in the order of the frames. Returns
    codes (0 or 1) in the same shape.
    """
    matches = match_indicators(texts, dictionary)
    predicted = np.zeros(truth.shape, dtype=np.int64)
    for column, frame in enumerate(dictionary.frames):
        rows = matches[matches["frame"] == frame.id]
        hit = np.zeros((len(texts), len(frame.indicators)))
        hit[rows["row"], rows["indicator"]] = 1
        weight = np.array([indicator.weight for indicator in frame.indicators])
        counts = hit * (hit @ weight > ENOUGH)[:, None]
        for held in np.unique(fold):
            train, test = fold != held, fold == held
            right = counts[train & (truth[:, column] == 1)].sum(axis=0)
            wrong = counts[train & (truth[:, column] == 0)].sum(axis=0)
            stays = (wrong <= right) & ((right + wrong > 0) | unseen)
            predicted[test, column] = hit[test] @ (weight * stays) > ENOUGH
    return predicted
