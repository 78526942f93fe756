"""Make figures citable, with a number, a permanent link, a citation, and files next to the pages.

Figures are numbered in the order of the book, so a number may change when figures are added. The
link contains the name of the figure, which never changes. figures/NAME.csv has the data of a
figure; figures/NAME.csv-metadata.json describes the columns, sources and version (CSV on the Web);
figures/NAME.svg is the drawing.

The functions at the end parse the source of a notebook, without running it, to find the cells that
make its figures, findings and numbers.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import textwrap
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_findings.again import depend, made_again
from sphinx_findings.citation import Item, Work, plain
from sphinx_findings.imprint import address, citation_fold, citations, the_date, the_work
from sphinx_findings.ledger import describe_csv, glued

import tifa
from tifa.data.files import sha256
from tifa.data.metadata import read_overlay
from tifa.data.rights import CC_BY
from tifa_book import raw, render
from tifa_book.edition import THEME_COLOUR

FOLDER = "figures"
#: Height of a line of text below a drawing, and width of a letter in this text, in points.
LINE, LETTER = 8, 3.6
_FIGURE = re.compile(
    r'(<figure class="tifa-(?:figure|map)" id="([^"]+)".*?<figcaption>)(.*?)(</figcaption>)',
    re.DOTALL,
)
logger = logging.getLogger(__name__)


class pending_figure(nodes.General, nodes.Element):  # noqa: N801 - docutils nodes are lower case
    """Placeholder for a figure of a notebook that is shown on another page."""


class FigureDirective(SphinxDirective):
    """Show a figure of a notebook on another page, given the name of the figure."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        depend(self.env, "figures")
        node = pending_figure(key=self.arguments[0])
        self.set_source_info(node)
        return [node]


class FillIn(SphinxPostTransform):
    """Replace each placeholder by its figure; if that is missing, warn and print "?"."""

    default_priority = 5

    def run(self, **_: Any) -> None:
        for node in [*self.document.findall(pending_figure)]:
            figure = all_figures(self.app).get(f"fig-{node['key']}")
            if figure is None:
                logger.warning("no figure %r is shown in a notebook", node["key"], location=node)
                node.replace_self(nodes.paragraph("", "?"))
            else:
                node.replace_self(raw(figure.content["html"]))


@dataclass(frozen=True)
class SiteFigure:
    anchor: str
    number: int
    content: dict[str, Any]
    #: id of the finding that the figure shows; empty if it shows none
    finding: str = ""

    @property
    def name(self) -> str:
        return self.anchor.partition("-")[2] + ("-sentences" if self.is_map else "")

    @property
    def is_map(self) -> bool:
        """Whether the figure is a sentence map, which a script draws from the map's table."""
        return self.anchor.startswith("map-")

    @property
    def title(self) -> str:
        """The claim above the figure; without a claim, the first sentence of the caption."""
        if self.content["claim"]:
            return str(self.content["claim"])
        return re.split(r"(?<=[.?!])\s", self.content["caption"].strip(), maxsplit=1)[0]

    def item(self, app: Sphinx) -> Item:
        return Item(
            "figure",
            self.title,
            key=self.anchor,
            url=address(app, self.content["page"], self.anchor),
            date=the_date(app),
            number=str(self.number),
        )


def all_figures(app: Sphinx) -> dict[str, SiteFigure]:
    """Return all figures by anchor, numbered in the order of the book."""
    drawn: dict[str, SiteFigure] = {}
    for page, kind, name, content in glued(app, "figure", "map"):
        anchor = f"{'fig' if kind == 'figure' else 'map'}-{name}"
        if anchor in drawn:
            logger.warning("two figures are called %s", anchor, location=page)
        findings, _ = shown_in(Path(app.env.doc2path(page)))
        found = {**content, "page": page}
        drawn[anchor] = SiteFigure(anchor, len(drawn) + 1, found, findings.get(anchor, ""))
    return drawn


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return all pages with figures, to be written again, if a figure or its number has changed."""
    figures = all_figures(app)
    for figure in figures.values():
        depend(env, "figures", figure.content["page"])
    state = hashlib.sha256(repr([*figures.values()]).encode()).hexdigest()
    return made_again(env, "figures", state)


def add_numbers(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    if "<figure" not in context.get("body", ""):
        return
    known, work = all_figures(app), the_work(app)

    def number(found: re.Match[str]) -> str:
        figure = known.get(found[2])
        if figure is None:
            return found[0]
        at_home = figure.content["page"] == page
        home = "" if at_home else app.builder.get_relative_uri(page, figure.content["page"])
        numbers = app.env.toc_secnumbers.get(figure.content["page"], {}).get("")
        chapter = f", chapter {numbers[0]}" if numbers and not at_home else ""
        head = (
            f'<a class="tifa-number" href="{escape(home)}#{figure.anchor}">'
            f"Figure {figure.number}{chapter}.</a> "
        )
        tail = _tail(app, work, figure, page, cited=at_home)
        return f"{found[1]}{head}{found[3]}{tail}{found[4]}"

    context["body"] = _FIGURE.sub(number, context["body"])


def _tail(app: Sphinx, work: Work, figure: SiteFigure, page: str, *, cited: bool) -> str:
    path = "../" * page.count("/") + f"{FOLDER}/{figure.name}"
    files = {}
    if "csv" in figure.content:
        files = {"Data (CSV)": f"{path}.csv", "Columns (JSON)": f"{path}.csv-metadata.json"}
    drawing = "" if figure.is_map else f"{path}.svg"
    if drawing:
        files["SVG"] = drawing
    made = citations(work, figure.item(app))
    cite = citation_fold(f"Cite figure {figure.number}", made, figure.anchor) if cited else ""
    known = {"name": figure.name, "number": figure.number, "drawing": drawing}
    return render("figure_files.html", files=files.items(), **known) + cite + "</div>"


def write_files(app: Sphinx) -> None:
    folder, work = Path(app.outdir) / FOLDER, the_work(app)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for figure in all_figures(app).values():
        cited = plain(work, figure.item(app))
        if "csv" in figure.content:
            path = folder / f"{figure.name}.csv"
            path.write_text(figure.content["csv"], encoding="utf-8")
            describe_csv(path, work, licence=CC_BY, **described(figure, cited))
        if not figure.is_map:
            (folder / f"{figure.name}.svg").write_text(stand_alone(figure, cited), "utf-8")


def described(figure: SiteFigure, cited: str) -> dict[str, Any]:
    """Return arguments for :func:`sphinx_findings.ledger.describe_csv` that describe a figure."""
    content, data = figure.content, tifa.data_folder()
    return {
        "title": f"Figure {figure.number}: {figure.title}",
        "description": content["caption"],
        "dc:source": [f"data/{name} (SHA-256 {sha256(data / name)})" for name in content["tables"]],
        "dc:bibliographicCitation": cited,
        **({"dc:relation": figure.finding} if figure.finding else {}),
        "notes": [f"Axis of the figure: {label}" for label in content["axes"]],
        "columns": [
            {"name": name} | ({"dc:description": about} if about else {})
            for name, about in content["columns"]
        ],
    }


def data_credit(figure: SiteFigure) -> str:
    """Return one line that names the sources, the licence and the finding of a figure.

    >>> content = {"tables": ["facts/clubs.csv", "corpora/briefing/hits.csv"]}
    >>> data_credit(SiteFigure("fig-boats", 1, content, "F5.6")).partition("; ")[2]
    'facts/clubs.csv. CC BY 4.0. F5.6.'
    """
    named = dict.fromkeys(_source(table) for table in sorted(figure.content["tables"]))
    data = f"Data: {'; '.join(named)}" if named else ""
    return ". ".join(filter(None, (data, "CC BY 4.0", figure.finding))) + "."


def _source(table: str) -> str:
    """Return the title of a table's corpus, or the path of the table if no corpus has it."""
    parts = table.split("/")
    if parts[0] != "corpora":
        return table
    return read_overlay(tifa.data_folder() / "metadata" / f"{parts[1]}.yml").title


def stand_alone(figure: SiteFigure, cited: str) -> str:
    """Return the drawing of a figure as SVG on white, with citation and credit printed below it.

    The file has a title and a description for screen readers.
    """
    html = figure.content["html"]
    svg = html[html.index("<svg") : html.index("</svg>") + len("</svg>")]
    svg = THEME_COLOUR.sub(r"\1", svg)
    head, _, rest = svg.partition(">")
    credit = data_credit(figure)
    about = f"{figure.content['caption']} {cited} {credit}"
    words = f"<title>{escape(figure.content['alt'])}</title><desc>{escape(about)}</desc>"
    box = re.search(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', head)
    assert box is not None  # matplotlib always writes it
    x, y, width, drawn = (float(n) for n in box.groups())
    letters = max(1, int(width / LETTER))
    lines = [*textwrap.wrap(cited, letters), *textwrap.wrap(credit, letters)]
    height = drawn + LINE * len(lines) + 6
    below = "".join(
        f'<text x="{x + 4:g}" y="{y + drawn + LINE * n:g}" fill="#5b6470" '
        f'style="font-size: {0.78 * LINE:g}px">{escape(line)}</text>'
        for n, line in enumerate(lines, 1)
    )
    paper = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    whole = f'viewBox="{x:g} {y:g} {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    head = re.sub(r' style="[^"]*"', "", head).replace(box[0], whole)
    font = ' font-family="DejaVu Sans, Verdana, Arial, sans-serif"'
    rest = rest.removesuffix("</svg>")
    return f"{head}{font}>{words}{paper}{rest}{below}</svg>\n"


# --- the source of notebooks --------------------------------------------------------------


#: A call: the function, its first string argument, and its keyword arguments.
Call = tuple[str, str, list[ast.keyword]]


@dataclass(frozen=True)
class Cell:
    """A code cell: its number, the heading above it, and its parsed statements."""

    number: int = 0
    heading: str = ""
    statements: tuple[ast.stmt, ...] = ()

    @property
    def calls(self) -> list[Call]:
        return [call for statement in self.statements for call in calls(statement)]


@cache
def code_cells(path: Path) -> tuple[Cell, ...]:
    r"""Return the code cells of a notebook.

    >>> import tempfile
    >>> cells = [{"cell_type": "markdown", "source": ["## At the `quay`\n", "Boats."]}]
    >>> cells += [{"cell_type": "code", "source": ["%time\n", "n = 2"]}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "boats.ipynb"
    ...     _ = path.write_text(json.dumps({"cells": cells}), "utf-8")
    ...     [(cell.number, cell.heading, len(cell.statements)) for cell in code_cells(path)]
    [(1, 'At the quay', 1)]
    """
    found: list[Cell] = []
    heading = ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for text in re.findall(r"^#+ (.*)$", source, re.M):
                heading = re.sub(r"[`*]|\{[\w:]+\}", "", text)
        elif cell["cell_type"] == "code":
            found.append(Cell(len(found) + 1, heading, parsed(source)))
    return tuple(found)


def parsed(source: str) -> tuple[ast.stmt, ...]:
    """Return the statements of a cell, without IPython commands (lines that begin with % or !)."""
    plain = "\n".join("" if re.match(r"\s*[%!]", line) else line for line in source.splitlines())
    return tuple(ast.parse(plain).body)


@cache
def calls(statement: ast.stmt) -> list[Call]:
    """Return the calls in a statement, in order.

    The string of a call is the first string among its positional arguments. If there is none, it is
    the keyword argument ``name`` or, without that, "".
    """
    found = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    made = []
    for call in sorted(found, key=lambda call: (call.lineno, call.col_offset)):
        function = getattr(call.func, "attr", getattr(call.func, "id", ""))
        given = [*call.args, *(k.value for k in call.keywords if k.arg == "name")]
        texts = [g.value for g in given if isinstance(g, ast.Constant)]
        text = next((t for t in texts if isinstance(t, str)), "")
        made.append((function, text, call.keywords))
    return made


def cell_of(path: Path, function: str, name: str, keyword: str = "") -> Cell:
    """Return the first cell that calls ``function`` with ``name`` as its first string argument.

    If ``keyword`` is given, a call that also has this keyword argument is preferred. If no cell
    calls ``function`` with ``name``, returns an empty cell with the number 0.
    """
    found = Cell()
    for cell in code_cells(path):
        for called, text, keywords in cell.calls:
            if (called, text) == (function, name):
                found = found if found.number else cell
                if keyword in {"", *(k.arg for k in keywords)}:
                    return cell
    return found


@cache
def shown_in(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Find the figures of a notebook.

    Returns two dictionaries. The first maps the anchor of a figure to the id of the finding that it
    shows; the second maps a heading to the anchor of the first figure under it. A figure is taken
    to show the next finding that is computed under the same heading, if there is one.
    """
    findings, first = dict[str, str](), dict[str, str]()
    waiting, heading = list[str](), ""
    for cell in code_cells(path):
        if cell.heading != heading:
            heading, waiting = cell.heading, []
        for function, name, _ in cell.calls:
            if function in ("show", "show_map"):
                waiting.append(f"{'fig' if function == 'show' else 'map'}-{name}")
                first.setdefault(heading, waiting[-1])
            elif function == "finding":
                findings |= dict.fromkeys(waiting, name)
                waiting = []
    return findings, first
