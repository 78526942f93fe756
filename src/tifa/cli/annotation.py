"""The commands ``tifa annotate``, ``agreement`` and ``evaluate``, for sentences coded by people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from typer import Argument, Option

from tifa.annotation.codes import agreement_table, gold, read_codes, read_units
from tifa.annotation.coding_sheet import (
    coding_sheet,
    sample_sentences,
    sample_units,
    unit_sentences,
)
from tifa.cli.options import Data, Form, Texts, print_table, remark
from tifa.data.datapackage import package, replace_table
from tifa.data.files import read_table, table_file, write_file
from tifa.data.hand_made import FUNCTIONS
from tifa.data.metadata import read_overlay
from tifa.lexicon.load import frame_dictionary
from tifa.lexicon.model import read_frames
from tifa.publish.tables import plain_table
from tifa.sources.open import read_corpus
from tifa.sources.places import texts_folder
from tifa.stats import macro_f1
from tifa.stats.bootstrap import SEED
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError
from tifa.util.git import check_place


def annotate_command(
    corpus: Annotated[str, Argument(help="Name of the corpus: briefing, xi, ungdc, yours.")],
    out: Annotated[Path, Option(help="The sheet to write.", metavar="SHEET.csv")],
    n: Annotated[int, Option("--sentences", min=1, help="Sentences to draw.")] = 50,
    seed: Annotated[int, Option(help="The same seed draws the same sentences.")] = SEED,
    per_document: Annotated[
        bool, Option("--per-document", help="Draw evenly from all documents.")
    ] = False,
    coded: Annotated[
        bool,
        Option("--coded", help="Draw from the units in data/annotations, to code them anew."),
    ] = False,
    annotator: Annotated[str, Option(help="Who will fill the sheet.", metavar="NAME")] = "",
    force: Annotated[bool, Option("--force", help="Replace a sheet of this name.")] = False,
    texts: Texts = None,
    data: Data = None,
) -> None:
    """Draw sentences for people to code: write a sheet with an empty column for every code.

    The sheet contains full text, so it is never written where git would track it. Code 1 where a
    frame or function is present, 0 where it is not; leave empty what you cannot decide.

    Example: `tifa annotate xi --sentences 100 --annotator Li --out ../sheets/xi-li.csv`
    """
    check_place(out, force=force)
    data = data or data_folder()
    columns = [f.id for f in frame_dictionary(data=data).frames] + FUNCTIONS
    overlay, documents = read_corpus(corpus, data, texts)
    language = overlay.language
    if coded:
        units = read_units(data / "annotations" / "units.csv")
        drawn = sample_units(
            units[units["corpus"] == corpus], n, seed=seed, per_document=per_document
        )
        sample = unit_sentences(documents, drawn, hashes=_hashes(corpus, data), language=language)
    else:
        sample = sample_sentences(
            documents, n, seed=seed, per_document=per_document, language=language
        )
    if sample.empty:
        raise TifaError(f"the corpus {corpus!r} has no {'coded unit' if coded else 'sentence'}")
    write_file(out, coding_sheet(sample, columns, annotator=annotator))
    typer.echo(
        f"{corpus}: {len(sample):,} sentences of {sample['doc_id'].nunique():,} documents, seed "
        f"{seed} -> {out}"
    )
    if len(sample) < n:
        remark(f"{n:,} were asked for; there are no more")


def agreement_command(
    sheets: Annotated[
        list[Path], Argument(help="Filled sheets, or tables of codes.", metavar="SHEET...")
    ],
    form: Form = "text",
) -> None:
    """Report how far annotators agree on each code.

    There may be two annotators or more, and not everyone needs to have coded every sentence.

    Example: `tifa agreement xi-li.csv xi-okoye.csv data/annotations/codes.csv`
    """
    codes = read_codes(*sheets)
    if codes.drop(columns=["unit", "annotator"]).isna().all(axis=None):
        raise TifaError("no code in these files; fill in the annotator and 0 or 1")
    table = agreement_table(codes)
    if form != "text":
        print_table(table, form)
    else:
        decimals = dict.fromkeys(["agreement", "alpha", "low", "high"], "{:.3f}")
        shown = table.drop(columns=["draws", "undefined", "level"])
        typer.echo(plain_table(shown, formats=decimals))
        typer.echo(
            "\nalpha: Krippendorff's, nominal; low, high: its 95% interval, units resampled; "
            "agreement: share of\npairs of decisions; positives: decisions that are 1; "
            "agreed_positives: units that all code 1"
        )


def evaluate_command(
    texts: Annotated[
        Path | None,
        Option(help="The folder that holds the corpora; else TIFA_TEXTS.", metavar="PATH"),
    ] = None,
    data: Data = None,
) -> None:
    """Predict the coded sentences by dictionary, bag of words and keywords.

    Writes codes without text to data/annotations/predictions.csv; takes about a minute. The
    dictionary was tuned on these sentences, so its scores here are no test of it.

    Example: `tifa evaluate --texts ../texts`
    """
    data = data or data_folder()
    units = read_units(data / "annotations" / "units.csv")
    codes = read_codes(data / "annotations" / "codes.csv")
    lexicon = data / "lexicon"
    dictionary, keywords = (read_frames(lexicon / f"{n}.yml") for n in ("frames", "keywords"))
    package(data)  # raises an error if other tables are broken, before anything is written
    folder = texts or texts_folder(data)
    coded = _texts_of(units, folder, data)
    from tifa.annotation.evaluate import predictions, unseen_predictions  # noqa: PLC0415 - brings scikit-learn, slow to load

    predicted = predictions(coded, codes, dictionary, keywords)
    path = _write(predicted, "predictions", data)
    unseen = data / "annotations" / "unseen_units.csv"
    drawn = read_units(unseen) if unseen.exists() else units[:0]
    # leave out Chinese corpora, because the frame dictionary is for languages with spaces
    overlays = {c: read_overlay(data / "metadata" / f"{c}.yml") for c in set(drawn["corpus"])}
    drawn = drawn[[overlays[c].language == "en" for c in drawn["corpus"]]]
    if not drawn.empty:
        later = _texts_of(drawn, folder, data)
        later = unseen_predictions(coded, codes, later, dictionary, keywords)
        _write(later, "unseen_predictions", data)
    frames = [frame.id for frame in dictionary.frames]
    decisions = predicted.merge(gold(codes, columns=frames), on=["unit", "frame"]).merge(
        coded[["unit", "doc_id"]], on="unit"
    )
    scores = macro_f1(decisions, by="model", cluster="doc_id")
    shown = scores[["model", "macro_f1", "low", "high", "frames", "units"]]
    typer.echo(plain_table(shown, formats=dict.fromkeys(["macro_f1", "low", "high"], "{:.3f}")))
    remark(f"{len(predicted):,} codes -> {path}")


def _texts_of(units: pd.DataFrame, texts: Path, data: Path) -> pd.DataFrame:
    found = []
    for corpus, rows in units.groupby(units["corpus"].astype(str)):
        overlay, documents = read_corpus(corpus, data, texts / corpus)
        hashes = _hashes(corpus, data)
        found.append(unit_sentences(documents, rows, hashes=hashes, language=overlay.language))
    return pd.concat(found)


def _hashes(corpus: str, data: Path) -> dict[str, str]:
    """Return the published SHA-256 of each text by doc_id; empty before the first extraction."""
    folder = data / "corpora" / corpus
    if table_file(folder, "documents") is None:
        return {}
    return dict(read_table(folder, "documents").select("doc_id", "sha256").iter_rows())


def _write(predicted: pd.DataFrame, name: str, data: Path) -> Path:
    text = predicted.to_csv(index=False, lineterminator="\n")
    return replace_table(data, f"annotations/{name}.csv", text)
