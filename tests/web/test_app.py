"""The server over a real socket: what it serves, to whom, and what it does not do."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

pytest.importorskip("uvicorn")

from served_page import Talk, served
from websockets.exceptions import ConnectionClosed, InvalidStatus

from web.app import STATIC, Room
from web.desk import Limits
from web.headers import HEADERS

SMALL = {"scenario": "baseline-2021", "levers": {"months": 1, "world": {"cercles": ["Bankass"]}}}


@pytest.fixture(scope="module")
def room() -> Room:
    return Room(most=6, workers=2, limits=Limits(jobs=4))


@pytest.fixture(scope="module")
def address(room: Room) -> Iterator[str]:
    with served(room) as found:
        yield found


@pytest.fixture
def talk(address: str) -> Iterator[Talk]:
    made = Talk(address)
    yield made
    made.close()


def get(address: str, path: str, **headers: str) -> Any:
    return urlopen(Request(f"http://{address}{path}", headers=headers), timeout=240)


def until_alone(room: Room) -> None:
    """Until the visitors of earlier tests have gone: leaving takes a moment."""
    end = monotonic() + 60
    while room.visitors or room.desk._jobs:
        assert monotonic() < end, (room.visitors, room.desk._jobs)
        sleep(0.02)


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/catalogue.json", "/land", "/about/en.json", "/about/fr.json", "/static/main.js"]
)
def test_everything_is_served_with_headers_that_keep_it_here(address: str, path: str) -> None:
    with get(address, path) as answer:
        assert answer.status == 200
        assert len(answer.read()) > 500
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "default-src 'self'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/catalogue.json", "/land", "/about/en.json"])
def test_what_a_page_has_is_not_sent_again(address: str, path: str) -> None:
    with get(address, path, **{"Accept-Encoding": "gzip"}) as answer:
        tag, packed = answer.headers["ETag"], answer.read()
    assert len(gzip.decompress(packed)) > len(packed)
    with pytest.raises(HTTPError) as same:
        get(address, path, **{"If-None-Match": tag})
    assert same.value.status == 304


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/about/de.json", "/etc/passwd", "/talk"],
)
def test_nothing_else_is_served(address: str, path: str) -> None:
    with pytest.raises(HTTPError) as missing:
        get(address, path)
    assert missing.value.status in {400, 404}
    assert missing.value.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_name_no_other_machine() -> None:
    """An address in a page or module would be asked for; those of namespaces and licences are names only."""
    allowed = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"}
    for file in STATIC.rglob("*"):
        if file.suffix in {".html", ".js", ".css", ".svg"}:
            found = set(re.findall(r"""(?:https?:)?//[a-z0-9-]+\.[a-z0-9./-]+""", file.read_text(encoding="utf-8")))
            assert {f for f in found if f not in allowed} == set(), file.name


def test_every_module_and_style_that_the_page_names_is_there() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:href|src)="static/([^"]+)"', page)
    assert len(named) > 8
    for file in STATIC.rglob("*.js"):
        if "vendor" not in file.parts:
            for name in re.findall(r'from "(\.[^"]+)"|import\("(\.[^"]+)"\)', file.read_text(encoding="utf-8")):
                assert (file.parent / (name[0] or name[1])).resolve().is_file(), (file.name, name)
    assert [name for name in named if not (STATIC / name).is_file()] == []


def test_page_modules_are_short_and_have_no_inline_scripts() -> None:
    for file in (*STATIC.rglob("*.js"), *STATIC.rglob("*.css")):
        if "vendor" not in file.parts:
            assert len(file.read_text(encoding="utf-8").splitlines()) <= 400, file.name
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*src=)|\son\w+=|style=", page) == []


# --- the socket -----------------------------------------------------------------------------------------------------


def test_a_run_comes_whole(talk: Talk) -> None:
    said = talk.answer(ask="watch", choice=SMALL, seed=5)
    assert [message["say"] for message in said[:2]] == ["world", "days"]
    assert said[-1]["say"] == "done"
    assert sum(message["count"] for message in said if message["say"] == "days") == 31


@pytest.mark.parametrize(
    "text", ["", "{", "null", '{"id": 3}', '{"id":3,"ask":"watch","choice":{"scenario":"x"}}', "é" * 9]
)
def test_what_is_no_question_is_refused_and_the_visitor_stays(talk: Talk, text: str) -> None:
    talk.socket.send(text)
    assert talk.hear()["say"] == "refused"
    assert talk.answer(ask="write", kind="scenario", choice=SMALL)[-1]["say"] == "done"


def test_a_bad_lever_is_refused_by_name(talk: Talk) -> None:
    said = talk.answer(ask="watch", choice={"scenario": "no-un", "levers": {"months": 0}})
    assert said[-1]["say"] == "refused"
    assert "months" in said[-1]["values"]["text"]


def test_a_question_that_is_too_long_closes_the_connection(address: str) -> None:
    talk = Talk(address)
    with suppress(ConnectionClosed):  # it may be closed while it is still being sent
        talk.socket.send('"' + "x" * 17_000_000 + '"')
    with pytest.raises(ConnectionClosed):
        talk.hear()


def test_pages_of_other_sites_are_not_served(address: str) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        Talk(address, origin="https://elsewhere.example").hear()
    same = Talk(address, origin=f"http://{address}")
    assert same.answer(ask="write", kind="scenario", choice=SMALL)[-1]["say"] == "done"
    same.close()


def test_two_visitors_with_the_same_numbers_get_their_own_answers(address: str) -> None:
    one, other = Talk(address), Talk(address)
    first, second = (t.ask(ask="watch", choice=SMALL, seed=s) for t, s in ((one, 1), (other, 2)))
    assert first == second
    assert [t.all_of(first)[0]["seed"] for t in (one, other)] == [1, 2]
    for talk in (one, other):
        talk.close()


def test_visitors_are_released_when_they_leave(address: str, room: Room) -> None:
    until_alone(room)
    pages = [Talk(address) for _ in range(3)]
    for page in pages:
        page.ask(ask="compare", control=SMALL, arms=[{**SMALL, "name": "b"}], most=400)
    for page in pages:
        page.close()
    until_alone(room)
    assert room.desk._jobs == {}


def test_there_is_room_for_so_many_visitors(address: str, room: Room) -> None:
    until_alone(room)
    pages = [Talk(address) for _ in range(room.most)]
    with pytest.raises(ConnectionClosed) as full:
        Talk(address).hear()
    assert full.value.rcvd is not None
    assert full.value.rcvd.code == 4429
    for page in pages:
        page.close()


def test_work_that_is_given_up_is_not_answered(talk: Talk) -> None:
    number = talk.ask(ask="compare", control=SMALL, arms=[{**SMALL, "scenario": "extra-tobs"}], most=400)
    talk.ask(ask="stop", of=number)
    after = talk.ask(ask="write", kind="scenario", choice=SMALL)
    said = []
    while not said or said[-1]["to"] != after or said[-1]["say"] != "done":
        said.append(talk.hear())
    assert all(message["say"] != "done" for message in said if message["to"] == number)


def test_figures_of_what_is_not_kept_are_refused(talk: Talk) -> None:
    said = talk.answer(ask="figure", of=999, kind="effects", format="svg")
    assert (said[-1]["say"], said[-1]["code"]) == ("refused", "refused_forgotten")


def test_nothing_about_visitors_is_written(address: str, talk: Talk, capfd: pytest.CaptureFixture[str]) -> None:
    talk.answer(ask="watch", choice=SMALL)
    get(address, "/").close()
    assert capfd.readouterr() == ("", "")


def test_the_catalogue_is_json_of_a_sensible_size(address: str) -> None:
    with get(address, "/catalogue.json") as answer:
        text = answer.read()
    found = json.loads(text)
    assert {"words", "cards", "levers", "scenarios", "measures"} <= set(found)
    assert len(text) < 600_000
    assert not any(str(Path.cwd()) in line for line in text.decode().splitlines())
