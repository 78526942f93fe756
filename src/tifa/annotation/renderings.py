"""What the official English of Xi Jinping's speeches makes of each Chinese formulation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tifa.data.corpus import load
from tifa.lexicon.load import phrasebook
from tifa.util.data_folder import data_folder

ORIGINAL, ENGLISH = "xi-zh", "xi"


def pairs(*, translator: str = "mfa", data: Path | None = None) -> pd.DataFrame:
    """Give the speeches that were read in both languages and found to be the same.

    Parameters
    ----------
    translator
        Whose English: "mfa" is the Foreign Ministry's, as `documents` of the corpus xi has it.
    data
        The data folder; found by itself inside a clone.

    Returns
    -------
    pandas.DataFrame
        One row a speech: ``original`` and ``english``, its ids in the corpora xi-zh and xi.

    Examples
    --------
    >>> pairs().iloc[0].tolist()
    ['2020-09-05-340', 'xi-2020-09-04-remarks-by-h-e-xi-jinping-at-the']

    """
    data = data or data_folder()
    read = pd.read_csv(data / "annotations" / "pairs.csv", dtype=str)
    whose = load(ENGLISH, data=data).documents.set_index("doc_id")["translator"]
    kept = read[(read["verdict"] == "same") & read["en_doc_id"].map(whose).eq(translator)]
    return pd.DataFrame(
        {"original": kept["zh_date"] + "-" + kept["zh_row"], "english": kept["en_doc_id"]}
    ).reset_index(drop=True)


def renderings(*, translator: str = "mfa", data: Path | None = None) -> pd.DataFrame:
    """Count every entry in the originals and in their English, and the wordings on both sides.

    Entries that have wordings in one language only are left out: nothing could match them.

    Parameters
    ----------
    translator, data
        As in :func:`pairs`.

    Returns
    -------
    pandas.DataFrame
        One row an entry: ``original`` and ``english`` (uses), ``matched`` (the lesser of both in
        each speech, summed over the speeches), ``chinese_wordings`` and ``english_wordings``
        (dicts of a wording, as the phrasebook writes it, and its uses, most frequent first).

    Examples
    --------
    >>> shared = renderings().set_index("entry").loc["community-with-a-shared-future"]
    >>> int(shared["original"]), int(shared["english"])
    (21, 18)
    >>> shared["chinese_wordings"]
    {'命运共同体': 11, '人类命运共同体': 10}

    """
    speeches = pairs(translator=translator, data=data)
    names: dict[str, dict[tuple[str, str], str]] = {"original": {}, "english": {}}
    both = set()
    for entry in phrasebook(data=data).entries:
        for variant in entry.variants:
            key = (entry.id, variant.id)
            if variant.zh_patterns:
                names["original"][key] = variant.zh_patterns[0]
            if variant.patterns:
                names["english"][key] = variant.patterns[0]
        if all(any(e == entry.id for e, _ in side) for side in names.values()):
            both.add(entry.id)
    uses = {}
    for side, corpus in (("original", ORIGINAL), ("english", ENGLISH)):
        speech = dict(zip(speeches[side], speeches.index, strict=True))
        hits = load(corpus, data=data).hits
        hits = hits[hits["doc_id"].isin(speech.keys()) & hits["entry"].isin(both)]
        found = zip(hits["entry"], hits["variant"], strict=True)
        # some English wordings occur in Chinese texts
        wordings = [names[side].get(variant, variant[1]) for variant in found]
        uses[side] = pd.DataFrame(
            {"entry": hits["entry"], "speech": hits["doc_id"].map(speech), "wording": wordings}
        )
    counted = pd.DataFrame(
        {side: table.groupby(["entry", "speech"]).size() for side, table in uses.items()}
    )
    counted = counted.fillna(0).astype(int)
    counted["matched"] = counted.min(axis=1)
    total = counted.groupby("entry").sum()
    for name, side in (("chinese_wordings", "original"), ("english_wordings", "english")):
        said = {
            str(e): w.value_counts().to_dict() for e, w in uses[side].groupby("entry")["wording"]
        }
        total[name] = pd.Series({entry: said.get(entry, {}) for entry in total.index})
    return total.reset_index()
