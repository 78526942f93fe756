"""The command ``tifa verify``, which checks the tables of a data folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm
from typer import Option

from tifa.cli.options import Data, remark
from tifa.data.corpus import corpora, load
from tifa.data.files import read_table, write_corpus
from tifa.features.extract import extract, reading_tables
from tifa.lexicon.load import read_lexicon
from tifa.sources.document import Reading
from tifa.sources.open import read_corpus
from tifa.sources.places import find_texts
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError


def verify_command(
    against_texts: Annotated[
        bool, Option("--against-texts", help="Extract again and compare rows and bytes.")
    ] = False,
    corpus: Annotated[
        list[str] | None,
        Option(help="With --against-texts: only this corpus.", metavar="CORPUS"),
    ] = None,
    jobs: Annotated[int, Option("--jobs", "-j", min=1, help="Processes that extract.")] = 1,
    data: Data = None,
) -> None:
    """Check every table against its description, the other tables and, if asked, the texts.

    Prints a line for each difference: file, row (from 1, without the line of names), column,
    what was found, what was expected. The exit status is then 1. No file is changed.

    Example: `tifa verify --against-texts --corpus briefing`
    """
    from tifa.study.verify import verify  # noqa: PLC0415 - frictionless takes a second to load

    data = data or data_folder()
    if corpus and not against_texts:
        raise TifaError("--corpus goes with --against-texts; the other checks take every corpus")
    differences = 0
    for difference in verify(data):
        typer.echo(str(difference))
        differences += 1
    tables = (p for p in data.rglob("*") if p.suffix in (".csv", ".parquet") and p.is_file())
    # do not count tables in texts/, which are not part of the compendium
    checked = sum(1 for p in tables if p.relative_to(data).parts[0] != "texts")
    if against_texts:
        for line in _fresh(data, corpus or corpora(data), jobs):
            typer.echo(line)
            differences += 1
    remark(f"{checked:,} tables checked, {differences:,} differences")
    raise typer.Exit(1 if differences else 0)


def _fresh(data: Path, names: list[str], jobs: int) -> Iterator[str]:
    """Extract corpora again, and yield the differences from their published tables.

    Prints the names of corpora that are left out because their texts are not on this machine.
    Raises TifaError if all corpora are left out, or if a name is unknown.
    """
    from tifa.study.difference import fresh_differences  # noqa: PLC0415

    known, present = corpora(data), []
    for name in names:
        if name not in known:
            raise TifaError(f"no corpus {name!r}; there is: {', '.join(known)}")
        if find_texts(data, name).texts.exists():
            present.append(name)
        else:
            remark(f"{name}: its texts are not here; not compared with them")
    if not present:
        raise TifaError("no texts to compare with; set TIFA_TEXTS to the folder that holds them")
    for name in present:
        reading = Reading()
        overlay, documents = read_corpus(name, data, None, reading)
        with tqdm(desc=name, unit=" documents", disable=None) as bar:
            tables = extract(
                documents,
                overlay,
                read_lexicon(data),
                jobs=jobs,
                robustness="specifications" in load(name, data=data).tables,
                progress=bar.update,
            )
        tables |= reading_tables(reading)
        # write the new tables and read them again, so that both are compared as read from files
        with tempfile.TemporaryDirectory(prefix="tifa-verify-") as folder:
            write_corpus(Path(folder) / name, tables)
            fresh = {
                table: read_table(Path(folder) / name, table, described=False) for table in tables
            }
        found = [*fresh_differences(data, name, fresh)]
        yield from map(str, found)
        result = f"{len(found):,} differences" if found else "every table of the same bytes"
        remark(f"{name}: {len(fresh)} tables extracted again: {result}")
