"""The command ``tifa``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from tifa import __version__
from tifa.corpus import data_folder
from tifa.datapackage import package, write_package
from tifa.errors import TifaError
from tifa.extract import Lexicon, extract
from tifa.lexicon import read_frames, read_phrasebook
from tifa.metadata import States, read_overlay
from tifa.store import write_corpus
from tifa.texts import Reading, read, texts_folder

app = typer.Typer(
    help="Trace official formulations through texts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

_Data = Annotated[
    Path | None,
    typer.Option(help="The data folder; found by itself inside a clone.", metavar="DIR"),
]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"tifa {__version__}")
        raise typer.Exit


@app.command("extract")
def extract_command(
    corpus: Annotated[str, typer.Argument(help="Name of the corpus: briefing, xi, ungdc, yours.")],
    texts: Annotated[
        Path | None,
        typer.Option(
            help="Folder or archive of the texts; else TIFA_TEXTS/CORPUS.", metavar="PATH"
        ),
    ] = None,
    data: _Data = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Processes, of about 300 MB each. The result is the same.",
        ),
    ] = min(2, os.cpu_count() or 1),
) -> None:
    """Count a corpus: read its texts, write its features to data/corpora.

    Example: `tifa extract briefing`
    """
    data = data or data_folder()
    overlay = read_overlay(data / "metadata" / f"{corpus}.yml")
    lexicon = Lexicon(
        read_phrasebook(data / "lexicon" / "phrases.yml"),
        read_frames(data / "lexicon" / "frames.yml"),
    )
    states = data / "metadata" / "states.csv"
    reading = Reading()
    documents = read(
        texts or texts_folder(data) / corpus,
        overlay,
        states=States(states) if states.exists() else None,
        reading=reading,
    )
    # what is wrong with the other corpora shows before anything is written
    package(data, without=corpus)
    with tqdm(desc=corpus, unit=" documents", disable=None) as bar:
        tables = extract(documents, overlay, lexicon, jobs=jobs, progress=bar.update)
    files = write_corpus(data / "corpora" / corpus, tables)
    write_package(data)
    counted = tables["documents"]
    typer.echo(
        f"{corpus}: {counted.height:,} documents, {int(counted['words'].sum()):,} words, "
        f"{tables['hits'].height:,} hits -> {', '.join(f.name for f in files)}"
    )
    for name in reading.skipped:
        typer.echo(f"skipped {name}: not named like a speech", err=True)


@app.command("phrases")
def phrases_command(
    family: Annotated[str, typer.Option(help="Only this family.", metavar="ID")] = "",
    data: _Data = None,
) -> None:
    """List the phrasebook: id, label, Chinese; tab-separated.

    Example: `tifa phrases --family sco`
    """
    book = read_phrasebook((data or data_folder()) / "lexicon" / "phrases.yml")
    if family and family not in book.families:
        raise TifaError(f"no family {family!r}; there is: {', '.join(book.families)}")
    for entry in book.entries:
        if not family or entry.family == family:
            typer.echo(f"{entry.id}\t{entry.label}\t{entry.zh}")


def main() -> None:
    """Run the command; a user's mistake is one line and exit status 2."""
    try:
        app()
    except TifaError as error:
        print(f"tifa: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        print("tifa: stopped; nothing was changed", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
