"""Count how official English translations of Xi Jinping's speeches word Chinese formulations."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from tifa.data.corpus import load
from tifa.lexicon.load import phrasebook
from tifa.util.data_folder import data_folder

ORIGINAL, ENGLISH = "xi-zh", "xi"


def read_pairs(*, data: Path | None = None) -> pd.DataFrame:
    """Read the compared pairs of a Chinese and an English text, with the verdicts on them.

    Returns one row per pair: ``original`` and ``english`` (ids in the corpora xi-zh and xi),
    ``verdict`` ("same" if both are the same speech), ``note``, and ``translator`` (of the English
    text; "mfa" is the Foreign Ministry).
    """
    data = data or data_folder()
    read = pd.read_csv(data / "annotations" / "pairs.csv", dtype=str)
    whose = load(ENGLISH, data=data).documents.set_index("doc_id")["translator"]
    return pd.DataFrame(
        {
            "original": read["zh_date"] + "-" + read["zh_row"],
            "english": read["en_doc_id"],
            "verdict": read["verdict"],
            "note": read["note"],
            "translator": read["en_doc_id"].map(whose),
        }
    )


def pairs(*, translator: str = "mfa", data: Path | None = None) -> pd.DataFrame:
    """Select the pairs of the same speech with an English text by this translator.

    >>> pairs()[["original", "english"]].iloc[0].tolist()
    ['2020-09-05-340', 'xi-2020-09-04-remarks-by-h-e-xi-jinping-at-the']
    """
    read = read_pairs(data=data)
    kept = read[(read["verdict"] == "same") & (read["translator"] == translator)]
    return kept.reset_index(drop=True)


def paired_uses(
    speeches: pd.DataFrame, *, headed: Collection[str] = (), data: Path | None = None
) -> pd.DataFrame:
    """Count each entry in the original and in the English text of each pair.

    ``speeches`` has pairs as :func:`read_pairs` returns them. Entries with wordings in only one
    language are left out. ``headed`` are the ids of originals that begin with a heading; their
    first sentence is not counted.

    Returns one row per pair and entry that occurs in it: ``speech`` (id of the English text),
    ``entry``, ``original`` and ``english`` (uses), ``matched`` (the smaller of these two counts).
    """
    hits = _hits(speeches, data)
    first = hits["original"]["doc_id"].isin(headed) & (hits["original"]["sentence"] == 1)
    hits["original"] = hits["original"][~first]
    table = pd.DataFrame({k: rows.groupby(["speech", "entry"]).size() for k, rows in hits.items()})
    table = table.fillna(0).astype(int)
    return table.assign(matched=table.min(axis=1)).reset_index()


def _hits(speeches: pd.DataFrame, data: Path | None) -> dict[str, pd.DataFrame]:
    """Return the hits of entries with wordings in both languages, for each side of the pairs.

    The column ``speech`` has the id of the English text of the pair.
    """
    both = {
        e.id
        for e in phrasebook(data=data).entries
        if any(v.patterns for v in e.variants) and any(v.zh_patterns for v in e.variants)
    }
    found = {}
    for side, corpus in (("original", ORIGINAL), ("english", ENGLISH)):
        speech = dict(zip(speeches[side], speeches["english"], strict=True))
        hits = load(corpus, data=data).hits
        hits = hits[hits["doc_id"].isin(speech.keys()) & hits["entry"].isin(both)]
        found[side] = hits.assign(speech=hits["doc_id"].map(speech))
    return found


def renderings(*, translator: str = "mfa", data: Path | None = None) -> pd.DataFrame:
    """Count the uses and wordings of each entry in the originals and in one translator's English.

    Returns one row per entry that has wordings in both languages and occurs: ``entry``;
    ``original`` and ``english`` (uses); ``matched`` (the smaller of these two counts in each
    speech, summed over the speeches); ``chinese_wordings`` and ``english_wordings`` (dicts with the
    number of uses of each variant, under its first pattern in the phrasebook, the most frequent
    first).

    >>> shared = renderings().set_index("entry").loc["community-with-a-shared-future"]
    >>> int(shared["original"]), int(shared["english"]), shared["chinese_wordings"]
    (21, 18, {'命运共同体': 11, '人类命运共同体': 10})
    """
    speeches = pairs(translator=translator, data=data)
    variants = [((e.id, v.id), v) for e in phrasebook(data=data).entries for v in e.variants]
    names = {
        "chinese_wordings": {key: v.zh_patterns[0] for key, v in variants if v.zh_patterns},
        "english_wordings": {key: v.patterns[0] for key, v in variants if v.patterns},
    }
    uses_of_pairs = paired_uses(speeches, data=data)
    total = uses_of_pairs.groupby("entry")[["original", "english", "matched"]].sum()
    for name, hits in zip(names, _hits(speeches, data).values(), strict=True):
        found = zip(hits["entry"], hits["variant"], strict=True)
        wording = pd.Series([names[name].get(v, v[1]) for v in found], index=hits.index)
        uses = {str(e): w.value_counts().to_dict() for e, w in wording.groupby(hits["entry"])}
        total[name] = pd.Series({entry: uses.get(entry, {}) for entry in total.index})
    return total.reset_index()
