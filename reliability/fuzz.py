"""Fuzz the grammar of patterns and every reader: ``make fuzz`` (RUNS=n, SEED=s, SECONDS=t).

atheris (libFuzzer) chooses inputs by the code that they cover. Each target gets RUNS inputs (by
default 100,000), or as many as fit into SECONDS (by default 60). A target ends at the first input
that raises anything except a TifaError, or that fails an assertion. An input for patterns is a
pattern, a line break, and a word; an input for a reader is the content of a file. Writes
reliability/results/fuzz.csv.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results" / "fuzz.csv"
#: Time limit of each target, in seconds.
SECONDS = int(os.environ.get("SECONDS", "") or 60)


def patterns(data: bytes) -> None:
    """Parse a pattern, or refuse it in one line; compare a glob with a regular expression."""
    from tifa.lexicon.patterns import Glob, parse
    from tifa.util.errors import TifaError

    pattern, _, word = data.decode("utf-8", "ignore").partition("\n")
    try:
        parsed = parse.__wrapped__(pattern)
        assert parsed.slots
        assert all(parsed.slots)
    except TifaError as error:
        assert str(error).isprintable()
    glob, word = pattern[:40], word[:40]
    fits = Glob(glob).matches(word)
    if glob.count("*") <= 4:  # a regular expression with more stars would backtrack forever
        expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in glob)
        assert fits == bool(re.fullmatch(expression, word, re.DOTALL))


def _take(read: Callable[[], object]) -> None:
    """Call a reader; a one-line TifaError is allowed, and any other error ends the target."""
    from tifa.util.errors import TifaError

    try:
        read()
    except TifaError as error:
        assert "\n" not in str(error)


def _packed(part: str, data: bytes) -> bytes:
    """Return a minimal Office file (a zip archive) in which one part has the given content."""
    start = _WORD if part == _WORD else "xl/workbook.xml"
    link = _LINK % (_PARTS % b"relationships", _LINKS, b"officeDocument", start.encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in {**_OFFICE, "_rels/.rels": link, part: data}.items():
            file.writestr(name, content)
    return packed.getvalue()


def _rows(ending: str) -> Callable[[bytes], None]:
    def target(data: bytes) -> None:
        from tifa.sources.rows import source_rows

        path = _FOLDER / f"x{ending}"
        path.write_bytes(data)
        _take(lambda: list(source_rows(path)[1]))

    return target


def text(data: bytes) -> None:
    """Decode bytes as UTF-8; if that fails, as GB18030 if the first byte is below "a"."""
    from tifa.sources.document import decode

    _take(lambda: decode(data, where="x", encoding="gb18030" if data[:1] < b"a" else ""))


def html(data: bytes) -> None:
    """Read the words of a web page."""
    from tifa.sources.html import decode_page, read_page

    _take(lambda: read_page(decode_page(data)))


def markdown(data: bytes) -> None:
    """Read the words of Markdown, and the YAML at its head."""
    from tifa.sources.office import read_markdown

    _take(lambda: read_markdown(data.decode("utf-8", "ignore")))


def docx(data: bytes) -> None:
    """Read the words of a Word file.

    An input that begins with P is the file, after this letter; any other is XML in a complete file.
    """
    from tifa.sources.office import read_docx

    _take(lambda: read_docx(data[1:] if data[:1] == b"P" else _packed(_WORD, _WORDS % data)))


def pdf(data: bytes) -> None:
    """Read the words of a PDF.

    An input that begins with P is the file, after this letter; any other has commands for a page.
    """
    from tifa.sources.office import read_pdf

    _take(lambda: read_pdf(data[1:] if data[:1] == b"P" else _PDF % data))


def xlsx(data: bytes) -> None:
    """Read the rows of a workbook; the input is used as in :func:`docx`."""
    _rows(".xlsx")(data[1:] if data[:1] == b"P" else _packed(_SHEET, _CELLS % data))


def archive(data: bytes) -> None:
    """Read the files of a tar archive."""
    from tifa.sources.archive import members

    path = _FOLDER / "x.tar"
    path.write_bytes(data)
    _take(lambda: list(members(path)))


_FOLDER = Path(tempfile.mkdtemp(prefix="tifa-fuzz-"))
_WORD, _SHEET = "word/document.xml", "xl/worksheets/sheet1.xml"
_MAIN = b"http://schemas.openxmlformats.org/%b/2006/main"
_WORDS = b'<w:document xmlns:w="%b"><w:body>%%b</w:body></w:document>' % (
    _MAIN % b"wordprocessingml"
)
_CELLS = b'<worksheet xmlns="%b"><sheetData>%%b</sheetData></worksheet>' % (
    _MAIN % b"spreadsheetml"
)
_PARTS = b"http://schemas.openxmlformats.org/package/2006/%b"
_LINKS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINK = (
    b'<Relationships xmlns="%b"><Relationship Id="rId1" Type="%b/%b" Target="%b"/></Relationships>'
)
_TYPE = (
    b'<Override PartName="/%b" ContentType="application/vnd.openxmlformats-officedocument.%b+xml"/>'
)
_OFFICE = {
    "[Content_Types].xml": b'<Types xmlns="%b">%b%b%b</Types>'
    % (
        _PARTS % b"content-types",
        _TYPE % (_WORD.encode(), b"wordprocessingml.document.main"),
        _TYPE % (b"xl/workbook.xml", b"spreadsheetml.sheet.main"),
        _TYPE % (_SHEET.encode(), b"spreadsheetml.worksheet"),
    ),
    "xl/workbook.xml": b'<workbook xmlns="%b" xmlns:r="%b"><sheets><sheet name="a" sheetId="1" '
    b'r:id="rId1"/></sheets></workbook>' % (_MAIN % b"spreadsheetml", _LINKS),
    "xl/_rels/workbook.xml.rels": _LINK
    % (_PARTS % b"relationships", _LINKS, b"worksheet", b"worksheets/sheet1.xml"),
}
_PDF = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"4 0 obj<<>>stream\nBT /F 9 Tf (A jar.) Tj %b ET\nendstream endobj\n"
    b"trailer<</Root 1 0 R/Size 6>>\nstartxref\n0\n%%%%EOF\n"
)
#: Maps the name of each target to its function, and to the modules whose coverage guides it.
TARGETS: dict[str, tuple[Callable[[bytes], None], list[str]]] = {
    "patterns": (patterns, ["tifa.lexicon.patterns"]),
    "text": (text, ["tifa.sources.document"]),
    "html": (html, ["tifa.sources.html"]),
    "markdown": (markdown, ["tifa.sources.office", "yaml"]),
    "docx": (docx, ["tifa.sources.office", "mammoth", "zipfile"]),
    "pdf": (pdf, ["tifa.sources.office", "pypdf"]),
    "csv": (_rows(".csv"), ["tifa.sources.rows"]),
    "jsonl": (_rows(".jsonl"), ["tifa.sources.rows", "json"]),
    "parquet": (_rows(".parquet"), ["tifa.sources.rows"]),
    "xlsx": (xlsx, ["tifa.sources.workbook", "openpyxl", "zipfile"]),
    "archive": (archive, ["tifa.sources.archive", "tarfile"]),
}


def fuzz(name: str, runs: int, seed: int) -> None:
    """Run a target under atheris. This function never returns."""
    import atheris

    target, modules = TARGETS[name]
    with atheris.instrument_imports(include=modules):
        for module in modules:
            importlib.import_module(module)
    options = [f"-runs={runs}", f"-seed={seed}", "-max_len=400", "-len_control=0", "-timeout=60"]
    atheris.Setup([sys.argv[0], *options, f"-max_total_time={SECONDS}"], target)
    atheris.Fuzz()


def run(name: str, runs: int, seed: int) -> dict[str, str]:
    """Run a target in a separate process and return how it ended."""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, __file__, name],
        env=os.environ | {"RUNS": str(runs), "SEED": str(seed)},
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    ran = re.findall(r"Done (\d+) runs", done.stderr)
    lines = [line for line in done.stderr.splitlines() if "Error" in line or "Exception" in line]
    return {
        "target": name,
        "inputs": ran[-1] if ran else "0",
        "seed": str(seed),
        "seconds": f"{time.monotonic() - start:.0f}",
        "crash": "" if ran and not done.returncode else (lines or ["ended without a word"])[-1],
    }


def main() -> None:
    """Run every target, then print and write the results."""
    runs = int(os.environ.get("RUNS", "") or 100_000)
    seed = int(os.environ.get("SEED", "") or 20201110)
    if sys.argv[1:]:
        fuzz(sys.argv[1], runs, seed)
    if importlib.util.find_spec("atheris") is None:
        sys.exit("fuzzing needs atheris (Linux, Python before 3.14); nothing was run")
    rows = []
    for name in TARGETS:
        rows.append(run(name, runs, seed))
        print("  ".join(f"{k} {v}" for k, v in rows[-1].items()), flush=True)
    # imported late: a target must be the first to import the modules that it instruments
    import pandas as pd

    pd.DataFrame(rows).to_csv(RESULTS, index=False, lineterminator="\n")
    sys.exit(1 if any(row["crash"] for row in rows) else 0)


if __name__ == "__main__":
    main()
