"""The phrase explorer: its files beside the pages, its script and its markup on one page.

The folder of the files is named after a digest of the data and the code. A page and its data
therefore always belong together, and nothing is built twice. The directive ``explorer`` puts the
form and the places to draw in; what a reader without JavaScript sees stands there as well.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import matplotlib
import polars as pl
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa.data.files import write_folder
from tifa.publish.citation import Work
from tifa.publish.explorer import Debates, Place, explorer_files
from tifa_book.citations import the_work
from tifa_book.dependencies import seen
from tifa_book.markup import raw, render

PAGE = "book/explorer"
FOLDER = "explorer"
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
    made: pl.DataFrame = pl.from_pandas(table)
    return made


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the files where the site is, unless they are there already."""
    if error is not None or app.builder.format != "html" or PAGE not in app.env.found_docs:
        return
    root = Path(app.outdir) / FOLDER
    name = folder_name(app.env)
    if not (root / name / "index.json").is_file():
        write_folder(root / name, make_files(), durable=False)
    # data of an earlier build, or of one that was cut off
    for other in root.iterdir():
        if other.name != name:
            shutil.rmtree(other) if other.is_dir() else other.unlink()


class ExplorerDirective(SphinxDirective):
    """Form and places to draw in; a figure and a word of explanation where no script runs."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(Path(self.env.srcdir) / "CITATION.cff"))
        settings = _settings(the_work(self.env.app), year=str(self.config.copyright))
        settings["folder"] = f"../{FOLDER}/{folder_name(self.env)}"
        return [raw(render("explorer.html", **settings, static=_static_figure()))]


def folder_name(env: BuildEnvironment) -> str:
    """Name of the folder of the files: another one wherever the data or the code changed."""
    return seen(env)["data"][:12]


def _settings(cited: Work, *, year: str) -> dict[str, str]:
    """What the script has to know, as attributes."""
    documents = tifa.load("ungdc").documents
    first, last = int(documents["year"].min()), int(documents["year"].max())
    title = cited.short_title
    work = {
        "title": cited.title,
        "author": "; ".join(a.full for a in cited.authors),
        "version": cited.version,
        "year": year,
    }
    return {
        "title": f"Explore – {title}",
        "example": ", ".join(e.replace("-", " ") for e in EXAMPLE),
        "said": SAID,
        "chips": json.dumps(CHIPS, ensure_ascii=False),
        "work": json.dumps(work, ensure_ascii=False),
        "source": f"UN General Debate Corpus, {len(documents):,} speeches, {first}–{last}. "
        f"{title}, version {cited.version}.",
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
            top = rows.nlargest(1, "share").iloc[0]
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
    """The scripts and style sheets of the explorer and of the sentence map, where these are."""
    if page == PAGE:
        app.add_js_file("explorer/main.js", type="module")
        app.add_css_file("explorer/explorer.css")
    if '<figure class="tifa-map"' in context.get("body", ""):
        app.add_js_file("sentence-map/main.js", type="module")
        app.add_css_file("sentence-map/sentence-map.css")
