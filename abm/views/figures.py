"""Figures as bytes and files: the same figure always gives the same bytes, and a file is whole or not there."""

from __future__ import annotations

import os
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.spatial import KDTree

FORMATS = {".png": "png", ".svg": "svg", ".pdf": "pdf"}
FILE_DPI, PAGE_DPI = 200, 100
EXACT = 16  # colours that a picture with few colours keeps as they are
# Dates and versions would make equal figures differ.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def render(figure: Figure, kind: str = "png", dpi: int = PAGE_DPI) -> bytes:
    """A figure as the bytes of a PNG, SVG or PDF."""
    out = BytesIO()
    figure.savefig(out, format=kind, dpi=dpi, metadata=_METADATA[kind])
    return out.getvalue()


def with_few_colours(png: bytes) -> bytes:
    """The same PNG with 256 colours: flat fills look as before at a third of the bytes.

    The colours that cover most keep theirs exactly. The others enter the choice by a power of the pixels they cover: by
    pixels alone the ground takes all places and small marks lose their hue, by one place each soft edges take them.
    """
    from PIL import Image

    with Image.open(BytesIO(png)) as opened:
        pixels = np.asarray(opened.convert("RGB"), dtype=np.uint8)
    # np.unique sorts whole numbers far faster than rows of three.
    packed, where, covered = np.unique(
        pixels.astype(np.int64) @ (65536, 256, 1), return_inverse=True, return_counts=True
    )
    colours = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.uint8)
    places = np.ceil(covered**0.6).astype(np.int64)
    sample = Image.fromarray(np.repeat(colours, places, axis=0)[None, :, :])
    chosen = sample.quantize(256 - EXACT, method=Image.Quantize.MEDIANCUT).getpalette() or []
    most = colours[np.argsort(-covered, kind="stable")[:EXACT]]
    palette = np.concatenate([most, np.array(chosen, dtype=np.uint8).reshape(-1, 3)])
    _, nearest = KDTree(palette).query(colours)
    small = Image.fromarray(nearest[where].reshape(pixels.shape[:2]).astype(np.uint8))
    small.putpalette(palette.ravel().tolist())
    out = BytesIO()
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()


def format_of(path: Path) -> str:
    """Format of a picture by its file's suffix; ValueError for any other than .png, .svg or .pdf."""
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"{path}: expected a file name ending in {', '.join(FORMATS)}")
    return kind


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the file's suffix, at twice the dots of a page; folders are made.

    Raises:
        ValueError: another suffix than .png, .svg or .pdf.
        OSError: the file cannot be written; nothing half written is left.
    """
    kind = format_of(path)
    data = render(figure, kind, FILE_DPI)
    if kind == "png":
        data = with_few_colours(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
