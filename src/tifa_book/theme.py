"""Additions to the theme: collapsible boxes, smaller pages, a Content-Security-Policy, redirects.

Two environment variables matter. TIFA_SITE_URL is the public address of the site. If it is empty,
canonical links, sitemap, Open Graph tags and cards are left out. TIFA_REPOSITORY_URL is the public
address of the repository. If it is set, every page of a notebook gets a button for Binder. If the
repository is on GitHub, the page also ends with a box that links to Binder and Colab. Colab starts
without the project, so the box also shows a cell that installs the project.
"""

from __future__ import annotations

import os
import re
import shutil
from html import escape
from pathlib import Path
from posixpath import relpath
from typing import Any
from urllib.parse import quote, urlsplit

import markupsafe
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.search.en import SearchEnglish
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx_findings.imprint import the_work

from tifa.text.han import HAN
from tifa.util.data_folder import data_folder
from tifa.version import __version__
from tifa_book import render

logger = logging.getLogger(__name__)
#: Settings of the preview pictures that are shown when somebody shares a link.
CARDS = {
    "image_mini": "book/_assets/card.png",
    "line_color": "#b3372b",
    "font": ["DejaVu Sans", "Noto Sans CJK SC"],
}
#: Title of the fold with the parameters of a chapter.
SETTINGS = "Settings, for those who rerun this chapter"
#: The page on how to set up the project.
RERUN = "book/rerun"

_SUMMARY = re.compile(r"<summary[^>]*>.*?</summary>", re.DOTALL)
_PANDAS = re.compile(r"<style scoped>.*?</style>", re.DOTALL)
_PARAGRAPH = re.compile(r"<(/?)p\b")


class PlainBibliography(SphinxPostTransform):
    """Replace docutils' markup of references, which has a deprecated ARIA role, by plain blocks."""

    default_priority = 800
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for citation in list(self.document.findall(nodes.citation)):
            block = nodes.container(ids=citation["ids"], classes=["tifa-reference"])
            block += [n for n in citation.children if not isinstance(n, nodes.label)]
            for link in block.findall(nodes.reference):
                if {"github", "gitlab"}.intersection(link["classes"]):
                    # the theme shortens the address in such a link, but readers of a PDF need it
                    link.children = [nodes.Text(link["refuri"])]
            citation.replace_self(block)


class Fold(nodes.admonition):
    """A collapsible box. Its title is the attribute ``name``, not its first child."""


def open_fold(writer: Any, node: Fold) -> None:
    head = writer.starttag(node, "details", "")
    writer.body.append(f"{head}<summary>{escape(node['name'])}</summary>\n")


def close_fold(writer: Any, node: Fold) -> None:
    writer.body.append("</details>\n")


class FoldBoxes(SphinxPostTransform):
    """Turn boxes of the class tifa-box into folds.

    If a box states how long the chapter takes to run, this time is added to the fold's title.
    """

    default_priority = 800
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for box in [*self.document.findall(nodes.admonition)]:
            if "tifa-box" in box["classes"] and not isinstance(box, Fold):
                name, *inside = box.children
                times = [
                    f": {item[1].astext()}"
                    for item in box.findall(nodes.definition_list_item)
                    if item[0].astext() == "Time"
                ]
                fold = Fold("", *inside, name="".join([name.astext(), *times]), **box.attributes)
                box.replace_self(fold)


class FoldSettings(SphinxPostTransform):
    """Fold the parameters of a chapter if it has a box with its answer (class tifa-short).

    The parameters are a cell with the tag ``parameters`` before the first section; the paragraph
    above this cell is put into the fold too.
    """

    default_priority = 800
    formats = ("html",)

    def run(self, **_: Any) -> None:
        if not any("tifa-short" in b["classes"] for b in self.document.findall(nodes.admonition)):
            return
        for cell in [*self.document.findall(nodes.container)]:
            chapter = cell.parent
            if "tag_parameters" in cell["classes"] and chapter.parent is self.document:
                place = chapter.index(cell)
                parts = chapter[place - 1 : place + 1]
                fold = Fold("", *parts, name=SETTINGS, classes=["tifa-box", "tifa-settings"])
                chapter[place - 1 : place + 1] = [fold]


class JoinCode(SphinxPostTransform):
    """Move the folded code of cells without output into the fold of the next cell with output.

    Folded code after the last cell with output is moved to that cell; if no cell has output, all of
    it is moved to the first cell.
    """

    default_priority = 198  # runs before MyST-NB makes the folds
    formats = ("html",)

    def run(self, **_: Any) -> None:
        waiting, last = list[nodes.container](), list[nodes.container]()
        for cell in [*self.document.findall(nodes.container)]:
            show, hide = self.config.nb_code_prompt_show, self.config.nb_code_prompt_hide
            whole = cell.get("hide_mode") == "all"
            if whole and '<figure class="tifa-' in cell.astext():
                # do not fold a numbered figure, only its code
                cell["hide_mode"] = "input"
                cell["prompt_show"], cell["prompt_hide"] = show, hide
            elif whole and cell["prompt_show"] == show:  # the fold contains code and output
                cell["prompt_show"] = "Show the table and its code"
                cell["prompt_hide"] = "Hide the table and its code"
            if cell.get("nb_element") != "cell_code" or cell.get("hide_mode") != "input":
                continue
            waiting.append(cell)
            if len(cell.children) > 1:
                _join(waiting, cell)
                waiting, last = [], [cell]
        if waiting:
            _join([*last, *waiting], (last or waiting)[0])


def _join(cells: list[nodes.container], kept: nodes.container) -> None:
    blocks = [block for cell in cells for block in cell[0].children]
    source = kept[0]
    assert isinstance(source, nodes.Element)
    source.children = []
    source.extend(blocks)
    for cell in cells:
        if cell is not kept:
            cell.parent.remove(cell)


def tidy_cells(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Correct the HTML of folded cells and pandas tables.

    Hidden labels of folds are removed, so that screen readers read out the visible label, the
    <summary>. Inside a <summary>, <p> is not allowed and is replaced by <span>. Pandas tables lose
    their style elements and borders.
    """
    if "body" in context:
        body = context["body"].replace(' aria-label="Toggle hidden content"', "")
        body = _PANDAS.sub("", body).replace('<table border="1" class="data', '<table class="data')
        context["body"] = _SUMMARY.sub(lambda fold: _PARAGRAPH.sub(r"<\1span", fold[0]), body)


def name_sidebar_folds(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """In the sidebar, name the arrows for screen readers, and give the front page a short title."""
    context["root_title"] = "Start"  # not the name of the site, which is printed right above
    if tree := context.get("generate_toctree_html"):
        label = '<summary aria-label="Pages under this one">'
        context["generate_toctree_html"] = lambda *given, **options: str(
            tree(*given, **options)
        ).replace("<summary>", label)


#: Matches what :func:`typographic` changes in prose: a straight apostrophe, and the space before a
#: percent sign. It also matches what is not prose (code, drawings, data for scripts, tags), so that
#: this is skipped.
_TYPED = re.compile(
    r"<(pre|code|script|style|textarea|template|svg|kbd)\b.*?</\1>|<[^>]*>"
    r"|(?<=\w)(?:'|&#39;|&#x27;)(?=[\w\s.,;:)]|<|$)"
    r"|(?<=\d)[ \xa0](?=%)",
    re.DOTALL,
)


def set_type(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Apply :func:`typographic` to a page, because Sphinx leaves outputs of notebooks unchanged."""
    if "body" in context:
        context["body"] = typographic(context["body"])


def typographic(html: str) -> str:
    """Replace straight apostrophes in prose, and remove spaces before percent signs.

    >>> typographic("China's <code>a's</code>, members&#39; words, 7 % of <i title='7 %'>all</i>")
    "China’s <code>a's</code>, members’ words, 7% of <i title='7 %'>all</i>"
    """

    def typed(found: re.Match[str]) -> str:
        if found[0].startswith("<"):
            return found[0]
        return "" if found[0].isspace() else "’"

    return _TYPED.sub(typed, html)


#: Inline styles are allowed, because drawings and tables need them; inline scripts are not.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
TAG = '\n    <meta http-equiv="Content-Security-Policy" content="{}"/>'.format(
    "; ".join(f"{kind} {sources}" for kind, sources in POLICY.items())
)


def add_policy(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    # at the beginning, because a policy applies only to what comes after it
    context["metatags"] = TAG + context.get("metatags", "")


def configure(app: Sphinx, config: Config) -> None:
    """Set the options that depend on the public addresses, and options of sphinx_findings."""
    config.findings_software = f"tifa {__version__}"
    config.findings_snapshot = str(data_folder() / "findings.csv")
    repository = os.environ.get("TIFA_REPOSITORY_URL", "").rstrip("/")
    if repository:
        # pages mention the repository and Binder only with these tags
        app.tags.add("repository")
        if launch(repository, ""):
            app.tags.add("launch")
        folder = repository.rpartition("/")[2].removesuffix(".git")
        clone = f"git clone {repository}\ncd {folder}"
        config.myst_substitutions = {"clone": f"```shell\n{clone}\n```"}
        config.html_theme_options = {
            **config.html_theme_options,
            "repository_url": repository,
            "repository_branch": "main",
            "launch_buttons": {
                "binderhub_url": "https://mybinder.org",
                "notebook_interface": "jupyterlab",
            },
        }
    if os.environ.get("TIFA_SITE_URL"):
        # without a slash at the end, urljoin would drop the last part
        config.html_baseurl = os.environ["TIFA_SITE_URL"].rstrip("/") + "/"
        config.sitemap_url_scheme = "{link}"
        config.sitemap_excludes = ["search.html", "genindex.html", "py-modindex.html"]
        config.ogp_site_url = config.html_baseurl
        config.ogp_site_name = config.html_title
        config.ogp_social_cards = CARDS
        config.ogp_enable_meta_description = False  # metadata.py writes this tag


def load_extensions(app: Sphinx) -> None:
    if os.environ.get("TIFA_SITE_URL"):
        app.setup_extension("sphinx_sitemap")
        app.setup_extension("sphinxext.opengraph")


def is_notebook(env: BuildEnvironment, page: str) -> bool:
    return Path(env.doc2path(page)).suffix == ".ipynb"


def launch(repository: str, notebook: str) -> str:
    """Return HTML of a collapsible box with links that open a notebook on Binder and on Colab.

    ``notebook`` is the path of the notebook in the repository. Returns "" if the repository is not
    on GitHub.
    """
    address = urlsplit(repository)
    project = address.path.strip("/").removesuffix(".git")
    if address.hostname != "github.com" or project.count("/") != 1:
        return ""
    return render("launch.html", project=project, path=quote(notebook))


def add_launch(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree is None or not is_notebook(app.env, page):
        return
    name = page.rpartition("/")[2]
    links = f'<a href="{name}.ipynb" download>This chapter as notebook</a>'
    if Path(app.env.doc2path(page)).with_suffix(".yml").is_file():
        links += f', with <a href="{name}.yml" download>its words</a> beside it'
    rerun = app.builder.get_relative_uri(page, RERUN)
    links += f', to run where the project <a href="{rerun}">is installed</a>'
    context["body"] += f'<p class="tifa-download">{links}</p>'
    context["body"] += launch(os.environ.get("TIFA_REPOSITORY_URL", ""), f"{page}.ipynb")


def copy_notebooks(app: Sphinx) -> None:
    for page in app.env.found_docs:
        if is_notebook(app.env, page):
            source = Path(app.env.doc2path(page))
            for file in (source, source.with_suffix(".yml")):
                if file.is_file():
                    shutil.copyfile(file, (Path(app.outdir) / page).with_suffix(file.suffix))


def print_types(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.TextElement
) -> nodes.Node | None:
    """Show types of other libraries as plain text, because there is no page to link to."""
    if node.get("refdomain") == "py" and node.get("reftype") in ("class", "obj", "exc"):
        return shown
    return None


def load_autodoc(app: Sphinx) -> None:
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.config.autodoc_default_options = {"no-value": True}
    app.config.autodoc_member_order = "bysource"
    app.config.autodoc_typehints_format = "short"
    types = {"npt.ArrayLike": "ArrayLike", "npt.NDArray[np.float64]": "Floats", "Floats": "Floats"}
    app.config.autodoc_type_aliases = types  # names of types as in the source
    app.config.add_module_names = False
    app.config.napoleon_google_docstring = False
    # otherwise napoleon would take the first line of "Returns" for the name of a type
    app.config.napoleon_custom_sections = ["Returns"]
    app.config.napoleon_use_rtype = False


#: Values for templates that the theme prints without escaping.
PRINTED = ("author", "docstitle", "pagetitle", "root_title")


def escape_titles(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Escape titles and names that are not yet escaped.

    This must run after the functions of the theme, which set some of these values.
    """
    context |= {name: markupsafe.escape(context[name]) for name in PRINTED if context.get(name)}


# --- redirects ------------------------------------------------------------------------------


#: The icon of the site. If a page did not name it, browsers would request one from the server.
ICON = "_static/favicon.svg"


def write_redirects(app: Sphinx) -> None:
    """Write a redirect for each page in the setting ``tifa_moved``, which maps old to new pages.

    Warns if an old page still exists or a new page does not.
    """
    for old, new in app.config.tifa_moved.items():
        if new not in app.env.titles or old in app.env.titles:
            expected = "expected a page that is gone and one there"
            logger.warning("tifa_moved: %s to %s: %s", old, new, expected)
            continue
        title = app.env.titles[new].astext()
        words = {"title": f"Moved: {title}", "heading": "This page has moved"}
        _lead_on(app, f"{old}.html", new, **words, says="It is now", link=title)


def write_root(app: Sphinx) -> None:
    """Write index.html at the root, which redirects to the first page, and 404.html."""
    title, about = app.config.html_title, the_work(app).abstract
    words = {"title": title, "heading": title, "says": "The site begins", "link": "here"}
    _lead_on(app, "index.html", app.config.root_doc, about=about, **words)
    write_404(app, ICON)


def write_404(app: Sphinx, icon: str = "") -> None:
    """Write 404.html, the page that a server shows at every unknown address.

    The address may be in any folder, so links on this page are not relative: they begin with the
    path of the site's public address, or with / if the site has no such address.
    """
    root = f"{urlsplit(app.config.html_baseurl).path.rstrip('/')}/"
    title, icon = app.config.html_title, icon and f"{root}{icon}"
    page = render("404.html", policy=TAG, title=title, root=root, icon=icon)
    (Path(app.outdir) / "404.html").write_text(page, encoding="utf-8")


def _lead_on(app: Sphinx, file: str, page: str, *, about: str = "", **words: str) -> None:
    """Write a file of the site that redirects to a page."""
    base, folder = app.config.html_baseurl, Path(file).parent.as_posix()
    addresses = {
        "target": relpath(f"{page}.html", folder),
        "icon": relpath(ICON, folder),
        "canonical": f"{base.rstrip('/')}/{page}.html" if base else "",
    }
    path = Path(app.outdir) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render("moved.html", policy=TAG, about=about, **addresses, **words), "utf-8")


#: Scripts of features that this site does not use: live code, and another kind of fold.
UNUSED = ("thebe", "togglebutton")
#: Scripts and styles that only some pages need. Maps a part of the file name to a string that the
#: HTML of these pages contains.
NEEDS = {
    "clipboard": "highlight",
    "copybutton": "highlight",
    "design-tabs": "sd-tab-set",
    "sphinx-design": " sd-",
    "mystnb": "cell_",
    "tables.js": "<table",
    "code.js": "tag_hide-input",
    "filter.js": '-entry docutils container"',
}
#: Files of the theme's static folder that no page uses.
LEFT_OVER = (
    "**/*.map",
    "**/webpack-macros.html",
    "sbt-webpack-macros.html",
    "locales",
    "scripts/fontawesome.js*",
    "styles/theme.css",
    "sphinx-thebe.*",
    "togglebutton.*",
    "vendor",
)
#: Icons that the site uses. The font book/_assets/icons.woff has only these; it was made from the
#: theme's font by ``pyftsubset fa-solid-900.ttf --unicodes=... --flavor=woff --layout-features=``.
ICONS = {
    *("fa-angle-left", "fa-angle-right", "fa-arrow-up", "fa-bars", "fa-chevron-down"),
    *("fa-circle-half-stroke", "fa-list", "fa-magnifying-glass", "fa-moon", "fa-rocket", "fa-sun"),
}
#: Matches a CSS rule for an icon, which may have several names.
_RULE = re.compile(r"((?:\.fa-[a-z0-9-]+:before,?)+)\{content:[^{}]*\}")


def drop_unused(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Remove scripts and styles that a page does not use, and defer the other scripts."""
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        context[kind] = [f for f in context.get(kind, []) if is_used(f) and needed(f, body)]
    for script in context["script_files"]:
        # deferred scripts run after the page is parsed, so they do not delay its display
        if script.attributes.get("type") != "module":  # modules are always deferred
            script.attributes.setdefault("defer", "defer")


def is_used(file: Any) -> bool:
    """Return whether the site uses a script or style; it uses no inline scripts."""
    name = str(getattr(file, "filename", None) or "")
    return bool(name) and not any(unused in name for unused in UNUSED)


def needed(file: Any, body: str) -> bool:
    return all(sign in body for part, sign in NEEDS.items() if part in str(file.filename))


#: Match highlighted code, the spans in it that have no special colour (names, operators, brackets,
#: spaces), and two adjacent spans of the same class.
_CODE = re.compile(r"<pre>.*?</pre>", re.DOTALL)
_PLAIN = re.compile(r'<span class="(?:n|nn|o|p|w)">([^<]*)</span>')
_TWICE = re.compile(r'(<span class="(\w+)">[^<]*)</span><span class="\2">')


def thin_code(app: Sphinx, page: str, context: dict[str, Any], doctree: Any) -> None:
    """Make pages smaller: remove the many spans that do not change the colour of code."""
    if "body" in context:
        context["body"] = _CODE.sub(lambda code: thinned(code[0]), context["body"])


def thinned(code: str) -> str:
    """Return highlighted code with spans only where the colour changes.

    >>> thinned('<pre><span class="n">a</span><span class="o">.</span><span class="mi">1</span>')
    '<pre>a.<span class="mi">1</span>'
    >>> thinned('<span class="s2">a</span><span class="s2">b</span><span class="s2">c</span>')
    '<span class="s2">abc</span>'
    """
    code, more = _PLAIN.sub(r"\1", code), 1
    while more:
        code, more = _TWICE.subn(r"\1", code)
    return code


def drop_live_code(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Remove the settings of live code, a feature that is not used; they are on all pages."""
    for node in list(doctree.findall(nodes.raw)):
        if re.search(r"x-thebe-config|kernelName", node.astext()):
            node.parent.remove(node)


def search_prose(app: Sphinx) -> None:
    """Leave code out of the search index, because matches in hidden code would not be visible."""
    builder = app.builder
    index_page = getattr(builder, "index_page", None)
    if index_page is None:
        return

    def without_code(page: str, doctree: nodes.document, title: str) -> None:
        prose = doctree.deepcopy()
        for code in list(prose.findall(nodes.literal_block)):
            code.parent.remove(code)
        index_page(page, prose, title)

    builder.index_page = without_code  # type: ignore[attr-defined]


class Search(SearchEnglish):
    """The search of Sphinx, extended to find one or two Chinese characters within longer text.

    Sphinx treats a run of Chinese characters as one word, and finds parts of words only for queries
    of three characters or more. So the characters of each run, and all pairs of neighbours in it,
    are added to the index.
    """

    def split(self, input: str) -> list[str]:
        runs = re.findall(f"[{HAN}]{{2,}}", input)
        pairs = [run[i : i + 2] for run in runs for i in range(len(run) - 1)]
        return [*super().split(input), *"".join(runs), *pairs]


def tidy_up(app: Sphinx) -> None:
    """Remove unused icons from the theme's style sheets, and unused files of the theme.

    Warns if a page uses an icon that is not in icons.woff.
    """
    site, static = Path(app.outdir), Path(app.outdir) / "_static"
    named: set[str] = set()
    for page in site.rglob("*.html"):
        named |= set(re.findall(r"\bfa-[a-z0-9-]+", page.read_text(encoding="utf-8")))
    for sheet in (static / "styles").glob("*.css"):
        style = sheet.read_text(encoding="utf-8")
        known = {icon for rule in _RULE.finditer(style) for icon in _classes(rule[1])}
        for icon in sorted(named & known - ICONS):
            logger.warning("a page shows %s, which icons.woff lacks: see theme.py", icon)
        sheet.write_text(cut_icons(style), encoding="utf-8")
    for pattern in LEFT_OVER:
        for path in sorted(static.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def cut_icons(style: str) -> str:
    return _RULE.sub(lambda rule: rule[0] if ICONS & _classes(rule[1]) else "", style)


def _classes(style: str) -> set[str]:
    return set(re.findall(r"\.(fa-[a-z0-9-]+)", style))
