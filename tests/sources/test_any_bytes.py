"""Dates and YAML accept any text; the targets of ``make fuzz`` are tried in test_reliability."""

import re

import pytest
from hostile import PIECES
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tifa.data.metadata import read_overlay
from tifa.lexicon.model import read_frames, read_phrasebook
from tifa.util.dates import read_date
from tifa.util.errors import TifaError

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(PIECES.map(lambda b: b.decode("utf-8", "ignore")), st.sampled_from(["", "day-first"]))
@example("5\N{MICRO SIGN}55", "")
@example("5 55\N{ARABIC-INDIC DIGIT FIVE}", "")
def test_a_date_is_iso_or_empty(text, order):
    found = read_date(text, order=order)
    assert re.fullmatch(r"(\d{4}(-\d\d(-\d\d)?)?)?", found.iso, re.ASCII)


@same_folder
@given(PIECES)
@pytest.mark.parametrize("reader", [read_phrasebook, read_frames, read_overlay])
def test_yaml_is_read_or_refused(tmp_path, reader, content):
    path = tmp_path / "c.yml"
    path.write_bytes(content)
    try:
        reader(path)
    except TifaError as error:
        assert str(error).isprintable()
