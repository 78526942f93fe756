"""The phrase explorer: make its data files, and add the script and markup to its page.

The name of the folder with the files is taken from a hash of data and code. So the page always
loads the data for which it was made, and the files are made again only if data or code has changed.
The directive ``explorer`` inserts the form, the containers for charts, and a figure for readers
without JavaScript.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import polars as pl
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx_findings.again import depend, seen
from sphinx_findings.citation import Work
from sphinx_findings.imprint import address, the_work

import tifa
from tifa.analysis.entering import by_china
from tifa.analysis.membership import standing
from tifa.annotation.precision import precision
from tifa.data.files import write_folder
from tifa.features.tokenised import LEAST
from tifa.publish.explorer import Debates, SmallCorpus, explorer_files
from tifa.publish.explorer_rooms import Room
from tifa.stats.shares import shares
from tifa_book import raw, render
from tifa_book.words import CORPORA, LEAST_READ

PAGE = "book/explorer"
FOLDER = "explorer"
EXAMPLE = "win-win-cooperation"
CHIPS = [
    "Shanghai Spirit",
    "win-win",
    "community with a shared future",
    "multilateralism, cold war, climate change",
    ("multipolarity, China and Russia", "?q=multipolarity&by=speakers&c=RUS"),
    "multilateral*",
    "共同体",
    '"mankind", "humanity"',
]
#: The groups of speakers: each speech of the debates belongs to one group.
SPEAKERS = ("China", "other SCO members", "all others")
#: The corpora, besides the UN debates, in which the page counts entries by year. The page and its
#: script call such a corpus a room.
ROOMS = {
    "xwlb": "Evening news (CCTV)",
    "mfa-zh": "Foreign Ministry spokespersons",
    "xi-zh": "Xi Jinping, in Chinese",
    "reports-zh": "Reports of government and Party",
    "xi": "Xi Jinping, in English",
}


def make_files() -> dict[str, bytes]:
    ungdc, xi, briefing = (tifa.load(name) for name in ("ungdc", "xi", "briefing"))
    speeches = ungdc.documents.assign(speaker=speaker(ungdc.documents))
    tables = (speeches, ungdc.ngrams, ungdc.ngram_countries, ungdc.hits)
    debates = Debates(*map(_polars, tables))
    reports, *more = map(_polars, (briefing.documents, briefing.terms, briefing.hits))
    names = reports.sort("source", descending=True).select("doc_id", "source")
    places = [
        SmallCorpus(source, *(t.filter(pl.col("doc_id") == doc_id) for t in (reports, *more)))
        for doc_id, source in names.iter_rows()
    ]
    own = map(_polars, (xi.documents, xi.terms, xi.hits))
    places.append(SmallCorpus("Texts of Xi Jinping", *own))
    states = pl.read_csv(tifa.data_folder() / "metadata" / "states.csv", infer_schema=False)
    countries = dict(states.select("code", "country").iter_rows())
    return explorer_files(
        debates,
        places,
        tifa.phrasebook(),
        countries,
        rooms=[room(name) for name in ROOMS],
        speakers=SPEAKERS,
        notes=notes(),
    )


#: If less than this share of the hits that people read were right, the page says so.
ENOUGH = 0.8
#: How the page names the corpora in sentences about hits that people read.
READ_IN = {
    "ungdc": "at the UN General Debates",
    "briefing": "in the two reports",
    "xi": "in Xi Jinping’s English texts",
    "xwlb": "on the evening news",
    "xi-zh": "in Xi Jinping’s Chinese texts",
    "mfa-zh": "at the Foreign Ministry",
    "reports-zh": "in the state reports",
}


#: Matches notes in the phrasebook that are meant only for its editors.
EDITORS = re.compile(r"kept so that|\bmatch\.|\bpattern\b")


def notes() -> dict[str, dict[str, str]]:
    """Return notes on what readers should know about the counts of entries, by entry and kind.

    Results are left out if people read fewer than ``LEAST_READ`` hits of the entry in a corpus.

    - ``doubt``, shown before the number of speeches: a warning that most of the hits that people
      read in UN speeches were not the formulation
    - ``mind``, shown after the number: all other results of such readings in which a smaller share
      than :data:`ENOUGH` was right, and the first sentence of the entry's notes in the phrasebook,
      unless it is for editors
    - ``naming``, only for :data:`SPIRIT`: why the chapters count fewer texts than the page
    """
    found: dict[str, dict[str, str]] = {SPIRIT: {"naming": _naming()}}
    minded: dict[str, list[str]] = {}
    table = precision()
    few = table[(table["share"] < ENOUGH) & (table["documents"] >= LEAST_READ)]
    for row in few.to_dict("records"):
        corpus, name, n, read = row["corpus"], str(row["entry"]), row["n"], row["documents"]
        where, few_right = READ_IN[corpus], row["share"] < 1 / 2
        result = f"Of {read} hits read {where}, {n} were the formulation."
        if few_right:
            language = "Chinese" if corpus in CORPORA["zh"] else "English"
            most = f"Most hits {where} are ordinary {language}"
            result = f"{most}: of {read} read, {n or 'none'} were the formulation."
        if few_right and corpus == "ungdc":
            found.setdefault(name, {})["doubt"] = result
        else:
            minded.setdefault(name, []).append(result)
    for entry in tifa.phrasebook().entries:
        said_of = re.findall(r"^.*?\.(?= |$)", entry.notes or "")
        own = [n.replace("variant", "wording") for n in said_of if not EDITORS.search(n)]
        if mind := [*minded.get(entry.id, []), *own]:
            found.setdefault(entry.id, {})["mind"] = " ".join(mind)
    return found


#: The chapters count this entry only in texts that also name the Shanghai Cooperation Organisation.
SPIRIT = "shanghai-spirit"


def _naming() -> str:
    """Return a sentence on why chapters count fewer texts with SPIRIT, or "" if they do not."""
    counted = []
    for name, label in ROOMS.items():
        hits = tifa.load(name).hits
        having, named = (set(hits.loc[hits["entry"] == e, "doc_id"]) for e in (SPIRIT, "sco"))
        if having - named:
            counted.append(f"{label} {len(having & named)} of {len(having)}")
    said = "The chapters count fewer texts, for theirs must also name the Shanghai Cooperation"
    return f"{said} Organisation: {'; '.join(counted)}." if counted else ""


def speaker(speeches: pd.DataFrame) -> pd.Series:
    """Return each speech's group of speakers; SCO members are those in the year of the speech."""
    facts = pd.read_csv(tifa.data_folder() / "facts" / "memberships.csv")
    member = standing(speeches, facts).eq("member")
    groups = pd.Series(SPEAKERS[2], index=speeches.index)
    return groups.mask(member, SPEAKERS[1]).mask(by_china(speeches), SPEAKERS[0])


def room(name: str) -> Room:
    corpus = tifa.load(name)
    documents = _polars(corpus.documents[["doc_id", "year", "words"]])
    hits = _polars(corpus.hits[["doc_id", "entry", "variant"]])
    words = _polars(corpus.word_years) if corpus.about.language == "zh" else None
    least = 1 if corpus.about.by_document else LEAST
    return Room(name, ROOMS[name], corpus.about.language, documents, hits, words, least)


def _polars(table: Any) -> pl.DataFrame:
    made: pl.DataFrame = pl.from_pandas(table)
    return made


#: Command that makes the files; the folder is added as its last argument.
_MAKER = (sys.executable, "-m", "tifa_book.explorer")
#: The process that makes the files, if :func:`start` has started one.
_RUNNING: list[subprocess.Popen[bytes]] = []


def start(app: Sphinx, env: BuildEnvironment, _: list[str]) -> None:
    """Start a separate process that makes the files, because Sphinx uses only one core."""
    folder = Path(app.outdir) / FOLDER / folder_name(env)
    if PAGE in env.found_docs and not (folder / "index.json").is_file():
        _RUNNING.append(subprocess.Popen([*_MAKER, str(folder)], stderr=subprocess.DEVNULL))


def write(app: Sphinx) -> None:
    """Wait until the files are made; remove the files of earlier or interrupted builds."""
    if PAGE not in app.env.found_docs:
        return
    root = Path(app.outdir) / FOLDER
    name = folder_name(app.env)
    while _RUNNING:
        _RUNNING.pop().wait()
    if not (root / name / "index.json").is_file():
        # nothing was started, or the process failed; in this case the error is raised again here
        write_folder(root / name, make_files())
    for other in root.iterdir():
        if other.name != name:
            shutil.rmtree(other) if other.is_dir() else other.unlink()


class ExplorerDirective(SphinxDirective):
    """Insert the form and containers for charts, and a figure for readers without JavaScript."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(Path(self.env.srcdir) / "CITATION.cff"))
        depend(self.env, "imprint")  # the page shows the version
        settings = _settings(the_work(self.env), year=str(self.config.copyright))
        settings["address"] = address(self.env, PAGE)
        settings["folder"] = f"../{FOLDER}/{folder_name(self.env)}"
        return [raw(render("explorer.html", **settings, static=_static_figure()))]


def folder_name(env: BuildEnvironment) -> str:
    return seen(env)["data"][:12]


def _settings(cited: Work, *, year: str) -> dict[str, str]:
    """Return settings for the script; the template writes them into HTML attributes."""
    documents = tifa.load("ungdc").documents
    first, last = int(documents["year"].min()), int(documents["year"].max())
    title, author = cited.short_title, cited.byline
    work = {"title": cited.title, "author": author, "version": cited.exact, "year": year}
    return {
        "title": f"Explore – {title}",
        "example": re.sub("[()]", "", tifa.phrasebook().entry(EXAMPLE).label),
        "chips": json.dumps(CHIPS, ensure_ascii=False),
        "work": json.dumps(work, ensure_ascii=False),
        "source": f"UN General Debate Corpus, {len(documents):,} speeches, {first}–{last}. "
        f"{title}, version {cited.exact}. CC BY 4.0.",
    }


def _with_entry(entry: str) -> pd.DataFrame:
    """Return the UN speeches with two more columns.

    ``speaker`` is the group of speakers; ``n`` is 1 if the speech has the entry, else 0.
    """
    corpus = tifa.load("ungdc")
    having = set(corpus.hits.loc[corpus.hits["entry"] == entry, "doc_id"])
    speeches = corpus.documents.assign(speaker=speaker(corpus.documents))
    return speeches.assign(n=speeches["doc_id"].isin(having).astype(int))


def example_in_words() -> str:
    """Return the sentence about the example, for readers without JavaScript.

    The script words this sentence in the same way.
    """
    speeches = _with_entry(EXAMPLE)
    since = speeches.query("speaker == @SPEAKERS[0] and n == 1")["year"].min()
    later = speeches["year"] >= since
    n = speeches[later].groupby("speaker")["n"].agg(["sum", "size"])
    own, others = n.loc[SPEAKERS[0]], n.drop(SPEAKERS[0]).sum()
    earlier = speeches.loc[~later, "n"].sum()
    label = re.sub(r" \(.*?\)", "", tifa.phrasebook().entry(EXAMPLE).label)
    first = SPEAKERS[0]
    return (
        f"Since {since}, when {first} first said it at the UN General Debates, “{label}”, in any "
        f"of its wordings, is in {own['sum']} of {first}’s {own['size']} speeches, and in "
        f"{others['sum']} of the {others['size']:,} by everybody else; before that, in {earlier} "
        "speeches."
    )


#: Each point of a line is computed from its year and this many years before and after.
AROUND = 2


def by_speaker(entry: str) -> pd.DataFrame:
    """Return each group's share of speeches with an entry, in moving windows of five years.

    Columns: speaker, year, n (speeches with the entry), documents (all speeches), share, low, high.
    There is no row for a year in which a group made no speech.
    """
    speeches = _with_entry(entry)
    years = range(int(speeches["year"].min()), int(speeches["year"].max()) + 1)
    counted = speeches.groupby(["speaker", "year"])["n"].agg(n="sum", documents="size")
    rows = []
    for group in SPEAKERS:
        own = counted.loc[group].reindex(years, fill_value=0)
        pooled = own.rolling(2 * AROUND + 1, center=True, min_periods=1).sum().astype(int)
        rows.append(pooled[own["documents"] > 0].assign(speaker=group).reset_index())
    return shares(pd.concat(rows, ignore_index=True))


def _static_figure() -> str:
    """Return the first view of the explorer as a figure, for readers without JavaScript."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415 - needed only if the page is read again

    from tifa.publish import figures  # noqa: PLC0415

    table = by_speaker(EXAMPLE)
    latest = []
    with plt.rc_context():
        figures.use_style()
        fig, ax = plt.subplots(figsize=(figures.WIDTH, 3.4))
        for index, group in enumerate(SPEAKERS):
            rows = table[table["speaker"] == group]
            name, marker = figures.ACTORS[group]
            colour = figures.COLOURS[name]
            if index == 0:  # like the script, draw an interval only for China, in years with hits
                seen = rows["n"] > 0
                low, high = 100 * rows["low"].where(seen), 100 * rows["high"].where(seen)
                ax.fill_between(rows["year"], low, high, color=colour, alpha=0.14, lw=0)
            ax.plot(
                rows["year"],
                100 * rows["share"],
                color=colour,
                marker=marker,
                markevery=(2 * index, 10),
                linestyle=["-", "--", ":"][index],
            )
            last = rows.iloc[-1]
            latest.append(f"{group} {last['n']} of {last['documents']}")
        ax.set_ylim(bottom=0)
        ax.set_ylabel("% of speeches, five years together")
        ax.grid(axis="y")
        lines = 100 * table.pivot(index="year", columns="speaker", values="share")[[*SPEAKERS]]
        colours = [figures.ACTORS[group][0] for group in SPEAKERS]
        figures.label_ends(ax, lines, colours, apart=9)
        label = tifa.phrasebook().entry(EXAMPLE).label
        return figures.show(
            fig,
            name="explorer",
            alt=f"Share of UN speeches with {label}, by who speaks; in the last years "
            f"{'; '.join(latest)}.",
            caption=f"{example_in_words()} Share of the speeches in UN General Debates, each "
            "point five years together, fewer at the ends. Band: 95% Wilson interval of China.",
            tables=["corpora/ungdc/hits.parquet", "corpora/ungdc/documents.csv"],
            data=table[["speaker", "year", "n", "documents", "share", "low", "high"]],
        ).html


def add_script(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    if page == PAGE:
        app.add_js_file("explorer/main.js", type="module")
        app.add_css_file("explorer/explorer.css")
    if '<figure class="tifa-map"' in context.get("body", ""):
        app.add_js_file("sentence-map/main.js", type="module")
        app.add_css_file("sentence-map/sentence-map.css")


if __name__ == "__main__":
    write_folder(Path(sys.argv[1]), make_files())
