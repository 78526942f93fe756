"""Reading the built site in a real browser: its policy, one switch for code, tables, search."""

import csv
import io
import re

from browsing import BROWSER, SITE, downloaded, sources, until

pytestmark = BROWSER


FROM_DISK = {
    "book/explorer.html": "Browsers run the explorer only where the page comes from a server",
    "search.html?q=spirit": "the search finds pages but can quote nothing from them",
    "notebooks/minister.html": "the table holds the same facts",
}


def test_opened_from_disk_a_page_says_what_is_missing_and_what_to_do(open_page):
    for address, said in FROM_DISK.items():
        page = open_page(address)
        note = page.locator("[data-from-disk]")
        assert note.count() == 1
        assert note.is_hidden()
        page.goto(f"{SITE.as_uri()}/{address}", wait_until="load")
        assert note.is_visible()
        assert said in note.inner_text()
        assert "make serve" in note.inner_text()
        assert note.bounding_box()["y"] < 844 or address.startswith("notebooks/")


def test_every_page_has_the_policy_no_inline_script_and_nothing_unused():
    for name, html in sources():
        assert not re.search(r"thebe|mathjax|fontawesome|togglebutton|utterances", html), name
        assert ("copybutton.js" in html) == ('class="highlight' in html), name
        head = html.partition("</head>")[0]
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', head)
        assert policy, name
        assert "script-src 'self';" in policy[1]
        assert "default-src 'none';" in policy[1]
        # the policy only applies to elements after it
        assert policy.start() < re.search(r"<(script|link|style)\b", head).start(), name
        for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL):
            assert "src=" in attributes or "application/ld+json" in attributes, (name, body[:80])
        assert not re.search(r"<[a-z]+ [^>]*\bon[a-z]+=", html), name
        assert "javascript:" not in html, name
    assert not list((SITE / "_static").rglob("*.map"))


def test_the_policy_blocks_an_injected_script(open_page):
    page, refused = open_page("notebooks/where.html"), []
    page.on("console", lambda m: refused.append(m.text) if "Content Security" in m.text else None)
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.broken = true";
          document.body.append(script);
          const image = document.createElement("img");
          image.src = "https://elsewhere.invalid/pixel.png";
          document.body.append(image);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.broken") is None
    assert len(refused) == 2


def test_one_switch_opens_all_code_of_its_chapter_alone(open_page, server):
    page = open_page("notebooks/where.html")
    folds = page.locator(".cell > details.hide")
    number = folds.count()
    is_open = "all => all.filter(d => d.open).length"
    assert number > 5
    assert folds.evaluate_all(is_open) == 0
    switch = page.locator(".tifa-code-switch")
    assert switch.inner_text() == f"Show all code ({number} cells)"
    switch.focus()
    page.keyboard.press("Enter")
    assert folds.evaluate_all(is_open) == number
    says = "verb => document.querySelector('.tifa-code-switch').innerText.startsWith(verb)"
    until(page, says, arg="Hide", timeout=5000)
    folds.first.locator("summary").click()
    until(page, says, arg="Show", timeout=5000)
    switch.click()
    assert folds.evaluate_all(is_open) == number
    page.goto(server + "notebooks/frames.html")
    assert folds.count() > 5
    assert folds.evaluate_all(is_open) == 0


def test_a_fold_of_code_works_without_a_script(open_page):
    page = open_page("notebooks/where.html", script=False)
    fold = page.locator(".cell > details.hide").first
    assert not fold.locator("pre").first.is_visible()
    fold.locator("summary").click()
    assert fold.locator("pre").first.is_visible()


def test_long_tables_can_be_sorted_and_saved(open_page):
    page = open_page("notebooks/where.html")
    page.locator(".tifa-code-switch").click()  # the long table is in a fold
    table = page.locator(".tifa-table:has(.tifa-sort) table").last
    rows = "t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent))"
    before = table.evaluate(rows)
    assert len(before) > 10
    numbers = next(
        i for i in range(len(before[0])) if all(re.match(r"[\d,]+$", r[i]) for r in before)
    )
    heading = table.locator("th").nth(numbers)
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    as_numbers = [int(r[numbers].replace(",", "")) for r in table.evaluate(rows)]
    assert as_numbers == sorted(as_numbers) and len(set(as_numbers)) > 1
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert [int(r[numbers].replace(",", "")) for r in table.evaluate(rows)] == as_numbers[::-1]
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") is None
    assert table.evaluate(rows) == before
    button = page.get_by_role("button", name=f"Table (CSV, {len(before)} rows)").last
    taken = list(csv.reader(io.StringIO(downloaded(page, button.click)[1].decode())))
    squeezed = [[" ".join(cell.split()) for cell in row] for row in before]
    assert taken[1:] == squeezed


def test_the_theme_is_switched_and_kept(open_page, server):
    page = open_page("notebooks/where.html", color_scheme="light")
    ground = "getComputedStyle(document.documentElement).getPropertyValue('--tifa-paper').trim()"
    light = page.evaluate(ground)
    switch = page.get_by_role("button", name="Color mode")
    seen = set()
    for _ in range(3):
        switch.click()
        seen.add(page.evaluate("document.documentElement.dataset.mode"))
        if page.evaluate("document.documentElement.dataset.mode") == "dark":
            break
    assert page.evaluate("document.documentElement.dataset.theme") == "dark", seen
    assert page.evaluate(ground) != light
    page.goto(server + "book/findings.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def look_up(page, address, words):
    """Search like a reader, and go to the first result."""
    page.goto(address)
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog input").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    first = page.locator("#search-results li a").first
    first.wait_for(timeout=10_000)
    with page.expect_navigation():
        first.click()


def test_the_search_finds_entries_and_words_and_says_when_nothing_is_found(open_page, server):
    page = open_page("search.html?q=zzyzxwort")
    page.get_by_text("did not match any documents").wait_for(timeout=10_000)
    for words in ("上海精", "shanghai spirit"):
        look_up(page, server + "book/index.html", words)
        assert re.search(r"/book/phrasebook\.html(\?.*)?#phrase-shanghai-spirit$", page.url)
    page.goto(server + "search.html?q=win-win")
    found = page.locator("#search-results li a")
    found.first.wait_for(timeout=10_000)
    until(page, "document.querySelectorAll('#search-results li').length > 5")
    kinds = ["library" in link for link in found.evaluate_all("all => all.map(a => a.href)")]
    assert kinds == sorted(kinds)  # the reference of the library comes last
    assert "#phrase-win-win" in found.first.get_attribute("href")
    look_up(page, server + "notebooks/01-corpus.html", "bootstrap resamples")
    assert "resample" in page.locator("article.bd-article").inner_text().lower()


def test_marks_of_a_search_do_not_colour_the_page_and_can_be_taken_away(open_page, server):
    page = open_page(None, width=390)
    marks = page.locator(".highlighted")
    for words, there in (
        ("spirit", "book/phrasebook"),  # occurs very often on this page
        ("texts", "book/index"),  # occurs also in the menu
        ("initiative", "notebooks/where"),  # occurs also in a figure
    ):
        page.goto(f"{server}search.html?q={words}")
        page.locator("#search-results li a").first.wait_for(timeout=10_000)
        page.goto(f"{server}{there}.html")
        away = page.get_by_role("link", name="Hide Search Matches")
        box = away.bounding_box()  # in sight, though the page has scrolled
        assert 0 < box["y"] < 844 - box["height"]
        page.wait_for_timeout(300)
        assert page.locator(".bd-article .highlighted").count() == marks.count()
        assert (marks.count() == 1) == (there == "book/phrasebook")
        if there == "notebooks/where":
            assert page.locator("rect.highlighted").count()
            page.keyboard.press("Escape")
        else:
            away.click()
        assert marks.count() == away.count() == 0


def test_citations_can_be_copied_and_saved_by_keyboard(open_page):
    page = open_page("notebooks/travel.html", permissions=["clipboard-read", "clipboard-write"])
    fold = page.locator("#cite-this-page")
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#cite-this-page [role=status]').textContent === 'Copied'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == fold.locator("pre").first.text_content()
    name, content = downloaded(page, fold.get_by_role("button", name="Save as .ris").click)
    assert (name, content[:10]) == ("travel.ris", b"TY  - CHAP")
    copied = []
    for box in fold.locator(".findings-citation").all():
        for details in box.locator("details").all():
            details.locator("summary").click()
        for button in box.get_by_role("button", name=re.compile("^Copy")).all():
            button.click()
            box.get_by_text("Copied").wait_for(timeout=5000)
            copied.append(page.evaluate("navigator.clipboard.readText()"))
            page.evaluate("navigator.clipboard.writeText('')")
    # test_metadata has read them from every page
    assert copied == fold.locator("pre").all_text_contents()
