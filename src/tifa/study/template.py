"""Create a new study, which is a folder with a small book, to which corpora can be added."""

from __future__ import annotations

import re
import shutil
import tempfile
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import yaml

from tifa.data.metadata import Overlay
from tifa.util.errors import TifaError, one_line
from tifa.version import __version__

#: Extensions of template files in which placeholders such as {{title}} are filled in.
_FILLED = (".yml", ".md")
#: For each file that has another name in a study than in the template, its name in a study.
_DOTTED = {"gitignore": ".gitignore", "gitattributes": ".gitattributes", "gitkeep": ".gitkeep"}
_NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


def new_study(folder: Path, *, title: str = "", author: str = "") -> list[Path]:
    """Make a folder with a small book (settings, phrasebook, frames, notebooks); return its files.

    The default title is the name of the folder. Raises TifaError if ``folder`` is a file, a link
    or not empty, if it cannot be written, or if the title, the author or the name of the folder
    contains < or >, which would be read as HTML in the book.
    """
    for given in (title, author, folder.name):
        if re.search(r"[<>]", given):
            raise TifaError(f"{given!r}: a title or author is plain text; write it without < and >")
    folder = folder.absolute()
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise TifaError("is there already; choose another name", where=folder)
    values = {
        "title": _quoted(title or folder.name),
        "author": _quoted(author or "The author"),
        "name": re.sub(r"[^a-z0-9._-]+", "-", folder.name.lower()).strip("-._") or "study",
        "version": __version__,
        "year": str(date.today().year),
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # write to a temporary folder, and move the files when all are written, so that an error
        # leaves no incomplete study
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.new.") as made:
            fresh = Path(made) / "study"
            with as_file(files("tifa.study") / "templates" / "study") as template:
                _fill(template, fresh, values)
            # do not replace an existing empty folder: it may be the working directory of a shell
            folder.mkdir(exist_ok=True)
            for path in fresh.iterdir():
                path.rename(folder / path.name)
    except OSError as error:
        raise TifaError(f"cannot be written: {error.strerror}", where=folder) from None
    return sorted(p for p in folder.rglob("*") if p.is_file())


def _fill(template: Path, fresh: Path, values: dict[str, str]) -> None:
    for path in sorted(template.rglob("*")):
        if path.is_dir() or "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts:
            continue
        place = fresh / path.relative_to(template).with_name(_DOTTED.get(path.name, path.name))
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in _FILLED:
            escape = _plain_markdown if path.suffix == ".md" else str
            parts = re.split(r"\{\{(\w+)\}\}", path.read_text("utf-8"))
            parts[1::2] = [escape(values[name]) for name in parts[1::2]]
            place.write_text("".join(parts), "utf-8", newline="\n")
        else:
            shutil.copyfile(path, place)


def _plain_markdown(text: str) -> str:
    """Escape characters that have a special meaning in Markdown.

    >>> print(_plain_markdown("Jars [a](b) {{c}}"))
    Jars \\[a\\]\\(b\\) \\{\\{c\\}\\}
    """
    return re.sub(r"([][()*_`{}$#!|~^\\&])", r"\\\1", text)


def _quoted(text: str) -> str:
    """Make a title safe to write between double quotes in YAML, and in a heading."""
    return one_line(text).replace("\\", "").replace('"', "'")


def check_corpus_name(name: str) -> None:
    """Raise TifaError if a corpus name cannot be used in the names of files and folders."""
    if not _NAME.fullmatch(name) or len(name) > 60:
        raise TifaError(
            f"{name!r} is not a valid corpus name; expected lower case letters, digits and "
            "hyphens, such as museum-labels"
        )


def overlay_text(overlay: Overlay) -> str:
    """Return an overlay as YAML for people to edit, with comments on each part."""
    about = overlay.model_dump(exclude_defaults=True)
    about |= {"language": overlay.language, "reader": overlay.reader, "columns": overlay.columns}

    def fields(*names: str) -> str:
        content = {name: about[name] for name in names if name in about}
        return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=95)

    parts = [
        f"# What the texts of {overlay.corpus} do not tell. Edit it by hand, then extract again.",
        fields("corpus", "title", "description", "source", "citation"),
        "# How the texts are read. language: zh, or en for any with spaces between words.\n"
        "# columns: for each field of the documents table, the column of your file;\n"
        '# "" leaves the field out. names: what file names say, such as {date}_{author}_*.\n'
        "# own: other columns to compare by. date_order: day-first or month-first, for dates\n"
        "# like 11/05/2020. encoding: of files that are not UTF-8.",
        fields("language", "reader", "columns", "names", "own", "date_order", "encoding"),
        "# What may be published of the texts. public: any feature. quotable: counts, quotations\n"
        "# of a few words, within bounds. closed: nothing; tifa extract refuses.\n"
        "# publish: [title] keeps the cells of a column whole, even if longer than a quotation.",
        fields("rights", "rights_statement", "licence_features"),
        "# What is true of every document, or of one, may stand here: defaults: {genre: label}\n"
        "# and documents: {DOC_ID: {title: ...}}.",
    ]
    return "\n".join(parts) + "\n"
