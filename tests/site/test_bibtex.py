"""BibTeX of the site works in LaTeX, and prints its dates."""

import html
import os
import re
import shutil
import subprocess

import pytest
from browsing import SITE, built, html_of
from conftest import ROOT
from pybtex.database import parse_file

from tifa_book.metadata import cite_entries, verbatim

REFERENCES = ROOT / "book" / "references.bib"
TOOLS = ("pdflatex", "bibtex", "biber", "pdftotext")
PAGE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{url}
%(head)s
\begin{document}
\nocite{*}
%(tail)s
\end{document}
"""
BIBER = r"""\usepackage[backend=biber,style=authoryear,maxbibnames=9]{biblatex}
\addbibresource{all.bib}"""
BIBTEX = r"\bibliographystyle{plain}\bibliography{all}"
# .ci/run installs them
tex = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)) and "CI" not in os.environ,
    reason=f"needs {', '.join(TOOLS)} (TeX Live, biber, poppler)",
)


def test_the_entries_are_printed_as_the_file_has_them():
    entries = verbatim(REFERENCES)
    assert entries.keys() == parse_file(REFERENCES, "bibtex").entries.keys()
    text = REFERENCES.read_text(encoding="utf-8")
    assert all(entry in text for entry in entries.values())
    made = cite_entries([entries["ecns_briefing"]])
    assert made["bibtex"] == entries["ecns_briefing"]
    assert "5\xa0November 2020" in made["text"]


def test_every_reference_is_cited():
    pages = [*ROOT.glob("book/*.md"), *ROOT.glob("notebooks/*.ipynb")]
    pages.append(ROOT / "data" / "lexicon" / "phrases.yml")  # printed on the phrasebook's page
    text = "\n".join(page.read_text("utf-8") for page in pages)
    uncited = [key for key in verbatim(REFERENCES) if not re.search(rf"\b{key}\b", text)]
    assert not uncited


@built
def test_addresses_in_the_references_are_printed_whole():
    page = html_of("book/references.html")
    found = re.findall(r'URL: <a [^>]*href="([^"]+)"[^>]*>([^<]+)</a>', page)
    assert len(found) > 10
    assert all(text == address for address, text in found)


def test_every_full_date_of_the_references_is_in_both_fields():
    # biblatex reads the day from date, BibTeX from month
    by_month = {key: entry for key, entry in verbatim(REFERENCES).items() if "month" in entry}
    assert len(by_month) > 10
    months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    for key, entry in by_month.items():
        day, month = re.search(r"month\s*= \{(\d+)~\} # (\w+)", entry).groups()
        (year,) = re.search(r"year\s*= \{(\d+)\}", entry).groups()
        date = f"{year}-{months.index(month) + 1:02d}-{int(day):02d}"
        assert f"{{{date}}}" in entry, key


def on_the_site():
    """BibTeX of every citation of the built site; the references if it is not built."""
    found = verbatim(REFERENCES)
    for page in SITE.rglob("*.html"):
        for text in re.findall(r"<pre>(@.*?)</pre>", page.read_text("utf-8"), re.S):
            for entry in re.split(r"(?m)^(?=@)", html.unescape(text).strip()):
                if entry:
                    found[re.match(r"@\w+\{([^,]+),", entry)[1]] = entry.strip()
    return found


@tex
@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "head", "tail", "said"),
    [
        ("biber", BIBER, r"\printbibliography", ["ECNS (Nov. 5, 2020)", "News (Nov. 6, 2020)"]),
        ("bibtex", r"\usepackage{hyperref}", BIBTEX, ["5 November 2020"]),
    ],
)
def test_the_days_are_printed(tmp_path, tool, head, tail, said):
    (tmp_path / "all.bib").write_text("\n\n".join(on_the_site().values()) + "\n", "utf-8")
    (tmp_path / "a.tex").write_text(PAGE % {"head": head, "tail": tail}, "utf-8")
    latex = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    for command in (latex, [tool, "a"], latex, latex):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        log = done.stdout.decode("utf-8", "replace")
        assert done.returncode == 0, log[-2000:]
        assert "Misplaced alignment" not in log
        assert tool != "biber" or "is not an integer" not in log, log
    subprocess.run(["pdftotext", "a.pdf"], cwd=tmp_path, check=True)
    text = " ".join((tmp_path / "a.txt").read_text(encoding="utf-8").split())
    for part in ("Research & Politics", *said):
        assert part in text
