"""Figures can be cited, and their files say what they are."""

import codecs
import csv
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET

import pandas as pd
from browsing import SITE, built, sources
from sphinx_findings.citation import Author, Work

import tifa
from tifa.publish.figures import to_csv
from tifa_book import figures

WORK = Work("Boats: a study", (Author(family="Reed", given="Ann"),), "1.2")
CONTENT = {
    "html": '<figure><svg viewBox="0 0 10 20" role="img"><path fill="var(--tifa-red, #b3372b)"/>'
    "</svg></figure>",
    "alt": "There are more boats & oars",
    "caption": "Boats by lake. Dots are lakes.",
    "tables": ["facts/memberships.csv"],
    "axes": ["% of boats"],
    "claim": "",
    "csv": "lake,share\nA,0.5\n",
    "columns": [["lake", ""], ["share", "share as a fraction of 1"]],
    "page": "notebooks/01",
}


def test_a_figure_is_named_by_its_caption():
    assert figures.SiteFigure("fig-boats", 7, CONTENT).title == "Boats by lake."
    claimed = CONTENT | {"claim": "There are more boats."}
    assert figures.SiteFigure("fig-boats", 7, claimed).title == "There are more boats."
    assert figures.SiteFigure("map-two-lakes", 1, CONTENT).name == "two-lakes-sentences"


def test_the_data_file_of_a_figure_names_its_sources():
    made = figures.sidecar(figures.SiteFigure("fig-boats", 7, CONTENT), WORK, "Reed. Boats.")
    assert made["url"] == "boats.csv"
    assert made["tableSchema"]["columns"][1]["dc:description"] == "share as a fraction of 1"
    assert made["notes"] == ["Axis of the figure: % of boats"]
    (source,) = made["dc:source"]
    table = tifa.data_folder() / "facts" / "memberships.csv"
    assert hashlib.sha256(table.read_bytes()).hexdigest() in source


def test_a_figure_file_includes_its_credit():
    figure = figures.SiteFigure("fig-boats", 7, CONTENT, "F5.6")
    svg = figures.stand_alone(figure, "Reed & sons. Boats.")
    drawn = ET.fromstring(svg)
    assert "var(" not in svg
    said = [child.text or "" for child in drawn]
    credit = "Data: facts/memberships.csv. CC BY 4.0. F5.6."
    assert said[1].endswith(f"Reed & sons. Boats. {credit}")
    assert [e.text for e in drawn.iter("{http://purl.org/dc/terms/}relation")] == ["F5.6"]
    # and drawn below it, in lines as wide as the drawing
    below = "".join(said[5:]).replace(" ", "")
    assert below == f"Reed & sons. Boats.{credit}".replace(" ", "")
    assert float(drawn.get("height", 0)) > 20


def test_rows_with_chinese_open_in_a_spreadsheet():
    saved = to_csv(pd.DataFrame({"zh": ["上海精神", "=1+1"], "n": [189, 2]})).encode()
    assert saved.startswith(codecs.BOM_UTF8)
    assert pd.read_csv(io.BytesIO(saved))["zh"].tolist() == ["上海精神", "'=1+1"]


@built
class TestBuilt:
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
            with path.open(encoding="utf-8-sig", newline="") as opened:
                head = next(csv.reader(opened))
            assert ("low" in head) == ("high" in head), path.name
            assert [c["name"] for c in about["tableSchema"]["columns"]] == head
            assert about["dc:source"] or path.stem == "specifications", path.name
            drawn = {c["name"]: c.get("dc:description") for c in about["tableSchema"]["columns"]}
            assert all(drawn.values()), (path.name, [c for c, said in drawn.items() if not said])
            assert about["notes"] or "rate" not in drawn, f"{path.name}: no unit of rate"
            assert "Figure" in about["dc:bibliographicCitation"]

    def test_a_drawing_to_take_away_names_source_licence_and_finding(self):
        found = sorted((SITE / "figures").glob("*.svg"))
        assert len(found) > 15
        said = {path.stem: path.read_text(encoding="utf-8") for path in found}
        assert all("CC BY 4.0." in text for text in said.values())
        credits = " ".join("".join(ET.fromstring(said["founders"]).itertext()).split())
        assert "Data: United Nations General Debate Corpus" in credits
        assert "F5.7." in credits
        shown = [name for name, text in said.items() if "<dc:relation>F" in text]
        assert len(shown) > 10
