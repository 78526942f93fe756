"""The commands ``tifa count``, ``kwic``, ``findings`` and ``phrases``, which write no files."""

from __future__ import annotations

import math
import os
import re
import stat
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer
from sphinx_findings.record import plain

from tifa.analysis.counts import Overlaps, count_phrase
from tifa.cli.options import By, Data, Form, Texts, print_table, printable
from tifa.data.corpus import Corpus, load
from tifa.data.files import read_table, table_file
from tifa.data.metadata import read_overlay
from tifa.features.concordance import Line, keyword_in_context
from tifa.lexicon.find import find
from tifa.lexicon.load import phrasebook, phrases
from tifa.publish.findings import read_findings
from tifa.publish.tables import wide
from tifa.sources.document import Reading
from tifa.sources.open import read_corpus
from tifa.stats.rates import PER, rate, rates
from tifa.stats.shares import shares
from tifa.text.language import UNITS, Language
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError
from tifa.util.git import check_place

Phrase = Annotated[
    str, typer.Argument(help="An entry by any of its names, or words; * and ? are wildcards.")
]
Capitals = Annotated[
    bool, typer.Option("--capitals", help="As typed: US is not us. Only where the texts are.")
]
#: Punctuation that may follow a hit without a space.
_CLOSING = re.compile(r"""[,.;:!?)\]}%…]|["'](?!\w)""")
#: Punctuation that may precede a hit without a space.
_OPENING = re.compile(r"""(?:^|\s)["'(\[{]+$""")


#: Orders in which :func:`kwic_command` can print its lines.
Sort = Literal["text", "left", "hit", "right"]
CorpusName = Annotated[
    str, typer.Option("--corpus", help="briefing, xi, ungdc, or yours.", metavar="CORPUS")
]


def count_command(
    phrase: Phrase,
    corpus: CorpusName,
    columns: By = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Only the groups with the most hits.")
    ] = None,
    capitals: Capitals = False,
    overlaps: Annotated[
        Overlaps,
        typer.Option(
            help="Where entries overlap: nested (each counts) or longest (the longest counts)."
        ),
    ] = "nested",
    form: Form = "text",
    texts: Texts = None,
    data: Data = None,
) -> None:
    """Count a phrase in a corpus, and say what was counted and where.

    A phrase that names an entry is counted with all its wordings, from the published features.
    To count only the words themselves, put them in quotation marks: '"win-win"'. The answer
    says whether they were counted in the texts or in a published table.

    The rate is per 10,000 words, in Chinese per 10,000 characters. share_low and share_high are the
    limits of the share of documents (Wilson interval). With --by doc_id, or where the documents
    with a hit are not known, the limits are those of the rate, rate_low and rate_high (exact
    Poisson interval). If --by is given twice, each combination is counted.

    Example: `tifa count "win-win cooperation" --corpus ungdc --by country --top 10`
    """
    data = data or data_folder()
    columns = columns or []
    if "" in columns:
        raise TifaError("--by needs the name of a column")
    features = load(corpus, data=data)
    table = count_phrase(
        features,
        phrase,
        by=columns or "corpus",
        data=data,
        texts=texts,
        capitals=capitals,
        overlaps=overlaps,
    )
    typer.echo(f"counted: {table.attrs['counted']} (from: {table.attrs['source']})", err=True)
    language = features.about.language
    if joined := table.attrs["joined"]:
        more = ", ..." if len(joined) > 5 else ""
        typer.echo(
            f"not counted, as other words: {', '.join(joined[:5])}{more}; write (eau|*'eau) to "
            "count l'eau as well",
            err=True,
        )
    warn_of_unread(features)
    if table.attrs["note"] and table.attrs["entry"]:  # for words, count_phrase has already warned
        typer.echo(table.attrs["note"], err=True)
    warn_of_ungrouped(features, columns)
    what = "rate"
    if "doc_id" not in columns and table["docs"].notna().all():
        what = "share"
        # only the rate, without its interval: that needs scipy.special, which is slow to load
        share = shares(table.assign(n=table["docs"]))
        table = table.assign(
            rate=rate(table), share=share["share"], share_low=share["low"], share_high=share["high"]
        )
    else:
        table = rates(table).rename(columns={"low": "rate_low", "high": "rate_high"})
        if "doc_id" not in columns:
            table = table.drop(columns="docs")
            typer.echo("documents with it: not known from n-grams of several forms", err=True)
    if top is not None:
        table = table.sort_values("n", ascending=False, kind="stable").head(top)
    if "year" in table:
        table = table.astype({"year": int}).astype({"year": str})
    limits = [f"{what}_low", f"{what}_high"]
    unit = UNITS[language]
    shown = dict.fromkeys(["rate", "rate_low", "rate_high"], f"{{:.{_places(table['rate'], 2)}f}}")
    if what == "share":
        places = _places(100 * table["share"], 1)
        shown |= dict.fromkeys(["share", "share_low", "share_high"], f"{{:.{places}%}}")
    print_table(
        table.rename(columns={"words": unit}) if form == "text" else table, form, formats=shown
    )
    if form == "text":
        of = ", share: of documents with it" if what == "share" else ""
        typer.echo(f"\nrate: per {PER:,} {unit}{of}; {', '.join(limits)}: 95% interval", err=True)


def _places(values: pd.Series[float], least: int) -> int:
    """Return how many decimals to print: enough for two digits of the smallest value above 0.

    It is at least ``least``.
    """
    above = values[values > 0]
    return least if above.empty else max(least, 1 - math.floor(math.log10(above.min())))


def kwic_command(
    phrase: Phrase,
    corpus: CorpusName,
    window: Annotated[int, typer.Option(min=0, max=100, help="Words to each side.")] = 8,
    most: Annotated[
        int | None, typer.Option("--most", min=1, help="Stop after so many lines.")
    ] = None,
    sort: Annotated[
        Sort,
        typer.Option(help="By the words before (left, the nearest first), the hit, those after."),
    ] = "text",
    capitals: Capitals = False,
    form: Form = "text",
    texts: Texts = None,
    data: Data = None,
) -> None:
    """Show a phrase in its context, from the texts themselves; it only prints.

    It shows the places that `tifa count` counts: for an entry those of all its wordings, for words
    in quotation marks only these. The text that it prints may be protected: do not put it into a
    file that git tracks.

    Example: `tifa kwic "shared future" --corpus xi --window 6 --sort left`
    """
    data = data or data_folder()
    about = data / "metadata" / f"{corpus}.yml"
    described = sorted(path.stem for path in about.parent.glob("*.yml"))
    if corpus not in described:
        raise TifaError(f"no corpus {corpus!r}; there is: {', '.join(described) or 'none yet'}")
    language = read_overlay(about).language
    sought = find(phrasebook(data=data), phrase, language, capitals=capitals)
    reading = Reading()
    overlay, documents = read_corpus(corpus, data, texts, reading, use="shown")
    _check_output()
    if note := sought.note(language):
        typer.echo(note, err=True)
    if sought.widened:
        typer.echo(f"shown: {sought.counted}", err=True)
    found = keyword_in_context(
        documents,
        sought.patterns,
        window=window,
        language=overlay.language,
        not_within=sought.not_within,
    )
    # to sort lines, all texts must be searched first
    lines = list(islice(found, most) if sort == "text" else _sorted(found, sort, language)[:most])
    if form != "text":
        print_table(pd.DataFrame(lines, columns=list(Line._fields)), form)
    else:
        _print_lines(lines, most)
    # ignore texts that could not be read at extraction either
    folder = data / "corpora" / corpus
    known = read_table(folder, "unread")["name"] if table_file(folder, "unread") else ()
    reading.refuse_unreadable(corpus, instead="the lines above are not all", but=set(known))


def _print_lines(lines: list[Line], most: int | None) -> None:
    place = max((wide(f"{x.doc_id}:{x.sentence}") for x in lines), default=0)
    left = max((wide(x.left) for x in lines), default=0)
    for x in lines:
        name = f"{x.doc_id}:{x.sentence}"
        before = " " if not _OPENING.search(x.left) else ""
        after = " " if not _CLOSING.match(x.right) else ""
        indent = " " * (left - wide(x.left) + 1 - len(before))
        shown = (
            f"{name}{' ' * (place - wide(name))}  {indent}{x.left}{before}[{x.hit}]{after}{x.right}"
        )
        typer.echo(printable(shown).rstrip())
    more = " (there may be more: --most)" if len(lines) == most else ""
    typer.echo(f"lines: {len(lines):,}{more}", err=True)


def _sorted(lines: Iterable[Line], sort: Sort, language: Language) -> list[Line]:
    """Sort lines by their words (or Chinese characters), ignoring punctuation."""
    token = re.compile(r"[^\W_]" if language == "zh" else r"[^\W_]+(?:['-][^\W_]+)*")

    def key(line: Line) -> tuple[list[str], list[str]]:
        left, hit, right = (token.findall(x.casefold()) for x in (line.left, line.hit, line.right))
        if sort == "left":
            return left[::-1], right
        return (hit, right) if sort == "hit" else (right, left[::-1])

    return sorted(lines, key=key)


def warn_of_unread(corpus: Corpus) -> None:
    """Warn if texts are missing from the counts of a corpus because they could not be read."""
    if missing := len(corpus.unread):
        names = ", ".join(corpus.unread["name"][:3]) + (" ..." if missing > 3 else "")
        typer.echo(
            f"{missing:,} {'text' if missing == 1 else 'texts'} of {corpus.name} could not be read "
            f"when it was counted: not in any number here (table unread: {names})",
            err=True,
        )


def warn_of_ungrouped(corpus: Corpus, columns: list[str]) -> None:
    """Warn if documents are in no group because they have no value in one of the columns."""
    if without := int(corpus.documents[columns].isna().any(axis=1).sum()):
        typer.echo(f"{without:,} documents without {' or '.join(columns)} are left out", err=True)


def _check_output() -> None:
    """Raise TifaError if the output goes to a file that git would track.

    If the system does not tell which file it is, nothing is checked.
    """
    try:
        into_file = stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
        path = Path(f"/proc/self/fd/{sys.stdout.fileno()}").readlink() if into_file else None
    except (OSError, ValueError):
        return
    if path is not None:
        check_place(path, force=True)


def findings_command(
    which: Annotated[
        list[str] | None, typer.Argument(help="Only these.", metavar="[ID]...")
    ] = None,
    form: Form = "text",
    data: Data = None,
) -> None:
    """List the findings of the book: sentence, estimate with its interval, number of observations.

    They are read from data/findings.csv, or from the site that was built last (make book).

    Example: `tifa findings F2.1 F2.3`
    """
    table = read_findings(data or data_folder())
    for name in which or []:
        if name not in set(table["id"]):
            known = ", ".join(table["id"]) or "none yet"
            raise TifaError(f"no finding {name!r}; there is: {known}")
    if which:
        table = table[table["id"].isin(which)]
    if form != "text":
        print_table(table, form)
        return
    for row in table.astype("object").fillna("").to_dict("records"):
        shown = {k: _number(row.get(k, "")) for k in ("estimate", "low", "high", "n")}
        withdrawn = " (withdrawn)" if row.get("status") == "withdrawn" else ""
        limits = f" (95% interval {shown['low']} to {shown['high']})" if shown["low"] else ""
        typer.echo(f"{row['id']}{withdrawn}  {row['statement']} {row.get('limits', '')}".rstrip())
        typer.echo(
            f"      {shown['estimate']} {row.get('unit', '')}{limits}; "
            f"n = {shown['n']} {row.get('n_of', '')}"
        )


def _number(value: object) -> str:
    try:
        return plain(float(str(value))) if value != "" else ""
    except ValueError:
        return str(value)


def phrases_command(
    family: Annotated[str, typer.Option(help="Only this family.", metavar="ID")] = "",
    form: Form = "text",
    data: Data = None,
) -> None:
    """List the phrasebook: id, label and Chinese between tabs; CSV and JSON have more columns.

    Example: `tifa phrases --family sco`
    """
    book = phrasebook(data=data)
    if family and family not in book.families:
        raise TifaError(f"no family {family!r}; there is: {', '.join(book.families)}")
    entries = [e for e in book.entries if not family or e.family == family]
    if form != "text":
        table = phrases(data=data).loc[[e.id for e in entries]].reset_index(drop=True)
        wordings = ["; ".join(p for v in e.variants for p in v.patterns) for e in entries]
        print_table(table.assign(wordings=wordings), form)
        return
    for entry in entries:
        typer.echo(f"{entry.id}\t{entry.label}\t{entry.zh}")
