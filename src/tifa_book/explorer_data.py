"""The phrase explorer: its files beside the pages, its script and its markup on one page.

The folder of the files is named after a digest of all that goes into them. A page and its data
therefore always belong together, and nothing is built twice. The directive ``explorer`` puts the
form and the places to draw in; what a reader without JavaScript sees stands there as well.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import jinja2
import matplotlib
import polars as pl
import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa.data.files import write_folder
from tifa.publish.explorer import Debates, Place, explorer_files

PAGE = "book/explorer"
FOLDER = "explorer"
TEMPLATE = Path(__file__).parent / "templates" / "explorer.html"
#: What is shown before anything is asked: entries of the phrasebook, and what to see in them.
EXAMPLE = ["peaceful-coexistence", "new-international-order", "multilateralism"]
SAID = "Three formulas of world order, each the word of its decades."
CHIPS = [
    "Shanghai Spirit",
    "multilateralism, win-win",
    "multilateral*",
    "community with a shared future",
    "cold war, terrorism, climate change",
    '"mankind", "humanity"',
    "上海精神",
]
#: Code that decides what the files hold.
CODE = ["publish/explorer.py", "lexicon/model.py", "features/ngrams.py", "text/words.py"]


def inputs() -> list[Path]:
    """Files that go into the explorer's."""
    data, library = tifa.data_folder(), Path(tifa.__file__).parent
    wanted = {
        "ungdc": ("documents", "ngrams", "ngram_countries", "hits"),
        "xi": ("documents", "terms", "hits"),
        "briefing": ("documents", "terms", "hits"),
    }
    tables = [
        path
        for corpus, names in wanted.items()
        for path in sorted((data / "corpora" / corpus).iterdir())
        if path.stem in names
    ]
    lists = [data / "lexicon" / "phrases.yml", data / "metadata" / "states.csv"]
    return [*tables, *lists, *(library / name for name in CODE), Path(__file__)]


def digest() -> str:
    """A short hash over the names and contents of the inputs."""
    total = hashlib.sha256()
    for path in inputs():
        total.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:12]


def make_files() -> dict[str, bytes]:
    """All files of the explorer, from the tables of the compendium."""
    ungdc, xi, briefing = (tifa.load(name) for name in ("ungdc", "xi", "briefing"))
    debates = Debates(
        *(_polars(t) for t in (ungdc.documents, ungdc.ngrams, ungdc.ngram_countries, ungdc.hits))
    )
    reports, terms, hits = (_polars(t) for t in (briefing.documents, briefing.terms, briefing.hits))
    places = [
        Place(
            source,
            *(table.filter(pl.col("doc_id") == doc_id) for table in (reports, terms, hits)),
        )
        for doc_id, source in reports.sort("source", descending=True)
        .select("doc_id", "source")
        .iter_rows()
    ]
    places.append(Place("Texts of Xi Jinping", *map(_polars, (xi.documents, xi.terms, xi.hits))))
    states = pl.read_csv(tifa.data_folder() / "metadata" / "states.csv", infer_schema=False)
    countries = dict(states.select("code", "country").iter_rows())
    return explorer_files(debates, places, tifa.phrasebook(), countries)


def _polars(table: Any) -> pl.DataFrame:
    return pl.from_pandas(table)


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the files where the site is, unless they are there already."""
    if error is not None or app.builder.format != "html" or PAGE not in app.env.found_docs:
        return
    root = Path(app.outdir) / FOLDER
    name = digest()
    if not (root / name / "index.json").is_file():
        write_folder(root / name, make_files(), durable=False)
    # data of an earlier build, or of one that was cut off
    for other in root.iterdir():
        if other.name != name:
            shutil.rmtree(other) if other.is_dir() else other.unlink()


class ExplorerDirective(SphinxDirective):
    """Form and places to draw in; a figure and a word of explanation where no script runs."""

    def run(self) -> list[nodes.Node]:
        pages = self.env.__dict__.setdefault("tifa_data_pages", set())
        pages.add(self.env.docname)
        for path in (_citation_file(), TEMPLATE, Path(__file__)):
            self.env.note_dependency(str(path))
        template = jinja2.Template(TEMPLATE.read_text(encoding="utf-8"), autoescape=True)
        settings = _settings(year=str(self.config.copyright))
        markup = template.render(settings, static=_static_figure())
        return [nodes.raw("", markup, format="html")]


def _citation_file() -> Path:
    return Path(__file__).parents[2] / "CITATION.cff"


def _settings(*, year: str) -> dict[str, str]:
    """What the script has to know, as attributes."""
    cff = yaml.safe_load(_citation_file().read_text(encoding="utf-8"))
    documents = tifa.load("ungdc").documents
    first, last = int(documents["year"].min()), int(documents["year"].max())
    title = cff["title"].partition(":")[0]
    work = {
        "title": cff["title"],
        "author": "; ".join(a["name"] for a in cff["authors"]),
        "version": cff["version"],
        "year": year,
    }
    return {
        "folder": f"../{FOLDER}/{digest()}",
        "title": f"Explore – {title}",
        "example": ", ".join(e.replace("-", " ") for e in EXAMPLE),
        "said": SAID,
        "chips": json.dumps(CHIPS, ensure_ascii=False),
        "work": json.dumps(work, ensure_ascii=False),
        "source": f"UN General Debate Corpus, {len(documents):,} speeches, {first}–{last}. "
        f"{title}, version {cff['version']}.",
    }


def _bare(label: str) -> str:
    return " ".join(label.partition("(")[0].split() + label.partition(")")[2].split())


def _static_figure() -> str:
    """The first view of the explorer as a figure, for pages without a script."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415 - only where the page is read anew

    from tifa import figures  # noqa: PLC0415
    from tifa.analysis.counts import count_hits  # noqa: PLC0415
    from tifa.stats import shares  # noqa: PLC0415

    table = count_hits(tifa.load("ungdc"), by="year", entries=EXAMPLE)
    table = shares(table.rename(columns={"n": "hits", "docs": "n"}))
    said = []
    with plt.rc_context():
        figures.use_style()
        fig, ax = plt.subplots(figsize=(figures.WIDTH * 1.6, 3.9))
        for place, entry in enumerate(EXAMPLE):
            rows = table[table["entry"] == entry]
            label = _bare(tifa.phrasebook().entry(entry).label)
            colour = figures.COLOURS[figures.SERIES[place]]
            # as the page does it: no band where a year has none
            seen = rows["n"] > 0
            low, high = 100 * rows["low"].where(seen), 100 * rows["high"].where(seen)
            ax.fill_between(rows["year"], low, high, color=colour, alpha=0.14, lw=0)
            ax.plot(
                rows["year"],
                100 * rows["share"],
                color=colour,
                marker=figures.MARKERS[place],
                markevery=(2 * place, 10),
                linestyle=["-", "--", ":"][place],
                label=label,
            )
            top = rows.loc[rows["share"].idxmax()]
            said.append(f"{label} is highest in {top['year']} with {top['share']:.0%}")
        ax.set_ylim(bottom=0)
        ax.set_ylabel("% of the year's speeches")
        ax.grid(axis="y")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1)
        alt = f"Yearly share of UN General Debate speeches: {'; '.join(said)}."
        return figures.show(
            fig,
            name="explorer",
            alt=alt,
            caption=f"{SAID} Share of the year's speeches in UN General Debates, with 95% Wilson "
            "intervals.",
            tables=["corpora/ungdc/hits.parquet", "corpora/ungdc/documents.csv"],
            data=table[["entry", "year", "n", "documents", "share", "low", "high"]],
        ).html


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """The script and the style sheet, on this page only."""
    if page == PAGE:
        app.add_js_file("explorer/main.js", type="module")
        app.add_css_file("explorer/explorer.css")
