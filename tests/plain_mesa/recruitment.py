"""Abuses by national forces bring recruits, after a while; strengths follow once a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.kinds import NATIONAL_FORCES, ON_VILLAGE

if TYPE_CHECKING:
    from plain_mesa.logs import Event
    from plain_mesa.model import PlainMali


class Recruitment:
    """Who remembers abuses, and what armed groups make of that."""

    def __init__(self, model: PlainMali, considered: int) -> None:
        self.model = model
        self.considered = considered  # events, the oldest ones, whose lag is over

    @staticmethod
    def is_abuse(event: Event) -> bool:
        return event.happened and event.actor == NATIONAL_FORCES and event.action == ON_VILLAGE

    def remember_abuses(self) -> None:
        """Abuses whose lag is over today begin to count in their cercles."""
        lag = int(self.model.numbers.q.recruit_lag_days)
        due = [event for event in self.model.events[self.considered :] if event.day + lag <= self.model.day]
        self.considered += len(due)
        abuses = [event for event in due if self.is_abuse(event)]
        if abuses:
            self.settle()
        for event in abuses:
            event.cercle.abuses += 1.0

    def settle(self) -> None:
        """Strengths are brought up to date under what was remembered so far; then memory fades."""
        for band in self.model.bands:
            band.settle()
        for cercle in self.model.cercles:
            cercle.let_abuses_fade()
