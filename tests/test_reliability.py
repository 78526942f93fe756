"""What the harnesses of reliability/ promise: faults are told from luck, finds stay mended."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
from conftest import ROOT, TEXTS, build_data

from tifa_book import results

FOLDER = ROOT / "reliability"


def load(name: str) -> ModuleType:
    sys.path.insert(0, str(FOLDER))
    try:
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module


# --- finds --------------------------------------------------------------------------------

fuzz = load("fuzz")
FOUND = [p for p in sorted((FOLDER / "found").rglob("*")) if p.is_file()]


@pytest.mark.parametrize("path", FOUND, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_what_once_broke_something_no_longer_does(path: Path) -> None:
    fuzz.TARGETS[path.parent.name](path.read_bytes())


def test_there_are_finds_to_replay() -> None:
    assert len(FOUND) >= 5
    assert set(fuzz.SHARES) == {*fuzz.TARGETS, "query"}


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_every_target_takes_anything(target: str) -> None:
    import random

    chance = random.Random(3)
    parts = [b"a", b"*", b"(b|c)", b"\n", b"<p>", b"<![", b"- ", b": ", b"{", b"2020-", b"\xff",
             "青".encode(), b'"', b",", b"&a", b"*a", b"\x00", b" ", b"."]  # fmt: skip
    for _ in range(60):
        fuzz.TARGETS[target](b"".join(chance.choices(parts, k=chance.randrange(12))))


@pytest.mark.parametrize(
    ("broken", "content", "error"),
    [
        # a name that leads out of the archive, in a header whose sum is right again
        ({"_check_name": lambda *_: None}, b"(\0\0/", AssertionError),
        # a tar whose first block is no header any more
        ({"_BROKEN": ()}, b"\0\0\0/", tarfile.ReadError),
    ],
)
def test_the_target_for_archives_tells_a_reader_that_is_led_astray(
    broken: dict[str, object],
    content: bytes,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tifa.fetch import archive

    fuzz.archive(content)
    for name, value in broken.items():
        monkeypatch.setattr(archive, name, value)
    with pytest.raises(error):
        fuzz.archive(content)


def test_every_good_archive_is_read_when_nothing_is_changed() -> None:
    from tifa.fetch.archive import members

    path = fuzz._place() / "good.archive"
    for content in fuzz._archives():
        path.write_bytes(content)
        assert {"TXT/a.txt", "TXT/Session 1/b.txt"} <= {n for n, _ in members(path, bool)}


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_query_parser_takes_anything() -> None:
    done = subprocess.run(
        ["node", str(FOLDER / "fuzz_query.mjs"), "3000", "9"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "Done 3000 runs\n", done.stderr


# --- faults -------------------------------------------------------------------------------


def _faults(most: int, tmp_path: Path) -> str:
    """Run in a process of its own: the harness makes children of a process without threads."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import faults\n"
        "faults.forget_surroundings()\n"
        "rows = faults.run_all(most=int(sys.argv[2]), only=sys.argv[3:])\n"
        "assert rows\n"
        "for r in rows: print(*r.values(), sep=' | ')\n"
    )
    out = []
    for target in ("findings", "book", "fetch", "fetch --from"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(FOLDER), str(most), target],
            capture_output=True, text=True, check=False, cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        out += [line for line in done.stdout.splitlines() if " | " in line]
    return "\n".join(out)


@pytest.mark.slow
def test_faults_are_survived(tmp_path: Path) -> None:
    said = _faults(3, tmp_path)
    print(said)
    assert len(said.splitlines()) >= 50
    assert [line for line in said.splitlines() if not line.endswith(" | yes")] == []
    assert "signal 9" in said
    assert "No space left on device" in said


@pytest.mark.slow
def test_the_harness_tells_a_writer_that_loses(tmp_path: Path) -> None:
    # the same faults, with a library that writes in place: the table must not say survived
    broken = tmp_path / "src"
    shutil.copytree(ROOT / "src", broken)
    path = broken / "tifa" / "store.py"
    text = path.read_text("utf-8")
    start, stop = text.index("def write_file("), text.index("def _old(")
    path.write_text(
        text[:start] + "def write_file(path, data, around=None):\n"
        "    path.parent.mkdir(parents=True, exist_ok=True)\n"
        "    with path.open('wb') as file:\n        file.write(data[:9]); file.flush()\n"
        "        (path.parent / 'x').mkdir(); (path.parent / 'x').rmdir()\n"
        "        file.write(data[9:])\n\n\n" + text[stop:],
        "utf-8",
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import faults\n"
        "faults.forget_surroundings()\n"
        "print({r['survived'] for r in faults.run_all(most=4, only=['findings'])})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(FOLDER)],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(broken)},
    )  # fmt: skip
    assert "no" in done.stdout, done.stdout + done.stderr


# --- the same everywhere ------------------------------------------------------------------

SETTINGS = [
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "2", "POLARS_MAX_THREADS": "1"},
    {"TZ": "America/Adak", "LC_ALL": "C", "PYTHONHASHSEED": "3", "POLARS_MAX_THREADS": "4"},
    {"PYTHONHASHSEED": "4", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "0", "LC_ALL": "POSIX"},
]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("same")
    texts = {**TEXTS, "zürich-2004": "Slow boats carried ÉCLAIRS. Istanbul, İzmir and ISTANBUL."}
    build_data(folder, texts=texts, one_event=True, specifications=["lakeside-spirit"])
    return folder, _extract(folder, {"PYTHONHASHSEED": "0"})


def _extract(folder: Path, settings: dict[str, str], *options: str) -> dict[str, bytes]:
    kept = {k: v for k, v in os.environ.items() if k not in ("TIFA_DATA", "TIFA_TEXTS")}
    data = folder / "data"
    arguments = ["extract", "lake", "--data", str(data), "--texts", str(folder / "texts" / "lake")]
    arguments.append("--robustness")
    done = subprocess.run(
        [sys.executable, "-m", "tifa.cli", *arguments, *(options or ["-j", "1"])],
        env=kept | {"PYTHONPATH": str(ROOT / "src")} | settings,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    found = {p.name: p.read_bytes() for p in (data / "corpora" / "lake").iterdir()}
    return found | {"datapackage.json": (data / "datapackage.json").read_bytes()}


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: " ".join(s.values()))
def test_no_result_depends_on_where_it_is_made(
    reference: tuple[Path, dict[str, bytes]], settings: dict[str, str]
) -> None:
    folder, expected = reference
    assert len(expected) == 10
    assert _extract(folder, settings) == expected


def test_no_result_depends_on_the_number_of_processes(
    reference: tuple[Path, dict[str, bytes]],
) -> None:
    folder, expected = reference
    assert _extract(folder, {}, "-j", "3") == expected


def test_no_result_depends_on_the_order_of_files(
    reference: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tifa.data.files import to_bytes
    from tifa.data.schema import TABLES
    from tifa.features.extract import extract
    from tifa.lexicon.model import Lexicon, read_frames, read_phrasebook
    from tifa.sources.open import read_corpus

    folder, expected = reference
    data = folder / "data"
    # folders read from their end, by each way that the library has
    for name in ("glob", "rglob", "iterdir"):
        real = getattr(Path, name)

        def turned(
            self: Path, *pattern: str, real: Callable[..., Iterator[Path]] = real
        ) -> Iterator[Path]:
            return iter(sorted(real(self, *pattern), reverse=True))

        monkeypatch.setattr(Path, name, turned)
    listed = [p.name for p in (folder / "texts" / "lake").glob("*.txt")]
    assert listed == sorted(listed, reverse=True)
    lexicon = Lexicon(
        read_phrasebook(data / "lexicon" / "phrases.yml"),
        read_frames(data / "lexicon" / "frames.yml"),
    )
    overlay, documents = read_corpus("lake", data, folder / "texts" / "lake")
    tables = extract(documents, overlay, lexicon, robustness=True)
    fresh = dict(to_bytes(TABLES[name], rows) for name, rows in tables.items())
    assert fresh == {k: v for k, v in expected.items() if k != "datapackage.json"}


# --- what is said about it ----------------------------------------------------------------


def test_the_page_prints_what_the_tables_hold(tmp_path: Path) -> None:
    assert results.numbers(tmp_path, tmp_path / "none") == {}
    (tmp_path / "faults.csv").write_text(
        "target,fault,point,exit,message,left,next_run,survived\na,kill,1,,,,,yes\na,kill,2,,,,,no\n",
        "utf-8",
    )
    (tmp_path / "fuzz.csv").write_text(
        "target,inputs,seed,seconds,covered,crash\na,1200,1,1,,\nb,30,1,1,,ValueError\n", "utf-8"
    )
    numbers = results.numbers(tmp_path, tmp_path / "none")
    assert (numbers["faults.injected"], numbers["faults.lost"]) == ("2", "1")
    assert (numbers["fuzz.inputs"], numbers["fuzz.crashes"]) == ("1,230", "1")
    assert results.table("faults", tmp_path).values.tolist() == [["kill", 2, 1]]
    assert results.table("commands", tmp_path).values.tolist() == [["a", 2, 1]]


def test_no_number_is_typed_on_the_page() -> None:
    import re

    text = (ROOT / "book" / "reliability.md").read_text("utf-8")
    assert re.findall(r"\d+", re.sub(r"\{tried\}`[^`]+`", "", text)) == []


def test_what_is_committed_keeps_the_promises() -> None:
    faults, fuzzed = results.read("faults"), results.read("fuzz")
    assert len(faults) >= 50
    assert faults.loc[faults["survived"] != "yes"].empty
    assert set(faults["target"]) == {
        "extract", "findings", "explorer", "add", "book", "fetch", "fetch --from",
        "extract --engine dask",
    }  # fmt: skip
    assert {"worker killed", "all workers killed"} <= set(faults["fault"])
    assert set(fuzzed["target"]) == set(fuzz.SHARES)
    assert int(results.numbers()["fuzz.inputs"].replace(",", "")) >= 1_000_000
    assert (fuzzed["crash"] == "").all()
    again = results.read("reproduce")
    assert {w.partition(",")[0] for w in again["what"]} >= {
        "features of briefing", "features of xi", "features of ungdc", "site",
    }  # fmt: skip
    assert (again["files"] == again["equal"]).all()


# not among the fast tests: `make pythons` runs those before it knows its own result
@pytest.mark.slow
def test_the_versions_of_python_that_are_named_were_run() -> None:
    import tomllib

    import yaml

    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [c.split(" :: ")[-1] for c in about["classifiers"] if "Python :: 3." in c]
    assert about["requires-python"] == f">={named[0]}"
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text("utf-8"))
    for job in ("pythons", "newest"):
        assert workflow["jobs"][job]["strategy"]["matrix"]["python"] == named
    ran = results.read("pythons")
    assert [v.rpartition(".")[0] for v in ran["python"]] == named
    assert set(ran["book"]) == {"built"}
    assert set(ran["failed"]) == set(ran["differ"]) == {"0"}
    assert (ran[["passed", "findings"]].astype(int) > 0).all().all()


def test_the_table_of_versions_takes_a_new_run_for_an_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pythons = load("pythons")
    monkeypatch.setattr(pythons, "RESULTS", tmp_path / "pythons.csv")
    for version, failed in (("3.12.1", "0"), ("3.9.2", "0"), ("3.12.4", "1"), ("3.11.7", "0")):
        row = dict.fromkeys(pythons.COLUMNS, "") | {"python": version, "failed": failed}
        pythons.keep(row)
    written = (tmp_path / "pythons.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in written[1:]] == ["3.9.2", "3.11.7", "3.12.4"]
    assert written[3].split(",")[4] == "1"
    assert pythons.interpreter(sys.executable) == sys.executable
    assert pythons.interpreter("2.99") == ""


def test_a_service_that_does_not_answer_is_no_clean_bill() -> None:
    verdict = load("audit").verdict
    assert verdict("", 1, "Connection refused")[0] == 3
    skipped = '{"dependencies": [{"name": "a", "skip_reason": "not found"}]}'
    status, lines = verdict(skipped, 0, "No known vulnerabilities found")
    assert status == 3
    assert "not checked: 1" in lines[-1]
    found = [{"id": "X", "fix_versions": []}]
    weak = json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": found}]})
    assert verdict(weak, 1, "")[0] == 1
    assert verdict('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 0, "")[0] == 0
    assert verdict('{"dependencies": []}', 0, "")[0] == 3


def test_a_licence_that_is_not_on_the_list_is_told() -> None:
    licences = load("licences")
    for good in ("MIT License", "Apache-2.0 OR GPL-3.0", "BSD-3-Clause AND MIT", "MPL 2.0"):
        assert licences.allowed(good), good
    for bad in ("", "GPL-3.0", "MIT AND GPL-3.0", "Proprietary", "SSPL-1.0", "AGPL-3.0-only"):
        assert not licences.allowed(bad), bad


def test_actions_are_pinned_by_commit() -> None:
    import re

    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        for used in re.findall(r"uses:\s*(\S+)", path.read_text("utf-8")):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used), f"{path.name}: {used}"


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_each_version_of_python_has_one_issue(tmp_path: Path) -> None:
    import yaml

    text = (ROOT / ".github" / "workflows" / "weekly.yml").read_text("utf-8")
    step = yaml.safe_load(text)["jobs"]["newest"]["steps"][-1]
    assert step["if"] == "failure()"
    # a stand-in for the command that keeps issues, one file for each
    stub = (
        "#!/usr/bin/env bash\n"
        'case "$2" in\n'
        '  list) jq -s . issues/*.json 2>/dev/null | jq -r "${@: -1}";;\n'
        "  edit) cp body.md issues/$3.md;;\n"
        "  create) n=$(ls issues/*.json 2>/dev/null | wc -l)\n"
        '    jq -n --arg t "$4" --argjson n "$n" \'{number: $n, title: $t}\' > issues/$n.json\n'
        "    cp body.md issues/$n.md;;\n"
        "esac\n"
    )
    (tmp_path / "issues").mkdir()
    (tmp_path / "gh").write_text(stub, "ascii")
    (tmp_path / "gh").chmod(0o755)
    for run, python in enumerate(("3.11", "3.12", "3.12", "3.1")):
        title = step["env"]["TITLE"].replace("${{ matrix.python }}", python)
        (tmp_path / "difference.txt").write_text(f"+boat=={run}\n", "ascii")
        settings = {"TITLE": title, "RUN": "x", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=os.environ | settings, check=True
        )
    titles = [json.loads(p.read_text())["title"] for p in sorted(tmp_path.glob("issues/*.json"))]
    assert titles == [f"Newest dependencies, Python {v}" for v in ("3.11", "3.12", "3.1")]
    # the second run under the same version is what its issue shows now
    assert "boat==2" in (tmp_path / "issues" / "1.md").read_text("ascii")


def test_rows_are_hashed_whatever_their_order() -> None:
    from tifa.study.compare import canonical_hash

    table = pl.DataFrame({"a": ["x", None, "y"], "b": [1.5, 2.5, None]})
    assert canonical_hash(table) == canonical_hash(table.sample(fraction=1, shuffle=True, seed=1))
    assert canonical_hash(table) != canonical_hash(table.with_columns(b=pl.lit(1.5)))
