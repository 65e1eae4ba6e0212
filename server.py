"""The page in a browser. Place "Watch": one run on a map, its totals, and how far other runs of the same lie apart.

Every visitor has a model of their own, built inside the component; nothing at module level changes. Start it with
``solara run server.py`` (or ``make serve``).
"""

# Solara's decorators carry no types, and it hands names on that mypy does not see.
# mypy: disallow-untyped-decorators=False, disable-error-code="attr-defined,name-defined,no-untyped-call"

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from threading import Lock
from typing import Any

# Nothing may leave a workshop's machine. Solara reads this when it is imported.
os.environ.setdefault("SOLARA_TELEMETRY_MIXPANEL_ENABLE", "false")

import numpy as np
import solara
from numpy.typing import NDArray
from solara.lab import use_task
from solara.server import settings

from abm.calendar import date_of, day_of, months_after, season_of_month
from abm.model import CentralMali
from abm.scenario import Scenario, shipped_scenarios
from abm.simulation import MOST_SEED, simulate
from abm.tables import NOT_ARRIVED, OPEN
from abm.views.figures import render
from abm.views.frame import number
from abm.views.legend import draw_legend_figure
from abm.views.monthly import draw_monthly
from abm.views.palette import CERCLE_LINE, QUIET_TEXT, SAND, TEXT
from abm.views.words import Language, date_and_season, say
from abm.views.world_map import LAYERS, SHOWN, draw_bare_map
from runs.outcomes import CIVILIAN, measure
from runs.statistics import LEVEL, quantiles

# No advertisement of the framework over the page.
settings.theme.loader, settings.theme.show_banner = "plain", False

# Inches, at 100 dots an inch: what a window 1280 pixels wide and 800 high shows.
MAP_WIDTH, LEGEND_WIDTH = 8.3, 4.0
FRAMES = {"day": 1, "week": 7, "month": 30}  # days between two pictures
REFERENCE_SEEDS, BATCH = 100, 5  # other runs behind the interval, and how many arrive at once
PAUSE = 0.02  # seconds between two pictures, so that a click is heard
TOTALS = (
    "civilian_attacks", "civilian_deaths", "intercommunal_events", "abuses", "prevented", "warnings", "answered",
    "displaced_people",
)  # fmt: skip

STYLE = f"""
body, .v-application, .v-application .v-sheet, .solara-content-main {{ background: {SAND} !important; }}
.v-application {{ color: {TEXT} !important; font-variant-numeric: tabular-nums;
  font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif !important; }}
.sc-page {{ max-width: 1440px; margin: 0 auto; padding: 8px 16px 0; }}
.sc-page h2 {{ font-size: 14px; line-height: 24px; margin: 0; }}
.sc-head {{ display: flex; align-items: baseline; gap: 16px; border-bottom: 1px solid {CERCLE_LINE}; }}
.sc-head h1 {{ font-size: 20px; line-height: 32px; margin: 0; }}
.sc-head .sc-quiet {{ flex: 1; }}
.sc-quiet, .sc-wrong, .sc-layers .v-label {{ color: {QUIET_TEXT}; font-size: 13px; }}
.sc-page .sc-wrong {{ color: #A3260B; }}
.sc-bar, .sc-layers {{ display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; padding: 16px 0 0; }}
.sc-bar .v-input {{ flex: 0 0 auto; }}
.sc-when {{ margin-left: auto; text-align: right; line-height: 18px; }}
.sc-date {{ font-weight: 600; font-size: 15px; display: block; }}
.sc-layers {{ gap: 0 14px; padding: 8px 0; }}
.sc-layers .v-input, .sc-layers .v-input__slot {{ margin: 0 !important; padding: 0; }}
.sc-layers .v-messages {{ display: none; }}
.sc-layers .v-input--selection-controls__input {{ margin-right: 2px; }}
.sc-main {{ display: grid; grid-template-columns: minmax(0, 1fr) 400px; gap: 16px; align-items: start; }}
.sc-main img {{ max-width: 100%; display: block; }}
.sc-main img.sc-map {{ width: 100%; }}
.sc-main img.sc-legend {{ margin-top: 16px; }}
.sc-totals {{ border-collapse: collapse; width: 100%; font-size: 14px; line-height: 20px; }}
.sc-totals td:last-child {{ text-align: right; font-weight: 600; padding-left: 8px; }}
.sc-foot {{ position: sticky; bottom: 0; z-index: 1; background: {SAND}; border-top: 1px solid {CERCLE_LINE};
  margin-top: 8px; padding: 8px 0; font-size: 14px; line-height: 20px; }}
.sc-foot p {{ margin: 0; }}
@media (max-width: 900px) {{
  .sc-main {{ grid-template-columns: minmax(0, 1fr); }}
  .sc-when {{ margin-left: 0; text-align: left; }}
}}
"""


# -- what is computed, away from the page ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """What a visitor runs; `again` counts how often it was started anew."""

    scenario: str = "baseline-2021"
    seed: int = 0
    again: int = 0


@dataclass(frozen=True)
class View:
    """How a visitor wants to see it."""

    language: Language = "en"
    layers: tuple[str, ...] = SHOWN


@dataclass(frozen=True, eq=False)
class Frame:
    """One moment of a run: pictures as PNG, totals by key, seed, day reached, and when the run began and ends."""

    map_png: bytes
    legend_png: bytes
    monthly_png: bytes
    totals: dict[str, float]
    seed: int
    day: int
    first_day: int
    end: int

    @property
    def over(self) -> bool:
        """Whether the run has reached its end."""
        return self.day >= self.end


@lru_cache(maxsize=64)
def end_of(scenario: str) -> int:
    """First day number that a run of a shipped scenario does not reach."""
    levers = Scenario.load(scenario)
    return months_after(day_of(levers.start), levers.months)


def picture(model: CentralMali, view: View, end: int) -> Frame:
    """Everything a page shows of a model as it stands."""
    records = model.records()
    first, day = records.first_day, records.last_day
    last = max(day - 1, first)
    totals = dict.fromkeys(TOTALS, 0.0)
    if day > first:
        measured = measure(records, first, day)
        totals = {key: measured[key] for key in TOTALS}
    totals |= there_now(model)
    language = view.language
    map_figure = draw_bare_map(
        model.world, model.geography, last, width=MAP_WIDTH, layers=view.layers, parameters=records.parameters,
        language=language,
    )  # fmt: skip
    lines = draw_monthly(records.events, first, last, until=end - 1, columns=5, width=MAP_WIDTH, language=language)
    key = legend(view.layers, season_of_month(date_of(last).month), language)
    return Frame(render(map_figure), key, render(lines), totals, records.seed, day, first, end)


def there_now(model: CentralMali) -> dict[str, float]:
    """UN troops and police that have arrived, and TOBs open."""
    units, slots = model.world.un_units, model.world.slots
    troops = units["troops"][units["task"] != NOT_ARRIVED].sum()
    return {"troops": float(troops), "tobs": float((slots["status"] == OPEN).sum())}


@lru_cache(maxsize=64)
def legend(layers: tuple[str, ...], season: int, language: Language) -> bytes:
    """The legend as PNG; the same for all visitors who see the same layers in the same season."""
    return render(draw_legend_figure(layers, season, width=LEGEND_WIDTH, map_width=MAP_WIDTH, language=language))


@lru_cache(maxsize=1)
def compile_model() -> None:
    """Compile the day, once for a version of the program, so that Play answers at once."""
    simulate(Scenario.load(Choice.scenario), days=1)


@lru_cache(maxsize=1024)
def courses_of(scenario: str, seed: int) -> NDArray[np.float64]:
    """Civilians killed and attacks on civilians up to each day of a run, shape (2, days); shared by all visitors."""
    records = simulate(Scenario.load(scenario), seed=seed)
    events = records.realised[np.isin(records.realised["kind"], CIVILIAN)]
    since, days = events["day"] - records.first_day, records.last_day - records.first_day
    by_day = [np.bincount(since, weights=weights, minlength=days) for weights in (events["deaths"], None)]
    courses: NDArray[np.float64] = np.cumsum(np.array(by_day, dtype=np.float64), axis=1)
    courses.setflags(write=False)
    return courses


def spread_sentence(arrived: tuple[NDArray[np.float64], ...], frame: Frame | None, language: Language) -> str:
    """What other runs of the same scenario say at the same date."""
    if not arrived:
        return say("no_seeds", language, n=REFERENCE_SEEDS)
    days = 0 if frame is None else frame.day - frame.first_day
    values = np.array([courses[:, days - 1] if days > 0 else np.zeros(2) for courses in arrived])
    (low, high), (low2, high2) = (quantiles(column, LEVEL) for column in values.T)
    ends = {"low": f"{low:.0f}", "high": f"{high:.0f}", "low2": f"{low2:.0f}", "high2": f"{high2:.0f}"}
    sentence = say("over_seeds", language, n=len(arrived), **ends)
    if len(arrived) < REFERENCE_SEEDS:
        sentence += " " + say("more_seeds", language, n=len(arrived), all=REFERENCE_SEEDS)
    return sentence


# -- the page ----------------------------------------------------------------------------------------------------------


def element(tag: str, *children: Any, classes: str = "", **attributes: str) -> solara.Element:
    """An HTML element with children or text."""
    return solara.v.Html(tag=tag, class_=classes, attributes=attributes, children=list(children))


def image(data: bytes, alt: str, classes: str = "") -> solara.Element:
    """A PNG with its description."""
    source = "data:image/png;base64," + base64.b64encode(data).decode("ascii")
    return element("img", classes=classes, src=source, alt=alt)


@solara.component
def Header(view: solara.Reactive[View]) -> None:
    """Name of the program, place and language."""
    language = view.value.language
    other: Language = "fr" if language == "en" else "en"

    def switch() -> None:
        view.set(View(other, view.value.layers))

    with solara.v.Html(tag="header", class_="sc-head"):
        element("h1", say("title", language))
        element("span", say("subtitle", language), classes="sc-quiet")
        element("strong", say("watch", language))
        solara.Button(other.upper(), text=True, on_click=switch, classes=["sc-language"])


@solara.component
def Controls(
    choice: solara.Reactive[Choice],
    playing: solara.Reactive[bool],
    every: solara.Reactive[str],
    frame: Frame | None,
    step: Callable[[], None],
    language: Language,
) -> None:
    """Scenario, seed, play, pause, step, reset, and the date."""
    now = choice.value
    wrong_seed, set_wrong_seed = solara.use_state(False)

    def choose(**changes: Any) -> None:
        playing.set(False)  # before the choice changes, or the run that ends would draw over the one that begins
        choice.set(replace(now, **changes))

    def choose_seed(value: int | None) -> None:
        good = value is not None and 0 <= value <= MOST_SEED
        set_wrong_seed(not good)
        if good:
            choose(seed=value)

    reset = partial(choose, again=now.again + 1)
    ready = frame is not None and not frame.over
    with solara.v.Html(tag="div", class_="sc-bar"):
        solara.Select(
            say("scenario", language), list(shipped_scenarios()), value=now.scenario,
            on_value=lambda name: choose(scenario=name), dense=True, style={"width": "240px"},
        )  # fmt: skip
        narrow = {"dense": True, "style": {"width": "96px"}}
        solara.InputInt(say("seed", language), value=now.seed, on_value=choose_seed, **narrow)
        if wrong_seed:
            element("span", say("seed_wrong", language), classes="sc-wrong", role="alert")
        name, icon = ("pause", "mdi-pause") if playing.value else ("play", "mdi-play")
        solara.Button(
            say(name, language), icon_name=icon, color="#0072B2", dark=True, disabled=not ready,
            on_click=lambda: playing.set(not playing.value),
        )  # fmt: skip
        solara.Button(
            say("step", language), icon_name="mdi-step-forward", outlined=True, disabled=not ready or playing.value,
            on_click=step,
        )  # fmt: skip
        solara.Button(say("reset", language), icon_name="mdi-restart", outlined=True, on_click=reset)
        element("span", say("every", language), classes="sc-quiet")
        with solara.ToggleButtonsSingle(value=every.value, on_value=every.set, dense=True):
            for key in FRAMES:
                solara.Button(say(key, language), value=key, text=True)


@solara.component
def Layers(view: solara.Reactive[View], frame: Frame | None) -> None:
    """Which layers the map shows, and on what day."""
    language, shown = view.value.language, view.value.layers

    def toggle(name: str, on: bool) -> None:
        wanted = {*shown, name} if on else {*shown} - {name}
        view.set(View(language, tuple(layer for layer in LAYERS if layer in wanted)))

    with solara.v.Html(tag="div", class_="sc-layers"):
        element("span", say("layers", language), classes="sc-quiet")
        for name in LAYERS:
            label = say(f"layer_{name}", language)
            solara.Checkbox(label=label, value=name in shown, on_value=partial(toggle, name))
        if frame is not None:
            days = {"n": frame.day - frame.first_day, "all": frame.end - frame.first_day}
            counted = say("day_of", language, seed=frame.seed, **days)
            with solara.v.Html(tag="div", class_="sc-when"):
                element("span", date_and_season(max(frame.day - 1, frame.first_day), language), classes="sc-date")
                element("span", counted, classes="sc-quiet sc-day")


def totals_table(frame: Frame, language: Language) -> solara.Element:
    """Totals of the run to date and what the UN has there today."""
    rows = []
    for key in (*TOTALS, "troops", "tobs"):
        figure = element("td", number(frame.totals[key], 0, language=language), **{"data-total": key})
        rows.append(element("tr", element("td", say(key, language)), figure))
    return element("table", element("tbody", *rows), classes="sc-totals")


@solara.component
def Run(frame: Frame, language: Language) -> None:
    """Map and monthly lines; totals and legend beside them."""
    when = date_and_season(max(frame.day - 1, frame.first_day), language)
    with solara.v.Html(tag="main", class_="sc-main"):
        with solara.v.Html(tag="section"):
            image(frame.map_png, say("map_alt", language, date=when), "sc-map")
            element("h2", say("by_actor", language))
            image(frame.monthly_png, say("monthly_alt", language))
        with solara.v.Html(tag="aside"):
            element("h2", say("to_date", language))
            totals_table(frame, language)
            image(frame.legend_png, say("legend_alt", language), "sc-legend")


@solara.component
def Page() -> None:
    """One visitor's page."""
    choice = solara.use_reactive(Choice())
    view = solara.use_reactive(View())
    playing = solara.use_reactive(False)
    every = solara.use_reactive("week")
    model: solara.Reactive[CentralMali | None] = solara.use_reactive(None)
    frame: solara.Reactive[Frame | None] = solara.use_reactive(None)
    arrived: solara.Reactive[tuple[NDArray[np.float64], ...]] = solara.use_reactive(())
    busy = solara.use_memo(Lock, [])
    language = view.value.language

    def work(of: CentralMali, days: int) -> Frame:
        with busy:  # one thread at a time steps and reads this visitor's world
            end = end_of(choice.value.scenario)
            for _ in range(min(days, end - of.day)):
                of.step()
            return picture(of, view.value, end)

    async def start() -> None:
        frame.set(None)
        model.set(None)
        built = await asyncio.to_thread(CentralMali, choice.value.scenario, None, choice.value.seed)
        await asyncio.to_thread(compile_model)
        model.set(built)
        await show(0)

    async def show(days: int) -> None:
        if model.value is not None:
            frame.set(await asyncio.to_thread(work, model.value, days))

    async def play() -> None:
        while playing.value and frame.value is not None:
            await show(FRAMES[every.value])
            if frame.value.over:
                playing.set(False)
            await asyncio.sleep(PAUSE)

    async def redraw() -> None:
        if not playing.value:
            await show(0)

    async def compare() -> None:
        arrived.set(())
        others = [seed for seed in range(REFERENCE_SEEDS + 1) if seed != choice.value.seed][:REFERENCE_SEEDS]
        for first in range(0, len(others), BATCH):
            seeds = others[first : first + BATCH]
            batch = [await asyncio.to_thread(courses_of, choice.value.scenario, seed) for seed in seeds]
            arrived.set((*arrived.value, *batch))

    use_task(start, dependencies=[choice.value])
    use_task(play, dependencies=[playing.value, choice.value])
    use_task(redraw, dependencies=[view.value])
    use_task(compare, dependencies=[choice.value.scenario, choice.value.seed])
    step = use_task(show, dependencies=None)

    solara.Title(say("title", language))
    solara.Style(STYLE)
    with solara.v.Html(tag="div", class_="sc-page"):
        Header(view)
        Controls(choice, playing, every, frame.value, lambda: step(FRAMES[every.value]), language)
        Layers(view, frame.value)
        if frame.value is None:
            element("p", say("building", language), classes="sc-quiet", role="status")
        else:
            Run(frame.value, language)
        with solara.v.Html(tag="footer", class_="sc-foot"):
            element("p", say("one_run", language) + " " + spread_sentence(arrived.value, frame.value, language))
            element("p", say("caveat", language), classes="sc-quiet")
