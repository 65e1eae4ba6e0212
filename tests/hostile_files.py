"""Files that nobody should hand in: too deep, too large, broken, or meant to open what is not theirs."""

from __future__ import annotations

import json

DEEP_JSON = '{"version":1,"arms":' + "[" * 100_000 + "]" * 100_000 + "}"
BILLION = "\n".join(f"[un.t{n}]\nx = {n}" for n in range(12_000))

# Kind, text, and the code or a part of what is said.
REFUSED: dict[str, tuple[str, str, str]] = {
    # Size and what is no text.
    "empty": ("scenario", " \n\t\n", "uploads_empty"),
    "only a mark": ("events", "\ufeff", "uploads_empty"),
    "too large": ("scenario", "# " + "x" * 256_000, "uploads_too_large"),
    "too large in bytes": ("session", "# " + "é" * 200_000, "uploads_too_large"),
    "too large gazetteer": ("gazetteer", "x" * 8_000_001, "uploads_too_large"),
    "zero byte": ("events", "event_id_cnty\n1\0", "uploads_no_text"),
    "half a letter": ("gazetteer", "name,latitude,longitude\n\ud800,14,-4\n", "uploads_no_text"),
    "lost letters": ("scenario", 'name = "a"\ntitle = "S\ufffdvar\ufffd"\n', "uploads_garbled"),
    "control characters": ("scenario", 'name = "a"\ntitle = "\x1b[2J"\n', "uploads_control"),
    "escaped control characters": ("scenario", 'name = "a"\ntitle = "\\u0000"\n', "uploads_letters"),
    "unknown kind": ("pickle", "x", "uploads_kind"),
    # TOML and JSON.
    "no TOML": ("scenario", "name = \n", "uploads_invalid"),
    "deep lists": ("scenario", "months = " + "[" * 120_000, "uploads_too_deep"),
    "deep inline tables": ("scenario", "un = " + "{a=" * 60_000, "uploads_too_deep"),
    "deep key": ("scenario", "a" + ".a" * 120_000 + " = 1", "uploads_dots"),
    "deep table": ("scenario", "[a" + ".a" * 900 + "]\n" + "\n".join(f"x{n}=1" for n in range(4000)), "uploads_dots"),
    "deep but not too long": ("scenario", "un" + ".a" * 90 + " = 1", "uploads_too_deep"),
    "many tables": ("scenario", BILLION, "uploads_lines"),
    "many keys": ("scenario", "un = {" + ",".join(f"k{n}=1" for n in range(20_000)) + "}", "uploads_values"),
    "one key twice": ("scenario", 'name = "a"\nname = "b"\n', "uploads_invalid"),
    "many digits": ("scenario", "months = " + "9" * 200_000, "uploads_invalid"),
    "many hexadecimal digits": ("scenario", "months = 0x" + "f" * 200_000, "uploads_number"),
    "no number": ("scenario", 'extend = "extra-tobs"\n[un]\nescort_share = nan', "uploads_number"),
    "endless": ("scenario", 'extend = "extra-tobs"\n[un]\nescort_share = -inf', "uploads_number"),
    "a clock": ("scenario", 'extend = "extra-tobs"\nstart = 12:00:00', "start"),
    "deep JSON": ("session", DEEP_JSON, "uploads_too_deep"),
    "JSON without end": ("session", '{"version":1', "uploads_invalid"),
    "JSON's no number": ("session", '{"version":1,"assumptions":{"delta_un":NaN}}', "uploads_invalid"),
    "JSON's endless number": ("session", '{"version":1,"assumptions":{"delta_un":1e999}}', "uploads_number"),
    "JSON's many digits": ("session", '{"version":1,"seed":' + "9" * 200_000 + "}", "uploads_invalid"),
    # Files of the server.
    "extends a path": ("scenario", 'extend = "/etc/passwd.toml"', "uploads_extend"),
    "extends beside": ("scenario", 'extend = "../x.toml"', "uploads_extend"),
    "extends a shipped file": ("scenario", 'extend = "extra-tobs.toml"', "uploads_extend"),
    "extends a list": ("scenario", 'extend = ["extra-tobs"]', "uploads_extend"),
    "extends a table": ("scenario", 'extend = {"a" = "extra-tobs"}', "uploads_extend"),
    "names a file": ("scenario", 'extend = "no-un"\n[world]\ngazetteer = "/etc/passwd"', "refused_gazetteer_path"),
    "names a device": ("scenario", 'extend = "no-un"\n[world]\ngazetteer = "/dev/zero"', "refused_gazetteer_path"),
    "names what is not there": ("scenario", 'extend = "no-un"\nworld.gazetteer = "uploaded"', "refused_no_gazetteer"),
    "session names a file": (
        "session",
        json.dumps({"version": 1, "watch": {
            "choice": {"levers": {"world": {"gazetteer": "/etc/passwd"}}}, "layers": [], "every": "day",
        }}),
        "refused_gazetteer_path",
    ),
    # Fields.
    "nothing": ("scenario", "# nothing", "name: Field required"),
    "unknown field": ("scenario", 'extend = "no-un"\nself = 1\n', "self: unknown field"),
    "wrong base": ("scenario", 'extend = "no-un"\nstart = 1850-01-01\n', "start: date 1850-01-01 lies outside"),
    "mojibake": (
        "scenario",
        'extend = "no-un"\n[package]\nunits = [{type="police", units=1, heads=2, base="SÃ©varÃ©"}]',
        "package.units.0.base: Input should be 'Sévaré' or 'Douentza' (found 'SÃ©varÃ©')",
    ),
    "many problems": ("scenario", 'extend = "no-un"\n' + "\n".join(f"x{n} = {n}" for n in range(900)), "(+895)"),
    "session without version": ("session", "seed = 3", "version: Field required"),
    "later session": ("session", "version = 2", "this program reads sessions of version 1"),
    "session with more": ("session", "version = 1\nadmin = true", "admin: unknown field"),
    "session of five arms": (
        "session", json.dumps({"version": 1, "arms": [{}] * 5}), "arms: List should have at most 4",
    ),
    "session with a switch": ("session", '{"version":1,"seed":true}', "seed: Input should be a valid integer"),
    "session with a wrong lever": (
        "session", json.dumps({"version": 1, "arms": [{}, {"levers": {"un": {"x": 1}}}]}), "un.x: unknown field",
    ),
    "session with a wrong assumption": ("session", "version = 1\n[assumptions]\ndelta_un = 7", "delta_un"),
    "session with an unknown assumption": ("session", "version = 1\n[assumptions]\ndelta = 0.1", "did you mean"),
    "session unsets nothing": ("session", '{"version":1,"arms":[{},{"unset":[["a"]],"levers":{}}]}', "arms.1.unset"),
    # Gazetteers.
    "one column": ("gazetteer", "name\nSévaré\n", "no column 'latitude'"),
    "no places": ("gazetteer", "name,latitude,longitude\n", "a header but no places"),
    "swapped": ("gazetteer", "name,latitude,longitude\nx,-4.1,14.5\n", "line 2, latitude: -4.1 and longitude"),
    "comma": ("gazetteer", 'name;latitude;longitude\nx;"14,5";-4\n', "line 2, latitude: '14,5' is not a number"),
    "no place inside": ("gazetteer", "name,latitude,longitude\nParis,48.85,2.35\n", "none of 1 places lies in"),
    "no community": ("gazetteer", "name,latitude,longitude,community\nx,14,-4,elf\n", "line 2, community: 'elf'"),
    "not finite": ("gazetteer", "name,latitude,longitude\nx,nan,-4\n", "'nan' is not a finite number"),
    "far too many people": ("gazetteer", "name,latitude,longitude,population\nx,14,-4,1e300\n", "line 2, population"),
    "twice": ("gazetteer", "name,latitude,longitude\nx,14,-4\nx,14,-4\n", "line 3, name: 'x' repeats line 2"),
    "formula": ("gazetteer", 'name,latitude,longitude\n"=HYPERLINK(""http://x"")",14,-4\n', "uploads_formula"),
    "formula with a sign": ("gazetteer", "name,latitude,longitude\n+cmd|' /C calc'!A0,14,-4\n", "uploads_formula"),
    "lost letters of a place": ("gazetteer", "name,latitude,longitude\nDjenn\ufffd,14,-4\n", "uploads_garbled"),
    "bell": ("gazetteer", "name,latitude,longitude\nx\x07,14,-4\n", "uploads_control"),
    "many columns": ("gazetteer", ",".join(f"c{n}" for n in range(500_000)), "uploads_columns"),
    "many places": (
        "gazetteer", "name,latitude,longitude\n" + "\n".join(f"p{n},14,-4" for n in range(300_000)), "uploads_places",
    ),
    "a long cell": ("gazetteer", "name,latitude,longitude\n" + "x" * 30_000 + ",14,-4\n", "uploads_cell"),
    "a very long cell": ("gazetteer", 'name,latitude,longitude\n"' + "x\n" * 300_000 + '",14,-4\n', "uploads_row"),
    # Events.
    "no table": ("events", "hello\nworld\n", "neither the columns of ACLED nor of UCDP GED"),
    "a workbook": ("events", "PK\x03\x04rest", "is a workbook or an archive"),
    "many lines": ("events", "event_date\n" * 700_000, "uploads_lines"),
    "long header": ("events", ",".join(f"c{n}" for n in range(900_000)), "uploads_cell"),
    "header after a mark": ("events", "sep=,\n" + ",".join(f"c{n}" for n in range(900_000)), "uploads_cell"),
    "only a header": (
        "events", "event_id_cnty,event_date,event_type,actor1,latitude,longitude,fatalities\n", "a header but no rows",
    ),
}  # fmt: skip
