"""Find what all citations on a site have in common: the work, its version, date and address.

CITATION.cff describes the work. The version and date depend on the state of the source from which
the site is built: a release, or a commit after it. The state is read from git, or from
.git_archival.txt in an archive made by git (such as a ZIP from GitHub). Work and state are stored
in the configuration value ``findings_imprint``; when it changes, Sphinx writes all pages again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective

from sphinx_findings.again import depend, made_again
from sphinx_findings.citation import Item, Work, bibtex, csl, plain, read_work, ris
from sphinx_findings.errors import FindingsError
from sphinx_findings.markup import raw, render
from sphinx_findings.snapshot import read_snapshot

#: Labels of the formats of a citation, and file extensions for all but plain text.
FORMATS = {"text": "Text", "bibtex": "BibTeX", "ris": "RIS", "csl": "CSL-JSON"}
ENDINGS = {"bibtex": "bib", "ris": "ris", "csl": "json"}
#: How many characters of a commit's hash a citation shows.
SHORT = 7


@dataclass(frozen=True)
class Source:
    """A state of the source; unknown values are empty."""

    commit: str = ""
    day: str = ""
    tags: tuple[str, ...] = ()
    changed: bool = False
    #: whether the source is a git checkout
    checkout: bool = False

    def is_release(self, version: str, released: str) -> bool:
        """Return whether this is a release: unchanged, and dated in CITATION.cff.

        If the commit is known, it must also be tagged. In a git checkout, it must be known.
        """
        if not released or self.changed:
            return False
        if self.commit:
            return f"v{version}" in self.tags
        # in a copy without git there are no tags, so the date in CITATION.cff is enough
        return not self.checkout

    def state(self, version: str, released: str) -> str:
        """Return the short hash of the commit, or "" for a release.

        ".changed" is added if files were changed after the commit. If the commit is not known, the
        result is "commit-not-known" in a git checkout, and otherwise "unreleased".
        """
        if self.is_release(version, released):
            return ""
        if self.commit:
            return self.commit[:SHORT] + (".changed" if self.changed else "")
        return "commit-not-known" if self.checkout else "unreleased"

    def date(self, version: str, released: str) -> str:
        """Return the ISO date of publication.

        For a release this is the date in CITATION.cff. For another state it is the date in the
        environment variable SOURCE_DATE_EPOCH, if that is set. Tools set 0 if they do not know the
        time, so 0 counts as not set. Otherwise it is the date of the commit or, if that is not
        known, the date in CITATION.cff, which may be empty.
        """
        if self.is_release(version, released):
            return released
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        if epoch.strip("0 "):
            return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
        return self.day or released


def read_source(root: Path) -> Source:
    """Find the state of the source, from git or from .git_archival.txt."""
    if (root / ".git").exists():
        commit = git(root, "rev-parse", "HEAD")
        return Source(
            commit=commit,
            day=git(root, "log", "-1", "--format=%cs"),
            tags=tuple(git(root, "tag", "--points-at", "HEAD").split()),
            changed=bool(commit and git(root, "status", "--porcelain", "--untracked-files=no")),
            checkout=True,
        )
    path = root / ".git_archival.txt"
    text = path.read_text(encoding="utf-8") if path.is_file() else "$Format"
    if "$Format" in text:  # a placeholder that git replaces when it makes an archive
        return Source()
    fields = dict(line.partition(": ")[::2] for line in text.splitlines())
    tags = re.findall(r"tag: ([^,\s]+)", fields.get("names", ""))
    return Source(fields.get("node", ""), fields.get("day", ""), tuple(tags))


def git(root: Path, *arguments: str) -> str:
    """Return the output of a git command; empty if it fails or git does not trust the folder."""
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def set_imprint(app: Sphinx, config: Config) -> None:
    """Find out which state of the source is built, and set tags for the directive ``only``.

    The tags mean: ``cite_changed``, files were changed after the commit; ``cite_released``, this
    state is a release; ``cite_named``, an author is a person; ``cite_doi``, the work has a DOI;
    ``cite_address``, the site has a public address. Raises ConfigError if CITATION.cff or the
    snapshot is invalid.
    """
    root = Path(app.srcdir)
    try:
        work, source = read_work(root / "CITATION.cff"), read_source(root)
        read_snapshot(root / config.findings_snapshot)
    except FindingsError as error:
        raise ConfigError(str(error)) from None
    if config.html_baseurl:
        config.html_baseurl = config.html_baseurl.rstrip("/") + "/"
    about = work.version, work.released
    tags = {
        "changed": source.changed,
        "released": source.is_release(*about),
        "named": any(author.family for author in work.authors),
        "doi": bool(work.doi),
        "address": bool(config.html_baseurl),
    }
    for tag, true in tags.items():
        if true:
            app.tags.add(f"cite_{tag}")
    config.findings_imprint = {
        "work": repr(work),
        "state": source.state(*about),
        "date": source.date(*about),
        "modified": source.day or source.date(*about),
        "address": config.html_baseurl,
        "commit": source.commit + (", with changes" if source.changed else ""),
    }


def read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the pages that show version or date if these have changed, to be read again."""
    return made_again(env, "imprint", repr(app.config.findings_imprint))


def the_work(app: Sphinx | BuildEnvironment) -> Work:
    """Return the work, including the state of the source from which the site is built."""
    work = read_work(Path(app.srcdir) / "CITATION.cff")
    return replace(work, state=app.config.findings_imprint["state"])


def the_date(app: Sphinx | BuildEnvironment) -> str:
    """Return the ISO date of the release or, between releases, of the source; empty if unknown."""
    return str(app.config.findings_imprint["date"])


def address(app: Sphinx | BuildEnvironment, page: str, anchor: str = "") -> str:
    """Return the public address of a page; empty if the address of the site is not set."""
    base = app.config.html_baseurl
    if not base:
        return ""
    return f"{base}{page}.html{'#' + anchor if anchor else ''}"


def citations(work: Work, item: Item) -> dict[str, str]:
    """Return the citation of an item in each format of :data:`FORMATS`."""
    return {
        "text": plain(work, item),
        "bibtex": bibtex(work, item),
        "ris": ris(csl(work, item)),
        "csl": json.dumps([csl(work, item)], ensure_ascii=False, indent=2),
    }


def citation_fold(summary: str, made: dict[str, str], file: str, id: str = "") -> str:
    """Return HTML with citations to copy or save.

    They are in a collapsible box with the title ``summary`` or, if that is empty, without a box.
    ``made`` has the citations by format; ``file`` is the name of saved files, without extension. If
    no citation has an address, the HTML says so.
    """
    rows = [(FORMATS[name], ENDINGS.get(name, ""), text) for name, text in made.items()]
    away = any(re.search(r"://|\b10\.\d{4,}/", text) for text in made.values())
    return render("citations.html", summary=summary, made=rows, file=file, id=id, away=away)


class CitationDirective(SphinxDirective):
    """Insert the citation of the whole work as text, and in a box for reference managers."""

    def run(self) -> list[nodes.Node]:
        """Return the citation in every format."""
        env, work = self.env, the_work(self.env)
        depend(env, "imprint")
        item = Item("work", "", url=address(env, env.config.root_doc), date=the_date(env))
        made, file = citations(work, item), csl(work, item)["id"]
        words = {"text": made.pop("text")}
        folded = f"For reference managers: {', '.join(FORMATS[name] for name in made)}"
        return [raw(citation_fold("", words, file)), raw(citation_fold(folded, made, file))]
