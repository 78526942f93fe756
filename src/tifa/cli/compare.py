"""The commands ``tifa keyness``, ``collocates`` and ``dispersion``, which write no files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import pandas as pd
from typer import Argument, Option

from tifa.analysis.collocates import collocates, collocates_in_corpus
from tifa.analysis.counts import count_hits, count_phrase
from tifa.analysis.words import word_keyness
from tifa.cli.options import By, Data, Form, Texts, one_column, print_table, remark
from tifa.cli.query import CorpusName, warn_of_ungrouped, warn_of_unread
from tifa.data.corpus import load
from tifa.lexicon.find import find
from tifa.lexicon.load import phrasebook
from tifa.stats import dispersion
from tifa.util.errors import TifaError

Top = Annotated[int, Option(min=1, help="Only so many rows.")]


def keyness_command(
    corpus: CorpusName,
    against: Annotated[str, Option(help="Another corpus to compare with.", metavar="CORPUS")] = "",
    where: Annotated[
        str,
        Option(
            help="Some documents of the corpus, compared with its others: party=Greens.",
            metavar="COLUMN=VALUE",
        ),
    ] = "",
    top: Top = 20,
    form: Form = "text",
    data: Data = None,
) -> None:
    """Find the words that are typical of one corpus, or of some of its documents.

    Words are ranked by log-likelihood (signed G2 of a two-by-two table), from the most typical ones
    to those most typical of the other side. The effect size is the log ratio with its 95% interval;
    p-values are adjusted for multiple tests by Holm's method.

    Example: `tifa keyness --corpus xi --against briefing --top 10`

    Example: `tifa keyness --corpus xi --where audience=domestic`
    """
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
        remark("no word is more frequent on one side than on the other")
    print_table(
        shown,
        form,
        formats={**rates, "g2": "{:.1f}", "p_adjusted": "{:.2g}"},
        legend="rate: per 10,000 words; low, high: 95% interval of the log ratio",
    )


def _say_stopped(stopped: Collection[str]) -> None:
    if stopped:
        remark(f"left out: {len(stopped):,} stop words of words.yml")


def collocates_command(
    phrase: Annotated[str, Argument(help="An entry by any of its names, or words.")],
    corpus: CorpusName,
    window: Annotated[
        str, Option(help="5 or 10 words to each side in the sentence, or sentence.")
    ] = "10",
    top: Top = 20,
    form: Form = "text",
    texts: Texts = None,
    data: Data = None,
) -> None:
    """Show the words that occur near a phrase more often than by chance, by log-likelihood.

    The words near an entry come from the published table; those near any other phrase are counted
    in the texts, if these are on this machine.

    Example: `tifa collocates "mutual trust" --corpus xi --window 5`
    """
    features = load(corpus, data=data)
    language = features.about.language
    sought = find(phrasebook(data=data), phrase, language)
    warn_of_unread(features)
    if note := sought.note(language):
        remark(note)
    if sought.entry and texts is None:
        table = collocates(features, sought.entry.id, window=window, data=data)
    else:
        table = collocates_in_corpus(features, sought, window=window, data=data, texts=texts)
    remark(f"counted: {sought.counted}")
    _say_stopped(features.stop_words)
    table = table[~table["term"].isin(features.stop_words)]
    table = table.sort_values("log_likelihood", ascending=False, kind="stable").head(top)
    columns = ["term", "n", "collocate", "expected", "log_likelihood", "mi", "t", "log_dice"]
    formats = dict.fromkeys(columns[3:], "{:.2f}")
    near = f"beside the phrase ({window} words to each side)"
    if window == "sentence":
        near = "in a sentence with the phrase"
    legend = f"n: {near}; collocate: in the corpus"
    print_table(table[columns].reset_index(drop=True), form, formats=formats, legend=legend)


def dispersion_command(
    corpus: CorpusName,
    phrase: Annotated[
        str, Argument(help="An entry by any of its names, or words; all entries if none.")
    ] = "",
    columns: By = None,
    form: Form = "text",
    texts: Texts = None,
    data: Data = None,
) -> None:
    """Show how evenly phrases are spread over documents, years or other parts of a corpus.

    DP and DPnorm are 0, and Juilland's D is 1, if all parts have the same rate. The measures are
    missing if there are fewer than ten hits, or only one part.

    Example: `tifa dispersion "mutual trust" --corpus xi`

    Example: `tifa dispersion --corpus ungdc --by country`
    """
    by = one_column(columns) or "doc_id"
    features = load(corpus, data=data)
    warn_of_unread(features)
    if phrase:
        table = count_phrase(features, phrase, by=by, data=data, texts=texts)
        remark(f"counted: {table.attrs['counted']} (from: {table.attrs['source']})")
        table = table.assign(entry=phrase)
    else:
        table = count_hits(features, by=by)
    warn_of_ungrouped(features, [by])
    if table.empty:
        remark("no entry of the phrasebook was found; name a phrase")
    measures = dict.fromkeys(["dp", "dp_norm", "juilland_d"], "{:.3f}")
    print_table(dispersion(table), form, formats=measures)
