"""The command that computes the registered choices which are too slow for a notebook."""

from __future__ import annotations

import pandas as pd
import typer

from tifa.analysis.slow_choices import slow_choices
from tifa.cli.options import Data
from tifa.data.datapackage import package, write_package
from tifa.data.files import only_writer, write_file
from tifa.util.data_folder import data_folder


def choices_command(data: Data = None) -> None:
    """Compute the registered choices of the panel that take minutes.

    Writes data/slow_choices.csv, which the notebooks read; takes about a quarter of an hour.

    Example: `tifa choices`
    """
    data = data or data_folder()
    package(data)  # find problems of other tables before the slow part
    rows = [
        (claim, *row) for claim in ("panel", "panel-families") for row in slow_choices(data, claim)
    ]
    columns = ["claim", "kind", "choice", "ratio", "low", "high"]
    table = pd.DataFrame(rows, columns=columns).round(6)
    path = data / "slow_choices.csv"
    with only_writer(data):
        write_file(path, table.to_csv(index=False, lineterminator="\n").encode())
        write_package(data)
    typer.echo(f"{len(table):,} choices -> {path}")
