"""Numbers in sentences, in English and in French."""

from __future__ import annotations

from abm.calendar import date_of
from abm.views.words import LANGUAGES, Language, month_name
from web.french import NARROW, Both

MINUS = "−"
MILLION = 1e6


def significant(value: float, digits: int = 4) -> float:
    """A number with so many significant digits."""
    return float(f"{value:.{digits}g}")


def in_english(value: float) -> str:
    """A number as English writes it: 1,250.5."""
    return f"{value:,.10g}".replace("-", MINUS)


def in_french(value: float) -> str:
    """A number as French writes it: 1 250,5."""
    return _as_french(in_english(value))


def _as_french(english: str) -> str:
    return english.replace(",", NARROW).replace(".", ",")


def written(value: float, language: Language) -> str:
    """A number as a language writes it."""
    return in_english(value) if language == "en" else in_french(value)


def number(value: float) -> Both:
    """A number in both languages."""
    return {language: written(value, language) for language in LANGUAGES}


def millions(value: float) -> Both:
    """Millions with one digit after the comma, in both languages, without a word for the unit."""
    english = f"{value / MILLION:,.1f}".replace("-", MINUS)
    return {"en": english, "fr": _as_french(english)}


def day(number_of_day: int) -> Both:
    """A day as month and year, in both languages."""
    when = date_of(number_of_day)
    return {language: f"{month_name(when.month, language)} {when.year}" for language in LANGUAGES}
