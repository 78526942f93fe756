"""The commands ``tifa count``, ``kwic``, ``findings`` and ``phrases``, which write no files."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer
from sphinx_findings.record import plain
from typer import Argument, Option

from tifa.analysis.counts import Overlaps, count_phrase
from tifa.cli.options import By, Data, Form, Texts, print_table, printable, remark
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
    str, Argument(help="An entry by any of its names, or words; * and ? are wildcards.")
]
Capitals = Annotated[
    bool, Option("--capitals", help="As typed: US is not us. Only where the texts are.")
]
CorpusName = Annotated[
    str, Option("--corpus", help="briefing, xi, ungdc, or yours.", metavar="CORPUS")
]
#: Orders in which ``tifa kwic`` can print its lines.
Sort = Literal["text", "left", "hit", "right"]
#: Punctuation that may follow a hit without a space.
_CLOSING = re.compile(r"""[,.;:!?)\]}%…]|["'](?!\w)""")
#: Punctuation that may precede a hit without a space.
_OPENING = re.compile(r"""(?:^|\s)["'(\[{]+$""")


def count_command(
    phrase: Phrase,
    corpus: CorpusName,
    columns: By = None,
    top: Annotated[int | None, Option(min=1, help="Only the groups with the most hits.")] = None,
    capitals: Capitals = False,
    overlaps: Annotated[
        Overlaps,
        Option(help="Where entries overlap: nested (each counts) or longest (the longest counts)."),
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
    remark(f"counted: {table.attrs['counted']} (from: {table.attrs['source']})")
    if joined := table.attrs["joined"]:
        more = ", ..." if len(joined) > 5 else ""
        remark(
            f"not counted, as other words: {', '.join(joined[:5])}{more}; write (eau|*'eau) to "
            "count l'eau as well"
        )
    warn_of_unread(features)
    if table.attrs["note"] and table.attrs["entry"]:  # for words, count_phrase has already warned
        remark(table.attrs["note"])
    warn_of_ungrouped(features, columns)
    unit = UNITS[features.about.language]
    legend = f"rate: per {PER:,} {unit}"
    if "doc_id" not in columns and table["docs"].notna().all():
        # compute only the rate: its interval would need scipy.special, which is slow to load
        table["rate"] = rate(table)
        share = shares(table.assign(n=table["docs"]))
        table[["share", "share_low", "share_high"]] = share[["share", "low", "high"]]
        legend += ", share: of documents with it; share_low, share_high: 95% interval"
    else:
        table = rates(table).rename(columns={"low": "rate_low", "high": "rate_high"})
        legend += "; rate_low, rate_high: 95% interval"
        if "doc_id" not in columns:
            table = table.drop(columns="docs")
            remark("documents with it: not known from n-grams of several forms")
    if top is not None:
        table = table.sort_values("n", ascending=False, kind="stable").head(top)
    if "year" in table:
        table = table.astype({"year": int}).astype({"year": str})
    decimals = _places(table["rate"], 2)
    formats = dict.fromkeys(["rate", "rate_low", "rate_high"], f"{{:.{decimals}f}}")
    if "share" in table:
        decimals = _places(100 * table["share"], 1)
        formats |= dict.fromkeys(["share", "share_low", "share_high"], f"{{:.{decimals}%}}")
    if form == "text":
        table = table.rename(columns={"words": unit})
    print_table(table, form, formats=formats, legend=legend)


def _places(values: pd.Series[float], least: int) -> int:
    """Return the number of decimals that shows two digits of the smallest positive value.

    The result is not smaller than ``least``.
    """
    above = values[values > 0]
    return least if above.empty else max(least, 1 - math.floor(math.log10(above.min())))


def kwic_command(
    phrase: Phrase,
    corpus: CorpusName,
    window: Annotated[int, Option(min=0, max=100, help="Words to each side.")] = 8,
    most: Annotated[int | None, Option("--most", min=1, help="Stop after so many lines.")] = None,
    sort: Annotated[
        Sort,
        Option(help="By the words before (left, the nearest first), the hit, those after."),
    ] = "text",
    capitals: Capitals = False,
    form: Form = "text",
    texts: Texts = None,
    data: Data = None,
) -> None:
    """Show a phrase in its context in the texts. Nothing is saved.

    The command shows what `tifa count` counts: an entry in all its wordings, words in quotation
    marks only as they stand. The text that it prints may be protected: do not put it into a
    file that git tracks.

    Example: `tifa kwic "shared future" --corpus xi --window 6 --sort left`
    """
    data = data or data_folder()
    described = {path.stem: path for path in sorted((data / "metadata").glob("*.yml"))}
    if corpus not in described:
        raise TifaError(f"no corpus {corpus!r}; there is: {', '.join(described) or 'none yet'}")
    language = read_overlay(described[corpus]).language
    sought = find(phrasebook(data=data), phrase, language, capitals=capitals)
    reading = Reading()
    _, documents = read_corpus(corpus, data, texts, reading, use="shown")
    _check_output()
    if note := sought.note(language):
        remark(note)
    if sought.widened:
        remark(f"shown: {sought.counted}")
    found = keyword_in_context(
        documents,
        sought.patterns,
        window=window,
        language=language,
        not_within=sought.not_within,
    )
    # if lines are to be sorted, all texts must be searched before the first can be printed
    lines = list(islice(found if sort == "text" else _sorted(found, sort, language), most))
    if form != "text":
        print_table(pd.DataFrame(lines, columns=list(Line._fields)), form)
    else:
        _print_lines(lines, most)
    # ignore unreadable texts that the last extraction could not read either
    folder = data / "corpora" / corpus
    known = read_table(folder, "unread")["name"] if table_file(folder, "unread") else ()
    reading.refuse_unreadable(corpus, instead="the lines above are not all", but=set(known))


def _print_lines(lines: list[Line], most: int | None) -> None:
    """Print lines with their hits aligned in a column."""
    names = [f"{line.doc_id}:{line.sentence}" for line in lines]
    widest = max(map(wide, names), default=0)
    widest_left = max((wide(line.left) for line in lines), default=0)
    for name, line in zip(names, lines, strict=True):
        before = "" if _OPENING.search(line.left) else " "
        after = "" if _CLOSING.match(line.right) else " "
        gap = " " * (widest - wide(name))
        indent = " " * (widest_left - wide(line.left) + 1 - len(before))
        shown = f"{name}{gap}  {indent}{line.left}{before}[{line.hit}]{after}{line.right}"
        typer.echo(printable(shown).rstrip())
    more = " (there may be more: --most)" if len(lines) == most else ""
    remark(f"lines: {len(lines):,}{more}")


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
        remark(
            f"{missing:,} {'text' if missing == 1 else 'texts'} of {corpus.name} could not be read "
            f"when it was counted: not in any number here (table unread: {names})"
        )


def warn_of_ungrouped(corpus: Corpus, columns: list[str]) -> None:
    """Warn if documents are in no group because they have no value in one of the columns."""
    if without := int(corpus.documents[columns].isna().any(axis=1).sum()):
        remark(f"{without:,} documents without {' or '.join(columns)} are left out")


def _check_output() -> None:
    """Raise TifaError if the output goes to a file that git would track.

    Only Linux tells which file this is; on other systems nothing is checked.
    """
    try:
        path = Path(f"/proc/self/fd/{sys.stdout.fileno()}").readlink()
    except (OSError, ValueError):
        return
    if path.is_file():
        check_place(path, force=True)


def findings_command(
    which: Annotated[list[str] | None, Argument(help="Only these.", metavar="[ID]...")] = None,
    form: Form = "text",
    data: Data = None,
) -> None:
    """List the findings of the book: sentence, estimate with its interval, number of observations.

    They are read from data/findings.csv, or from the site that was built last (make book).

    Example: `tifa findings F2.1 F2.3`
    """
    table = read_findings(data or data_folder())
    known = table["id"].tolist()
    for name in which or []:
        if name not in known:
            raise TifaError(f"no finding {name!r}; there is: {', '.join(known) or 'none yet'}")
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
    family: Annotated[str, Option(help="Only this family.", metavar="ID")] = "",
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
