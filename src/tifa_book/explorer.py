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
import pandas as pd
import polars as pl
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

import tifa
from tifa.analysis.membership import standing
from tifa.data.files import write_folder
from tifa.features.counted import LEAST
from tifa.publish.citation import Work
from tifa.publish.explorer import Debates, Place, explorer_files
from tifa.publish.explorer_rooms import Room
from tifa.stats.shares import shares
from tifa_book.citations import address, the_work
from tifa_book.dependencies import seen
from tifa_book.markup import raw, render

PAGE = "book/explorer"
FOLDER = "explorer"
#: What is shown before anything is asked, and what to see in it.
EXAMPLE = "win-win-cooperation"
SAID = "A word that nearly every speech of China has had since 2009, and few others have."
CHIPS = [
    "Shanghai Spirit",
    "win-win",
    "community with a shared future",
    "multilateralism, cold war, climate change",
    "multilateral*",
    "共同体",
    '"mankind", "humanity"',
]
#: The groups whose lines are drawn: each speech of the debates belongs to one.
SPEAKERS = ("China", "other SCO members", "all others")
CHINA = "People's Republic of China"
#: Corpora beside the debates in which entries are counted by year.
ROOMS = {
    "xwlb": "Evening news (CCTV)",
    "mfa-zh": "Foreign Ministry spokespersons",
    "xi-zh": "Xi Jinping, in Chinese",
    "reports-zh": "Reports of government and Party",
    "xi": "Xi Jinping, in English",
}


def make_files() -> dict[str, bytes]:
    """All files of the explorer, from the tables of the compendium."""
    ungdc, xi, briefing = (tifa.load(name) for name in ("ungdc", "xi", "briefing"))
    speeches = ungdc.documents.assign(speaker=speaker(ungdc.documents))
    debates = Debates(
        *(_polars(t) for t in (speeches, ungdc.ngrams, ungdc.ngram_countries, ungdc.hits))
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
    return explorer_files(
        debates,
        places,
        tifa.phrasebook(),
        countries,
        rooms=[room(name) for name in ROOMS],
        speakers=SPEAKERS,
    )


def speaker(speeches: pd.DataFrame) -> pd.Series:
    """The group that each speech belongs to; a state is a member of the SCO from its accession."""
    facts = pd.read_csv(tifa.data_folder() / "facts" / "memberships.csv")
    member = standing(speeches, facts).eq("member")
    china = speeches["government"].fillna("").str.contains(CHINA)
    groups = pd.Series(SPEAKERS[2], index=speeches.index)
    return groups.mask(member, SPEAKERS[1]).mask(china, SPEAKERS[0])


def room(name: str) -> Room:
    """A corpus as the explorer counts it."""
    corpus = tifa.load(name)
    documents = _polars(corpus.documents[["doc_id", "year", "words"]])
    chinese = corpus.about.language == "zh"
    return Room(
        name,
        ROOMS[name],
        corpus.about.language,
        documents,
        _polars(corpus.hits[["doc_id", "entry", "variant"]]),
        _polars(corpus.word_years) if chinese else None,
        1 if corpus.about.by_document else LEAST,
    )


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
        settings["address"] = address(self.env.app, PAGE)
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
        "version": cited.exact,
        "year": year,
    }
    return {
        "title": f"Explore – {title}",
        "example": EXAMPLE.replace("-", " "),
        "said": SAID,
        "chips": json.dumps(CHIPS, ensure_ascii=False),
        "work": json.dumps(work, ensure_ascii=False),
        "source": f"UN General Debate Corpus, {len(documents):,} speeches, {first}–{last}. "
        f"{title}, version {cited.exact}.",
    }


#: Years that are added up at each point of a speaker's line: this one and two on each side.
AROUND = 2


def by_speaker(entry: str) -> pd.DataFrame:
    """Share of each group's speeches with an entry, five years added up at each year.

    Parameters
    ----------
    entry
        Id.

    Returns
    -------
    speaker, year, n (speeches with the entry), documents, share, low, high; no row where a group
    has no speech in the five years.

    """
    corpus = tifa.load("ungdc")
    speeches = corpus.documents.assign(speaker=speaker(corpus.documents))
    having = set(corpus.hits.loc[corpus.hits["entry"] == entry, "doc_id"])
    speeches["n"] = speeches["doc_id"].isin(having).astype(int)
    years = range(int(speeches["year"].min()), int(speeches["year"].max()) + 1)
    counted = speeches.groupby(["speaker", "year"])["n"].agg(n="sum", documents="size")
    rows = []
    for group in SPEAKERS:
        own = counted.loc[group].reindex(years, fill_value=0)
        pooled = own.rolling(2 * AROUND + 1, center=True, min_periods=1).sum().astype(int)
        rows.append(pooled[own["documents"] > 0].assign(speaker=group).reset_index())
    return shares(pd.concat(rows, ignore_index=True))


def _static_figure() -> str:
    """The first view of the explorer as a figure, for pages without a script."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415 - only where the page is read anew

    from tifa.publish import figures  # noqa: PLC0415

    table = by_speaker(EXAMPLE)
    said = []
    with plt.rc_context():
        figures.use_style()
        fig, ax = plt.subplots(figsize=(figures.WIDTH * 1.6, 3.9))
        for place, group in enumerate(SPEAKERS):
            rows = table[table["speaker"] == group]
            colour = figures.COLOURS[figures.SERIES[place]]
            # as the page does it: no band where there is none
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
                label=group,
            )
            last = rows.iloc[-1]
            said.append(f"{group} {last['n']} of {last['documents']}")
        ax.set_ylim(bottom=0)
        ax.set_ylabel("% of speeches, five years together")
        ax.grid(axis="y")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
        label = tifa.phrasebook().entry(EXAMPLE).label
        recent = "; ".join(said)
        alt = f"Share of UN speeches with {label}, by who speaks; in the last years {recent}."
        return figures.show(
            fig,
            name="explorer",
            alt=alt,
            caption=f"{SAID} Share of the speeches in UN General Debates, each point five years "
            "together, with 95% Wilson intervals.",
            tables=["corpora/ungdc/hits.parquet", "corpora/ungdc/documents.csv"],
            data=table[["speaker", "year", "n", "documents", "share", "low", "high"]],
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
