"""Twenty visitors at once, each with a run and a comparison: what a visitor costs the server, who waits how long.

Run it as ``python tests/benchmarks/visitors.py [visitors]``; it starts a server of its own and prints what it measured.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.serving import free_port, wait_until_answering  # noqa: E402
from served_page import Talk  # noqa: E402

CONTROL, ARM = {"scenario": "baseline-2021"}, {"scenario": "extra-tobs"}


def memory_mb(process: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


class Measured(Thread):
    """A visitor who watches a run and compares; how long until the first days, the whole run, the first interval."""

    def __init__(self, address: str, seed: int) -> None:
        super().__init__()
        self.talk, self.seed, self.times = Talk(address), seed, {}  # type: ignore[var-annotated]

    def run(self) -> None:
        began = monotonic()
        watching = self.talk.ask(ask="watch", choice=ARM, seed=self.seed)
        comparing = self.talk.ask(ask="compare", control=CONTROL, arms=[ARM], seed=self.seed, most=8)
        done = 0
        while done < 2:
            message = self.talk.hear()
            key = {(watching, "days"): "first days", (watching, "done"): "whole run",
                   (comparing, "difference"): "first interval", (comparing, "done"): "eight pairs"}.get(
                (message["to"], message["say"]))  # fmt: skip
            if key is not None:
                self.times.setdefault(key, monotonic() - began)
            done += message["say"] in {"done", "failed", "refused", "stopped"}


def main(visitors: int) -> None:
    """Measure and print."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "web", "--port", str(port), "--no-open"], cwd=ROOT)
    try:
        wait_until_answering(server, f"http://127.0.0.1:{port}/")
        first = Measured(f"127.0.0.1:{port}", 999)
        first.run()  # compiled and warm
        print("one visitor alone:", {key: f"{value:.1f} s" for key, value in first.times.items()})
        first.talk.close()
        sleep(2)
        before = memory_mb(server.pid)
        pages = [Measured(f"127.0.0.1:{port}", seed) for seed in range(visitors)]
        for page in pages:
            page.start()
        most, slowest = before, 0.0
        while any(page.is_alive() for page in pages):
            most = max(most, memory_mb(server.pid))
            asked = monotonic()
            urlopen(f"http://127.0.0.1:{port}/", timeout=60).read()
            slowest = max(slowest, monotonic() - asked)
            sleep(0.2)
        for key in ("first days", "whole run", "first interval", "eight pairs"):
            times = sorted(page.times.get(key, float("nan")) for page in pages)
            print(f"{visitors} visitors, {key}: median {times[len(times) // 2]:.1f} s, slowest {times[-1]:.1f} s")
        print(f"memory before {before:.0f} MB, at most {most:.0f} MB: {(most - before) / visitors:.1f} MB a visitor")
        for page in pages:
            page.talk.close()
        sleep(3)
        print(f"memory after they left {memory_mb(server.pid):.0f} MB; slowest answer to a GET {slowest:.2f} s")
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
