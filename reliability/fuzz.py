"""Fuzz the grammar of patterns: ``make fuzz`` (RUNS=n, SEED=s).

Coverage-guided, with atheris (libFuzzer). An input is a pattern, a line break, and a word. The run
ends at the first input that raises anything except a TifaError or breaks a promise. Writes
reliability/results/fuzz.csv.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import subprocess
import sys
import time
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results" / "fuzz.csv"


def patterns(data: bytes) -> None:
    """A pattern is parsed or refused in one line; a glob matches like its regular expression."""
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


def fuzz(runs: int, seed: int) -> None:
    """Run the target under atheris; never returns."""
    import atheris

    with atheris.instrument_imports(include=["tifa.lexicon.patterns"]):
        import tifa.lexicon.patterns  # noqa: F401
    options = [f"-runs={runs}", f"-seed={seed}", "-max_len=400", "-timeout=60"]
    atheris.Setup([sys.argv[0], *options], patterns)
    atheris.Fuzz()


def main() -> None:
    """Run the target in a separate process, write and print the result."""
    runs = int(os.environ.get("RUNS", "") or 100_000)
    seed = int(os.environ.get("SEED", "") or 20201110)
    if sys.argv[1:] == ["patterns"]:
        fuzz(runs, seed)
    if importlib.util.find_spec("atheris") is None:
        sys.exit("fuzzing needs atheris (Linux, Python before 3.14); nothing was run")
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, __file__, "patterns"],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    ran = re.findall(r"Done (\d+) runs", done.stderr)
    lines = [line for line in done.stderr.splitlines() if "Error" in line or "Exception" in line]
    row = {
        "target": "patterns",
        "inputs": ran[-1] if ran else "0",
        "seed": str(seed),
        "seconds": f"{time.monotonic() - start:.0f}",
        "crash": "" if ran and not done.returncode else (lines or ["ended without a word"])[-1],
    }
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)
    print("  ".join(f"{k} {v}" for k, v in row.items()))
    sys.exit(1 if row["crash"] else 0)


if __name__ == "__main__":
    main()
