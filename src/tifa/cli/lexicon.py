"""Commands that show the lexicon."""

from __future__ import annotations

from typing import Annotated

import typer

from tifa.cli.options import Data, Form, Format, print_table
from tifa.lexicon.load import phrases
from tifa.lexicon.model import read_phrasebook
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError


def phrases_command(
    family: Annotated[str, typer.Option(help="Only this family.", metavar="ID")] = "",
    form: Form = Format.TEXT,
    data: Data = None,
) -> None:
    """List the phrasebook: id, label, Chinese; tab-separated, or with more as CSV or JSON.

    Example: `tifa phrases --family sco`
    """
    book = read_phrasebook((data or data_folder()) / "lexicon" / "phrases.yml")
    if family and family not in book.families:
        raise TifaError(f"no family {family!r}; there is: {', '.join(book.families)}")
    entries = [e for e in book.entries if not family or e.family == family]
    if form is not Format.TEXT:
        table = phrases(data=data).loc[[e.id for e in entries]].reset_index(drop=True)
        wordings = ["; ".join(p for v in e.variants for p in v.patterns) for e in entries]
        print_table(table.assign(wordings=wordings), form)
        return
    for entry in entries:
        typer.echo(f"{entry.id}\t{entry.label}\t{entry.zh}")
