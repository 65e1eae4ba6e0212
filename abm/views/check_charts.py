"""Charts that check a calibration: histograms that should be flat, and what a record adds to a prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy import stats

from abm.views.frame import axes_at, footer_lines, label, number, paper, plain, write, write_footer
from abm.views.palette import CERCLE_LINE, GRID_LINE, PAPER, QUIET_TEXT, TEXT
from abm.views.panels import AXIS_LABELS, EDGE, WIDTH, panels
from abm.views.words import Language, pick, say

HEIGHT, BELOW = 1.15, 0.5  # inches
BAND = 0.99  # of counts that a uniform distribution gives
INSIDE, OUTSIDE = "#0072B2", "#D55E00"
ROW, LABELS, FIGURES, HEAD, AXIS = 0.34, 2.3, 2.3, 0.3, 0.42
WORDS = {
    "flat": (
        "Counts by bin; flat if right. Grey: where 99 % of counts of a flat histogram lie; orange: outside it",
        "Effectifs par classe ; plats si tout est juste. En gris : 99 % des effectifs d'un histogramme plat ; en "
        "orange : hors de cette bande",
    ),
    "low": ("low", "bas"),
    "high": ("high", "haut"),
    "prior": ("Prior, 90 %", "A priori, 90 %"),
    "posterior": ("Posterior, 90 % and median", "A posteriori, 90 % et médiane"),
    "scale": ("each row on the scale of its own prior", "chaque ligne à l'échelle de son a priori"),
}


@dataclass(frozen=True)
class Histogram:
    """Counts of equal bins that should be uniform; `axis` says what is counted, from low to high."""

    label: str
    counts: tuple[int, ...]
    axis: str = ""

    @property
    def band(self) -> tuple[float, float]:
        """Where 99 % of the counts of a bin lie if all bins are as likely (binomial)."""
        low, high = stats.binom.ppf([(1.0 - BAND) / 2.0, (1.0 + BAND) / 2.0], sum(self.counts), 1.0 / len(self.counts))
        return float(low), float(high)

    @property
    def outside(self) -> int:
        """Number of bins outside the band."""
        low, high = self.band
        return sum(not low <= count <= high for count in self.counts)


def draw_histograms(
    histograms: Sequence[Histogram],
    *,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """One panel a histogram, with the band in which a uniform one lies; bins outside it in another colour.

    Args:
        histograms: in the order to be shown.
        title: heading; what is shown by default.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the check in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    figure, places = panels(
        [one.label for one in histograms], HEIGHT, BELOW,
        title=title, source=source, run_hash=run_hash, language=language,
    )  # fmt: skip
    for one, place in zip(histograms, places, strict=True):
        ax = axes_at(figure, place.left, place.bottom, place.width, HEIGHT)
        _draw_histogram(ax, one, language)
    lowest = min(place.bottom for place in places)
    write(figure, EDGE + AXIS_LABELS, lowest - 0.44, pick(WORDS["flat"], language), 8, QUIET_TEXT)
    return figure


def _draw_histogram(ax: Axes, one: Histogram, language: Language) -> None:
    plain(ax, grid_along="y")
    bins, (low, high) = len(one.counts), one.band
    ax.axhspan(low, high, color=GRID_LINE, linewidth=0.0, zorder=1)
    ax.axhline(sum(one.counts) / bins, color=CERCLE_LINE, linewidth=1.0, zorder=2)
    colours = [INSIDE if low <= count <= high else OUTSIDE for count in one.counts]
    ax.bar([k + 0.5 for k in range(bins)], one.counts, width=0.86, color=colours, zorder=3)
    ax.set_xlim(0.0, bins)
    ax.set_ylim(0.0, 1.12 * max(*one.counts, high, 1.0))
    ax.set_xticks([])
    ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    across = ax.transAxes
    style = {"fontsize": 7.5, "color": QUIET_TEXT, "transform": across}
    label(ax, 0.0, -0.1, pick(WORDS["low"], language), **style)
    label(ax, 0.5, -0.1, one.axis, ha="center", **style)
    label(ax, 1.0, -0.1, pick(WORDS["high"], language), ha="right", **style)


@dataclass(frozen=True)
class Learnt:
    """A parameter before and after the record: 90 % intervals and the median, in its unit; `verdict` in words."""

    label: str
    prior_low: float
    prior_high: float
    low: float
    middle: float
    high: float
    verdict: str


def draw_learnt(
    rows: Sequence[Learnt],
    *,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Prior against posterior: a wide grey bar, a narrow dark one with the median, and both intervals in figures.

    Args:
        rows: in the order to be shown.
        title: heading; none by default.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the check in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not rows:
        raise ValueError("nothing to draw")
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot = 0.25 + 0.16 * len(footer)
    head = (0.55 if title else 0.1) + HEAD
    height = head + ROW * len(rows) + AXIS + foot
    figure = paper(WIDTH, height)
    if title:
        write(figure, EDGE, height - 0.36, title, 12.5, TEXT, weight="bold")
    ax = axes_at(figure, EDGE + LABELS, foot + AXIS, WIDTH - 2 * EDGE - LABELS - FIGURES, ROW * len(rows))
    plain(ax, grid_along="x")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.set_xticks([])
    ax.set_xlim(-0.35, 1.35)
    for k, row in enumerate(rows):
        _draw_learnt(ax, k, row, language)
    style = {"fontsize": 8, "color": QUIET_TEXT}
    label(ax, 0.5, len(rows) - 0.5 + 0.24 / ROW, pick(WORDS["scale"], language), ha="center", **style)
    ax.plot([-0.3, -0.2], [-0.9, -0.9], color=GRID_LINE, linewidth=9.0, solid_capstyle="butt", clip_on=False)
    label(ax, -0.16, -0.9, pick(WORDS["prior"], language), **style)
    ax.plot([0.42, 0.52], [-0.9, -0.9], color=INSIDE, linewidth=4.0, solid_capstyle="butt", clip_on=False)
    label(ax, 0.56, -0.9, pick(WORDS["posterior"], language), **style)
    write_footer(figure, EDGE, footer)
    return figure


def _draw_learnt(ax: Axes, y: int, row: Learnt, language: Language) -> None:
    span = row.prior_high - row.prior_low or 1.0
    low, middle, high = ((value - row.prior_low) / span for value in (row.low, row.middle, row.high))
    shown = [min(max(at, -0.33), 1.33) for at in (low, middle, high)]
    ax.plot([0.0, 1.0], [y, y], color=GRID_LINE, linewidth=11.0, solid_capstyle="butt", zorder=2)
    ax.plot([shown[0], shown[2]], [y, y], color=INSIDE, linewidth=4.0, alpha=0.75, solid_capstyle="butt", zorder=3)
    ax.plot(shown[1], y, marker="o", ms=7, mfc=INSIDE, mec=PAPER, mew=1.0, zorder=4)
    across = ax.get_yaxis_transform()
    label(ax, -0.03, y, row.label, ha="right", transform=across)
    words = [number(value, _places(row), language=language) for value in (row.middle, row.low, row.high)]
    text = f"{words[0]}  ({words[1]} {say('to', language)} {words[2]})"
    label(ax, 1.03, y - 0.14, text, fontsize=8, transform=across)
    label(ax, 1.03, y + 0.24, row.verdict, fontsize=7, color=QUIET_TEXT, transform=across)


def _places(row: Learnt) -> int:
    size = max(abs(row.low), abs(row.high))
    return 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.3 else 3
