"""Reduce the theme's icon font to the icons that the site uses: book/_assets/icons.woff.

    python -m tifa_book.icons

Run this when the theme or the list of icons in page_weight.py has changed; a test of the site
reports this. Needs fontTools, one of the packages for development.
"""

from __future__ import annotations

import re
from pathlib import Path

import pydata_sphinx_theme

from tifa_book.page_weight import cut_icons

FONT = Path("book/_assets/icons.woff")
_THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"


def icon_numbers() -> set[int]:
    """Code points of the icons in the reduced style sheet."""
    numbers: set[int] = set()
    sheet = _THEME / "styles" / "pydata-sphinx-theme.css"
    style = cut_icons(sheet.read_text(encoding="utf-8"))
    numbers |= {ord(letter) for letter in re.findall("[\ue000-\uf8ff]", style)}
    return numbers | {int(n, 16) for n in re.findall(r"\\([ef][0-9a-f]{3})\b", style)}


def write_icons(target: Path) -> None:
    """Write the font."""
    from fontTools import subset  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    options = subset.Options(flavor="woff", recalc_timestamp=False, layout_features=[])
    (source,) = _THEME.rglob("fa-solid-900.ttf")
    with TTFont(source, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=icon_numbers())
        cutter.subset(font)
        font.flavor = "woff"
        font.save(target)


if __name__ == "__main__":
    write_icons(FONT)
