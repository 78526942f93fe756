"""A card for each page: the same bytes anywhere, every letter in the font, small."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path

import pytest
from conftest import ROOT
from docutils import nodes
from docutils.utils import new_document
from PIL import Image

from tifa_book import social_cards

SITE = ROOT / "_build" / "html"

LONG = "A very long sentence about boats, oars and reeds that will not end. " * 20
MOST_BYTES = 40_000


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Boats", "Two boats."),
        ("Boats " * 40, LONG),
        ("", ""),
        ("Unbreakable" * 30, "x" * 900),
        ("提法", "“Spirit” (上海精神) – 5 × 3, naïve §"),
    ],
)
def test_a_card_is_small_and_of_the_size_that_networks_ask_for(title, said):
    made = social_cards.draw_card(title, said, work="The Lake", foot="example.org")
    assert made == social_cards.draw_card(title, said, work="The Lake", foot="example.org")
    assert len(made) < MOST_BYTES
    image = Image.open(io.BytesIO(made)).convert("RGB")
    assert image.size == (1200, 630)
    # nothing runs into the margins at the right
    right = image.crop((1200 - social_cards.MARGIN + 2, 0, 1200, 630))
    assert right.getcolors() == [(right.width * right.height, (255, 255, 255))]


def test_chinese_that_the_letters_lack_is_left_out():
    assert social_cards.latin("The Spirit (上海精神) travels") == "The Spirit travels"
    assert social_cards.latin("提法 is a word") == "is a word"
    assert social_cards.latin("a (b) c") == "a (b) c"


def test_text_that_does_not_fit_says_that_it_goes_on():
    font = social_cards._font("DejaVuSans", 28)
    lines = social_cards._cut(social_cards._wrap(LONG, font, 900), 3, font, 900)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(font.getlength(line) <= 900 for line in lines)


def test_the_first_finding_of_a_page_stands_on_its_card():
    page = new_document("test")
    page += nodes.paragraph("", "", nodes.reference("", "elsewhere", refuri="#x"))
    assert social_cards.first_finding(page) == ""
    for number in ("F2.1", "F3.1"):
        link = nodes.reference("", number, refuri="#f", classes=["tifa-finding-link"])
        page += nodes.paragraph("", "", link)
    assert social_cards.first_finding(page) == "F2.1"


@pytest.mark.slow
@pytest.mark.skipif(not (SITE / "book").is_dir(), reason="the site is not built (make book)")
class TestBuilt:
    def test_every_letter_on_the_cards_is_in_the_font(self):
        from matplotlib import get_data_path
        from matplotlib.ft2font import FT2Font

        fonts = Path(get_data_path()) / "fonts" / "ttf"
        both = [
            FT2Font(str(fonts / f"{name}.ttf")).get_charmap()
            for name in ("DejaVuSans", "DejaVuSerif-Bold")
        ]
        text = (SITE / "findings.json").read_text(encoding="utf-8")
        for page in (SITE / "book").rglob("*.html"):
            html = page.read_text(encoding="utf-8")
            text += unescape(re.search(r"<title>(.*?)</title>", html, re.S)[1])
            text += unescape(re.search(r'<meta name="description" content="([^"]*)"', html)[1])
        shown = set(social_cards.latin(text)) - set("\n ")
        for letters in both:
            assert {c for c in shown if ord(c) not in letters} == set()

    def test_tags_name_a_card_that_is_there_or_there_are_none(self):
        named = 0
        for folder in ("book", "notebooks"):
            for page in (SITE / folder).rglob("*.html"):
                html = page.read_text(encoding="utf-8")
                found = re.findall(r'<meta property="og:image" content="([^"]+)"', html)
                address = re.search(r'<link rel="canonical" href="([^"]+)"', html)
                assert len(found) == (address is not None), page.name
                assert ("summary_large_image" in html) == (address is not None)
                for url in found:
                    named += 1
                    assert url.startswith("https://")
                    card = SITE / "cards" / url.rpartition("/")[2]
                    assert card.stat().st_size < MOST_BYTES
        assert named == len(list((SITE / "cards").glob("*.png")))
