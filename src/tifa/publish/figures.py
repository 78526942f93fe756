"""Make figures for light pages, dark pages and print from one drawing.

:func:`show` turns a matplotlib figure into SVG. Its colours are CSS variables, so the same SVG can
be on a light or a dark page. It is sharp on any screen, and its words can be selected. Figures must
use the colours of :data:`COLOURS` and the markers of :data:`MARKERS`. Series must differ in both,
for readers who cannot tell the colours apart.
"""

from __future__ import annotations

import html
import io
import re
import textwrap
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from sphinx_findings import glue

from tifa.data.rights import allowed_next_to_pages
from tifa.publish.tables import Shown
from tifa.util.data_folder import data_folder
from tifa.util.errors import TifaError
from tifa.util.spreadsheet import safe_table
from tifa.version import __version__

#: Colours by name on a light page; those of a dark page are in the style sheet of the site.
COLOURS = {
    "ink": "#1f2328",
    "quiet": "#5b6470",
    "line": "#d0d5db",
    "paper": "#ffffff",
    "red": "#b3372b",
    "blue": "#20639b",
    "gold": "#8a6100",
    "green": "#2c7048",
    "violet": "#6b4fa0",
}
#: Colours of series, in order; each has its own marker.
SERIES = ["red", "blue", "gold", "green", "violet"]
#: Markers of series, in the same order.
MARKERS = ["o", "s", "D", "^", "v"]

#: Colour and marker of each speaker or group, the same in the whole book. The Shanghai Spirit
#: itself is red like China.
ACTORS = {
    "China": ("red", "o"),
    "Xi Jinping": ("red", "o"),
    "other SCO members": ("blue", "s"),
    "all others": ("gold", "D"),
    "other clubs": ("gold", "D"),
    "UN debates": ("gold", "D"),
    "all states": ("ink", "o"),
    "ECNS": ("violet", "v"),
    "Belt & Road News": ("green", "^"),
    "the two reports": ("ink", "v"),
    "a control": ("quiet", "^"),  # counted only for comparison
}
#: Colour and marker of the two reports of the briefing.
OUTLETS = {name: ACTORS[name] for name in ("ECNS", "Belt & Road News")}

#: Width of a figure in inches, narrow enough for a phone.
WIDTH = 5.2
#: Pixels per point of a drawing on a wide screen; letters are then as large as those of the text.
SCREEN = 1.5
#: Size of the smallest letters in points: more than 9 pixels even on a phone.
SMALL = 9.5
#: Labels of rows are wrapped after this many characters.
LABEL = 24
#: Largest number of groups, and of characters in a name, for which :func:`forest` writes the names
#: beside the intervals; otherwise it draws a legend.
BESIDE = 3, 24
#: Names in a legend are wrapped after this many characters, to leave room for the drawing.
WIDEST = 28

_RC: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11.5,
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10.5,
    "axes.edgecolor": COLOURS["line"],
    "axes.labelcolor": COLOURS["quiet"],
    "axes.titlecolor": COLOURS["ink"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=[COLOURS[c] for c in SERIES]),
    "axes.axisbelow": True,
    "figure.facecolor": "none",
    "figure.figsize": (WIDTH, 3.2),
    "figure.constrained_layout.use": True,
    "grid.color": COLOURS["line"],
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["quiet"],
    "xtick.labelsize": 10,
    "ytick.color": COLOURS["ink"],
    "ytick.major.size": 0,
    "xtick.major.size": 3,
}


def use_style() -> None:
    """Use the compendium's style for all following figures."""
    mpl.rcParams.update(_RC)


def wrap(label: str, width: int = LABEL) -> list[str]:
    """Wrap a label into lines, and escape $, with which matplotlib marks mathematics."""
    return [line.replace("$", r"\$") for line in textwrap.wrap(label, width)]


def label_ends(ax: Axes, lines: pd.DataFrame, colours: Sequence[str], *, apart: float) -> None:
    """Write the name of each line at the end of the line and in its colour, instead of a legend.

    ``lines`` has a column for each line, and ``colours`` a name from :data:`COLOURS` for each line.
    Names that would be closer than ``apart`` (in units of the vertical axis) are moved apart, as
    little as possible. The caller must leave room for the names on the right of ``ax``.
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - slow to load

    looks = pd.DataFrame({"end": lines.ffill().iloc[-1], "mean": lines.mean(), "colour": colours})
    # if lines end at the same height, the name of the line with the higher mean is above
    looks = looks.sort_values(["end", "mean"])
    steps = apart * np.arange(len(looks))
    heights = isotonic_regression(looks["end"] - steps).x + steps
    heights = np.maximum(heights, ax.get_ylim()[0] + steps)
    for name, colour, height in zip(looks.index, looks["colour"], heights, strict=True):
        label, at = "\n".join(wrap(str(name), 17)), (lines.index[-1], height)
        write(ax, label, at, (8, 0), fontsize=SMALL, color=COLOURS[colour])


def name_rows(ax: Axes, names: Iterable[str], width: int = LABEL, **options: Any) -> None:
    """Write the names of the rows of a drawing, the first at the top.

    ``options`` are passed to ``ax.set_yticks``.
    """
    wrapped = ["\n".join(wrap(str(name), width)) for name in names]
    ax.set_yticks(range(len(wrapped)), wrapped, **options)
    ax.set_ylim(len(wrapped) - 0.5, -0.5)


def dots(
    ax: Axes, x: Any, y: Any, colour: str, marker: str = "o", size: float = 6, **options: Any
) -> None:
    """Draw markers in one of the :data:`COLOURS`; ``options`` are passed to ``ax.plot``."""
    ax.plot(x, y, marker, color=COLOURS[colour], markersize=size, **options)


def write(
    ax: Axes, text: str, at: tuple[Any, Any], offset: tuple[float, float] = (0, 0), **options: Any
) -> None:
    """Write text next to a point of the drawing.

    ``offset`` is the distance of the text from the point, to the right and upwards, in typographic
    points; ``options`` are passed to ``ax.annotate``.
    """
    ax.annotate(text, at, xytext=offset, textcoords="offset points", **{"va": "center", **options})


def years_named(ax: Axes, years: Mapping[int, str], height: float, **options: Any) -> None:
    """Draw a dotted line at the beginning of each of the ``years``, and write a name beside it.

    ``height`` is the height of the names, from 0 (bottom) to 1 (top); ``options`` are passed to
    ``ax.axvline``.
    """
    for year, name in years.items():
        ax.axvline(year - 0.5, linewidth=0.8, linestyle=":", **options)
        place = (year - 0.25, height)
        ax.annotate(name, place, xycoords=("data", "axes fraction"), fontsize=10)


def shade(ax: Axes, *spans: tuple[float, float]) -> None:
    """Shade spans of the horizontal axis, for example where effects are large enough to matter."""
    for low, high in spans:
        ax.axvspan(low, high, color=COLOURS["line"], alpha=0.5, linewidth=0)


def forest(
    table: pd.DataFrame, ax: Axes, *, labels: str, groups: str, unit: str, markers: bool = True
) -> Axes:
    """Draw estimates with intervals, with one row per label and one marker per group.

    ``table`` has ``rate``, ``low``, ``high`` and two other columns: ``labels`` is the name of the
    column with the labels of rows (the first is at the top), ``groups`` is the name of the column
    with the groups to compare within a row. ``unit`` is printed below the axis. Groups in
    :data:`ACTORS` have the colour and marker listed there. With ``markers``, the names of two or
    more groups are written to the right of the first row, or in a legend if they are many or long.
    """
    rows = list(dict.fromkeys(table[labels]))
    names = list(dict.fromkeys(table[groups]))
    step = 0.7 / max(len(names), 1)
    markers = markers and len(names) > 1
    beside = len(names) <= BESIDE[0] and all(len(str(name)) <= BESIDE[1] for name in names)
    # in each row, leave space only for the groups that have an estimate there
    estimated = {r: {*table.loc[table[labels] == r, groups]} for r in rows}
    inside = {r: [n for n in names if n in estimated[r]] for r in rows}
    for index, name in enumerate(names):
        part = table[table[groups] == name]
        y = [
            rows.index(r) + (inside[r].index(name) - (len(inside[r]) - 1) / 2) * step
            for r in part[labels]
        ]
        own = SERIES[index % len(SERIES)], MARKERS[index % len(MARKERS)]
        colour_name, marker = ACTORS.get(str(name), own)
        colour = COLOURS[colour_name]
        ax.hlines(y, part["low"], part["high"], color=colour, linewidth=1.8)
        label = "\n".join(wrap(str(name), WIDEST))
        dots(ax, part["rate"], y, colour_name, marker, 6.5, label=label, clip_on=False, zorder=3)
        if markers and beside:
            beside_it = table.loc[table[labels] == rows[0], "high"].max(), y[0]
            write(ax, label, beside_it, (8, 0), fontsize=SMALL, color=colour)
    if markers and beside:
        ax.set_xlim(right=1.5 * table["high"].max())  # room for the names
    elif markers:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2, labelspacing=0.25)
    name_rows(ax, rows)
    ax.set_xlim(left=0)
    ax.set_xlabel(unit)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    return ax


def show(
    fig: Figure,
    *,
    name: str,
    alt: str,
    caption: str,
    claim: str = "",
    tables: Sequence[str] = (),
    data: pd.DataFrame | None = None,
    columns: Mapping[str, str] | None = None,
) -> Shown:
    """Turn a figure into what the page shows: claim, SVG, caption, sources and data.

    ``fig`` is closed afterwards. ``name`` is short and unique on the site; the anchor is fig-NAME.
    ``alt`` describes in one sentence what the figure shows, for readers who cannot see it.
    ``caption`` explains how to read the figure (what a mark means, the unit, and which texts were
    counted). ``claim`` is printed above the figure. ``tables`` are the files below data/ from which
    the figure was computed; they are listed under the caption. ``data`` has the numbers that are
    drawn, which the site offers as CSV. ``columns`` maps columns of ``data`` to their meaning and
    unit, if these are not in :data:`COLUMNS` or are different there.

    Raises TifaError for a name that cannot be an anchor, an alt text that is too short, a table
    that does not exist, and a column that is not in ``data``.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise TifaError(f"figure name {name!r}: expected lower case letters, digits, hyphens")
    if len(alt.split()) < 5:
        raise TifaError(f"figure {name}: the alt text must say what the figure shows")
    names = [] if data is None else [str(column) for column in data.columns]
    about = {**COLUMNS, **(columns or {})}
    for column in columns or {}:
        if column not in names:
            raise TifaError(f"figure {name}: no column {column!r} in its data")
    source = source_line(name, tables)
    labels = [label for ax in fig.axes for label in (ax.get_xlabel(), ax.get_ylabel()) if label]
    svg = _svg(fig, name, alt)
    plt.close(fig)
    above = f'<p class="tifa-claim">{html.escape(claim)}</p>' if claim else ""
    markup = (
        f'<figure class="tifa-figure" id="fig-{name}">{above}{svg}'
        f"<figcaption>{html.escape(caption)}{source}</figcaption></figure>"
    )
    content: dict[str, Any] = {
        "html": markup,
        "alt": alt,
        "caption": caption,
        "claim": claim,
        "tables": list(tables),
        "axes": list(dict.fromkeys(labels)),
    }
    if data is not None:
        content["csv"] = to_csv(data)
        content["columns"] = [(column, about.get(column, "")) for column in names]
    glue(f"figure:{name}", content)
    return Shown(f"figure {name}", markup)


#: The meaning of columns that many figures have. A figure can define a different meaning.
COLUMNS = {
    "doc_id": "document, as in documents",
    "sentence": "number of the sentence in its document",
    "year": "calendar year",
    "date": "ISO date",
    "words": "words, or characters of Chinese text",
    "documents": "documents",
    "n": "number counted",
    "share": "share as a fraction of 1",
    "rate": "the estimate that is drawn, in the unit of the axis",
    "ratio": "ratio of two rates; 1 means no difference",
    "label": "as the figure names it",
    "texts": "number of texts",
    "speeches": "number of speeches",
    "sentences": "number of sentences",
    "items": "number of news items",
    "docs": "documents with at least one hit",
    "term": "a word",
    "low": "lower limit of the 95% interval",
    "high": "upper limit of the 95% interval",
    "entry": "entry of the phrasebook",
    "country": "state, by its ISO 3166 code or that of the UN corpus",
}


def source_line(name: str, tables: Sequence[str]) -> str:
    """Return the collapsed line "Sources" for the end of a caption: tables, version and licence.

    Raises TifaError if a table does not exist.
    """
    links, why = [], ""
    for table in tables:
        data = data_folder()
        if not (data / table).is_file():
            raise TifaError(f"figure {name}: no table {table} in {data}")
        short = html.escape(table.removeprefix("corpora/").rpartition(".")[0])
        if allowed_next_to_pages(table, data=data):
            # the folder data is next to the folder notebooks, on the site and in the repository
            links.append(f'<a href="../data/{html.escape(table)}">{short}</a>')
        else:
            links.append(short)
            why = "Without a link: tables of protected texts, which only the repository has. "
    label = "Tables" if len(links) > 1 else "Table"
    named = f"{label}: {', '.join(links)}. " if links else ""
    text = f"{named}{why}Version {__version__}. CC BY 4.0."
    return f' <details class="tifa-source"><summary>Sources</summary>{text}</details>'


def to_csv(data: pd.DataFrame) -> str:
    """Return a table as CSV that is safe to open in a spreadsheet program.

    The text begins with a byte order mark; without it, Excel misreads Chinese characters.

    >>> to_csv(pd.DataFrame({"zh": ["上海精神"]}))
    '\\ufeffzh\\n上海精神\\n'
    """
    rows = safe_table(data).to_csv(index=False, lineterminator="\n", float_format="%.6g")
    return f"\ufeff{rows}"


def _svg(fig: Figure, name: str, alt: str) -> str:
    for text in fig.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), SMALL * fig.get_figwidth() / WIDTH))
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}), warnings.catch_warnings():
        # do not warn of characters that matplotlib's fonts lack: text remains text in the SVG, and
        # the browser has its own fonts
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        fig.savefig(
            buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True
        )
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    for colour, value in COLOURS.items():
        svg = re.sub(value, f"var(--tifa-{colour}, {value})", svg, flags=re.IGNORECASE)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"font: (bold|[0-9]+) ([\d.]+px) [^;\"]*", r"font-weight: \1; font-size: \2", svg)
    head = re.search(r'<svg[^>]* viewBox="([^"]+)"[^>]*>', svg)
    assert head is not None  # matplotlib always writes a viewBox
    width = float(head[1].split()[2])
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{head[1]}" role="img" aria-label="{html.escape(alt)}" '
        f'style="max-width: {width * SCREEN:.0f}px">'
    )
    return re.sub(r"\s*\n\s*", " ", svg.replace(head[0], opening, 1)).strip()
