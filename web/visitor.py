"""One visitor: what they asked, what is under way for them, and what was computed last. Released when they leave."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from web import levers, uploads
from web.answering import Answering
from web.comparing import Comparing
from web.desk import DONE, Desk, Job, Outlet, failure_message, refusal_message
from web.messages import Answers, Compare, Cost, Figure, Read, Stop, Table, Watch, Write, parse
from web.packing import pack
from web.watching import Spread, Watching
from web.work import SAID, Message, Refused, Work

# Of how many figures and tables can still be asked. Every move of a slider is a comparison: they must not push out what
# took minutes.
KEPT_COMPARISONS, KEPT_ANSWERS = 12, 3
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


class Visitor:
    """Answers the questions of one page.

    Args:
        desk: who computes.
        say: sends a message to the page, with the number of its question (None for none); called from any thread.
        waiting: bytes that the page has not taken yet.
    """

    def __init__(self, desk: Desk, say: Callable[[int | None, Message], None], waiting: Callable[[], int]) -> None:
        self._desk, self._say, self._waiting = desk, say, waiting
        self._jobs: dict[int, Job] = {}
        self._kept: dict[int, Comparing | Answering] = {}
        self.uploads = uploads.Uploads()

    def hear(self, text: str | bytes) -> None:
        """Answer one question, or take it to the desk. Never raises for what a page sends."""
        try:
            question = parse(text)
        except Refused as refusal:
            self._say(None, refusal_message(refusal))
            return
        try:
            self._answer(question)
        except Refused as refusal:
            self._say(question.id, refusal_message(refusal))
        except Exception as error:
            self._say(question.id, failure_message(error))

    def leave(self) -> None:
        """The page is closed: give up all work and remove the visitor's files."""
        self._desk.leave(self)
        self._jobs.clear()
        self._kept.clear()
        self.uploads.close()

    # --- questions --------------------------------------------------------------------------------------------------

    def _answer(self, question: Any) -> None:
        match question:
            case Watch(ask="spread"):
                work = Spread(question.choice, question.assumptions, question.seed, self.uploads)
                self._start(question.id, work)
            case Watch():
                watched = Watching(
                    question.choice, question.assumptions, question.seed, question.spread, self.uploads
                )  # fmt: skip
                self._start(question.id, watched)
            case Compare():
                self._keep(question.id, Comparing(
                    question.control, question.arms, question.assumptions, question.seed, question.months,
                    question.most, question.precise, self.uploads,
                ))  # fmt: skip
            case Answers():
                self._keep(question.id, Answering(
                    question.control, question.arm, question.assumptions, question.seed, question.months,
                    question.outcome, question.most, self.uploads,
                ))  # fmt: skip
            case Stop():
                self._stop(question.of)
            case Figure() | Table() | Read() | Write() | Cost():
                # Short and one at a time for each visitor, so they need not stand in line behind long work.
                self._say(question.id, self._at_once(question))
                self._say(question.id, {"say": DONE})

    def _at_once(self, question: Figure | Table | Read | Write | Cost) -> Message:
        match question:
            case Figure():
                picture = self._computed(question.of).figure(question.kind, question.format, question.language)
                name = f"{question.kind}.{question.format}"
                header = {"say": "file", "name": name, "type": TYPES[question.format]}
                return pack(header, {"bytes": np.frombuffer(picture, np.uint8)})
            case Table():
                text = self._computed(question.of).table(question.language)
                return {"say": "text", "name": "comparison.csv", "text": text}
            case Read():
                return {"say": "read", **uploads.read(question.kind, question.name, question.text, self.uploads)}
            case Cost():
                costs = levers.cost(question.control, question.arm, question.assumptions, self.uploads)
                return {"say": "cost", **costs}
        return _written(question)

    def _computed(self, number: int) -> Comparing | Answering:
        if number not in self._kept:
            raise Refused("refused_forgotten")
        return self._kept[number]

    # --- work -------------------------------------------------------------------------------------------------------

    def _start(self, number: int, work: Work) -> None:
        if number in self._jobs and not self._jobs[number].over:
            raise Refused("refused_number", n=number)
        self._jobs = {n: job for n, job in self._jobs.items() if not job.over}
        self._jobs[number] = self._desk.submit(self, work, Outlet(partial(self._say, number), self._waiting))

    def _keep(self, number: int, work: Comparing | Answering) -> None:
        self._start(number, work)
        self._kept[number] = work
        most = KEPT_COMPARISONS if isinstance(work, Comparing) else KEPT_ANSWERS
        alike = [n for n, kept in self._kept.items() if type(kept) is type(work)]
        for old in alike[:-most]:
            del self._kept[old]

    def _stop(self, number: int) -> None:
        if number in self._jobs:
            self._desk.stop(self._jobs.pop(number))


def _written(question: Write) -> Message:
    if question.kind == "scenario" and question.choice is not None:
        name = question.choice.name or question.choice.scenario
        return {"say": "text", "name": f"{name}.toml", "text": uploads.write_scenario(question.choice)}
    if question.kind == "session" and question.session is not None:
        return {"say": "text", "name": "session.toml", "text": uploads.write_session(question.session)}
    raise Refused(SAID, text=f"question: {question.kind}: missing")
