"""List the licence of every locked package, and say which is not on the list: ``make licences``.

Reads what each installed package says of itself. A licence that is compatible is named below; a
package whose own words need reading is named with what was read. Writes
reliability/results/licences.csv; exit status 1 where one is unknown or missing.
"""

from __future__ import annotations

import csv
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).resolve().parent / "results" / "licences.csv"
COLUMNS = ["package", "version", "needed_for", "licence", "compatible"]

#: Licences under which a package may stand beside MIT code that uses it: permissive ones, and
#: those that bind only changes of the package itself.
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Artistic-1.0-Perl", "BSD",
    "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "LGPL", "LGPL-2.1-or-later",
    "LGPL-3.0-or-later", "LGPLv3+", "MIT", "MIT-0", "MIT-CMU", "MPL-1.1", "MPL-2.0", "PSF-2.0",
    "Public Domain", "Python-2.0", "Unlicense", "Zlib",
}  # fmt: skip
#: How packages write them.
_SAME = [
    (r"the mit licen[sc]e.*|mit licen[sc]e.*|expat.*|mit", "MIT"),
    (
        r"apache( software)? licen[sc]e.*|apache([ -]?v?2(\.0)?)?|apache.*2\.0.*|asl 2\.0",
        "Apache-2.0",
    ),
    (r"(new|modified|revised)[ -]bsd.*|(3|three)[ -]clause.*|bsd[ -]3.*", "BSD-3-Clause"),
    (r"simplified bsd.*|bsd[ -]2.*|2[ -]clause.*", "BSD-2-Clause"),
    (r"bsd([ -]licen[sc]e.*)?", "BSD"),
    (r"mozilla public licen[sc]e 2\.0.*|mpl[ -]?2(\.0)?", "MPL-2.0"),
    (r"isc.*", "ISC"),
    (r"python software foundation.*|psf.*|python-2.*", "PSF-2.0"),
    (r"the unlicense.*|unlicense.*", "Unlicense"),
    (r"gnu lesser general public licen[sc]e v3 or later.*|lgpl[v-]?3.*", "LGPL-3.0-or-later"),
    (r"gnu lesser general public licen[sc]e v2.*|lgpl[v-]?2.*", "LGPL-2.1-or-later"),
    (r"gnu (library or )?lesser general public licen[sc]e.*|lgpl", "LGPL"),
    (r"cc0.*", "CC0-1.0"),
    (r"zlib.*", "Zlib"),
    (r"hpnd|historical permission.*", "MIT-CMU"),
]
#: Packages whose licence was read, because what they declare is not enough.
READ = {
    # the file licenses/LICENSE of each is that licence
    "atheris": "Apache-2.0",
    "axe-playwright-python": "MIT",
    # COPYING: public domain, but for some files under these; the GPL is an editor mode's, which
    # the package does not install
    "docutils": "Public Domain AND BSD-2-Clause AND BSD-3-Clause AND PSF-2.0",
    # LICENSE.txt: either of the two
    "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
}


def locked(path: Path) -> dict[str, str]:
    """Names and versions in a lock, of those that this machine needs."""
    found = {}
    for line in path.read_text("utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*([^\\]+))?", line)
        if match and (not match[3] or Marker(match[3].strip()).evaluate()):
            found[match[1]] = match[2]
    return found


def declared(package: Distribution) -> str:
    """What a package says of its licence: an expression, else classifiers, else a short name."""
    about = package.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classifiers = [
        c.split(" :: ")[-1] for c in about.get_all("Classifier") or [] if c.startswith("License ::")
    ]
    named = [c for c in classifiers if c not in ("OSI Approved", "Other/Proprietary License")]
    if named:
        return " AND ".join(dict.fromkeys(named))
    lines = [line for line in (about.get("License") or "").splitlines() if line.strip()]
    return lines[0].strip() if lines else ""


def plain(name: str) -> str:
    """A licence by its short name."""
    said = name.strip().strip("()")
    for pattern, short in _SAME:
        if re.fullmatch(pattern, said, re.IGNORECASE):
            return short
    return said


def allowed(licence: str) -> bool:
    """Whether every part of an expression is on the list (of alternatives, any)."""
    if not licence:
        return False
    either = re.split(r"\s+OR\s+", licence.replace("(", " ").replace(")", " "))
    return any(
        all(plain(part) in ALLOWED for part in re.split(r"\s+AND\s+", one)) for one in either
    )


def main() -> None:
    """List, write, print what is not on the list."""
    book, every = (locked(ROOT / n) for n in ("requirements.txt", "requirements-dev.txt"))
    rows = []
    for name in sorted(book | every, key=str.lower):
        try:
            package = distribution(name)
        except PackageNotFoundError:
            licence = ""
        else:
            licence = READ[name] if name in READ else declared(package)
        parts = re.split(r"(\s+(?:AND|OR)\s+)", licence)
        said = "".join(plain(p) if i % 2 == 0 else p for i, p in enumerate(parts)) or "not known"
        rows.append(
            {
                "package": name,
                "version": (book | every)[name],
                "needed_for": "book" if name in book else "tests",
                "licence": said if len(said) < 80 else said[:77] + "...",
                "compatible": "yes" if allowed(licence) else "no",
            }
        )
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    wrong = [r for r in rows if r["compatible"] == "no"]
    for row in wrong:
        print(f"{row['package']} {row['version']}: {row['licence']}")
    print(f"{len(rows)} packages, {len(rows) - len(wrong)} under a licence on the list")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
