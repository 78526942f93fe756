"""The explorer in a real browser: typing, comparing, sharing, keyboard, zeros, downloads."""

import csv
import io
import json
import re
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from browsing import BROWSER, WCAG, downloaded, faults, html_of, until
from conftest import ROOT
from sphinx_findings.citation import read_work

import tifa
from tifa.analysis.counts import only_named
from tifa.annotation.precision import precision
from tifa.features.ngrams import TOP_COUNTRIES
from tifa.text.words import words
from tifa_book import explorer as site_explorer

PAGE = "book/explorer.html"
pytestmark = BROWSER
INCLUDES = "text => document.querySelector('.tx-summary').innerText.includes(text)"
READY = "document.querySelector('.tx-summary') !== null"
LINES = "n => document.querySelectorAll('#tx-read li').length === n"
PHRASES = "n => document.querySelectorAll('.tx-summary li').length === n"


@pytest.fixture(scope="module")
def context(browser):
    """One context, which fetches style and scripts once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context, server):
    """A page that records its requests and errors."""
    page = context.new_page()
    page.problems, page.fetched = [], {}

    def on_request(request):
        if not request.url.startswith((server, "data:", "blob:")):
            page.problems.append(f"request to another host: {request.url}")

    def on_response(response):
        if "/explorer/" in response.url and "/_static/" not in response.url:
            page.fetched[response.url] = int(response.headers.get("content-length", 0))

    page.on("request", on_request)
    page.on("response", on_response)
    page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: page.problems.append(f"script: {e}"))
    page.on("dialog", lambda d: page.problems.append(f"dialog: {d.message}") or d.dismiss())
    yield page
    page.close()
    assert page.problems == []


def visit(page, server, query=None, extra=""):
    page.goto(server + PAGE + (f"?q={quote(query)}{extra}" if query is not None else ""))
    until(page, READY)


def ask(page, query):
    page.locator("#tx-q").fill(query)
    page.locator("#tx-q").press("Enter")


def summary(page):
    return page.locator(".tx-summary").inner_text()


def rows_of(page, button):
    """The rows of the CSV file that a button saves."""
    _, content = downloaded(page, page.locator(button).click)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def these_words(ngram):
    """Counts of an n-gram by year from the table, without possessives and compounds."""
    ungdc = tifa.load("ungdc")
    speeches = ungdc.documents.groupby("year")
    bases = speeches.agg(documents=("doc_id", "size"), words=("words", "sum"))
    rows = ungdc.ngrams.query("ngram == @ngram").set_index("year")[["n", "docs"]]
    return bases.join(rows).fillna(0).astype(int).reset_index()


def test_the_first_view_is_an_example(page, server):
    visit(page, server)
    page.wait_for_load_state("networkidle")
    assert sum(page.fetched.values()) < 150_000
    assert page.locator(".tx-summary li").count() == 1
    assert page.locator("#tx-svg svg[role=img]").is_visible()
    assert page.locator("#tx-speakers").is_checked()
    assert page.locator("#tx-read li").count() == len(site_explorer.SPEAKERS)
    assert page.locator("#tx-panels svg").count() == len(site_explorer.ROOMS)
    assert page.locator("#tx-static").is_hidden()
    assert page.locator("#tx-chips a").count() >= 5
    assert page.url.endswith(PAGE)
    # the field is empty, and keys that are typed at once are not lost
    answer = page.locator("#tx-results")
    assert "An example, until you type: “win-win cooperation”." in answer.inner_text()
    field = page.locator("#tx-q")
    assert not field.input_value()
    field.click()
    page.keyboard.type("disarm")
    assert field.input_value() == "disarm"
    page.wait_for_url("**?q=disarm")
    assert "An example" not in answer.inner_text()


def test_an_answer_says_what_else_its_wordings_mean(page, server):
    notes = {e.id: e.notes for e in tifa.phrasebook().entries}
    visit(page, server, "three evil forces")
    said = page.locator(".tx-mind").inner_text()
    first = notes["three-evil-forces"].split(". ")[0].replace("variant", "wording")
    assert said.removeprefix("Mind: ").startswith(first)
    assert said in page.locator("#tx-status").inner_text() + " More in the phrasebook."
    link = page.locator(".tx-mind a").get_attribute("href")
    assert link == "phrasebook.html#phrase-three-evil-forces"
    visit(page, server, "peaceful development")
    read = precision().query("corpus == 'ungdc' and entry == 'peaceful-development'").iloc[0]
    few = f"of {read['documents']} read, {read['n']} were the formulation"
    before, number, _ = summary(page).partition("“peaceful development” in ")
    assert number
    assert few in before  # that most hits are something else is said before their number
    # an entry without a note, and one whose note is for editors
    for query in ("multipolarity", "belt and road"):
        visit(page, server, query)
        assert page.locator(".tx-mind").count() == 0


def test_typing_shows_the_count_of_the_library_at_once(page, server):
    expected = these_words("friendly relations")
    visit(page, server)
    page.locator("#tx-q").press_sequentially("friendly relations", delay=60)
    said = f"in {expected['docs'].sum():,} of {expected['documents'].sum():,} speeches"
    until(page, "text => document.body.innerText.includes(text)", arg=said)
    page.wait_for_url("**?q=friendly+relations")
    assert "friendly relations" in page.title()
    assert said in page.locator("#tx-status").inner_text()
    page.locator("summary", has_text="the chart in numbers").click()
    rows = page.locator("#tx-table tbody tr")
    assert rows.count() == 79
    last = expected.iloc[-1]  # the newest first
    cells = rows.first.inner_text().split("\t")
    assert cells[:2] == ["2024", f"{last['documents']}"]
    assert cells[2].startswith(f"{last['docs']} (")
    assert page.evaluate("performance.getEntriesByName('explorer').length")
    # fetched are the first view, then one file of completions, one of sections and one of counts
    assert sum(page.fetched.values()) < 150_000


def test_escape_closes_the_suggestions_and_keeps_the_text(page, server):
    visit(page, server)
    field = page.locator("#tx-q")
    field.press_sequentially("shang", delay=40)
    page.wait_for_selector("#tx-list [role=option]")
    field.press("Escape")
    assert page.locator("#tx-list").is_hidden()
    field.press("h")  # Escape right after a letter, before its suggestions are there
    field.press("Escape")
    page.wait_for_timeout(600)
    assert page.locator("#tx-list").is_hidden()
    field.press("Backspace")
    page.wait_for_selector("#tx-list [role=option]")
    field.press("Escape")
    assert field.input_value() == "shang"


def test_suggestions_are_taken_with_the_keyboard_alone(page, server):
    visit(page, server)
    field, focused = page.locator("#tx-q"), "document.activeElement.id"
    for _ in range(60):  # from the header to the search field
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "tx-q":
            break
    page.keyboard.type("terrorism, win-w", delay=40)
    # the results must be those of the last key
    page.wait_for_url("**win-w")
    page.wait_for_selector("#tx-list [role=option]:first-child >> text=win-win")
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    active = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert active.get_attribute("aria-selected") == "true"
    assert "win-win" in active.inner_text()
    page.keyboard.press("ArrowUp")  # back to the search field
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value().startswith("terrorism, win-win")
    until(page, PHRASES, arg=2)
    # on to the measure, the countries, the years and the table under the chart
    met = []
    while "SUMMARY" not in met and len(met) < 40:
        page.keyboard.press("Tab")
        met.append(page.evaluate(f"{focused} || document.activeElement.tagName"))
        if met[-1] == "tx-share":
            page.keyboard.press("ArrowRight")
            page.wait_for_url("**&m=rate")
        if met[-1] == "tx-year":
            page.keyboard.press("Home")
            assert page.locator("#tx-year-said").inner_text() == "1946"
            page.keyboard.press("ArrowRight")
            assert "1947" in page.locator("#tx-year").get_attribute("aria-valuetext")
    order = [met.index(part) for part in ("tx-share", "tx-country", "tx-year", "SUMMARY")]
    assert order == sorted(order)
    page.keyboard.press("Enter")
    assert page.locator("#tx-table table").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"


def test_a_view_is_shared_by_its_address(page, server, open_page):
    visit(page, server)
    ask(page, "cold war, terrorism")
    until(page, PHRASES, arg=2)
    page.locator("label", has_text="Per 10,000 words").click()
    page.wait_for_url("**&m=rate")
    drawn = page.locator("#tx-svg").inner_html()
    other = open_page(page.url.removeprefix(server), height=900)
    until(other, READY)
    assert other.locator("#tx-q").input_value() == "cold war, terrorism"
    assert other.locator("#tx-svg").inner_html() == drawn
    assert summary(other) == summary(page)
    page.locator("#tx-chips a", has_text="multilateralism").click()
    until(page, PHRASES, arg=3)
    page.go_back()
    until(page, PHRASES, arg=2)
    assert page.locator("#tx-q").input_value() == "cold war, terrorism"
    page.go_forward()
    until(page, PHRASES, arg=3)


def test_every_kind_of_answer_says_what_it_answers_to(page, server):
    hits = tifa.load("ungdc").hits
    named = only_named(hits).query("entry == 'sco'")["doc_id"].nunique()
    variants = hits.groupby(["entry", "variant"]).size()
    rise = variants.get(("peaceful-development", "peaceful-rise"), 0)
    right = variants["trend-of-the-times", "right-side"]
    own = these_words("multipolarity")[["docs", "documents"]].sum()
    for query, said, beside in [
        # n-grams of protected texts are not published, and the page says so
        ("security council", "speeches", "not published"),
        ("cooperation", "speeches", ""),
        ("community of common destiny", "to this entry, whose wordings are counted together", ""),
        ("SCO", f"The chapters count {named} of these speeches", "chapter 2 counts among those"),
        ("multipolarity", f"in {own['docs']} of {own['documents']:,} speeches; with its", ""),
        ("peaceful rise", f"“peaceful rise” {rise} times at the UN General Debates; with", ""),
        ('"right side of history"', f"history {right} times at the UN General", str(right)),
    ]:
        visit(page, server, query)
        counts = page.locator(".tx-counts").inner_text()
        assert said in summary(page)
        assert beside in counts, query
        assert ("not published" in counts) == (beside == "not published"), query
        assert "Alone:" not in summary(page)
    for query, told in [
        ("mutual wombat", "fewer than 40 times"),
        ("!!", "letters or digits"),
        ("a community of shared future for mankind", "These are 7 words"),
    ]:
        visit(page, server, query)
        assert told in summary(page)
        assert page.locator("#tx-chart").is_hidden()
        assert told in page.locator("#tx-status").inner_text()
    parts = page.locator(".tx-links", has_text="Counted parts")
    assert "future for mankind" in parts.inner_text()
    asked = page.locator(".tx-links", has_text="Did you mean").locator("a").first
    assert asked.inner_text().startswith("community with a shared future")
    asked.click()
    until(page, INCLUDES, arg="when China first said it")
    visit(page, server, "Xi Jinping")
    assert page.locator(".tx-summary .tx-links a").all_inner_texts() == ["jinping", "xi"]


def test_these_very_words_are_asked_for_by_a_link_where_they_are_counted(page, server):
    only = page.locator(".tx-kind a", has_text="only")
    expected = tifa.count(tifa.load("ungdc"), "win-win-cooperation", by="year")["docs"].sum()
    alone = these_words("win-win")["docs"].sum()
    assert alone != expected
    visit(page, server, "win-win")
    assert f"{expected:,} of" in summary(page)
    only.click()
    until(page, INCLUDES, arg=f"{alone:,} of")
    assert page.locator("#tx-q").input_value() == '"win-win"'
    assert "These very words" in page.locator(".tx-kind").inner_text()
    visit(page, server, "win-win cooperation")
    assert only.count() == 0  # no count of these very words is published


def test_the_spirit_is_compared_with_others_and_shown_in_its_rooms(page, server):
    visit(page, server, "shanghai spirit")
    xwlb = tifa.count(tifa.load("xwlb"), "shanghai-spirit", by="year")
    for said in ("this zero is exact", f"{xwlb['n'].sum()} times in Evening news", "theirs must"):
        assert said in summary(page)
    others = page.locator("#tx-results .tx-links").inner_text()
    assert "spirit of Bandung" in others
    assert "Shanghai Cooperation Organization" in others
    # the rooms come first, because the debates have no hit
    rooms, chart = (page.locator(i).bounding_box()["y"] for i in ("#tx-rooms", "#tx-chart"))
    assert rooms < chart
    most = xwlb.loc[xwlb["n"].idxmax()]
    drawing, first = page.locator("#tx-panels svg").first, xwlb["year"].min()
    width = drawing.bounding_box()["width"] - 50
    x = 38 + width * float(most["year"] - first) / float(xwlb["year"].max() - first)
    drawing.hover(position={"x": x, "y": 40})
    read = page.locator(".tx-reading").first.inner_text()
    assert f"{most['year']}: " in read
    assert f"({most['n']}, in" in read
    rows = rows_of(page, "#tx-rooms-csv")
    mine = [r for r in rows if r["corpus"] == site_explorer.ROOMS["xwlb"]]
    assert [int(r["n"]) for r in mine] == xwlb["n"].tolist()
    assert {r["unit"] for r in mine} == {"characters"}


def test_lines_of_speakers_and_chosen_countries(page, server):
    visit(page, server, "win-win cooperation")
    # countries can be chosen by keys, although each letter changes the choice; the focus is kept
    for name in ("Fran", "Ind"):
        page.locator("#tx-country").focus()
        page.keyboard.type(name, delay=60)
        page.keyboard.press("Enter")
        page.get_by_role("button", name=f"Remove {name}").wait_for()
    assert page.evaluate("document.activeElement.innerText") == "Remove India"
    page.wait_for_url("**by=speakers&c=FRA,IND")
    until(page, LINES, arg=5)
    assert page.locator("#tx-country").is_disabled()  # a third would take the place of the first
    expected = site_explorer.by_speaker("win-win-cooperation")
    last = expected[expected["speaker"] == "China"].iloc[-3]  # the latest with five full years
    read = page.locator("#tx-read li").first.inner_text()
    assert f"({last['n']} of {last['documents']} speeches" in read
    # a tooltip shows the value at the pointer
    page.locator("#tx-svg svg").hover(position={"x": 300, "y": 200})
    tip = page.locator("#tx-tip")
    first, last = re.match(r"(\d{4})–(\d{4})\n", tip.inner_text()).groups()
    assert int(last) - int(first) == 4
    assert page.locator("#tx-year-said").inner_text() == f"{first}–{last}"
    assert "France" in tip.inner_text()
    plot, box = page.locator("#tx-svg").bounding_box(), tip.bounding_box()
    assert plot["x"] <= box["x"]
    assert box["x"] + box["width"] <= plot["x"] + plot["width"] + 1
    rows = rows_of(page, "#tx-csv")
    assert {r["phrase"].split(": ")[1] for r in rows} >= {"China", "all others", "France", "India"}
    assert {r["counted_as"] for r in rows} == {"phrasebook entry, five years added up"}
    assert {int(r["to"]) - int(r["from"]) for r in rows} == {2, 3, 4}
    alone = "France and India: drawn alone, and left out of the other lines."
    assert page.locator("#tx-who").inner_text().endswith(alone)
    page.get_by_role("button", name="Remove France").focus()
    page.keyboard.press("Enter")
    until(page, LINES, arg=4)
    assert tip.is_hidden()  # because it showed numbers of the earlier lines
    page.locator("label", has_text="All speakers").click()
    page.wait_for_url("**by=all&c=IND")
    until(page, LINES, arg=1)


def test_an_answer_is_a_sentence_and_a_chosen_country_stays(page, server):
    visit(page, server)
    example = site_explorer.example_in_words()
    assert example in summary(page)
    assert example in page.locator("#tx-static").text_content()
    page.locator("#tx-country").select_option("RUS")
    speeches = tifa.load("ungdc").documents.query("country == 'RUS'")
    russia = f"Russia: in 0 of {len(speeches)} speeches, {speeches['year'].min()}–2024 (as Soviet"
    until(page, INCLUDES, arg=russia)
    assert russia in page.locator("#tx-status").inner_text()
    page.locator("label", has_text="All speakers").click()
    until(page, "/^Russia is drawn under/.test(document.getElementById('tx-who').innerText)")
    assert russia in summary(page)
    kept = page.get_by_role("button", name="Remove Russia")
    top = tifa.load("ungdc").ngram_countries.query("ngram == 'win-win'")
    assert len(top) == TOP_COUNTRIES
    assert "RUS" not in set(top["country"])
    few = f"Russia: at most {top['n'].min()} of {these_words('win-win')['n'].sum()} "
    for query, why, said in [
        ('"win-win"', "before 1971. Russia is kept for the next one.", few),
        ("terrorism", "Russia is drawn under “By who speaks”.", "Russia: in "),
        ("shanghai spirit", "", russia),
    ]:
        ask(page, query)
        until(page, "text => document.getElementById('tx-who').innerText.endsWith(text)", arg=why)
        page.wait_for_url("**c=RUS")
        assert kept.is_visible()
        until(page, INCLUDES, arg=said)
    assert page.locator("#tx-speakers").is_disabled()  # nobody says it: no line to draw
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the answer").click()
    until(page, "document.querySelector('.tx-copied').innerText === 'Copied.'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert russia in copied
    assert copied.splitlines()[-1].partition("?")[2].startswith(page.url.partition("?")[2])
    assert server not in copied
    kept.click()
    page.wait_for_url(lambda url: "c=" not in url)


def test_a_tap_shows_the_numbers_of_a_year(open_page):
    tapped = open_page("book/explorer.html?q=multilateralism", width=390, has_touch=True)
    tapped.locator("#tx-svg svg").tap()
    tip = tapped.locator("#tx-tip")
    assert "China" in tip.inner_text()
    assert tip.is_visible()
    tapped.locator("#tx-results").tap()
    assert tip.is_hidden()


MINE = (
    "We uphold the Shanghai Spirit and seek win-win cooperation, mutual trust and mutual benefit. "
    "Boats wait in the harbour; mutual trust grows."
)


#: Whether the answer about a text of one's own contains this.
OWN = "text => document.querySelector('.tx-own-answer')?.innerText.includes(text)"


def count_own(page, text, said):
    """Count a typed text, whose answer contains ``said``; returns the answer."""
    page.locator("#tx-own-text").fill(text)
    page.locator("#tx-own-go").click()
    until(page, OWN, arg=said)
    return page.locator(".tx-own-answer").inner_text()


def test_a_pasted_text_is_marked_counted_and_never_sent(page, server, tmp_path):
    visit(page, server)
    asked = []
    page.on("request", lambda r: asked.append((r.method, r.url, r.post_data)))
    answer = count_own(page, MINE, f"text of {len(words(MINE))} words")
    assert "“mutual trust” 2 times" in answer
    marks = page.locator(".tx-own-text mark").all_inner_texts()
    assert marks[0] == "Shanghai Spirit"
    assert marks.count("mutual trust") == 2
    # now a file is chosen, with Chinese text
    path = tmp_path / "mine.txt"
    path.write_text("大家弘扬“上海精神”，船在港口等着。", encoding="gb18030")
    page.locator("#tx-own-file").set_input_files(path)
    until(page, OWN, arg="characters")
    assert "Shanghai Spirit" in page.locator(".tx-own-answer").inner_text()
    # several files at once, each counted by itself
    other = tmp_path / "other.txt"
    other.write_text(MINE, encoding="utf-8")
    page.locator("#tx-own-file").set_input_files([path, other])
    until(page, OWN, arg="these 2 texts")
    answer = page.locator(".tx-own-answer").inner_text()
    assert "“Shanghai Spirit” 1 time, " in answer  # the second one is inside 弘扬上海精神
    assert "; inside longer ones also “Shanghai Spirit” 1 time" in answer
    assert page.locator(".tx-own-out h3").all_inner_texts()[0] == "mine.txt: 1 marked"
    rows = rows_of(page, ".tx-own-out button:has-text('CSV')")
    spirit = [(r["file"], r["n"], r["marked"]) for r in rows if r["entry"] == "shanghai-spirit"]
    assert spirit == [("mine.txt", "1", "0"), ("other.txt", "1", "1")]
    # both languages of one text; a short text has no rate
    both = f"text of {len(words(MINE))} words and 8 Chinese characters"
    answer = count_own(page, f"{MINE} 大家弘扬“上海精神”。", both)
    assert "; inside longer ones also “Shanghai Spirit” 1 time" in answer
    assert "10,000" not in page.locator(".tx-own-out").inner_text()
    # only the phrasebook and the worker that counts were fetched, and nothing was sent
    fetched = {"phrasebook.json", "counting.js", "own.js", "words.js"}
    assert {url.rpartition("/")[2] for _, url, _ in asked} <= fetched
    assert {(method, data) for method, _, data in asked} <= {("GET", None)}
    count_own(page, "Boats wait.", "has none of")
    page.get_by_role("button", name="Copy the sentence").click()
    until(page, "/copy it|Copied/.test(document.querySelector('.tx-own-out').innerText)")


def test_a_mark_says_which_entries_it_is(page, server):
    visit(page, server)
    text = "We build a community with a shared future for mankind."
    answer = count_own(page, text, "1 formulation is marked: “community with a shared future")
    mark, box = page.locator(".tx-own-text mark"), page.locator("#tx-own > .tifa-basis")
    mark.click()
    assert "community with a shared future" in box.inner_text()
    # an entry within another: one formulation is marked, and the table counts each
    assert "; inside longer ones also “" in answer
    table, entries = page.locator(".tx-own-out table"), box.locator("a").count()
    assert table.locator("tbody th[scope=row]").count() == entries > 1
    assert table.locator("thead th").all_inner_texts() == ["Entry", "Marked", "Inside a longer one"]
    told = [int(cell) for cell in table.locator("tbody td").all_inner_texts()]
    assert sum(told[::2]) == mark.count() == 1
    assert sum(told[1::2]) == entries - 1
    for key, shown in (("Escape", False), ("Enter", True)):
        page.keyboard.press(key)
        assert box.is_visible() == shown
    page.locator(".tx-own-text").focus()
    assert box.is_hidden()
    page.keyboard.press("Tab")
    assert box.is_visible()


def test_names_and_common_words_come_after_the_formulations(page, server):
    visit(page, server)
    text = "In Geneva the Shanghai Spirit and win-win cooperation won the international community."
    marked = ", 2 formulations are marked: “Shanghai Spirit” 1 time, “win-win (coop"
    answer = count_own(page, text, marked)
    assert "; besides, 2 names of places and organisations or common diplomatic words: “" in answer
    assert "“Shanghai (named)”" not in answer  # it is inside "Shanghai Spirit", so not marked
    said, apart = page.locator(".tx-own-out tbody").all_inner_texts()
    assert "Shanghai Spirit" in said
    assert "(named)" not in said
    assert "Shanghai (named)" in apart
    assert "international community" in apart


def test_of_each_file_it_is_said_whether_it_is_counted(page, server, tmp_path):
    visit(page, server)
    files = {
        "empty.txt": (b" \n", "it is empty"),
        "scan.txt": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "not a plain text"),
        "sheet.txt": (b"PK\x03\x04\x14\x00\x06\x00", "not a plain text"),
        "old.txt": ("大家弘扬“上海精神”，船在港口等着。".encode("gb18030"), "read as GB18030"),
        "western.txt": ("Café: mutual trust, déjà vu".encode("cp1252"), "read as Windows-1252"),
        "lost.txt": ("Caf\ufffd: mutual trust".encode(), "1 time it has the sign \ufffd, for a"),
        "wide.txt": ("Boats trust the harbour: mutual trust.".encode("utf-16"), "6 words"),
        "long.txt": (("Boats wait. " * 42_000 + "Mutual trust grows.").encode(), "first 200,000"),
        "longer.txt": (b"Mutual trust. " * 450_000, "more than 6,000,000 letters"),
    }
    for name, (content, _) in files.items():
        (tmp_path / name).write_bytes(content)
    page.locator("#tx-own-file").set_input_files([tmp_path / name for name in files])
    page.wait_for_selector(".tx-own-answer")
    assert "In these 5 texts" in page.locator(".tx-own-answer").inner_text()
    said = page.locator("#tx-own-said .tx-none").all_inner_texts()
    more = page.locator("#tx-own-more")
    refused = ["empty.txt", "scan.txt", "sheet.txt", "longer.txt"]
    for told, name in zip(said, refused, strict=True):
        assert told.startswith(f"Not counted: {name} (")
        assert files[name][1] in told
    counted = [name for name in files if name not in refused]
    heads = more.locator("h3").all_inner_texts()
    assert [head.partition(":")[0] for head in heads] == counted
    assert all(files[name][1] in more.inner_text() for name in counted)
    # a folder cannot be read
    page.evaluate(
        """() => {
        const event = new Event("drop", { cancelable: true });
        event.dataTransfer = { files: [{ name: "notes", arrayBuffer: () => Promise.reject() }] };
        document.getElementById("tx-own-text").dispatchEvent(event);
        }"""
    )
    until(page, "document.querySelector('.tx-own-answer') === null")
    assert "notes (a folder" in page.locator("#tx-own-said").inner_text()
    assert more.inner_text() == ""
    page.locator("#tx-own-go").click()
    assert "there is no text yet" in page.locator("#tx-own-said").inner_text()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Boats wait. " * 480_000 + "Mutual trust.", "960,002 words, 1 formulation is"),
        ("船在港口等着。" * 420_000 + "上海精神", "2,520,004 Chinese characters, 1 formulation is"),
        ("Boats" + "\n" * 3_000_000 + "7: mutual trust", "4 words, 1 formulation is"),
    ],
    ids=["English", "Chinese", "blank lines"],
)
def test_a_long_text_is_counted_without_filling_the_field(page, server, tmp_path, text, answer):
    visit(page, server)
    field, go = page.locator("#tx-own-text"), page.locator("#tx-own-go")
    (tmp_path / "long.txt").write_text(text, encoding="utf-8")
    page.locator("#tx-own-file").set_input_files(tmp_path / "long.txt")
    until(page, OWN, arg=answer)
    # millions of letters in a field stop a browser for minutes
    assert field.input_value() == ""
    # now the same letters are pasted
    visit(page, server)
    page.evaluate(
        """text => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", text);
        document.getElementById("tx-own-text").dispatchEvent(
          new ClipboardEvent("paste", { clipboardData, cancelable: true }));
        }""",
        text,
    )
    until(page, OWN, arg=answer)
    assert "too long for the field" in page.locator("#tx-own-more").inner_text()
    assert field.input_value() == ""
    # until something is typed, the button counts the pasted text again; the last count wins
    go.click()
    until(page, "!document.getElementById('tx-own-said').innerText.includes('Counting')")
    assert answer in page.locator(".tx-own-answer").inner_text()
    go.click()
    count_own(page, "Boats wait for mutual trust.", "In this text of 5 words")
    field.fill("")
    go.click()
    assert "there is no text yet" in page.locator("#tx-own-said").inner_text()


def test_a_broken_or_missing_file_is_never_a_phrase_that_is_not_there(page, server):
    files = (("**/1/*.json", '"terrorism"'), ("**/entry/terrorism.json", "terrorism"))
    for content in ["{}", "<html>", None]:  # test_look damages them in more ways

        def answer(route, _, body=content):
            if body is None:
                route.abort()
            else:
                route.fulfill(body=body, content_type="application/json")

        visit(page, server)  # a new page, because files that were read are kept
        for pattern, query in files:
            page.route(pattern, answer)
            ask(page, query)
            until(page, "document.querySelector('[role=alert]') !== null")
            said = page.locator("#explorer").inner_text()
            assert "Data is missing" in said
            # nothing of the phrase before is left
            assert page.title().startswith(query)
            assert page.locator("#tx-status").inner_text() == ""
            assert page.locator(".tx-cite").is_hidden()
            assert "No count is published" not in said
            page.unroute(pattern)
            page.locator("#tx-q").press("Enter")
            until(page, "document.querySelector('[role=alert]') === null")
            assert "terrorism" in summary(page)
    page.problems.clear()  # the browser reports the requests that were blocked on purpose


def test_a_count_of_a_text_is_stopped_and_only_so_many_places_are_marked(page, server, tmp_path):
    visit(page, server)
    said, chosen = page.locator("#tx-own-said"), page.locator("#tx-own-file")
    (tmp_path / "long.txt").write_text("SCO " * 1_250_000, encoding="utf-8")
    chosen.set_input_files(tmp_path / "long.txt")
    until(page, "document.querySelector('#tx-own-said button') !== null")
    assert said.inner_text().startswith("Counting … 5,000,000 letters to go.")
    # the page is free meanwhile
    page.locator("#tx-q").fill("cold war")
    page.get_by_role("button", name="Stop").click()
    assert said.inner_text() == "Stopped: nothing is counted."
    page.wait_for_timeout(500)
    assert said.inner_text() == "Stopped: nothing is counted."
    (tmp_path / "many.txt").write_text("We see the SCO. " * 4_000, encoding="utf-8")
    chosen.set_input_files(tmp_path / "many.txt")
    until(page, OWN, arg="“Shanghai Cooperation Organization (SCO)” 4,000 times")
    assert page.locator(".tx-own-text mark").count() == 3_000
    shown = len("We see the SCO. ") * 3_000 - len(". ")
    assert f"its first {shown:,} letters below" in page.locator("#tx-own-more").inner_text()


def test_while_a_file_does_not_come_no_earlier_answer_stands_under_the_phrase(page, server):
    visit(page, server, "cold war")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/1/*.json", hold)
    ask(page, '"peace"')
    until(page, "document.getElementById('tx-out').ariaBusy === 'true'")
    assert page.locator("#tx-results").inner_text() == 'Looking up “"peace"” …'
    assert page.locator("#tx-status").inner_text() == 'Looking up “"peace"” …'
    assert page.title().startswith('"peace" – ')
    for part in ("#tx-chart", "#tx-rooms", ".tx-cite", ".tx-card"):
        assert page.locator(part).is_hidden()
    for route in held:
        route.continue_()
    until(page, READY)
    assert "of 10,952 speeches" in summary(page)
    assert page.locator("#tx-out").get_attribute("aria-busy") is None
    assert page.locator(".tx-cite").is_visible()


def test_a_wildcard_shows_the_rate_and_says_why(page, server):
    visit(page, server, "multilateral*, terrorism")
    assert page.locator("#tx-share").is_disabled()
    assert page.locator("#tx-rate").is_checked()
    assert "speeches cannot be added" in page.locator("#tx-why").inner_text()
    ask(page, "terrorism")
    until(page, "!document.getElementById('tx-share').disabled")
    assert page.locator("#tx-share").is_checked()


def test_numbers_and_pictures_can_be_saved(page, server):
    expected = these_words("cold war")
    visit(page, server, "cold war, shanghai spirit")
    rows = rows_of(page, "#tx-csv")
    assert len(rows) == 2 * 79
    for row, truth in zip(rows, expected.to_dict("records"), strict=False):
        assert row["phrase"] == "cold war"
        assert {c: int(row[c]) for c in truth} == truth
        share = truth["docs"] / truth["documents"]
        assert float(row["share"]) == pytest.approx(share, rel=1e-4)
    name, content = downloaded(page, page.locator("#tx-columns").click)
    assert name == "explorer-cold-war-shanghai-spirit.csv-metadata.json"
    about = json.loads(content)
    assert about["url"] == "explorer-cold-war-shanghai-spirit.csv"
    assert [c["name"] for c in about["tableSchema"]["columns"]] == list(rows[0])
    name, content = downloaded(page, page.locator("#tx-svg-file").click)
    drawing = ElementTree.fromstring(content)
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    text = "".join(drawing.itertext())
    assert "cold war" in text
    assert "“cold war”, “Shanghai Spirit” at the UN General Debates" in text
    assert "UN General Debate Corpus" in text
    assert "CC BY 4.0" in text
    assert page.url.partition("?")[2][:10] in text
    assert b"var(" not in content
    name, content = downloaded(page, page.locator("#tx-png").click)
    assert name.endswith(".png")
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(content[16:20], "big") == 2 * 1000


def test_the_view_is_cited_with_its_address(page, server):
    visit(page, server, "cold war")
    page.locator(".tx-cite summary").click()
    text = page.locator("#tx-citation").inner_text()
    assert read_work(ROOT / "CITATION.cff").version in text
    assert "Shanghai Spirit Traced contributors" in text
    # without a public address none is given, because that of this computer would be of no use
    public = page.locator("#explorer").get_attribute("data-address")
    asked = page.url.partition("?")[2]
    given = f"{public}?{asked}" if public else f"explorer.html?{asked}, no public address yet"
    assert text.count(given) == 2
    assert server not in text
    assert "@misc{" in text


def test_every_entry_of_the_phrasebook_links_here(page, server):
    linked = re.findall(r'href="explorer\.html\?q=([a-z0-9-]+)"', html_of("book/phrasebook.html"))
    assert linked == list(dict.fromkeys(linked))
    assert set(linked) == {e.id for e in tifa.phrasebook().entries}
    visit(page, server, linked[3])
    link = page.locator(".tx-card a", has_text="in the phrasebook")
    assert link.get_attribute("href").endswith(f"#phrase-{linked[3]}")


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "javascript:alert(1)",
    "{{7*7}} ${7*7}",
    "__proto__, constructor, toString",
    "../../index.json, ..%2f..%2f",
    "%00\u202eabc\ufeff",
    "a" * 5000,
    ",".join(["a*"] * 50),
    "((((*))))",
    "'; DROP TABLE ngrams; --",
    "İstanbul ﬁne ǅ",
    "\ud83d\ude00 👩‍👩‍👧",
]


#: Texts to be marked, and the beginning of the answer.
HOSTILE_TEXTS = {
    "</div><script>window.struck = 1</script><img src=x onerror=alert(1)> win-win": "text of 13",
    "\u202emutual trust \u2067قارب\u2069 🚣win-win🚣 \ud83d": "text of 4 words, 2 formul",
    "船" + " " * 400_000 + "港" + "\u3000\n" * 50_000 + "上海精神": "text of 6 Chinese char",
    "x" * 100_000: "text of 1 word has none",
}


#: Whether something in the page came from a query.
MADE = """() => document.querySelectorAll("#explorer img, #explorer iframe").length > 0 ||
  [...document.querySelectorAll("#explorer *")].some((e) => [...e.attributes].some(
    (a) => a.name.startsWith("on") || /^\\s*(javascript:|https?:..evil)/i.test(a.value)))"""


#: Addresses that no reader would open.
ADDRESSES = [
    *("?q=" + quote(q[:300].encode("utf-8", "surrogatepass")) for q in HOSTILE),
    *("?q=%E0%A4%A&m=%FF", "?q=%u0041%00", "?q=https://evil.example/x.js&q=", "?&m=rate&=+;"),
    "?q=" + "<b>boat,%" * 12_000,
    "?q=" + "a" * 100_000,
    "?" + "q=boat&" * 15_000,
    "?q=__proto__&__proto__=1&constructor[prototype]=x&m=__proto__",
    "?m=toString&q=" + ",".join(["*"] * 400),
]


def check_inert(page, normal, what):
    """Check that nothing in the page came from a query, and nothing ran."""
    assert page.evaluate("window.struck") is None, what
    assert page.evaluate("({}).q") is None, what
    assert page.evaluate("document.querySelectorAll('script, iframe, img').length") == normal
    assert not page.evaluate(MADE), what


def test_hostile_queries_and_addresses_do_nothing(page, server):
    visit(page, server)
    normal = page.evaluate("document.querySelectorAll('script, iframe, img').length")
    for query in HOSTILE:
        ask(page, query)
        until(page, "document.querySelector('.tx-card') !== null")
        check_inert(page, normal, query)
    for text, said in HOSTILE_TEXTS.items():
        page.locator("#tx-own-text").evaluate("(field, text) => { field.value = text; }", text)
        page.locator("#tx-own-go").click()
        answered = "text => document.getElementById('tx-own-said').innerText.includes(text)"
        until(page, answered, arg=said)
        check_inert(page, normal, text[:80])
    for search in ADDRESSES:
        # changed by a link within the page, or by the buttons back and forward
        page.evaluate(
            "search => { "
            "document.getElementById('tx-results').firstElementChild.dataset.before = 1; "
            "history.pushState(null, '', search); dispatchEvent(new PopStateEvent('popstate')); }",
            search,
        )
        until(page, "document.querySelector('#tx-results [data-before]') === null")
        if len(search) < 4_000:  # short enough to be opened as an address
            page.goto(server + PAGE + search)
            until(page, READY)
        check_inert(page, normal, search)
    page.evaluate(
        "history.pushState(null, '', '?q=friendly+relations'); "
        "dispatchEvent(new PopStateEvent('popstate'))"
    )
    until(page, "document.querySelector('.tx-summary').innerText.includes('friendly relations')")
    assert page.locator("#tx-q").input_value() == "friendly relations"
    assert re.search(r"in [\d,]+ of [\d,]+ speeches", summary(page))


def test_without_a_script_the_page_says_what_is_missing(open_page):
    page = open_page(f"{PAGE}?q=cold+war", script=False)
    page.wait_for_timeout(700)
    assert "JavaScript, which is off" in page.locator(".tx-missing:visible").inner_text()
    assert page.locator("#fig-explorer svg").is_visible()
    assert page.locator("#tx-form").is_hidden()
    assert page.locator("#tx-out").is_hidden()


LONG = "a" * 300
MISSED = "xyzzy, mutual wombat"
SEVERAL = "multilateralism, cold war, 发展"
QUERIES = ["", LONG, "shanghai spirit", "cold war, multilateral*", MISSED, SEVERAL, "win-win"]
#: Tables that are wider than their box, and captions that are narrow.
CUT = """boxes => boxes.filter((box) => box.scrollWidth > box.clientWidth + 1 ||
  box.querySelector("caption")?.clientWidth < 150).map((box) => box.innerText)"""


@pytest.mark.parametrize("width, smaller", [(1280, 768), (390, 320)])
def test_every_view_is_accessible_and_no_table_is_cut(open_page, server, width, smaller):
    page = open_page(None, width=width, color_scheme="light", reduced_motion="reduce")
    problems, seen = [], {"light": set(), "dark": set()}
    outside = {"region": {"enabled": False}}
    for query in QUERIES:
        page.emulate_media(color_scheme="light")
        with_countries = query in (SEVERAL, "win-win")
        visit(page, server, query, "&c=RUS,COD" if with_countries else "")
        page.wait_for_load_state("networkidle")
        for fold in page.locator("#explorer summary:visible").all():
            fold.click()
        tables = page.locator(".tx-scroll:visible")
        if with_countries:
            assert tables.count() > 3
            assert not re.search(r"[*|]", "".join(tables.all_inner_texts()))
        for screen in (smaller, width):
            page.set_viewport_size({"width": screen, "height": 844})
            problems += [f"{query}, {screen}: {cut}" for cut in tables.evaluate_all(CUT)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > screen:
                problems.append(f"{query}: scrolls sideways ({wide} px of {screen})")
        if query == "win-win":
            page.locator("#tx-q").press("End")
            page.locator("#tx-q").press_sequentially(", mult", delay=30)
            page.wait_for_selector("#tx-list [role=option]")
            page.locator("#tx-q").press("ArrowDown")
        if query in (LONG, SEVERAL):
            continue
        for scheme, tags in (("light", [*WCAG, "best-practice"]), ("dark", None)):
            page.emulate_media(color_scheme=scheme)
            until(page, f"document.documentElement.dataset.theme === '{scheme}'")
            until(page, "document.getAnimations().every(a => a.playState !== 'running')")
            found = faults(page, tags, "#explorer", seen[scheme], **outside)
            problems += [f"{query}: {fault}" for fault in found]
    assert not problems, "\n".join(problems)
