"""Extract the text of Markdown, Word and PDF files.

The libraries for this are optional; pip installs them with the extra ``office`` of this package.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import yaml
from lxml import etree

from tifa.sources.document import MAX_TEXT_BYTES, UnreadableError
from tifa.sources.fields import as_cell, find_columns
from tifa.sources.html import read_page
from tifa.util.errors import TifaError

#: For each file extension, the module that reads it and the package to install.
READ_BY = {
    ".md": ("pyromark", "pyromark"),
    ".docx": ("mammoth", "mammoth"),
    ".pdf": ("pypdf", "pypdf[crypto]"),
}
#: Largest unpacked size of a Word file in bytes, without pictures. Reading a file needs forty times
#: as much memory.
_MAX_WORD = 20_000_000
#: First bytes of Office files that are in the old format or have a password.
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_FRONT = re.compile(r"---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
#: Numbers of footnotes as pyromark and mammoth write them; they would be counted as words.
_NOTE_NUMBER = re.compile(
    r'<sup class="footnote-[^>]*>.*?</sup>|<sup><a href="#(?:foot|end)note-[^>]*>\[\d+\]</a></sup>'
)
_FRONT_FIELDS = ("title", "date", "author", "source", "url")


def refuse_missing(endings: Iterable[str], *, where: Path) -> None:
    """Raise TifaError if a package that reads files with one of these extensions is missing."""
    for ending in sorted(set(endings) & READ_BY.keys()):
        module, package = READ_BY[ending]
        if find_spec(module) is None:
            raise TifaError(
                f"holds {ending} files, which need a library of the extra [office]; install it: "
                f'pip install "{package}"',
                where=where,
            )


def read_markdown(text: str) -> tuple[str, dict[str, str], str]:
    """Extract the text of Markdown, and the metadata in a YAML block at its beginning.

    Metadata that are not valid YAML are read as text, and the returned message says so. Otherwise
    the message is empty.

    >>> read_markdown("---\\ntitle: Jars\\n---\\nA *blue* [jar](https://example.org).")
    ('A blue jar.', {'title': 'Jars'}, '')
    """
    import pyromark  # noqa: PLC0415 - in the extra [office]

    known: dict[str, str] = {}
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    no_yaml = text.startswith("+++\n")
    if front := _FRONT.match(text):
        try:
            head = yaml.load(front[1], Loader=_Plain)
        except (yaml.YAMLError, ValueError, RecursionError):
            head, no_yaml = None, True
        # if head is not a mapping, the two lines --- are horizontal rules with text between them
        if isinstance(head, dict):
            cells = {str(k): v for k, v in head.items()}
            found = find_columns(cells, {}, where=Path())
            known = {f: as_cell(cells[found[f]]) for f in _FRONT_FIELDS if f in found}
            text = text[front.end() :]
    kinds = pyromark.Options
    marks = kinds.ENABLE_TABLES | kinds.ENABLE_STRIKETHROUGH | kinds.ENABLE_FOOTNOTES
    marks |= kinds.ENABLE_TASKLISTS | kinds.ENABLE_HEADING_ATTRIBUTES
    html = _NOTE_NUMBER.sub("", pyromark.html(text, options=marks))
    noted = "a head that is no YAML, counted as text" if no_yaml else ""
    return read_page(html).text, known, noted


class _Plain(yaml.SafeLoader):
    """A YAML loader that refuses aliases, because nested aliases can expand to fill the memory."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


def read_docx(data: bytes) -> tuple[str, str]:
    """Return the text of a Word file, and a message if a part of the text could not be read.

    The text includes tables, footnotes and endnotes, but not tracked deletions. Raises TifaError
    in the cases of :func:`check_zip`, and UnreadableError if the file is broken.
    """
    import mammoth  # noqa: PLC0415 - in the extra [office]

    check_zip(data, most=_MAX_WORD)
    try:
        plain, missing, letters = _unwrapped(data)
        html = mammoth.convert_to_html(BytesIO(plain), convert_image=lambda _: []).value
    except Exception as error:  # the parsers of zip and XML may raise anything
        raise UnreadableError(f"not a complete Word file ({type(error).__name__})") from None
    text = read_page(_NOTE_NUMBER.sub("", html)).text
    if sum(map(str.isalnum, text)) < letters:  # mammoth has missed some text
        missing = missing or "text in shapes or elements that cannot be read"
    return text, missing


_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: Elements that mammoth does not know and would drop with the text inside them: fields, ruby, and
#: the writing direction of Arabic and Hebrew.
_AROUND = ("fldSimple", "ruby", "rubyBase", "dir", "bdo")
_CHOICE = "http://schemas.openxmlformats.org/markup-compatibility/2006"
#: XPath of the text that was neither deleted nor moved elsewhere. Where a file has two versions of
#: the same text, only the version for older programs is selected.
_TEXT = (
    "//w:t[not(ancestor::w:moveFrom or ancestor::w:del"
    " or ancestor::mc:Choice[following-sibling::mc:Fallback])]"
)
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"


def _unwrapped(data: bytes) -> tuple[bytes, str, int]:
    """Return a copy of a Word file that mammoth can read more completely than the original.

    Mammoth skips some elements for line breaks and tabs, and fields and ruby with the text inside
    them. The copy has this text without the elements around it, and line breaks and tabs in
    elements that mammoth reads. Also returns a message if there are formulas or inserted files,
    whose text stays unread, and the number of letters and digits in the main text, without notes.
    """
    made, missing, letters = BytesIO(), "", 0
    with ZipFile(BytesIO(data)) as old, ZipFile(made, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if re.fullmatch(r"word/(document|footnotes|endnotes)\d*\.xml", part.filename):
                root = etree.fromstring(content, etree.XMLParser(resolve_entities=False))
                for lost in list(root.iter(f"{_WORD}rt", f"{_WORD}rubyPr")):
                    lost.getparent().remove(lost)
                for old_tag, tag in (("cr", "br"), ("ptab", "tab")):
                    for mark in root.iter(f"{_WORD}{old_tag}"):
                        mark.tag = f"{_WORD}{tag}"
                etree.strip_tags(root, *(f"{_WORD}{tag}" for tag in _AROUND))
                if next(root.iter(_MATHS, f"{_WORD}altChunk"), None) is not None:
                    missing = "formulas or inserted files, of which no text is read"
                content = etree.tostring(root)
                if part.filename.startswith("word/document"):
                    found = root.xpath(_TEXT, namespaces={"w": _WORD[1:-1], "mc": _CHOICE})
                    letters += sum(map(str.isalnum, "".join(t.text or "" for t in found)))
            new.writestr(part, content)
    return made.getvalue(), missing, letters


def check_zip(file: bytes | Path, *, most: int) -> None:
    """Check that a Word or Excel file can be unpacked.

    Raises UnreadableError if the file is broken, protected by a password or in an old format, and
    TifaError if its XML has more than ``most`` bytes when unpacked.
    """
    where = "" if isinstance(file, bytes) else file
    with BytesIO(file) if isinstance(file, bytes) else file.open("rb") as packed:
        try:
            parts = [(p.filename.lower(), p.file_size) for p in ZipFile(packed).infolist()]
        except (BadZipFile, NotImplementedError, ValueError):
            packed.seek(0)
            old = packed.read(4) == _OLD_OFFICE
            why = "with a password, or in an old format" if old else "not a complete Office file"
            raise UnreadableError(f"{why}; open it, and save it anew", where=where) from None
    size = sum(size for name, size in parts if name.endswith((".xml", ".rels")))
    if size > most:
        raise TifaError(f"unpacks to {size:,} bytes; expected at most {most:,}", where=where)


def read_pdf(data: bytes) -> tuple[str, str]:
    """Return the text of a PDF, page by page, and a message if there are pages without text.

    Raises UnreadableError if the file is broken, needs a password, contains only pictures of text,
    or has a font that does not say which letters it shows. Raises TifaError if the text is too
    long.
    """
    from pypdf import PasswordType, PdfReader  # noqa: PLC0415 - in the extra [office]

    # silence messages about problems that pypdf repairs
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    pages: list[str] = []
    size = 0
    try:
        reader = PdfReader(BytesIO(data))
        # many PDFs are encrypted with an empty password, so anybody may read them
        locked = reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED
        for page in () if locked else reader.pages:
            pages.append(page.extract_text())
            size += len(pages[-1])
            if size > MAX_TEXT_BYTES:
                break
    except Exception as error:  # pypdf may raise anything for a broken file
        raise UnreadableError(f"not a complete PDF ({type(error).__name__})") from None
    if locked:
        raise UnreadableError("a PDF that needs a password; save it without one")
    if size > MAX_TEXT_BYTES:
        raise TifaError(f"more than {MAX_TEXT_BYTES:,} characters")
    # a broken font may give half of a surrogate pair, which cannot be encoded: replace it
    text = "\n".join(pages).encode("utf-8", "replace").decode()
    if "\0" in text:
        raise UnreadableError("a PDF whose font does not say which letters it shows")
    without = sum(not any(map(str.isalnum, page)) for page in pages)
    if without == len(pages):
        raise UnreadableError("a PDF of pictures, without text; run text recognition (OCR) on it")
    return text, "pages without text (pictures?)" if without else ""
