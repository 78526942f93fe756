"""Put the published data beside the pages, so that every table is one click away."""

from __future__ import annotations

import filecmp
import json
import shutil
from pathlib import Path

from sphinx.application import Sphinx

import tifa
from tifa.data.rights import beside_pages

#: Beside the tables: what describes them and what they were made with.
ALSO = ("datapackage.json", "README.md", "lexicon/*.yml", "metadata/*.yml")


def published(data: Path) -> list[str]:
    """Paths below data/ of what is published."""
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    names = {r["path"] for r in package["resources"] if beside_pages(r["path"], data=data)}
    for pattern in ALSO:
        names |= {p.relative_to(data).as_posix() for p in data.glob(pattern)}
    return sorted(names)


def copy_data(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    data, out = tifa.data_folder(), Path(app.outdir) / "data"
    names = published(data)
    for path in out.rglob("*"):
        if path.is_file() and path.relative_to(out).as_posix() not in names:
            path.unlink()
    for name in names:
        source, target = data / name, out / name
        if not target.is_file() or not filecmp.cmp(source, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
