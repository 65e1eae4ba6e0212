"""A page on paper: headless Chromium prints it, in a profile of its own that reaches no other machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from runs.folders import ResultError, write_atomically

NAMES = ("chromium", "chromium-browser", "google-chrome")
VARIABLE = "CHROMIUM"  # environment variable that names a browser which is not on the path
PATIENCE = 120.0  # seconds; a browser that starts for the first time on a busy machine needs some tens
LINES_OF_ERROR = 3
FLAGS = (
    "--headless",
    "--no-pdf-header-footer",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers give it little shared memory
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",  # a proxy would resolve names in our stead
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def chromium() -> str | None:
    """Path of Chromium or Chrome: the one that $CHROMIUM names, else the first on the path; None without one."""
    named = os.environ.get(VARIABLE)
    candidates = (named,) if named else NAMES
    return next((found for name in candidates if (found := shutil.which(name)) is not None), None)


def print_pdf(html: Path, pdf: Path) -> None:
    """Print a page to PDF, whole or not at all; the page itself is left as it is.

    Raises:
        ResultError: there is no browser, or it gives no PDF in time; the message says which and why.
        OSError: the PDF cannot be put in place.
    """
    browser = chromium()
    if browser is None:
        raise ResultError(f"{pdf}: no PDF: Chromium is not on the path and ${VARIABLE} names none; {html} is complete")
    # Chromium writes its profile and half a PDF wherever it may be stopped: both vanish with the folder.
    with tempfile.TemporaryDirectory(prefix="sector-centre-", ignore_cleanup_errors=True) as folder:
        made = Path(folder) / "page.pdf"
        said = _run(_command(browser, html, made, Path(folder) / "profile"), pdf, html)
        if not made.is_file() or not made.read_bytes().startswith(b"%PDF"):
            raise ResultError(f"{pdf}: no PDF: {browser} wrote none ({said}); {html} is complete")
        write_atomically(pdf, lambda partial: shutil.copyfile(made, partial))


def _command(browser: str, html: Path, pdf: Path, profile: Path) -> list[str]:
    """As root the sandbox cannot work and Chromium refuses to start; for everybody else it stays."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [
        browser, *FLAGS, *as_root, f"--user-data-dir={profile}", f"--print-to-pdf={pdf}", html.resolve().as_uri(),
    ]  # fmt: skip


def _run(command: list[str], pdf: Path, html: Path) -> str:
    """Run a browser and all it starts until it ends or patience does; the last lines that it said."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise ResultError(f"{pdf}: no PDF: {command[0]}: {error.strerror}; {html} is complete") from None
    try:
        _, said = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise ResultError(f"{pdf}: no PDF: {command[0]} took over {PATIENCE:g} s; {html} is complete") from None
    finally:
        _stop(process)
    lines = said.decode(errors="replace").strip().splitlines()[-LINES_OF_ERROR:]
    return " ".join(lines) or f"status {process.returncode}"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a browser: its own session holds its helpers too."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
