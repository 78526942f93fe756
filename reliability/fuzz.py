"""Feed the parsers what nobody would write: ``make fuzz`` (RUNS=n in all, SEED=s).

Coverage-guided, by atheris (libFuzzer); the explorer's query parser, which is JavaScript, by
mutation. A run ends at the first input that raises anything but a TifaError or breaks a promise;
libFuzzer then writes that input to _build/fuzz, from where it goes to reliability/found, whose
files the tests replay. Writes reliability/results/fuzz.csv.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import importlib.util
import io
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOUND = HERE / "found"
RESULTS = HERE / "results" / "fuzz.csv"
CRASHES = HERE.parent / "_build" / "fuzz"
#: Share of the inputs that each target gets: the cheap ones more.
SHARES = {
    "date": 0.28,
    "page": 0.25,
    "glob": 0.2,
    "sentences": 0.12,
    "query": 0.1,
    "archive": 0.04,
    "pattern": 0.02,
    "tokeniser": 0.01,
    "yaml": 0.01,
    "rows": 0.01,
    "matcher": 0.004,
}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "ignore")


def tokeniser(data: bytes) -> None:
    """Words are found again in themselves."""
    from tifa.text.words import words

    found = words(_text(data))
    assert all(w and w == w.lower() for w in found)
    assert len(words(" . ".join(found))) == len(found)


def sentences(data: bytes) -> None:
    """No letter is lost between two sentences, and none is empty."""
    from tifa.text.words import sentences

    text = _text(data)
    found = sentences(text)
    assert all(s.strip() for s in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def pattern(data: bytes) -> None:
    """A pattern is parsed, or refused in a line."""
    from tifa.lexicon.patterns import parse
    from tifa.util.errors import TifaError

    try:
        parsed = parse.__wrapped__(_text(data))
    except TifaError as error:
        assert str(error).isprintable()
        return
    assert parsed.slots
    assert all(slot for slot in parsed.slots)


def glob(data: bytes) -> None:
    """A glob fits what Python's own regular expression for it fits."""
    from tifa.lexicon.patterns import Glob

    left, _, word = _text(data)[:40].partition("\n")
    if left.count("*") > 4:  # the regular expression would backtrack; the glob does not
        Glob(left).matches(word)
        return
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in left)
    assert Glob(left).matches(word) == bool(re.fullmatch(expression, word, re.DOTALL))


def matcher(data: bytes) -> None:
    """Matches lie within the text, in order, and one sentence holds each."""
    import numpy as np
    import polars as pl

    from tifa.lexicon.match import Matcher, find
    from tifa.lexicon.patterns import parse
    from tifa.text.tokens import stream
    from tifa.text.words import sentence_table
    from tifa.util.errors import TifaError

    left, _, text = _text(data).partition("\n")
    try:
        parsed = parse(left)
    except TifaError:
        parsed = parse("a* (b|c)")
    table = sentence_table(pl.DataFrame({"doc_id": ["d"], "text": [text or left]}))
    flow = stream(table["text"])
    if not table.height:
        return
    found = find(Matcher(flow), {("e", "v"): [parsed]})
    assert all(0 <= h.start < h.stop <= len(flow.parts) for h in found)
    assert [h.start for h in found] == sorted(h.start for h in found)
    assert all(len(np.unique(flow.part_row[h.start : h.stop])) == 1 for h in found)


@cache
def _place() -> Path:
    """A folder in memory, where there is one."""
    shared = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="tifa-fuzz-", dir=shared if shared.is_dir() else None))


def yaml(data: bytes) -> None:
    """A YAML file is read, or refused in a line."""
    from tifa.data.metadata import read_overlay
    from tifa.lexicon.model import read_frames, read_phrasebook
    from tifa.util.errors import TifaError

    path = _place() / "c.yml"
    path.write_bytes(data[1:])
    try:
        [read_phrasebook, read_frames, read_overlay][data[0] % 3 if data else 0](path)
    except TifaError as error:
        assert str(error).isprintable()


def page(data: bytes) -> None:
    """The words of a web page, or why not; what comes out can be written."""
    from tifa.sources.html import decode_page, read_page
    from tifa.util.errors import TifaError

    try:
        found = read_page(decode_page(data))
    except TifaError as error:
        assert str(error).isprintable()
        return
    assert "\0" not in found.text
    found.text.encode()


def rows(data: bytes) -> None:
    """Rows of CSV and JSON Lines, or why not."""
    from tifa.sources.rows import csv_rows, json_rows
    from tifa.util.errors import TifaError

    kind = data[0] % 3 if data else 0
    path = _place() / ("a.csv", "a.jsonl", "a.jsonl.gz")[kind]
    path.write_bytes(data[1:])
    try:
        columns, found = (json_rows if kind else csv_rows)(path)
        for row in found:
            assert kind or list(row.cells) == list(dict.fromkeys(columns))
    except TifaError as error:
        assert str(error).isprintable()


def date(data: bytes) -> None:
    """A date is ISO, or empty with a reason."""
    from tifa.util.dates import read_date

    said = read_date(_text(data), order=("", "day-first", "month-first")[len(data) % 3])
    assert re.fullmatch(r"(\d{4}(-\d\d(-\d\d)?)?)?", said.iso, re.ASCII)


@cache
def _archives() -> list[bytes]:
    """Small archives of every kind that is read, as good ones to begin with."""
    # imported here, so that the fuzzer has put its counters into them before
    import tarfile
    import zipfile

    files = {"TXT/a.txt": b"Slow boats. " * 9, "TXT/Session 1/b.txt": "Café 湖".encode()}
    # too long for a plain header: it has one of its own
    long = {f"long/{'é' * 60}.txt": b"x"}
    tars = []
    for form in (tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
            for name, content in (files | ({} if form == tarfile.USTAR_FORMAT else long)).items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        # two empty blocks are its end; those that only fill it up are left out
        plain = buffer.getvalue().rstrip(b"\0")
        tars.append(plain + bytes(-len(plain) % 512 + 1024))
    zips = []
    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", kind) as packed:
            for name, content in files.items():
                packed.writestr(zipfile.ZipInfo(name), content, compress_type=kind)
        zips.append(buffer.getvalue())
    return [
        *(*tars, *zips),
        *(gzip.compress(tars[0], mtime=0), bz2.compress(tars[1]), lzma.compress(tars[2])),
    ]


def _sum_up(content: bytearray) -> None:
    """Give the headers of a tar the sums that belong to them, so that they are believed."""
    for start in range(0, len(content) - 511, 512):
        if content[start + 257 : start + 262] == b"ustar":
            content[start + 148 : start + 156] = b" " * 8
            content[start + 148 : start + 156] = b"%06o\0 " % sum(content[start : start + 512])


def archive(data: bytes) -> None:
    """Files of an archive, or why not; none leads out of it, and all are within bounds.

    The first byte chooses a good archive, and whether the sums in a tar are made right again; each
    three bytes after it put a byte in a place. From 128 on, the input itself is the archive.
    """
    from tifa.fetch.archive import Bounds, members
    from tifa.util.errors import TifaError

    kind, known = data[0] if data else 255, _archives()
    content = bytearray(data[1:])
    if kind < 128:
        content = bytearray(known[kind % len(known)])
        for i in range(1, len(data) - 2, 3):
            content[int.from_bytes(data[i : i + 2]) % len(content)] = data[i + 2]
        if kind >= 32:
            _sum_up(content)
        if len(data) % 3 == 0:
            # and its end is cut off
            del content[-1 - data[-1] :]
    folder = _place()
    path = folder / "a.archive"
    path.write_bytes(content)
    bounds = Bounds(file=10_000, total=20_000, files=10)
    taken: dict[str, int] = {}
    try:
        for name, found in members(path, lambda n: n.endswith(".txt"), bounds=bounds):
            assert name not in taken
            assert not name.startswith("/")
            assert ".." not in name.split("/")
            taken[name] = len(found)
    except TifaError as error:
        assert str(error).isprintable()
    assert all(size <= bounds.file for size in taken.values())
    assert sum(taken.values()) <= bounds.total
    assert len(taken) <= bounds.files
    assert all(p.suffix in (".archive", ".csv", ".jsonl", ".gz", ".yml") for p in folder.iterdir())


TARGETS: dict[str, Callable[[bytes], None]] = {
    f.__name__: f
    for f in (tokeniser, sentences, pattern, glob, matcher, yaml, page, rows, date, archive)
}


def fuzz_one(target: str, runs: int, seed: int) -> None:
    """Run one target under atheris; does not come back."""
    import atheris

    modules = ["tifa.lexicon", "tifa.text", "tifa.util", "tifa.data.metadata", "tifa.sources",
               "html.parser", "_markupbase",
               "yaml", "tarfile", "zipfile", "tifa.fetch.archive"]  # fmt: skip
    with atheris.instrument_imports(include=modules):
        for name in modules:
            __import__(name)
    CRASHES.mkdir(parents=True, exist_ok=True)
    seeds = [str(p) for p in [FOUND / target] if p.is_dir()]
    with tempfile.TemporaryDirectory(prefix="tifa-corpus-") as grown:
        options = [f"-runs={runs}", f"-seed={seed}", "-max_len=400", "-timeout=60",
                   "-rss_limit_mb=4000", f"-artifact_prefix={CRASHES}/{target}-"]  # fmt: skip
        atheris.Setup([sys.argv[0], *options, grown, *seeds], TARGETS[target])
        atheris.Fuzz()


def run(target: str, runs: int, seed: int) -> dict[str, str]:
    """Run one target in a process of its own, and say how it ended."""
    command = (
        ["node", str(HERE / "fuzz_query.mjs"), str(runs), str(seed)]
        if target == "query"
        else [sys.executable, str(Path(__file__)), target, str(runs), str(seed)]
    )
    start = time.monotonic()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        env=os.environ | {"POLARS_MAX_THREADS": "1"},
        check=False,
    )
    said = re.findall(r"Done (\d+) runs", done.stdout + done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    lines = [line for line in done.stderr.splitlines() if "Error" in line or "Exception" in line]
    return {
        "target": target,
        "inputs": said[-1] if said else "0",
        "seed": str(seed),
        "seconds": f"{time.monotonic() - start:.0f}",
        "covered": covered[-1] if covered else "",
        "crash": "" if done.returncode == 0 and said else (lines or ["ended without a word"])[-1],
    }


def main() -> None:
    """Run every target, write the counts, print them; exit status 1 where one crashed.

    Names of targets run these alone, and replace their rows.
    """
    if len(sys.argv) == 4 and sys.argv[1] in TARGETS:
        fuzz_one(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
        return
    if importlib.util.find_spec("atheris") is None or shutil.which("node") is None:
        sys.exit("fuzzing needs atheris (Linux, Python before 3.14) and Node; nothing was run")
    runs = int(os.environ.get("RUNS", "") or 1_010_000)
    seed = int(os.environ.get("SEED", "") or 20201110)
    results = []
    for target, share in SHARES.items():
        if len(sys.argv) > 1 and target not in sys.argv[1:]:
            continue
        results.append(run(target, max(1, round(runs * share)), seed))
        print("  ".join(f"{k} {v}" for k, v in results[-1].items()), flush=True)
    total, crashes = sum(int(r["inputs"]) for r in results), sum(bool(r["crash"]) for r in results)
    if results:
        if len(sys.argv) > 1 and RESULTS.is_file():
            with RESULTS.open(encoding="utf-8", newline="") as file:
                others = [r for r in csv.DictReader(file) if r["target"] not in sys.argv]
            order = list(SHARES)
            results = sorted([*others, *results], key=lambda r: order.index(r["target"]))
        RESULTS.parent.mkdir(exist_ok=True)
        with RESULTS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(results[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(results)
    print(f"{total:,} inputs, {crashes} targets crashed")
    sys.exit(1 if crashes else 0)


if __name__ == "__main__":
    main()
