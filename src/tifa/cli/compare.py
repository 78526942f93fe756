"""The commands ``tifa keyness``, ``collocates`` and ``dispersion``, which write no files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import pandas as pd
import typer

from tifa.analysis.collocates import collocates, collocates_in_corpus
from tifa.analysis.counts import count_hits, count_phrase
from tifa.analysis.words import word_keyness
from tifa.cli.options import By, Data, Form, Texts, one_column, print_table
from tifa.cli.query import CorpusName, warn_of_ungrouped, warn_of_unread
from tifa.data.corpus import load
from tifa.lexicon.find import find
from tifa.lexicon.load import phrasebook
from tifa.stats import dispersion
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError

Top = Annotated[int, typer.Option(min=1, help="Only so many rows.")]


def keyness_command(
    corpus: CorpusName,
    against: Annotated[
        str, typer.Option(help="Another corpus to compare with.", metavar="CORPUS")
    ] = "",
    where: Annotated[
        str,
        typer.Option(
            help="Some documents of the corpus, compared with its others: party=Greens.",
            metavar="COLUMN=VALUE",
        ),
    ] = "",
    top: Top = 20,
    form: Form = "text",
    data: Data = None,
) -> None:
    """Find the words that are typical of one corpus, or of some of its documents.

    Words are ranked by G2 (four cells, signed): from those that are most typical to those that are
    most typical of the other side. The effect size is the log ratio with its 95% interval; p-values
    are adjusted for multiple tests by Holm's method.

    Example: `tifa keyness --corpus xi --against briefing --top 10`

    Example: `tifa keyness --corpus xi --where audience=domestic`
    """
    data = data or data_folder()
    if bool(against) == bool(where):
        raise TifaError("say what to compare with: --against CORPUS, or --where COLUMN=VALUE")
    target = load(corpus, data=data)
    warn_of_unread(target)
    if against:
        reference = load(against, data=data)
        warn_of_unread(reference)
        if target.about.language != reference.about.language:
            raise TifaError(f"{corpus} and {against} are in different languages")
    else:
        name, _, value = where.partition("=")
        target.check_column(name)
        documents = target.documents
        chosen = documents[name].astype("string").fillna("").eq(value).astype(bool)
        if not chosen.any() or chosen.all():
            values = ", ".join(map(str, documents[name].dropna().unique()[:8]))
            raise TifaError(f"{where}: all documents or none; there is: {values}")
        warn_of_ungrouped(target, [name])
        others = documents[name].notna() & ~chosen
        target, reference = target.where(chosen), target.where(others)
    table = word_keyness(target, reference)
    _say_stopped(target.stop_words)
    columns = ["term", "n", "rate", "reference_n", "reference_rate", "g2", "p_adjusted"]
    table = table[[*columns, "log_ratio", "low", "high"]]
    more, less = table[table["g2"] > 0].head(top), table[table["g2"] < 0].tail(top)[::-1]
    rates = dict.fromkeys(["rate", "reference_rate", "log_ratio", "low", "high"], "{:.2f}")
    shown = pd.concat([more, less], ignore_index=True)
    if shown.empty:
        typer.echo("no word is more frequent on one side than on the other", err=True)
    print_table(shown, form, formats={**rates, "g2": "{:.1f}", "p_adjusted": "{:.2g}"})
    if form == "text":
        typer.echo("\nrate: per 10,000 words; low, high: 95% interval of the log ratio", err=True)


def _say_stopped(stopped: Collection[str]) -> None:
    if stopped:
        typer.echo(f"left out: {len(stopped):,} stop words of words.yml", err=True)


def collocates_command(
    phrase: Annotated[str, typer.Argument(help="An entry by any of its names, or words.")],
    corpus: CorpusName,
    window: Annotated[
        str, typer.Option(help="5 or 10 words to each side in the sentence, or sentence.")
    ] = "10",
    top: Top = 20,
    form: Form = "text",
    texts: Texts = None,
    data: Data = None,
) -> None:
    """Show the words that occur near a phrase more often than by chance, by log-likelihood.

    For an entry they come from the published table, for any other words from the texts, if these
    are on this machine.

    Example: `tifa collocates "mutual trust" --corpus xi --window 5`
    """
    data = data or data_folder()
    features = load(corpus, data=data)
    book, language = phrasebook(data=data), features.about.language
    sought = find(book, phrase, language)
    warn_of_unread(features)
    if note := sought.note(language):
        typer.echo(note, err=True)
    if sought.entry and texts is None:
        table = collocates(features, sought.entry.id, window=window, data=data)
    else:
        table = collocates_in_corpus(features, sought, window=window, data=data, texts=texts)
    typer.echo(f"counted: {sought.counted}", err=True)
    _say_stopped(features.stop_words)
    table = table[~table["term"].isin(features.stop_words)]
    table = table.sort_values("log_likelihood", ascending=False, kind="stable").head(top)
    columns = ["term", "n", "collocate", "expected", "log_likelihood", "mi", "t", "log_dice"]
    formats = dict.fromkeys(columns[3:], "{:.2f}")
    print_table(table[columns].reset_index(drop=True), form, formats=formats)
    if form == "text":
        typer.echo(
            f"\nn: beside the phrase ({window} words to each side); collocate: in the corpus"
            if window != "sentence"
            else "\nn: in a sentence with the phrase; collocate: in the corpus",
            err=True,
        )


def dispersion_command(
    corpus: CorpusName,
    phrase: Annotated[
        str, typer.Argument(help="An entry by any of its names, or words; all entries if none.")
    ] = "",
    columns: By = None,
    form: Form = "text",
    texts: Texts = None,
    data: Data = None,
) -> None:
    """Show how evenly phrases are spread over documents, years or other parts of a corpus.

    If hits are spread like the words, DP and DPnorm are 0 and Juilland's D is 1. With fewer than
    ten hits the measures are missing, because they would describe chance, and with a single part.

    Example: `tifa dispersion "mutual trust" --corpus xi`

    Example: `tifa dispersion --corpus ungdc --by country`
    """
    data = data or data_folder()
    by = one_column(columns) or "doc_id"
    features = load(corpus, data=data)
    warn_of_unread(features)
    if phrase:
        table = count_phrase(features, phrase, by=by, data=data, texts=texts)
        typer.echo(f"counted: {table.attrs['counted']} (from: {table.attrs['source']})", err=True)
        table = table.assign(entry=phrase)
    else:
        table = count_hits(features, by=by)
    warn_of_ungrouped(features, [by])
    if table.empty:
        typer.echo("no entry of the phrasebook was found; name a phrase", err=True)
    measures = dict.fromkeys(["dp", "dp_norm", "juilland_d"], "{:.3f}")
    print_table(dispersion(table), form, formats=measures)
