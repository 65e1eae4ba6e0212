"""Many differences in one list, ordered: a dot and a bar each, grey and hollow where not resolved."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.comparison import EDGE, TOP, UNRESOLVED, WIDTH
from abm.views.effects import Effect
from abm.views.frame import axes_at, footer_lines, label, paper, percent, plain, write, write_footer
from abm.views.palette import PAPER, QUIET_TEXT, TEXT
from abm.views.words import Language, pick, say

ROW, AXIS, LABELS = 0.19, 0.46, 3.9  # inches
WORDS = {
    "key": (
        "dot: effect; bar: {level} interval of the effect; grey and hollow: not resolved",
        "point : effet ; barre : intervalle à {level} de l'effet ; gris et creux : non concluant",
    )
}


def draw_ranked(
    effects: Sequence[Effect],
    *,
    level: float = 0.90,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Differences of one outcome in one list, in the order given.

    Args:
        effects: all of one group.
        level: what share the intervals hold, for the key.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the experiment in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: no effects, or more than one group.
    """
    groups = {effect.group for effect in effects}
    if len(groups) != 1:
        raise ValueError(f"expected effects of one group, got {len(groups)}")
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot, body = 0.25 + 0.16 * len(footer) + AXIS, ROW * len(effects)
    height = foot + body + TOP
    figure = paper(WIDTH, height)
    write(figure, EDGE, height - 0.25, effects[0].group, 9.5, TEXT, weight="bold")
    key = pick(WORDS["key"], language).format(level=percent(level, language))
    write(figure, EDGE, height - 0.45, key, 8, QUIET_TEXT)
    ax = axes_at(figure, EDGE + LABELS, foot, WIDTH - 2 * EDGE - LABELS, body)
    plain(ax, grid_along="x")
    ax.set_ylim(len(effects) - 0.5, -0.5)
    ax.set_yticks([])
    ax.axvline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    for k, effect in enumerate(effects):
        _draw_row(ax, k, effect)
    across = ax.get_yaxis_transform()
    below = len(effects) - 0.5 + 0.32 / ROW
    unit = say("difference", language, unit=effects[0].unit)
    for x, side, text in (
        (0.0, "left", f"← {say('fewer', language)}"),
        (0.5, "center", unit),
        (1.0, "right", f"{say('more', language)} →"),
    ):
        label(ax, x, below, text, ha=side, fontsize=8, color=QUIET_TEXT, transform=across)
    write_footer(figure, EDGE, footer)
    return figure


def _draw_row(ax: Axes, y: float, effect: Effect) -> None:
    colour = TEXT if effect.resolved else UNRESOLVED
    ax.plot([effect.low, effect.high], [y, y], color=colour, linewidth=2.5, solid_capstyle="butt", zorder=3)
    face = colour if effect.resolved else PAPER
    ax.plot(effect.estimate, y, marker="o", ms=5, mfc=face, mec=colour, mew=1.2, zorder=4)
    label(ax, -0.015, y, effect.label, ha="right", fontsize=7.5, transform=ax.get_yaxis_transform())
