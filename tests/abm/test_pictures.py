"""Frame, legend and files of pictures: what must be said is said, in the figure and readable, and files are whole."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pictures import bare, framed, texts, today

from abm.calendar import RAINS_AND_FLOOD
from abm.views import palette
from abm.views.__main__ import main
from abm.views.figures import format_of, render, save, with_few_colours
from abm.views.layers import (
    Scale,
)
from abm.views.legend import build_legend, draw_legend_figure
from abm.views.words import LANGUAGES, date_and_season, say
from abm.views.world_map import LAYERS, SHOWN

# --- frame and legend -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_map_carries_date_caveat_source_and_run(language: str) -> None:
    found = " ".join(texts(framed(language=language, run_hash="0123456789abcdef", title="A title")))
    assert "A title" in found
    assert date_and_season(today(), language) in found  # type: ignore[arg-type]
    assert say("one_run", language) in found  # type: ignore[arg-type]
    assert say("caveat", language) in found  # type: ignore[arg-type]
    assert "0123456789ab" in found
    assert "Natural Earth" in found


def test_the_legend_shows_what_the_map_shows_and_lies_beside_it() -> None:
    everything, little = texts(framed(layers=LAYERS)), texts(framed(layers=("villages",)))
    assert say("tob") in everything
    assert say("travel_time").split(",")[0] in " ".join(everything)
    assert say("tob") not in little
    assert say("jihadists") not in little
    figure = framed()
    drawing, legend = (ax.get_position() for ax in figure.axes)
    assert legend.x0 > drawing.x1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layers", [SHOWN, LAYERS])
def test_no_row_of_a_legend_leaves_the_figure(language: str, layers: tuple[str, ...]) -> None:
    for figure in (
        framed(language=language, layers=layers),
        draw_legend_figure(layers, RAINS_AND_FLOOD, language=language),  # type: ignore[arg-type]
    ):
        figure.draw_without_rendering()
        width, height = figure.bbox.width, figure.bbox.height
        for text in figure.axes[-1].texts:
            box = text.get_window_extent()
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= width + 1, text.get_text()
            assert box.y0 >= -2, text.get_text()
            assert box.y1 <= height + 2, text.get_text()


def test_columns_of_a_legend_keep_every_section() -> None:
    panel = build_legend(180.0, LAYERS, RAINS_AND_FLOOD, Scale(1.0), "en")
    columns = panel.in_columns(2)
    assert [section for column in columns for section in column] == panel.sections
    assert len(columns) == 2


# --- files ------------------------------------------------------------------------------------------------------------


def test_equal_figures_give_equal_bytes_also_side_by_side_in_threads() -> None:
    once = render(framed())
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: render(framed()), range(4))) == {once}


def test_few_colours_keep_the_ground_and_the_hues_of_marks() -> None:
    from io import BytesIO

    from PIL import Image

    def pixels(data: bytes) -> np.ndarray:
        with Image.open(BytesIO(data)) as picture:
            return np.asarray(picture.convert("RGB")).astype(int)

    data = render(framed())
    few = with_few_colours(data)
    assert len(few) < 0.6 * len(data)
    apart = np.abs(pixels(few) - pixels(data)).max(axis=2)
    assert apart.mean() < 3.0
    assert np.quantile(apart, 0.999) < 40


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_a_figure_is_written_whole_in_the_format_of_its_suffix(tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / "new" / f"map{suffix}"
    save(bare(), path)
    assert path.read_bytes().startswith(start)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_suffix_unknown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"map\.gif: expected a file name ending in \.png"):
        format_of(tmp_path / "map.gif")


def test_the_command_draws_a_run_and_refuses_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.toml"
    file.write_text('extend = "baseline-2021"\nname = "small"\n[world]\ncercles = ["Bankass"]\n')
    picture = tmp_path / "map.png"
    assert main([str(picture), "--scenario", str(file), "--date", "2021-02-01"]) == 0
    assert picture.stat().st_size > 20_000
    for arguments, message in (
        ([str(tmp_path / "map.gif")], "expected a file name ending in"),
        ([str(picture), "--scenario", "nowhere"], "unknown scenario 'nowhere'"),
        ([str(picture), "--date", "2020-12-31"], "lies before the scenario's start, 2021-01-01"),
        ([str(picture), "--seed", "-1"], "--seed must lie between 0 and"),
    ):
        assert main(arguments) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1


def test_drawing_needs_no_pyplot() -> None:
    """Pyplot keeps every figure in one list for all threads: a page would leak and mix them."""
    folder = Path(palette.__file__).parent
    names = [f"abm.views.{path.stem}" for path in folder.glob("*.py") if path.stem not in ("__init__", "__main__")]
    assert "abm.views.world_map" in names
    code = f"import sys; [__import__(name) for name in {names}]; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
