"""The names and numbers of recorded kinds, factions, actions and outcomes; numbers are frozen, logs store them."""

from __future__ import annotations

KINDS = (
    "civilians_by_dogon_dozo_militia",
    "civilians_by_fulani_militia",
    "civilians_by_jihadists",
    "civilians_by_state_or_external",
    "civilians_by_unidentified",
    "militia_v_militia",
    "jihadists_v_militia",
    "state_v_jihadists",
    "state_v_other",
    "un_v_jihadists",
)
(
    CIVILIANS_BY_DOGON_DOZO,
    CIVILIANS_BY_FULANI,
    CIVILIANS_BY_JIHADISTS,
    CIVILIANS_BY_STATE,
    CIVILIANS_BY_UNIDENTIFIED,
    MILITIA_V_MILITIA,
    JIHADISTS_V_MILITIA,
    STATE_V_JIHADISTS,
    STATE_V_OTHER,
    UN_V_JIHADISTS,
) = range(len(KINDS))
CIVILIAN_KINDS = KINDS[:5]
INTERCOMMUNAL_KINDS = (KINDS[0], KINDS[1], KINDS[5])

FACTIONS = ("katiba_macina", "is_sahel", "dogon_militia", "dozo_militia", "fulani_self_defence")
KATIBA_MACINA, IS_SAHEL, DOGON, DOZO, FULANI = range(len(FACTIONS))

# What a band does when it acts: attack villagers, fight an opposed militia, fight jihadists, ambush troops.
ACTIONS = ("village", "militia", "jihadists", "army")
ON_VILLAGE, ON_MILITIA, ON_JIHADISTS, ON_ARMY = range(len(ACTIONS))
ON_PATROL_OF_UN = len(ACTIONS)  # an action in the log only; it has no rate of its own

# Who acted, as the model knows it (the recorded kind may say "unidentified").
# A band attacks of its own accord, or meets a UN patrol that came its way (no offspring, no case).
ACTORS = ("band", "national forces", "band against patrol")
BAND, NATIONAL_FORCES, BAND_ON_PATROL = range(len(ACTORS))

# Who answers to investigations: index of the risk they perceive.
LIABLE = ("national forces", "self-defence militias")
LIABLE_ARMY, LIABLE_MILITIA = range(len(LIABLE))

OUTCOMES = ("realised", "prevented", "realised_elsewhere")
REALISED, PREVENTED, REALISED_ELSEWHERE = range(len(OUTCOMES))

# What came of a warning: there was none, nobody came in time, UN troops came during the attack, somebody came before
# it and did not or did prevent it.
ANSWERS = ("no warning", "too late", "during", "in time", "averted by the UN", "averted by national forces")
NO_WARNING, TOO_LATE, DURING, IN_TIME, AVERTED_BY_UN, AVERTED_BY_ARMY = range(len(ANSWERS))
