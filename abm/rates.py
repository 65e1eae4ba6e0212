"""The fitted tables: who attacks whom how often, where, in which month, and how many die.

They are computed by ``calibration.rates`` from the recorded events of 2017-2020 and embedded as
``abm/data/rates_2020.toml``. Rates of candidates are per year: what bands attempt before presence prevents some.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from abm.geography import CERCLES, COMMUNITIES, ZONES
from abm.kinds import ACTIONS, FACTIONS, KINDS

Positive = Annotated[float, Field(ge=0.0, le=1e6)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Rates(BaseModel):
    """Tables indexed by faction (5), zone (4), action (4), cercle (15), community (6), month (12) and kind (10)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidates: tuple[tuple[tuple[Positive, ...], ...], ...] = Field(
        description="Background attacks attempted per year, by faction, zone and action."
    )
    observed: tuple[tuple[tuple[Positive, ...], ...], ...] = Field(
        description="Recorded events of 2020 that these rates were fitted to, after mapping kinds to actions."
    )
    contact_jihadists: tuple[Positive, ...] = Field(description="Contacts per operation and 20 fighters near, by zone.")
    contact_militia: tuple[Positive, ...] = Field(description="The same with self-defence militias.")
    army_observed: tuple[tuple[Positive, ...], ...] = Field(
        description="Recorded operations that met jihadists, that met militias, and abuses, by zone: fitted to these."
    )
    abuse: tuple[Positive, ...] = Field(description="Abuses per operation of national forces, by zone.")
    abuse_share: tuple[Share, ...] = Field(
        description="Share of its zone's abuses that each cercle has in the mean run of 2020: what is usual there."
    )
    mapped_with: tuple[Share, Share, Share] = Field(
        description="Shares of clashes begun by one side, with which recorded kinds were mapped to actions: ambushes on"
        " national forces, jihadists against militias, Dogon or Dozo militias against Fulani."
    )
    cercle_counts: tuple[tuple[Positive, ...], ...] = Field(
        description="Recorded events of 2020 by faction and cercle: shares are drawn around them."
    )
    cercle_pull: tuple[Positive, ...] = Field(
        description="Multiple of each cercle's share of bands' attacks, because bands also act beyond its border."
    )
    season: tuple[tuple[Positive, ...], ...] = Field(description="Month's multiple of the mean, by faction and month.")
    unidentified: tuple[Share, ...] = Field(
        description="Share of bands' attacks with no perpetrator recorded, by zone."
    )
    target_weight: tuple[tuple[tuple[Positive, ...], ...], ...] = Field(
        description="Attraction of villages by faction, action and community."
    )
    suspicion: tuple[Positive, ...] = Field(description="Attraction of villages for abuses, by community.")
    fatal_share: tuple[Share, ...] = Field(description="Share of events with at least one death, by kind.")
    mean_deaths: tuple[Positive, ...] = Field(description="Mean deaths per event, by kind.")
    reuse_discount: Share = Field(description="Discount of the Pitman-Yor law of events per place.")
    reuse_new_weight: Positive = Field(description="Weight of each place never hit, against n - discount for n hits.")

    @model_validator(mode="after")
    def _shapes(self) -> Rates:
        f, z, a, c, m, k = len(FACTIONS), len(ZONES), len(ACTIONS), len(COMMUNITIES), 12, len(KINDS)
        expected: dict[str, tuple[int, ...]] = {
            "candidates": (f, z, a), "observed": (f, z, a), "contact_jihadists": (z,), "contact_militia": (z,),
            "army_observed": (3, z), "abuse": (z,), "abuse_share": (len(CERCLES),),
            "cercle_counts": (f, len(CERCLES)), "cercle_pull": (len(CERCLES),), "season": (f, m), "unidentified": (z,),
            "target_weight": (f, a, c), "suspicion": (c,), "fatal_share": (k,), "mean_deaths": (k,),
        }  # fmt: skip
        for name, shape in expected.items():
            if not _has_shape(getattr(self, name), shape):
                raise ValueError(f"{name} must have the shape {' x '.join(map(str, shape))}")
        return self


def _has_shape(value: object, shape: tuple[int, ...]) -> bool:
    if not shape:
        return not isinstance(value, tuple)
    return isinstance(value, tuple) and len(value) == shape[0] and all(_has_shape(v, shape[1:]) for v in value)


@lru_cache(maxsize=1)
def default_rates() -> Rates:
    """The embedded tables fitted to 2020."""
    text = resources.files("abm.data").joinpath("rates_2020.toml").read_text(encoding="utf-8")
    return Rates.model_validate(tomllib.loads(text))
