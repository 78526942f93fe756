"""Link formulations to the page of the phrasebook, and technical terms to the glossary.

The page of the phrasebook shows every entry with its wordings and counts. The role
{phrase}`shanghai-spirit` links to an entry from any page. In chapters, labels of entries are linked
automatically: in prose at the first mention in each paragraph, and in tables where a cell contains
nothing but the label.

The role {term}`rate` links to the glossary. On pages that use this role or show findings, other
technical terms are linked automatically, except everyday words such as rate. A term is linked at
its first mention on the page, and at its first mention in each panel and entry of a finding. The
definitions of the linked terms are hidden at the end of the page; glossary.js shows a definition
next to the term. The links also work without scripts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import pandas as pd
from docutils import nodes
from markupsafe import Markup
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx_findings.again import depend, made_again, pages_by_kind
from sphinx_findings.markup import inside

import tifa
from tifa.analysis.counts import APART, only_named
from tifa.annotation.precision import precision
from tifa.annotation.renderings import pairs, renderings
from tifa.lexicon.model import Entry, Phrasebook
from tifa_book import raw, render
from tifa_book.theme import is_notebook

PAGE = "book/phrasebook"
GLOSSARY = "book/how-to-read"
CORPORA = {
    "en": {"briefing": "briefing", "xi": "Xi Jinping", "ungdc": "UN debates"},
    "zh": {
        "xwlb": "evening news",
        "xi-zh": "Xi Jinping in Chinese",
        "mfa-zh": "Foreign Ministry",
        "reports-zh": "state reports",
    },
}
NAMES = CORPORA["en"] | CORPORA["zh"]
_KEY = re.compile(r"\(([a-z]+\d{4}[a-z0-9]*)\)")
_CELL = re.compile(r"<td>([^<]+)</td>")
_BRACKET = re.compile(r" \([^)]*\)$")
#: Types of element in which no link is inserted.
_CLOSED = (nodes.reference, nodes.title, nodes.literal, nodes.literal_block, nodes.raw)
#: Entries with this in their label, such as "Geneva (named)", are topics and not formulations.
_TOPIC = "(named)"
#: Sentences that follow the description of a family, by its role.
ROLES = {
    "comparison": " A family for comparison.",
    "control": " Controls: no coinage of anybody's.",
}
logger = logging.getLogger(__name__)


class PhraseRole(SphinxRole):
    """Link to an entry of the phrasebook, given its id; the text of the link is the label."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            entry = tifa.phrasebook().entry(self.text.strip())
        except tifa.TifaError as error:
            logger.warning("%s", error, location=self.get_location())
            return [nodes.Text(self.text)], []
        page = self.env.docname
        uri = self.env.app.builder.get_relative_uri(page, PAGE)
        link = nodes.reference("", "", refuri=f"{uri}#{anchor(entry.id)}", internal=True)
        link += nodes.Text(entry.label)
        return [link], []


class PhrasebookDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        book = tifa.phrasebook()
        counts = _counts()
        sections: list[nodes.Node] = []
        for family_id, family in book.families.items():
            entries = [e for e in book.entries if e.family == family_id]
            if not entries:
                continue
            section = nodes.section(ids=[f"family-{family_id}"], names=[family_id])
            section += nodes.title("", family.label)
            section += nodes.paragraph("", family.about + ROLES.get(family.role, ""))
            section += [self._entry(entry, book, counts) for entry in entries]
            sections.append(section)
        return sections

    def _entry(self, entry: Entry, book: Phrasebook, counts: dict[str, Any]) -> nodes.Node:
        box = nodes.container(classes=["tifa-entry"], ids=[anchor(entry.id)])
        # index entries, so that the search of the site finds an entry by its names
        names = {entry.label, _BRACKET.sub("", entry.label), entry.zh, entry.pinyin} - {"", None}
        box += addnodes.index(
            entries=[("single", name, anchor(entry.id), "main", None) for name in sorted(names)]
        )
        head = nodes.paragraph("", "", nodes.strong("", entry.label), classes=["tifa-entry-head"])
        if entry.zh:
            chinese = raw(Markup('<span lang="zh-Hans">{}</span>').format(entry.zh))
            head += [nodes.Text(" "), chinese, nodes.Text(f" {entry.pinyin}")]
        by_year = f"{entry.label} by year and country"
        for text, uri, kind, title in (
            ("#", f"#{anchor(entry.id)}", "tifa-anchor", f"Link to {entry.label}"),
            ("explore", f"explorer.html?q={entry.id}", "tifa-explore", by_year),
        ):
            about: dict[str, Any] = {"refuri": uri, "classes": [kind], "reftitle": title}
            head += [nodes.Text(" "), nodes.reference("", text, internal=True, **about)]
        box += [head, nodes.paragraph("", entry.gloss)]
        if entry.components:
            links = [
                nodes.reference("", book.entry(c).label, refuri=f"#{anchor(c)}", internal=True)
                for c in entry.components
            ]
            listed = _with_commas(links)
            box += nodes.paragraph("", "", nodes.Text("Its components: "), *listed, nodes.Text("."))
        box += self._numbers(entry, counts)
        if entry.id in counts["rendered"]:
            box += self._rendered(counts["rendered"][entry.id], counts["rendered"][""])
        if entry.id in counts["by year"].keys() & counts["first"].keys():
            drawn = counts["by year"][entry.id], counts["first"][entry.id]
            box += raw(_time_line(entry.label, *drawn))
        if first := entry.first_attested:
            source = f"{{cite:p}}`{first.source}`"
            box += self._cited(f"Earliest source shown: {first.date} {source}. {first.where}")
        if entry.notes:
            box += self._cited(entry.notes)
        return box

    def _numbers(self, entry: Entry, counts: dict[str, Any]) -> nodes.Node:
        line = nodes.paragraph(classes=["tifa-entry-counts"])
        english = [p for v in entry.variants for p in v.patterns]
        chinese = [p for v in entry.variants for p in v.zh_patterns]
        if not english:
            line += nodes.Text("No English wording is looked for. ")
        counted = []
        # Chinese texts are searched for English wordings too
        for language, patterns in (("en", english), ("zh", english or chinese)):
            for corpus, label in CORPORA[language].items() if patterns else ():
                hits, documents = counts[corpus].get(entry.id, (0, 0))
                of = f"{hits:,} in {documents:,} of {counts[corpus]['']:,} documents"
                counted.append(f"{label} {of if hits else 'none'}")
        line += nodes.Text("Hits: " + "; ".join(counted) + ". ")
        named = counts["named"].get(entry.id, 0)
        if named < counts["ungdc"].get(entry.id, (0, 0))[1]:
            apart = {v.id for v in entry.variants} & {*APART}
            only = "another name" if "other-name" in apart else "the name of a document"
            note = f"Of the UN debates the chapters count {named}: the others say only {only}. "
            line += nodes.Text(note)
        if read := counts["read"].get(entry.id):
            line += nodes.Text(f"Read: {'; '.join(read)}. ")
        for title, wordings in (("Wordings", english), ("In Chinese", chinese)):
            if wordings:
                listed = _with_commas([nodes.literal("", wording) for wording in wordings])
                line += [nodes.Text(f"{title}: "), *listed, nodes.Text(". ")]
        line += [nodes.Text("In code: "), nodes.literal("", entry.id), nodes.Text(".")]
        return line

    def _rendered(self, uses: dict[str, Any], speeches: int) -> nodes.Node:
        line = nodes.paragraph(classes=["tifa-entry-rendered"])
        line += nodes.Text(f"In {speeches} speeches of Xi Jinping, in the original: ")
        for title, side in (
            ("", "chinese_wordings"),
            ("; in the ministry’s English: ", "english_wordings"),
        ):
            line += nodes.Text(title + ("" if uses[side] else "none"))
            for index, (wording, n) in enumerate(uses[side].items()):
                line += nodes.Text(", " if index else "")
                line += [nodes.literal("", wording), nodes.Text(f" {n}")]
        line += nodes.Text(".")
        return line

    def _cited(self, text: str) -> nodes.Node:
        """Return a paragraph of text; keys of sources, such as (key2001), become citations."""
        text = _KEY.sub(r"{cite:p}`\1`", text)
        return nodes.paragraph("", "", *self.parse_inline(text, lineno=self.lineno)[0])


def _with_commas(parts: Sequence[nodes.Node]) -> list[nodes.Node]:
    return [node for part in parts for node in (nodes.Text(", "), part)][1:]


def _counts() -> dict[str, dict[str, Any]]:
    """Return the numbers for the page, by corpus and entry: hits, and documents with a hit.

    In the dictionary of a corpus, the key "" has the number of all documents. Besides the names of
    corpora, the result has these keys, each with a dictionary by entry:

    - "read": how many of the hits that people read were right, in words, for each corpus
    - "rendered": wordings in speeches that exist in both languages; "" has the number of speeches
    - "named": number of UN speeches with the entry that the chapters count
    - "by year": share of UN speeches with the entry in each year, for entries in enough speeches
    - "first": year and country of the first UN speech with the entry
    """
    found: dict[str, dict[str, Any]] = {"read": {}}
    for name in NAMES:
        corpus = tifa.load(name)
        table = corpus.hits.groupby("entry")["doc_id"].agg(["size", "nunique"])
        found[name] = {e: (int(n), int(d)) for e, n, d in table.itertuples()}
        found[name][""] = len(corpus.documents)
    read = precision()
    for r in read[read["documents"] >= LEAST_READ].to_dict("records"):
        interval = f"{r['low']:.0%} to {r['high']:.0%}"
        result = f"{NAMES[r['corpus']]} {r['n']} of {r['documents']} right ({interval})"
        found["read"].setdefault(str(r["entry"]), []).append(result)
    found["rendered"] = {str(row["entry"]): row for row in renderings().to_dict("records")}
    found["rendered"][""] = len(pairs())
    debates = tifa.load("ungdc")
    documents = debates.documents.set_index("doc_id")
    named = only_named(debates.hits).groupby("entry")["doc_id"].nunique()
    found["named"] = {str(entry): n for entry, n in named.items()}
    hits = debates.hits.drop_duplicates(["entry", "doc_id"])
    years = hits["doc_id"].map(documents["year"])
    speeches = documents["year"].value_counts().sort_index()
    with_entry = hits.groupby(["entry", years]).size().unstack(fill_value=0)
    shares = with_entry.reindex(columns=speeches.index, fill_value=0) / speeches
    enough = with_entry.sum(axis=1) >= LEAST_SPEECHES
    first = hits.assign(year=years, code=hits["doc_id"].map(documents["country"]))
    first = first.sort_values(["year", "doc_id"]).groupby("entry").first()
    states = pd.read_csv(tifa.data_folder() / "metadata" / "states.csv", index_col="code")
    names = states["country"].to_dict()
    found["first"] = {
        str(entry): (int(year), names.get(code, code))
        for entry, year, code in first[["year", "code"]].itertuples()
    }
    found["by year"] = {str(e): row for e, row in shares[enough].iterrows()}
    return found


#: The page says how many hits of an entry are right only if people read at least this many.
LEAST_READ = 5
#: The page draws a time line only for entries in at least this many speeches.
LEAST_SPEECHES = 10
_WIDE, _HIGH = 237, 36


def _time_line(label: str, share: pd.Series, seen: tuple[int, str]) -> str:
    """Draw the yearly share of UN speeches with an entry as a small line.

    ``seen`` has the year and the country of the first speech with the entry.
    """
    top = float(share.max())
    step = _WIDE / (len(share) - 1)
    points = " ".join(
        f"{index * step:.0f},{_HIGH - (_HIGH - 2) * value / top:.0f}"
        for index, value in enumerate(share)
    )
    years = {"first": share.index[0], "last": share.index[-1], "peak": share.idxmax()}
    size = {"points": points, "wide": _WIDE, "high": _HIGH, "top": f"{top:.1%}"}
    return render("time_line.html", label=label, **years, **size, year=seen[0], country=seen[1])


def anchor(entry_id: str) -> str:
    return f"phrase-{entry_id}"


def spoken_labels() -> dict[str, str]:
    """Map the labels of entries, in lower case, to ids; labels of topics are left out.

    A label that ends with a part in parentheses is also listed without this part.
    """
    entries = [e for e in tifa.phrasebook().entries if _TOPIC not in e.label]
    short = {_BRACKET.sub("", e.label).lower(): e.id for e in entries}
    return short | {e.label.lower(): e.id for e in entries}


class LinkPhrases(SphinxPostTransform):
    default_priority = 900  # runs after the sentences of findings are inserted

    def run(self, **_: Any) -> None:
        if not self.env.docname.startswith("notebooks/"):
            return
        self.labels = spoken_labels()
        longest_first = sorted(self.labels, key=len, reverse=True)
        # a hyphen is not a word boundary here: "non-terrorism" does not mention terrorism
        words = "|".join(map(re.escape, longest_first))
        self.pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
        uri = self.env.app.builder.get_relative_uri(self.env.docname, PAGE)
        self.uri = "" if uri == "#" else uri
        for paragraph in list(self.document.findall(nodes.paragraph)):
            self._in_prose(paragraph)
        for cells in list(self.document.findall(nodes.raw)):
            if cells.get("format") == "html" and "tifa-table" in cells.astext():
                cells.replace_self(raw(_CELL.sub(self._cell, cells.astext())))

    def _in_prose(self, paragraph: nodes.paragraph) -> None:
        uris = [str(link.get("refuri", "")) for link in paragraph.findall(nodes.reference)]
        linked = {uri.rpartition("#")[2] for uri in uris}
        for text in list(paragraph.findall(nodes.Text)):
            if inside(text, *_CLOSED):
                continue
            pieces: list[nodes.Node] = []
            copied = 0
            prose = text.astext()
            for found in self.pattern.finditer(prose):
                target = anchor(self.labels[found[0].lower()])
                if target in linked:
                    continue
                linked.add(target)
                link = nodes.reference("", found[0], refuri=f"{self.uri}#{target}", internal=True)
                link["classes"].append("tifa-phrase")
                pieces += [nodes.Text(prose[copied : found.start()]), link]
                copied = found.end()
            if pieces:
                text.parent.replace(text, [*pieces, nodes.Text(prose[copied:])])

    def _cell(self, found: re.Match[str]) -> str:
        text = unescape(found[1])
        entry = self.labels.get(text.lower())
        if entry is None:
            return found[0]
        href = f"{self.uri}#{anchor(entry)}"
        link = Markup('<td><a class="tifa-phrase" href="{}">{}</a></td>')
        return link.format(href, text)


_TERM = re.compile(
    r'<a class="reference internal" href="(?P<href>[^"#]*#(?P<id>term-[^"]+))"(?: title="[^"]*")?>'
    r'<span class="xref std std-term">(?P<said>.*?)</span></a>'
)
#: Terms that are also words of everyday English. They are linked only by the role {term}.
EVERYDAY = {
    *("component", "control", "dictionary", "entry", "family", "formulation", "fragile", "frame"),
    *("hit", "interval", "item", "panel", "points", "rate", "ratio", "room", "share"),
}
#: Matches what is not prose: elements in which no term is linked, and all other tags. The group
#: ``scope`` is not empty at the start of a panel or of an entry of a finding.
_NOT_PROSE = (
    r"<(a|button|code|h\d|pre|script|style|summary|svg|template)\b.*?</\1>"
    r'|<div class="(?P<scope>tifa-basis|findings-entry)\b[^>]*>|<[^>]*>'
)
#: Maps the anchor of a term to the term and its definition.
Glossary = dict[str, tuple[str, str]]


def read_glossary(document: nodes.document) -> Glossary:
    """Return the terms that a page defines, with their definitions."""
    found: Glossary = {}
    for glossary in document.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            about = " ".join(_words(part) for part in item.findall(nodes.definition))
            for term in item.findall(nodes.term):
                found |= {anchor: (term.astext(), about) for anchor in term["ids"]}
    return found


def _words(part: nodes.Element) -> str:
    """Return the text of a definition without its citations, to save space."""
    bare = part.deepcopy()
    for citation in list(bare.findall(addnodes.pending_xref)):
        if citation.get("refdomain") == "cite":
            citation.parent.remove(citation)
    return re.sub(r"\s+(?=[.,;:])", "", " ".join(bare.astext().split()))


def describe_terms(body: str, glossary: Glossary) -> tuple[str, list[str]]:
    """Add the definitions of linked terms to the HTML of a page, and refer to them in the links.

    Returns the changed HTML, and the anchors of the terms.
    """
    used: dict[str, None] = {}

    def described(found: re.Match[str]) -> str:
        anchor = found["id"]
        if anchor not in glossary:
            return found[0]
        used[anchor] = None
        return (
            f'<a class="tifa-term" href="{found["href"]}" aria-describedby="define-{anchor}">'
            f"{found['said']}</a>"
        )

    body = _TERM.sub(described, body)
    if used:
        terms = [(anchor, *glossary[anchor]) for anchor in used]
        body += render("definitions.html", terms=terms)
    return body, list(used)


def link_terms(body: str, glossary: Glossary, uri: str) -> str:
    """Link technical terms to the page of the glossary, except those in ``EVERYDAY``.

    ``uri`` is the address of the glossary. A term that is not yet linked is linked at its first
    mention in the HTML, and at its first mention in each panel and entry of a finding.

    >>> terms = {"term-alpha": ("alpha", "Agreement."), "term-hit": ("hit", "A place.")}
    >>> link_terms("<p>A hit, alphas, an alpha</p>", terms, "")  # doctest: +ELLIPSIS
    '<p>A hit, <a class="reference internal" href="#term-alpha">...alphas</span></a>, an alpha</p>'
    >>> link_terms('<p>alpha</p><div class="tifa-basis">alpha, alpha</div>', terms, "").count("<a")
    2
    """
    anchors = {
        term.replace("’", "'").lower(): anchor
        for anchor, (term, _) in glossary.items()
        if term not in EVERYDAY
    }
    names = [re.escape(n).replace("'", "(?:'|’|&#39;|&#x27;)") for n in sorted(anchors, key=len)]
    named = rf"(?<![\w&-])(?P<term>{'|'.join(reversed(names))})s?(?![\w-]|\.\d)"
    seen = {found["id"] for found in _TERM.finditer(body)}

    def link(found: re.Match[str]) -> str:
        if found["scope"]:
            seen.clear()
        if not found["term"]:
            return found[0]
        anchor = anchors[unescape(found["term"]).replace("’", "'").lower()]
        if anchor in seen:
            return found[0]
        seen.add(anchor)
        return (
            f'<a class="reference internal" href="{uri}#{anchor}">'
            f'<span class="xref std std-term">{found[0]}</span></a>'
        )

    return re.sub(f"{_NOT_PROSE}|{named}", link, body, flags=re.DOTALL | re.IGNORECASE)


def note_terms(app: Sphinx, document: nodes.document) -> None:
    """Record that a page with terms or findings, or of a notebook, depends on the glossary.

    When the glossary changes, :func:`write_again` returns these pages.
    """
    has_terms = any(x.get("reftype") == "term" for x in document.findall(addnodes.pending_xref))
    page = app.env.docname
    findings = page in pages_by_kind(app.env).get("findings", ()) or is_notebook(app.env, page)
    if has_terms or findings:
        depend(app.env, "glossary")


def whole_glossary(env: BuildEnvironment) -> Glossary:
    terms = (t for t in env.get_domain("std").get_objects() if t[2] == "term")
    glossary: Glossary = {}
    for page in sorted({term[3] for term in terms}):
        glossary |= read_glossary(env.get_doctree(page))
    return glossary


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return all pages with terms, to be written again, if a definition has changed."""
    return made_again(env, "glossary", repr(whole_glossary(env)))


def add_definitions(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Link the terms on a page to the glossary, and add their definitions to the page."""
    body = context.get("body", "")
    if page == GLOSSARY or not re.search(r"std-term|\"(?:tifa-basis|findings-entry)\b", body):
        return
    glossary = whole_glossary(app.env)
    body = link_terms(body, glossary, app.builder.get_relative_uri(page, GLOSSARY))
    context["body"], used = describe_terms(body, glossary)
    if used:
        app.add_js_file("glossary.js", type="module")
        app.add_css_file("glossary.css")
