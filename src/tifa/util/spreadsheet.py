"""Escape cells that a spreadsheet program would read as formulas."""

from __future__ import annotations

import pandas as pd

#: A spreadsheet program may treat a cell as a formula if it begins with one of these characters.
#: OWASP lists them; some programs treat the full-width signs like the ASCII ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(text: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet program would read as a formula.

    Carriage returns become line feeds. This is for files that people open in a spreadsheet program,
    not for tables in data/.

    >>> safe_cell("=2+2"), safe_cell("Two and two.")
    ("'=2+2", 'Two and two.')
    """
    # a carriage return would begin a new row, and so a new cell
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) else text


def safe_table(table: pd.DataFrame) -> pd.DataFrame:
    """Escape the text cells and column names of a table with :func:`safe_cell`.

    >>> safe_table(pd.DataFrame({"@who": ["+Ola", None], "n": [-1, 2]})).to_csv(index=False)
    "'@who,n\\n'+Ola,-1\\n,2\\n"
    """
    # numbers need no apostrophe: a negative number is not read as a formula
    texts = [c for c in table.columns if not pd.api.types.is_numeric_dtype(table[c])]
    safe = table.assign(
        **{c: table[c].map(lambda v: safe_cell(v) if isinstance(v, str) else v) for c in texts}
    )
    return safe.rename(columns=lambda c: safe_cell(str(c)))


def plain_cell(text: str) -> str:
    """Remove the apostrophe that :func:`safe_cell` put in front of a cell."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
