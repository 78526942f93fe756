"""The commands ``tifa new`` and ``tifa add``, which begin a study and add corpora to it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import ValidationError
from tqdm import tqdm
from typer import Argument, Option

from tifa.cli.options import Data
from tifa.data.files import only_writer, write_file
from tifa.data.metadata import Overlay, Rights
from tifa.data.schema import TABLES
from tifa.features.quotation import BOUNDS
from tifa.sources.document import Reading
from tifa.sources.filenames import NamePattern
from tifa.sources.open import read
from tifa.sources.own import guess_reader
from tifa.sources.places import place_file
from tifa.study.template import check_corpus_name, new_study, overlay_text
from tifa.text.han import HAN
from tifa.text.language import Language
from tifa.util.data_folder import data_folder
from tifa.util.dates import DateOrder
from tifa.util.errors import TifaError, one_line

#: The language of a text is detected from this many characters at its beginning.
SEEN = 2_000
_HAN = re.compile(f"[{HAN}]")

_RIGHTS = {
    "public": "Free to publish.",
    "quotable": "All rights rest with the publishers; counts and short quotations are published.",
    "closed": "Nothing may be published.",
}


def new_command(
    folder: Annotated[Path, Argument(help="The folder to make.", metavar="FOLDER")],
    title: Annotated[str, Option(help="Title of the book.", metavar="TEXT")] = "",
    author: Annotated[str, Option(help="Who answers for it.", metavar="NAME")] = "",
) -> None:
    """Begin a study of your own: a folder with a small book that runs on any corpus.

    Example: `tifa new mystudy --title "Museum labels"`
    """
    made = new_study(folder, title=title, author=author)
    typer.echo(f"{folder}: {len(made)} files")
    typer.echo(
        f"next: cd {shlex.quote(str(folder))}; tifa add CORPUS --texts FOLDER --rights quotable; "
        "tifa extract CORPUS; make book"
    )


def add_command(
    corpus: Annotated[str, Argument(help="A name for it, such as labels.")],
    texts: Annotated[
        Path,
        Option(
            help="A folder of .txt, .html, .md, .docx or .pdf; or a file .csv, .xlsx, .parquet or "
            ".jsonl with the texts, or a folder of such parts.",
            metavar="PATH",
        ),
    ],
    rights: Annotated[
        Rights | None,
        Option(
            help="What may be written: public (any feature), quotable (counts and quotations of a "
            "few words), closed (nothing)."
        ),
    ] = None,
    documents: Annotated[
        Path | None,
        Option(help="A table with a row for each file of a folder.", metavar="FILE.csv"),
    ] = None,
    column: Annotated[
        list[str] | None,
        Option(
            help="Which column holds a field: date=issued; date= leaves it out.",
            metavar="FIELD=COLUMN",
        ),
    ] = None,
    names: Annotated[
        str,
        Option(
            help="What the names of the files of a folder say; with a slash, of their paths.",
            metavar="'{date}_{author}_*'",
        ),
    ] = "",
    date_order: Annotated[
        DateOrder, Option(help="How 11/05/2020 is meant: day-first or month-first.")
    ] = "",
    language: Annotated[
        Language | None,
        Option(
            help="zh for Chinese, which is counted by characters; en for any language with spaces "
            "between words. If not given, what most letters of the texts say."
        ),
    ] = None,
    encoding: Annotated[
        str, Option(help="What texts are written in that are not UTF-8.", metavar="cp1252")
    ] = "",
    title: Annotated[str, Option(help="What the corpus is.", metavar="TEXT")] = "",
    source: Annotated[str, Option(help="Where it comes from.", metavar="TEXT")] = "",
    rights_statement: Annotated[str, Option(help="Who holds the rights.", metavar="TEXT")] = "",
    data: Data = None,
) -> None:
    """Add a corpus: read its texts once, say what was read and skipped, describe it in data/.

    The texts are not copied. Their path is kept in data/texts, which git ignores; what is known
    about them is written to data/metadata/CORPUS.yml, for you to edit.

    Example: `tifa add labels --texts ../labels --documents ../labels.csv --rights quotable`
    """
    data = data or data_folder()
    check_corpus_name(corpus)
    if rights is None:
        raise TifaError(
            "say what may be published of the texts: --rights public (any feature), quotable "
            "(counts and short quotations) or closed (nothing)"
        )
    described = data / "metadata" / f"{corpus}.yml"
    _refuse_known(described)
    if documents is not None and not documents.is_file():
        raise TifaError("no such file", where=documents)
    about: dict[str, Any] = {
        "corpus": corpus,
        "title": title or corpus,
        "description": f"Texts read from {texts.resolve().name}.",
        "reader": guess_reader(texts),
        "columns": _columns(column or []),
        "names": names,
        "date_order": date_order,
        "encoding": encoding,
        "rights": rights,
        "rights_statement": rights_statement or _RIGHTS[rights],
        "licence_features": "CC-BY-4.0",
        "source": source or "not stated yet",
        "citation": "none",
    }
    # with longest={} the reader measures the cells of columns that it does not read; of these, the
    # columns with short cells are kept
    reading = Reading(longest={})
    overlay = _overlay(about)
    words = letters = han = in_chinese = 0
    with tqdm(desc=corpus, unit=" documents", disable=None) as bar:
        for document in read(texts, overlay, listing=documents, reading=reading):
            words += len(document.text)
            of_document = sum(map(str.isalpha, document.text[:SEEN]))
            of_han = len(_HAN.findall(document.text[:SEEN]))
            letters, han = letters + of_document, han + of_han
            in_chinese += 2 * of_han > of_document
            bar.update()
    language = language or ("zh" if 2 * han > letters else "en")
    own = _kept(reading)
    # write to the overlay which columns were recognised, so that the user can correct this
    columns = {**reading.columns, **about["columns"]}
    about |= {"language": language, "columns": columns, "own": own}
    reading.left_out = [c for c in reading.left_out if c not in own]
    overlay = _overlay(about)
    place = {"texts": str(texts.resolve())}
    if documents is not None:
        place["documents"] = str(documents.resolve())
    with only_writer(data):
        # check again, because another command may have added the corpus meanwhile
        _refuse_known(described)
        write_file(place_file(data, corpus), yaml.safe_dump(place, allow_unicode=True).encode())
        write_file(described, overlay_text(overlay).encode())
    for line in reading.report():
        typer.echo(line)
    _say_fields(overlay)
    typer.echo(
        f"{corpus}: {reading.taken:,} documents, {words:,} characters -> "
        f"{described.relative_to(data.parent)}"
    )
    if language == "zh":
        typer.echo(
            "language: zh: counted by characters, words as a segmenter cuts them; frames are found "
            "in languages with spaces only"
        )
    elif in_chinese:
        typer.echo(
            f"documents that are mostly Chinese: {in_chinese:,}; they are counted by the rules of "
            "languages with spaces, which miss words; give them a corpus of their own"
        )
    if reading.unreadable:
        typer.echo(
            "tifa extract refuses while texts cannot be read; --skip-unreadable goes on without "
            "them"
        )
    if rights == "closed":
        typer.echo("closed: tifa extract will write nothing of it")
    else:
        typer.echo(f"next: look over {described.name}, then tifa extract {corpus}")


def _say_fields(overlay: Overlay) -> None:
    for field, name in overlay.columns.items():
        typer.echo(f"{field}: column {name!r}" if name else f"{field}: left out")
    if overlay.names:
        for field, name in NamePattern(overlay.names).found.items():
            typer.echo(f"{field}: {{{name}}} of the names of the files")
    if overlay.own:
        typer.echo(f"kept to compare by (--by): {', '.join(map(one_line, overlay.own))}")


#: Largest number of other columns to keep automatically. If there are more, none is kept; the user
#: can list some of them under ``own`` in the overlay.
MOST_OWN = 40
#: Names of columns that contain remarks, and the names given to columns without a name.
_REMARKS = re.compile(r"(?i).*(note|remark|comment|memo|bemerk|备注).*|column \d+")


def _kept(reading: Reading) -> list[str]:
    """Return which unread columns to keep: those with short cells, except remarks.

    A column that is empty, or has the name of a column of the features, is not kept. If more than
    ``MOST_OWN`` columns are left, none is kept.
    """
    longest = reading.longest or {}
    known = {*TABLES["documents"].columns, "n", "docs", "documents", "entry"}
    own = [
        name
        for name in reading.left_out
        if 0 < longest.get(name, 0) <= BOUNDS["en"].longest
        if name.isprintable() and name not in known and not _REMARKS.fullmatch(name)
    ]
    return own if len(own) <= MOST_OWN else []


def _refuse_known(overlay: Path) -> None:
    if overlay.exists() or overlay.is_symlink():
        raise TifaError(
            "is there already: edit it and extract again, or delete it and add the corpus again",
            where=overlay,
        )


def _columns(pairs: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for pair in pairs:
        name, mark, column = pair.partition("=")
        if not mark or not name.strip():
            raise TifaError(f"--column {pair!r}: expected FIELD=COLUMN, such as date=issued")
        columns[name.strip()] = column.strip()
    return columns


def _overlay(about: dict[str, Any]) -> Overlay:
    try:
        return Overlay.model_validate(about)
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise TifaError(message) from None
