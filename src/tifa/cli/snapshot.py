"""The command ``tifa snapshot``, which compares or updates data/findings.csv."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sphinx_findings.snapshot import brought_up
from typer import Argument, Option

from tifa.cli.options import Data
from tifa.data.datapackage import replace_table
from tifa.util.data_folder import data_folder
from tifa.version import __version__


def snapshot_command(
    built: Annotated[
        Path, Argument(help="The findings.json of the built site.", show_default=True)
    ] = Path("_build/html/findings.json"),
    data: Data = None,
    check: Annotated[
        bool, Option("--check", help="Change nothing; fail where they differ.")
    ] = False,
) -> None:
    """Compare the findings just computed with data/findings.csv, and write them there.

    A finding that is no longer computed is kept as withdrawn; its number is never used again.

    Example: `tifa snapshot --check`
    """
    data = data or data_folder()
    found, counted, text = brought_up(data / "findings.csv", built, version=__version__)
    typer.echo("\n".join([*map(str, found), counted]))
    if check:
        raise typer.Exit(1 if found else 0)
    if text:
        replace_table(data, "findings.csv", text)
