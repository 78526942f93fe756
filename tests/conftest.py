"""Fixtures: small data folders and invented texts, the command, the full texts if available.

Every sentence in these tests is invented; none is taken from the corpora.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import hypothesis
import pytest
import yaml
from browsing import browser, open_page, server  # noqa: F401 - fixtures
from hosts import host  # noqa: F401 - a fixture
from hypothesis.configuration import set_hypothesis_home_dir

from tifa.util.errors import TifaError

# hypothesis caches character tables; keep them out of the working directory
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "tifa-hypothesis")
hypothesis.settings.register_profile(
    "tifa",
    deadline=None,
    max_examples=60,
    database=None,
    derandomize=True,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
)
hypothesis.settings.load_profile("tifa")

# a script with dependencies of its own: it cannot be imported to look for doctests
collect_ignore = ["site/judge_crate.py"]

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
CORPORA = ("briefing", "xi", "ungdc")


def entry_of(id, label, variants, *, family="lake", **more):
    """An entry of a phrasebook, with the pattern of each variant."""
    about = {"id": id, "label": label, "family": family, "gloss": "An invented word."}
    return about | more | {"variants": [{"id": v, "patterns": [p]} for v, p in variants.items()]}


SPIRIT = {"plain": "lakeside spirit", "of-the-lakeside": "spirit of the lakeside"}
COMPACT = {"name": "lakeside compact", "organi-ation": "lakeside compact organi?ation"}
PHRASES = {
    "version": 1,
    "families": {"lake": {"label": "Lake"}, "names": {"label": "Names", "role": "control"}},
    "entries": [
        entry_of(
            "lakeside-spirit",
            "Lakeside Spirit",
            SPIRIT,
            concordance=True,
            components=["mutual-patience"],
        ),
        entry_of("mutual-patience", "mutual patience", {"plain": "mutual patience"}),
        entry_of("compact", "Lakeside Compact", COMPACT, family="names"),
        entry_of("lakeside", "Lakeside", {"plain": "lakeside"}, family="names"),
    ],
}


def entries_of(entries, family="lake"):
    """A phrasebook of entries by id, each with its patterns as variants v0, v1, ..."""
    described = [
        entry_of(i, i, {f"v{n}": p for n, p in enumerate(patterns)}, family=family)
        for i, patterns in entries.items()
    ]
    return {"version": 1, "families": {family: {"label": "F"}}, "entries": described}


def frames_of(names=(), **frames):
    """A dictionary of frames by id, each with its indicators."""
    described = [
        {"id": i, "label": i, "about": "x", "indicators": indicators}
        for i, indicators in frames.items()
    ]
    return {"version": 1, "names": list(names), "frames": described}


FRAMES = frames_of(
    ["harbour health office"],
    health=["health", "clinic*"],
    trade=["trade", *({"pattern": p, "weight": 0.5} for p in ("boats", "cargo"))],
)

TEXTS = {
    "alder-2001": "The Lakeside Compact met at dawn. Its “Lakeside Spirit” rests on mutual\n"
    "patience & a love of slow boats. No clinic was opened, and no cargo was counted.\n\n"
    "Ms. Oar thanked the Harbour Health Office. She spoke of self-\nreliance.\n",
    "birch-2002": "Trade between the two shores grew. The Lakeside Compact Organisation's boats "
    "carried cargo for nine days. Lakeside slept!\n",
    "cedar-2003": "Nothing of note happened in Reedham. People went home early; the ferry was "
    "late.\n",
}

#: Fields that every overlay (the metadata of a corpus) must have.
ABOUT = {
    **{"corpus": "lake", "rights": "public", "licence_features": "CC0-1.0", "citation": "none"},
    **dict.fromkeys(("title", "description", "rights_statement", "source"), "Invented texts."),
}


def written(folder, files):
    """Write files (texts or bytes, by their path below a folder); returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def write_yaml(path, content):
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    written(path.parent, {path.name: text})


def replace_in(path, old, new):
    """Change a text in a file, once."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def workbook(*rows):
    """An Excel workbook with these rows, as bytes."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@dataclass(frozen=True)
class Setting:
    """A data folder and a folder of texts."""

    data: Path
    texts: Path
    corpus: str

    @property
    def overlay(self):
        return self.data / "metadata" / f"{self.corpus}.yml"

    @property
    def folder(self):
        """Where the features of the corpus are written."""
        return self.data / "corpora" / self.corpus

    @property
    def source(self):
        """Where the texts of the corpus are."""
        return self.texts / self.corpus


def build_data(
    folder,
    corpus="lake",
    *,
    texts=TEXTS,
    phrases=PHRASES,
    frames=FRAMES,
    rights="quotable",
    **overlay,
):
    """Build a data folder (overlay, phrasebook, frames) and a folder of texts."""
    setting = Setting(folder / "data", folder / "texts", corpus)
    about = ABOUT | {"corpus": corpus, "rights": rights, "strict": True} | overlay
    write_yaml(setting.overlay, about)
    write_yaml(setting.data / "lexicon" / "phrases.yml", phrases)
    write_yaml(setting.data / "lexicon" / "frames.yml", frames)
    setting.source.mkdir(parents=True, exist_ok=True)
    written(setting.source, {f"{name}.txt": text for name, text in texts.items()})
    return setting


def extract_setting(setting, **options):
    """Extract the features of a setting; returns the tables."""
    from tifa.features.extract import extract
    from tifa.lexicon.load import read_lexicon
    from tifa.sources.open import read_corpus

    overlay, documents = read_corpus(setting.corpus, setting.data, setting.source)
    more = {"robustness": bool(overlay.specifications)} | options
    return extract(documents, overlay, read_lexicon(setting.data), **more)


@pytest.fixture
def make_data(tmp_path):
    """Build a data folder and texts in the folder of the test."""
    return partial(build_data, tmp_path)


def tarred(files, *more, mode="w"):
    """A tar archive of files by name, and of other members (such as links) with empty content."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for info in more:
            archive.addfile(info, io.BytesIO(bytes(info.size)))
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


@dataclass(frozen=True)
class Ran:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def rows(self):
        """The rows that a command prints as CSV."""
        assert self.code == 0, self.err
        return list(csv.DictReader(io.StringIO(self.out)))

    @property
    def refusal(self):
        """The error of a command that refused: one line, and nothing else was printed."""
        assert (self.code, self.out) == (2, ""), self
        assert one_line(self.err), self.err
        return self.err


def run_apart(*command, folder=None, sources=ROOT, timeout=None, **environment):
    """Run a command in a new process, with these sources and without the tester's own settings."""
    env = {k: v for k, v in os.environ.items() if k not in ("TIFA_TEXTS", "TIFA_DATA")}
    path = os.pathsep.join((f"{sources}/src", f"{sources}/packages/sphinx-findings/src"))
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=env | {"PYTHONPATH": path} | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


@pytest.fixture
def run_cli(tmp_path):
    """Run the command line in a folder of its own.

    It runs in this process, where the library is loaded already; in a new one with ``alone=True``,
    or if variables are set that do not begin with TIFA_, for Python may read them at startup.
    """

    def run(*arguments, alone=False, **environment):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        words = list(map(str, arguments))
        env = {"COLUMNS": "100", "NO_COLOR": "1"} | environment
        if not alone and all(name.startswith("TIFA_") for name in environment):
            return _run_here(words, elsewhere, env)
        command = [sys.executable, "-m", "tifa.cli", *words]
        done = run_apart(*command, folder=elsewhere, timeout=120, **env)
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def extracted(make_data, run_cli):
    """Build and extract a data folder; returns it, and a function that runs commands on it."""

    def make(**options):
        setting = make_data(**options)

        def run(command, *words):
            at = {"TIFA_TEXTS": str(setting.texts)}
            return run_cli(command, *words, "--data", setting.data, **at)

        ran = run("extract", setting.corpus, "-j", "1")
        assert ran.code == 0, ran.err
        return setting.data, run

    return make


@dataclass(frozen=True)
class Study:
    """A study of one's own, and commands on it."""

    folder: Path
    cli: Callable[..., Ran]

    @property
    def data(self):
        return self.folder / "data"

    def run(self, command, *words, **environment):
        return self.cli(command, *words, "--data", self.data, **environment)

    def add(self, corpus, source, *options):
        """Add a corpus with these options, by default as a public one; returns what is printed."""
        ran = self.run("add", corpus, "--texts", source, *(options or ["--rights=public"]))
        assert ran.code == 0, ran.err
        return ran.out

    def extract(self, corpus, *options):
        return self.run("extract", corpus, "-j", "1", *options)


@pytest.fixture
def study(tmp_path, run_cli):
    """A new study."""
    from tifa.study.template import new_study

    new_study(tmp_path / "my study", title='Labels: "all" of them')
    return Study(tmp_path / "my study", run_cli)


def _run_here(words, folder, env):
    from tifa.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["tifa", *words])
        for name in ("TIFA_TEXTS", "TIFA_DATA"):
            patch.delenv(name, raising=False)
        for name, value in env.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as stop:
                code = stop.code
            except BaseException:
                traceback.print_exc()
                code = 1
    for stream in (out, err):
        stream.flush()
    said = [s.buffer.getvalue().decode() for s in (out, err)]
    return Ran(int(code or 0) if not isinstance(code, str) else 1, *said)


@pytest.fixture(scope="session")
def texts():
    """The folder of the full texts; skips the test if it is not set or not complete."""
    named = os.environ.get("TIFA_TEXTS", "")
    if not named or not all((Path(named) / c).is_dir() for c in CORPORA):
        pytest.skip(
            "needs the full texts: set TIFA_TEXTS to the folder with briefing/, xi/, ungdc/"
        )
    return Path(named).resolve()


def snapshot(folder):
    """Every path below a folder with its content: equal snapshots mean that nothing changed.

    Leaves out the empty lock file, which commands leave behind.
    """
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
        if p.name != ".lock"
    }


def one_line(message):
    """Whether a message is a single printable line."""
    return bool(message.strip()) and message.strip().isprintable()


@contextlib.contextmanager
def refusal(*said):
    """Expect a TifaError, with a message of one line that contains all these strings."""
    with pytest.raises(TifaError) as error:
        yield error
    message = str(error.value)
    assert one_line(message), message
    for part in said:
        assert part in message
