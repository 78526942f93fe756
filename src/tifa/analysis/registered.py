"""Read the claims that were written down before they were tested, and their outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tifa.lexicon.model import Id
from tifa.util.data_folder import data_folder
from tifa.util.dates import PartialDate
from tifa.util.errors import TifaError
from tifa.util.yamlfile import read_yaml

Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntryList(_Strict):
    """A list of phrasebook entries; ``about`` says how it was made."""

    about: Text
    entries: list[Id] = Field(min_length=1)


class RegisteredClaim(_Strict):
    """A claim with all that was written down about it before it was tested."""

    id: Id
    registered: PartialDate
    kind: Literal["confirmatory", "exploratory"]
    claim: Text
    estimand: Text
    unit: Text
    least: Text
    choices: dict[Text, list[Text]]
    refuted_if: Text
    seen: Text
    finding: Annotated[str, Field(pattern=r"^(F\d+\.\d+)?$")] = ""

    @property
    def main(self) -> dict[str, str]:
        """The specification that the book uses: the first option of every kind of choice."""
        return {kind: options[0] for kind, options in self.choices.items()}

    @field_validator("choices")
    @classmethod
    def _options_differ(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for kind, options in value.items():
            if not options or len(set(options)) < len(options):
                raise ValueError(f"{kind!r} needs options, each of them once")
        return value


class Registration(_Strict):
    """The contents of data/registered.yml, whose first lines explain the fields."""

    version: int
    lists: dict[Id, EntryList] = {}
    claims: list[RegisteredClaim] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_once(self) -> Registration:
        ids = [c.id for c in self.claims]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"the id {twice[0]!r} is used twice")
        return self

    def claim(self, claim_id: str) -> RegisteredClaim:
        """Return the claim with this id.

        Raises TifaError, with a list of the known ids, if there is no such claim.
        """
        for claim in self.claims:
            if claim.id == claim_id:
                return claim
        known = ", ".join(c.id for c in self.claims)
        raise TifaError(f"no registered claim {claim_id!r}; there is: {known}")


def registration(*, data: Path | None = None) -> Registration:
    """Read data/registered.yml; raises TifaError with file, line, claim and field if it is invalid.

    >>> registration().claim("panel").kind
    'exploratory'
    """
    return read_yaml((data or data_folder()) / "registered.yml", Registration)[0]


def outcomes(*, data: Path | None = None) -> dict[str, str]:
    """Read the outcome of each registered claim, by its id, from data/registered_outcomes.csv.

    >>> outcomes()["panel"].partition(":")[0]
    'refuted'
    """
    rows = pd.read_csv((data or data_folder()) / "registered_outcomes.csv")
    return dict(zip(rows["claim"], rows["outcome"], strict=True))
