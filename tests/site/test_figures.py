"""Figures can be cited, and their files say what they are."""

import codecs
import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import pandas as pd
from browsing import SITE, built, sources
from hostile import FORMULAS

from tifa.publish import figures
from tifa.publish.figures import to_csv
from tifa.util.spreadsheet import safe_cell


def test_rows_with_chinese_open_in_a_spreadsheet():
    saved = to_csv(pd.DataFrame({"=1": ["上海精神", *FORMULAS], "n": -2})).encode()
    assert saved.startswith(codecs.BOM_UTF8)
    _, *rows = csv.reader(io.StringIO(saved.decode("utf-8-sig"), newline=""))
    assert rows == [["上海精神", "-2"], *([safe_cell(cell), "-2"] for cell in FORMULAS)]
    assert saved.decode("utf-8-sig").startswith("'=1,")


#: Width of a figure on a screen of 390 pixels.
PHONE = 366


def smallest(figure):
    """The size of a figure's smallest letters, as a fraction of its width."""
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', figure)[1])
    return min(float(size) for size in re.findall(r"font-size: ([\d.]+)px", figure)) / width


def test_no_letters_are_drawn_too_small_for_a_phone():
    fig, ax = plt.subplots(figsize=(3 * figures.WIDTH, 4))
    ax.text(0, 0, "boats", fontsize=4)
    shown = figures.show(fig, name="boats", alt="Boats at the quay, all of them", caption="Boats.")
    assert smallest(shown.html) * PHONE > 9


@built
class TestBuilt:
    def test_letters_can_be_read_on_a_phone(self):
        drawn = 0
        for name, page in sources():
            found = re.findall(r'<figure class="tifa-figure".*?</svg>', page, re.DOTALL)
            assert len(found) == page.count("tifa-figure"), name
            for figure in found:
                assert smallest(figure) * PHONE > 9, (name, figure[:80])
            drawn += len(found)
        # each has its file, those of the front page twice
        assert drawn >= len(list((SITE / "figures").glob("*.svg"))) > 10

    def test_figures_are_numbered_through_the_book_cited_and_described_to_machines(self):
        numbers = set()
        for name, page in sources("notebooks/"):
            drawn = re.findall(r'<figure class="tifa-(figure|map)" id="([^"]+)"', page)
            for kind, anchor in drawn:
                link = re.search(rf'class="tifa-number" href="#{anchor}">Figure (\d+)\.</a>', page)
                assert link, (name, kind, anchor)
                assert link[1] not in numbers
                numbers.add(link[1])
                assert f"<summary>Cite figure {link[1]}</summary>" in page
            # no two files have one name
            names = re.findall(r'data-name="([^"]+\.(?:csv|svg|png))"', page)
            assert len(names) == len(set(names)), name
            text = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
            parts = json.loads(text[1]).get("hasPart", [])
            assert len(parts) == len(drawn), name
            assert all(p["@type"] == "ImageObject" and p["creditText"] for p in parts)
        assert numbers == {str(n) for n in range(1, len(numbers) + 1)}
        assert len(numbers) > 15

    def test_every_row_file_is_the_one_under_its_figure_and_is_described(self):
        found = sorted((SITE / "figures").glob("*.csv"))
        assert len(found) > 15
        for path in found:
            about = json.loads(path.with_name(path.name + "-metadata.json").read_text("utf-8"))
            content = path.read_bytes()
            assert content.startswith(codecs.BOM_UTF8)  # so spreadsheet programs read it as UTF-8
            head = next(csv.reader(content.decode("utf-8-sig").splitlines()))
            assert ("low" in head) == ("high" in head), path.name
            assert [c["name"] for c in about["tableSchema"]["columns"]] == head
            assert about["dc:source"] or path.stem == "specifications", path.name
            drawn = {c["name"]: c.get("dc:description") for c in about["tableSchema"]["columns"]}
            assert all(drawn.values()), (path.name, [c for c, said in drawn.items() if not said])
            assert about["notes"] or "rate" not in drawn, f"{path.name}: no unit of rate"
            assert "Figure" in about["dc:bibliographicCitation"]

    def test_a_drawing_to_take_away_is_whole_and_names_source_licence_and_finding(self):
        credits = {}
        for path in (SITE / "figures").glob("*.svg"):
            root = ET.parse(path).getroot()
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert float(root.get("width")) > 300
            # no colour of the page, white background
            assert "var(" not in path.read_text("utf-8")
            assert root.find("{*}rect").get("fill") == "#ffffff"
            assert "Version" in root.find("{*}desc").text
            assert root.find("{*}title").text
            # the credit is drawn below it, so that a picture includes it
            credit = " ".join(text.text for text in root.findall("{*}text"))
            assert re.search(r"Figure .*Version .*CC BY 4\.0\.", credit), path.name
            credits[path.stem] = credit
        assert "Data: United Nations General Debate Corpus" in credits["founders"]
        assert "F5.7." in credits["founders"]
        assert sum(bool(re.search(r"CC BY 4\.0\. F\d", said)) for said in credits.values()) > 10
