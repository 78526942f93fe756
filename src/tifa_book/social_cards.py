"""A picture for each page, shown where its address is shared: title, one finding, the work.

The tags that name a picture need the public address; where it is not set there are no pictures
either. They are drawn with the letters that come with matplotlib, so that they are the same on
every machine; these have no Chinese, and Chinese in brackets is left out.
"""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from docutils import nodes
from PIL import Image, ImageDraw, ImageFont
from sphinx.application import Sphinx

from tifa_book.citing import the_work
from tifa_book.ledger import read_ledger
from tifa_book.page_metadata import HOME, describe, kind_of

FOLDER = "cards"
WIDTH, HEIGHT = 1200, 630
MARGIN = 80
INK, QUIET, RED, PAPER, LINE = "#1f2328", "#5b6470", "#b3372b", "#ffffff", "#d0d5db"
#: Colours of the file: shades at the edges of letters included.
COLOURS = 48
_BRACKET = re.compile(r"\s*[(（][^()（）]*[\u3000-\u9fff][^()（）]*[)）]")
_CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]+")


def draw_card(title: str, said: str, *, work: str, foot: str) -> bytes:
    """Draw a card as PNG.

    Parameters
    ----------
    title
        Of the page; set in up to three lines.
    said
        A finding or a description; as much as there is room for, whole words.
    work, foot
        What stands above and below.

    """
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 18, HEIGHT), fill=RED)
    pen.text((MARGIN, 58), latin(work), font=_font("DejaVuSans-Bold", 25), fill=RED)
    room = WIDTH - 2 * MARGIN
    y = 124.0
    size, lines = _fit(latin(title), room)
    for line in lines:
        pen.text((MARGIN, y), line, font=_font("DejaVuSerif-Bold", size), fill=INK)
        y += size * 1.22
    y += 24
    for size in (36, 32, 28):  # as large as there is room for
        font, step = _font("DejaVuSans", size), size * 1.46
        left = int((HEIGHT - 112 - y) // step)
        lines = _wrap(latin(said), font, room)
        if len(lines) <= left:
            break
    for line in _cut(lines, left, font, room):
        pen.text((MARGIN, y), line, font=font, fill=INK)
        y += step
    pen.line((MARGIN, HEIGHT - 92, WIDTH - MARGIN, HEIGHT - 92), fill=LINE, width=2)
    pen.text((MARGIN, HEIGHT - 70), latin(foot), font=_font("DejaVuSans", 23), fill=QUIET)
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def latin(text: str) -> str:
    """A text without what the letters cannot show."""
    text = _CHINESE.sub("", _BRACKET.sub("", text))
    return " ".join(text.split())


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    # the basic layout does not ask which shaping library is there
    return ImageFont.truetype(
        str(folder / f"{name}.ttf"), size, layout_engine=ImageFont.Layout.BASIC
    )


def _fit(title: str, room: int) -> tuple[int, list[str]]:
    """The largest letters in which a title takes two lines, else three small ones."""
    for size in (64, 56, 48):
        lines = _wrap(title, _font("DejaVuSerif-Bold", size), room)
        if len(lines) <= 2:
            return size, lines
    font = _font("DejaVuSerif-Bold", 44)
    return 44, _cut(_wrap(title, font, room), 3, font, room)


def _wrap(text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(_shorten(word, font, room))
    return lines


def _shorten(word: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    while font.getlength(word) > room:
        word = word[:-2] + "…"
    return word


def _cut(lines: list[str], most: int, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """As many lines as there is room for, and a sign that more would follow."""
    if len(lines) <= most:
        return lines
    kept = lines[: max(most, 1)]
    while " " in kept[-1] and font.getlength(f"{kept[-1]} …") > room:
        kept[-1] = kept[-1].rpartition(" ")[0]
    return [*kept[:-1], _shorten(f"{kept[-1]} …", font, room)]


def first_finding(doctree: nodes.document) -> str:
    """Id of the first finding that a page prints; empty where it prints none."""
    for link in doctree.findall(nodes.reference):
        if "tifa-finding-link" in link["classes"]:
            return link.astext()
    return ""


def add_card(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Draw the card of a page, and name it in the page's head."""
    base = app.config.html_baseurl
    if not base or doctree is None or page not in app.env.titles:
        return
    work = the_work(app)
    about = describe(doctree, str((context.get("meta") or {}).get("description", "")))
    # elsewhere a finding is quoted in passing, and says too little by itself
    tells = kind_of(page) in ("work", "chapter")
    found = read_ledger(app).findings.get(first_finding(doctree)) if tells else None
    said = found["statement"] if found else about
    title = "Who says “Shanghai Spirit”?" if page == HOME else app.env.titles[page].astext()
    foot = base.partition("://")[2].rstrip("/")
    number = f"Finding {found['id']}  ·  " if found else ""
    name = f"{FOLDER}/{page.replace('/', '-')}.png"
    path = Path(app.outdir) / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(draw_card(title, said, work=work.short_title, foot=number + foot))
    # sphinxext.opengraph takes these up
    context["meta"] = dict(context.get("meta") or {}) | {
        "og:image": f"{base.rstrip('/')}/{name}",
        "og:image:alt": f"{title}: {said}",
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
    }
    context["metatags"] += '<meta name="twitter:card" content="summary_large_image">\n'


def drop_strays(app: Sphinx, error: Exception | None) -> None:
    """Cards of pages that are no more, or of a build that had an address."""
    if error is not None or app.builder.format != "html":
        return
    pages = {page.replace("/", "-") for page in app.env.found_docs}
    folder = Path(app.outdir) / FOLDER
    for path in folder.glob("*.png"):
        if not app.config.html_baseurl or path.stem not in pages:
            path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
