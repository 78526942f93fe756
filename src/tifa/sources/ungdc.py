"""Read the UN General Debate Corpus: its archive of speeches and its list of speakers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tifa.data.metadata import Overlay, States
from tifa.sources.archive import members
from tifa.sources.document import Document, Reading, decode, files_below
from tifa.sources.office import check_zip
from tifa.sources.workbook import MAX_WORKBOOK
from tifa.util.disk import read_bytes
from tifa.util.errors import TifaError

#: File name of a speech in the UN archive: country code, session, year.
UNGDC_NAME = re.compile(r"([A-Z]{2,3})_(\d{1,3})_(\d{4})\.txt")


def read_ungdc(
    source: Path, overlay: Overlay, states: States | None, reading: Reading
) -> Iterator[Document]:
    """Yield the speeches in the archive, or in a folder to which the archive was unpacked.

    Names of other files are recorded in ``reading``. Raises TifaError if there is no speech, if a
    speech appears twice, if a file cannot be read or decoded, or if there are several archives.
    """
    folder, archive = source.parent, source
    if not source.is_file():
        folder = source
        tars = [p for p in folder.iterdir() if re.search(r"\.(tar(\.\w+)?|tgz|txz)$", p.name)]
        if len(tars) > 1:
            raise TifaError(f"{len(tars)} archives here; expected one", where=folder)
        archive = tars[0] if tars else source
    sheets = sorted(folder.glob("Speakers*.xlsx"))
    speakers = read_speakers(sheets[0]) if sheets else {}
    files = members(archive)
    if archive.is_dir():
        texts = [p for p in files_below(archive, reading, strict=True) if p.suffix == ".txt"]
        files = ((p.relative_to(archive).as_posix(), read_bytes(p)) for p in texts)
    seen: set[str] = set()
    for name, data in files:
        named = UNGDC_NAME.fullmatch(PurePosixPath(name).name)
        if not named:
            reading.skipped.append(name)
            continue
        code, session, year = named[1], int(named[2]), named[3]
        doc_id = f"{code}_{session:02d}_{year}"
        if doc_id in seen:
            raise TifaError(f"the speech {doc_id} appears twice in the archive", where=archive)
        seen.add(doc_id)
        author, post = speakers.get((code, session), ("", ""))
        fields = overlay.fields(doc_id) | {
            "year": year,
            "session": str(session),
            "country": code,
            "government": states.government(code, session) if states else "",
            "author": author,
            "post": post,
        }
        del fields["remove_prefix"]
        yield Document(doc_id, decode(data, where=f"{archive.name}:{name}"), fields)
    if not seen:
        raise TifaError("no speech here; expected files named like CHN_75_2020.txt", where=archive)


def read_speakers(path: Path) -> dict[tuple[str, int], tuple[str, str]]:
    """Read Speakers_by_session.xlsx; return speaker and post by country code and session."""
    import pandas as pd  # noqa: PLC0415 - slow to load

    wanted = ["Session", "ISO Code", "Name of Person Speaking", "Post"]
    try:
        check_zip(path, most=MAX_WORKBOOK)
        sheet = pd.read_excel(path, dtype=str, keep_default_na=False, engine="openpyxl")
    except TifaError:
        raise
    except Exception as error:  # openpyxl passes on any error of its zip and XML parsers
        raise TifaError(f"not a readable workbook ({error})", where=path) from None
    sheet.columns = [str(name).strip() for name in sheet.columns]
    missing = [c for c in wanted if c not in sheet]
    if missing:
        raise TifaError(f"no column {missing[0]!r}; found {', '.join(sheet.columns)}", where=path)
    speakers: dict[tuple[str, int], tuple[str, str]] = {}
    for session, code, *about in sheet[wanted].itertuples(index=False):
        if code and session.isdigit():
            name, post = (" ".join(cell.split()) for cell in about)
            speakers.setdefault((code.strip(), int(session)), (name, post))
    return speakers
