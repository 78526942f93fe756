"""Commands that look into the lexicon."""

from __future__ import annotations

from typing import Annotated

import typer

from tifa.cli.options import Data
from tifa.corpus import data_folder
from tifa.errors import TifaError
from tifa.lexicon import read_phrasebook


def phrases_command(
    family: Annotated[str, typer.Option(help="Only this family.", metavar="ID")] = "",
    data: Data = None,
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
