"""The page under Solara: ``solara run server.py`` serves it as ``sector-centre serve`` does.

What visitors see is the application of :mod:`web`. Here it is put into Solara's server, under a path of its own, and
shown in a Solara page, so that it can stand beside other Solara applications, Mesa's ``SolaraViz`` among them.
"""

# Solara's decorators carry no types, and it hands names on that mypy does not see.
# mypy: disallow-untyped-decorators=False, disable-error-code="attr-defined,name-defined,no-untyped-call"

from __future__ import annotations

import os
from threading import Thread

# Nothing may leave a workshop's machine. Solara reads this when it is imported.
os.environ.setdefault("SOLARA_TELEMETRY_MIXPANEL_ENABLE", "false")

import solara
from solara.server import settings, starlette
from starlette.routing import Mount

from web.app import Room, make_app, warm_up

PLACE = "/sector-centre"
FRAME = "position: fixed; inset: 0; width: 100%; height: 100%; border: 0; z-index: 10;"

# No advertisement of the framework over the page.
settings.theme.loader, settings.theme.show_banner = "plain", False


def attach(room: Room) -> None:
    """Put the application into Solara's server, in place of one that an earlier load of this file put there."""
    others = [route for route in starlette.app.router.routes if getattr(route, "path", "") != PLACE]
    starlette.app.router.routes[:] = [Mount(PLACE, app=make_app(room)), *others]
    # Solara's server does not run what a mounted application does at its start.
    Thread(target=warm_up, name="warm-up", daemon=True).start()


attach(Room())


@solara.component
def Page() -> None:
    """The application, filling the window."""
    solara.Title("Sector Centre")
    address = f"{PLACE.lstrip('/')}/"
    solara.HTML(tag="iframe", attributes={"src": address, "title": "Sector Centre"}, style=FRAME)
