"""Extract the text of a web page, without its scripts and menus."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from tifa.util.errors import TifaError

#: Elements to drop: scripts, styles, graphics, formulas, embedded pages, menus, footers, sidebars,
#: controls, the title, deletions, and reading aids above characters (ruby). Forms are kept, because
#: some sites wrap the whole page in one.
_DROPPED = re.compile(
    "script|style|noscript|template|svg|math|iframe|object|nav|footer|aside|select|button|textarea|"
    "title|rt|rp|del|tifa-end"
)
#: ARIA roles of elements to drop.
_ROLES = re.compile("navigation|menu|menubar|toolbar|search|contentinfo|complementary")
#: Elements that begin and end a paragraph; all others are parts of a paragraph.
_BLOCKS = re.compile(
    "address|article|audio|blockquote|body|canvas|caption|center|d[dlt]|details|dialog|div|"
    "fieldset|figcaption|figure|form|h[1-6r]|header|hgroup|legend|li|main|menu|[ou]l|option|p|pre|"
    "section|summary|table|tbody|t[dhr]|tfoot|thead|video"
)
#: Added at the end of a page. If it is then found inside an element, that element was never closed.
_END = "<tifa-end>"
_CHARSET = re.compile(rb"""<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
#: Encodings that browsers support, by their Python names; all others are refused.
_OF_PAGES = re.compile(
    r"utf-8|ascii|iso8859-\d+|cp(125\d|866|874|932|949|950)|koi8-[ru]|gb(2312|k|18030)|big5|"
    r"big5hkscs|euc_(jp|kr)|shift_jis|iso2022_jp|mac-roman|mac-cyrillic|tis-620"
)
#: Browsers read pages labelled Latin-1 as Windows-1252, and those labelled GB2312 as GB18030.
_AS_BROWSERS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
#: Digits in <sup> become superscript characters, because plain digits would become part of the word
#: before them.
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Names of <meta> elements that contain the date of a page.
_DATES = ("article:published_time", "date", "dc.date", "dcterms.date")


class Page(NamedTuple):
    """The content of a web page."""

    title: str
    date: str
    text: str


def read_page(content: str) -> Page:
    """Extract the title, the date and the text of HTML, without scripts, styles and menus.

    The text of each block element is a paragraph. One ``<br>`` is a line break within a paragraph;
    two in a row end the paragraph. Time and memory grow in proportion to the length of the page.
    Raises TifaError if the HTML is cut off or nested too deep, or if an element to be dropped is
    never closed, because the text after it would be dropped too.

    >>> read_page("<title>Label</title><p>A <b>blue</b> jar.<script>x()</script><p>From Sèvres.")
    Page(title='Label', date='', text='A blue jar.\\n\\nFrom Sèvres.')
    """
    # the parser would stop at </body>, although text may follow
    whole = re.sub(r"(?i)</(?:body|html)\s*>", "", content) + _END
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    root = etree.fromstring(whole.encode("utf-8", "replace"), parser)
    if root is None or any(e.type_name == "ERR_RESOURCE_LIMIT" for e in parser.error_log):
        raise TifaError("broken HTML: cut off, or nested too deep")
    _refuse_open(root)
    blocks = "".join(_pieces(root)).split("\0")
    paragraphs = (part for block in blocks for part in re.split("\x01[ \x01]*\x01", block))
    lines = ("\n".join(" ".join(line.split()) for line in p.split("\x01")) for p in paragraphs)
    titles = (e.text or "" for e in root.iter("title") if not any(e.iterancestors("svg")))
    return Page(
        " ".join(next(titles, "").split()),
        _date(root),
        "\n\n".join(filter(None, (line.strip() for line in lines))),
    )


def _pieces(root: etree._Element) -> Iterator[str]:
    """Yield pieces of text, with ``\\0`` between blocks and ``\\1`` for each line break."""
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if _BLOCKS.fullmatch(tag):
                yield "\0"
            elif tag == "br":
                yield "\x01"
            if _drops(element):
                walk.skip_subtree()
            else:
                yield _plain(element.text).translate(_RAISED if tag == "sup" else {})
            continue
        if _BLOCKS.fullmatch(tag):
            yield "\0"
        if element is not root:
            yield _plain(element.tail)


def _drops(element: etree._Element) -> bool:
    role = (element.get("role") or "").strip().lower()
    named = _DROPPED.fullmatch(str(element.tag)) or _ROLES.fullmatch(role)
    return bool(named) or "hidden" in element.attrib


def _plain(text: str | None) -> str:
    return " ".join(re.split(r"[\s\0\x01]+", text)) if text else ""


def _refuse_open(root: etree._Element) -> None:
    end = next(root.iter("tifa-end"), None)
    if end is None:
        # the rest of the page was read as part of a tag, a comment or a script
        swallowed = [e.tag for e in root.iter() if _END in (e.text or "")]
        if not swallowed:
            raise TifaError("a tag is never closed")
        if not isinstance(swallowed[-1], str):
            raise TifaError("a comment is never closed")
        open_ones = swallowed[-1:]
    else:
        open_ones = [around.tag for around in end.iterancestors() if _drops(around)]
    if open_ones:
        raise TifaError(f"the element <{open_ones[0]}> is never closed")


def _date(root: etree._Element) -> str:
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name in _DATES and meta.get("content"):
            return str(meta.get("content"))
    return ""


def decode_page(data: bytes, *, charset: str = "", other: str = "") -> str:
    """Decode a page in ``charset``, the encoding that the host declared.

    If ``charset`` is empty, the encoding that the page itself declares is used. If it declares
    none, the page is decoded as UTF-8 or, if that fails, as ``other``. Raises TifaError if the page
    has NUL bytes or cannot be decoded, or if browsers do not support the encoding.
    """
    if b"\0" in data:
        raise TifaError("contains NUL bytes (UTF-16?); save it as UTF-8")
    found = _CHARSET.search(data[:4096])
    declared = charset or (found[1].decode("ascii") if found else "")
    name = declared or "utf-8"
    if not declared and other:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            name = other
    try:
        codec = codecs.lookup(name).name
        if not _OF_PAGES.fullmatch(codec):
            raise LookupError(name)
        return data.decode("utf-8-sig" if codec == "utf-8" else _AS_BROWSERS.get(codec, codec))
    except (UnicodeError, LookupError):
        problem = f"not {name[:40]}, as the page says" if declared else "not UTF-8"
        raise TifaError(f"{problem}; save it as UTF-8") from None
