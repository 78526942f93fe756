"""The commands ``tifa extract`` and ``tifa choices`` (for results too slow for a notebook)."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

import typer
from tqdm import tqdm
from typer import Argument, Option

from tifa.cli.options import Data, Texts, remark
from tifa.data.datapackage import package, replace_table, write_package
from tifa.data.files import only_writer, read_table, write_corpus
from tifa.features.extract import extract, reading_tables
from tifa.features.workers import dask_cluster
from tifa.lexicon.load import read_lexicon
from tifa.sources.document import Reading
from tifa.sources.open import read_corpus
from tifa.text.language import UNITS
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError
from tifa.util.memory import return_blocks


def extract_command(
    context: typer.Context,
    corpus: Annotated[str, Argument(help="Name of the corpus: briefing, xi, ungdc, yours.")],
    texts: Texts = None,
    data: Data = None,
    jobs: Annotated[
        int,
        Option(
            "--jobs", "-j", min=1, help="Processes, of about 300 MB each. The result is the same."
        ),
    ] = min(2, os.cpu_count() or 1),
    engine: Annotated[
        Literal["processes", "dask"],
        Option(help="Where to count: processes of this machine, or a Dask cluster."),
    ] = "processes",
    scheduler: Annotated[
        str,
        Option(
            help="With --engine dask: a scheduler that runs already; else a cluster on this "
            "machine.",
            metavar="tcp://HOST:PORT",
        ),
    ] = "",
    skip_unreadable: Annotated[
        bool,
        Option(
            "--skip-unreadable",
            help="Go on without texts that cannot be read; their names are kept in the table "
            "unread.",
        ),
    ] = False,
    robustness: Annotated[
        bool,
        Option(
            "--robustness",
            help="Count by other rules as well, for the entries that the overlay lists under "
            "specifications; takes twice as long.",
        ),
    ] = False,
) -> None:
    """Count a corpus: read its texts, write its features to data/corpora.

    The features are the same, byte for byte, whatever the engine and the number of workers.

    Example: `tifa extract briefing`

    Example: `tifa extract xi --robustness`

    Example: `tifa extract ungdc --engine dask --scheduler tcp://10.0.0.5:8786`
    """
    if scheduler and engine != "dask":
        raise TifaError("--scheduler goes with --engine dask")
    data = data or data_folder()
    context.with_resource(only_writer(data))
    lexicon = read_lexicon(data)
    reading, cut = Reading(), Counter[str]()
    overlay, documents = read_corpus(corpus, data, texts, reading)
    if overlay.language == "zh":
        # a Chinese corpus has many pairs of entry and word, so save memory. For an English corpus
        # this would save little, and take a tenth more time
        return_blocks()
    # this raises an error if other corpora are broken, before anything is written
    package(data, without=corpus)
    with (
        dask_cluster(jobs, scheduler) if engine == "dask" else nullcontext() as cluster,
        tqdm(desc=corpus, unit=" documents", disable=None) as bar,
    ):
        # scratch files may contain the words of texts, so they go to data/texts, which git ignores
        tables = extract(
            documents,
            overlay,
            lexicon,
            jobs=jobs,
            cluster=cluster,
            robustness=robustness,
            progress=bar.update,
            scratch=data / "texts",
            cut=cut,
        )
    if not skip_unreadable:
        reading.refuse_unreadable(
            corpus, instead="nothing was written; --skip-unreadable goes on without them"
        )
    tables |= reading_tables(reading)
    folder = data / "corpora" / corpus
    before = _documents_before(folder)
    files = write_corpus(folder, tables)
    write_package(data)
    counted, language = tables["documents"], overlay.language
    size = f"{int(counted['words'].sum()):,} {UNITS[language]}"
    typer.echo(
        f"{corpus}: {counted.height:,} documents, {size}, {tables['hits'].height:,} hits -> "
        f"{', '.join(f.name for f in files)}"
    )
    if unworded := [e.id for e in lexicon.phrasebook.entries if not e.worded(language)]:
        field = "zh_patterns" if language == "zh" else "patterns"
        more = f" and {len(unworded) - 5} more" if unworded[5:] else ""
        remark(f"not looked for, without {field}: {', '.join(unworded[:5])}{more}")
    if overlay.specifications and not robustness:
        remark("without the table specifications, which --robustness adds")
    if counted.height < before:
        remark(f"documents: {before - counted.height:,} fewer than before")
    for name, n in cut.items():
        remark(
            f"{name}: {n:,} cut or left out, as they quote more than the rights allow "
            f"(publish: [{name}] in {corpus}.yml keeps them whole)"
        )
    for rule, n in reading.by_rule.items():
        done = "made words" if rule == "emoji" else "taken out"
        remark(f"{rule}: {n:,} {done} (words.yml)")
    for name in reading.skipped:
        remark(f"skipped {name}: not named like a speech")
    if reading.taken:
        for line in reading.report():
            remark(line)


def _documents_before(folder: Path) -> int:
    """Return the number of documents at the last extraction; 0 if it cannot be read."""
    try:
        return read_table(folder, "documents", described=False).height
    except TifaError:
        return 0


def choices_command(data: Data = None) -> None:
    """Compute the registered choices of the panel that take minutes.

    Writes data/slow_choices.csv, which the notebooks read; takes about a quarter of an hour.

    Example: `tifa choices`
    """
    # imported here, because no other command of this module needs pandas and statsmodels
    import pandas as pd  # noqa: PLC0415

    from tifa.analysis.slow_choices import slow_choices  # noqa: PLC0415

    data = data or data_folder()
    package(data)  # raises an error if other tables are broken, before the slow part
    rows = [
        (claim, *row)
        for claim in ("panel", "panel-families", "panel-draws")
        for row in slow_choices(data, claim)
    ]
    columns = ["claim", "kind", "choice", "ratio", "low", "high"]
    table = pd.DataFrame(rows, columns=columns).round(6)
    path = replace_table(data, "slow_choices.csv", table.to_csv(index=False, lineterminator="\n"))
    typer.echo(f"{len(table):,} choices -> {path}")
