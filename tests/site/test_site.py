"""The built site in a real browser: accessible, self-contained, whole at both widths."""

import gzip
import re
from urllib.parse import urldefrag, urljoin

import pytest
from browsing import BROWSER, SITE, WCAG, downloaded, faults, pages, sources, until

pytestmark = BROWSER


#: Chapters with a long table.
SORTABLE = {"notebooks/minister.html", "notebooks/where.html"}
#: Largest size of a chapter on its first view, in bytes.
CHAPTER_BYTES = 300_000
PRESSED = (".woff", ".woff2", ".png", ".pdf")  # file types that are compressed already
# elements that reach beyond the page and are not in a scrolling box
OUTSIDE = """() => {
  const wide = document.documentElement.clientWidth;
  const kept = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      if (getComputedStyle(p).overflowX !== "visible") return true;
    }
    return false;
  };
  return document.documentElement.scrollWidth <= wide ? [] :
    [...document.querySelectorAll("body *")].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width && box.right > wide + 1 && !kept(e);
    }).slice(0, 2).map((e) => e.outerHTML.slice(0, 90)).concat("wider than the screen").slice(0, 3);
}"""
# tables that need sideways scrolling; those of the explorer scroll in their own box
PUSHED = """() => [...document.querySelectorAll(".bd-article table")].filter((t) => {
  if (!t.offsetParent || t.closest(".tx")) return false;
  let box = t.parentElement;
  while (box && getComputedStyle(box).overflowX === "visible") box = box.parentElement;
  return box && box !== document.body && box.scrollWidth > box.clientWidth + 1;
}).length"""
# number of long tables of a chapter that can be sorted, and of others
LONG = """() => {
  const long = [...document.querySelectorAll(".bd-article table")].filter(
    (t) => t.tBodies[0]?.rows.length > 10);
  const sorted = long.filter((t) => t.querySelector("thead .tifa-sort")).length;
  return [sorted, long.length - sorted];
}"""


def weight(path):
    """Size of a file as a host sends it."""
    body = (SITE / path).read_bytes()
    return len(body if path.endswith(PRESSED) else gzip.compress(body))


@pytest.mark.parametrize(("width", "others"), [(1280, [1024, 1199]), (390, [320, 768])])
def test_every_page_is_accessible_light_self_contained_and_no_wider_than_the_screen(
    open_page, server, width, others
):
    page = open_page(None, width=width, color_scheme="light", reduced_motion="reduce")
    problems, seen = [], {"light": set(), "dark": set()}

    def on_request(request):
        if not request.url.startswith((server, "data:", "blob:")):
            problems.append(f"request to another host: {request.url}")

    def on_console(message):
        if message.type == "error":
            problems.append(f"console: {message.text}")

    page.on("request", on_request)
    page.on("console", on_console)
    page.on("pageerror", lambda e: problems.append(f"script: {e}"))
    page.on("requestfailed", lambda r: problems.append(f"failed: {r.url}"))

    def check(name, scheme, **asked):
        # pages without the theme have no mode
        until(page, f"(d => !d.mode || d.theme === '{scheme}')(document.documentElement.dataset)")
        # the theme fades its colours in: wait until they are final
        until(page, "document.getAnimations().every(a => a.playState !== 'running')")
        found = faults(page, seen=seen[scheme], **asked)
        problems.extend(f"{name}, {scheme}: {fault}" for fault in found)

    for name in pages():
        page.emulate_media(color_scheme="light")
        page.goto(server + name, wait_until="load")
        if name.startswith("notebooks/"):
            page.wait_for_load_state("networkidle")
            loaded = page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
            files = {
                re.split("[?#]", a.removeprefix(server))[0]
                for a in [page.url, *loaded]
                if a.startswith(server)
            }
            assert len(files) > 5
            if (size := sum(map(weight, files))) > CHAPTER_BYTES:
                problems.append(f"{name}: {size} bytes")
            good, bad = page.evaluate(LONG)
            problems += [f"{name}: a long table that cannot be sorted"] * bad
            assert good or name not in SORTABLE
        check(name, "light", tags=WCAG)
        page.emulate_media(color_scheme="dark")
        check(name, "dark", tags=None)
        for screen in (width, *others):
            page.set_viewport_size({"width": screen, "height": 844})
            problems += [f"{name} {screen}: {what}" for what in page.evaluate(OUTSIDE)]
            if screen == 390 and (pushed := page.evaluate(PUSHED)):
                problems.append(f"{name} {screen}: {pushed} tables scroll sideways")
        page.set_viewport_size({"width": width, "height": 844})
    assert not problems, "\n".join(problems)


def test_headings_descend_and_every_picture_has_a_text():
    figures = 0
    for name, html in sources():
        article = html.partition('<article class="bd-article')[2].partition("</article>")[0]
        levels = [int(n) for n in re.findall(r"<h([1-6])[ >]", article)]
        for before, after in zip([0, *levels], levels, strict=False):
            assert after <= before + 1, f"{name}: h{before} is followed by h{after}"
        for drawing in re.findall(r'<\w+[^>]*role="img"[^>]*>', html):
            figures += 1
            label = re.search(r'aria-label="([^"]*)"', drawing)
            assert label, f"{name}: {drawing}"
            assert len(label[1].split()) >= 5, f"{name}: {label[1]!r}"
        for image in re.findall(r"<img[^>]*>", html):
            alt = re.search(r'alt="([^"]*)"', image)
            assert alt, f"{name}: {image}"
            assert not re.search(r"\.(png|svg|jpg)$|[0-9a-f]{16}", alt[1]), f"{name}: {alt[1]}"
        assert "pending_" not in html
        assert not re.search(r"\{(value|finding|phrase|cite:p)\}", html), name
    assert figures >= 5
    assert len(sources("notebooks/")) == 9


def test_links_inside_the_site_work():
    ids = {name: set(re.findall(r'\bid="([^"]+)"', html)) for name, html in sources()}
    broken = []
    for name, html in sources():
        for link in re.findall(r'<a [^>]*href="([^"]+)"', html):
            if re.match(r"[a-z]+:", link):
                continue
            target, anchor = urldefrag(urljoin(f"/{name}", link))
            target = target.partition("?")[0].lstrip("/")
            if not (SITE / target).exists():
                broken.append(f"{name}: {link}")
            elif anchor and target in ids and anchor not in ids[target]:
                broken.append(f"{name}: {link} (no such anchor)")
    assert not broken, "\n".join(broken)


def test_a_figure_can_be_saved_as_csv_svg_and_png(open_page):
    page = open_page("notebooks/where.html", color_scheme="dark")
    take = page.locator("#fig-rooms .tifa-take a")
    # test_figures has read these files
    for label, file in (("Data (CSV)", "rooms.csv"), ("SVG", "rooms.svg")):
        _, saved = downloaded(page, take.filter(has_text=label).click)
        assert saved == (SITE / "figures" / file).read_bytes()
    _, picture = downloaded(page, page.locator("#fig-rooms button.tifa-png").click)
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20]) > 1200  # pixels wide


def test_every_figure_names_its_tables_version_and_licence():
    for name, html in sources():
        for figure in re.findall(r'<figure class="tifa-figure".*?</figure>', html, re.DOTALL):
            said = re.search(r'<details class="tifa-source">(.*?)</details>', figure)
            assert said, f"{name}: {figure[:80]}"
            assert re.search(r"Tables?: .* Version \S+\. CC", said[1]), f"{name}: {said[1]}"
            if 'id="fig-explorer"' in figure:
                continue  # what the explorer shows without scripts has no files of its own
            for kind in ("(CSV)", "(JSON)", ">SVG", ">PNG"):
                assert figure.count(f"{kind}</") == 1, f"{name}: {figure[:80]}"
