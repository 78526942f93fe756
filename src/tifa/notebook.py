"""Set up a notebook: figures and tables in the compendium's style."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tifa.display import frame_html
from tifa.figures import use_style as use_figure_style


def use_style() -> None:
    """Draw figures, and show pandas tables, as the site does.

    Tables keep being pandas tables: only the way they print changes, so that a wide one can be
    scrolled by keyboard and every header is a header.
    """
    use_figure_style()
    try:
        from IPython.core.getipython import get_ipython  # noqa: PLC0415 - not in a plain script
    except ImportError:
        return
    shell: Any = get_ipython()
    if shell is not None:
        html = shell.display_formatter.formatters["text/html"]
        html.for_type(pd.DataFrame, frame_html)
