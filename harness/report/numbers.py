"""How many digits to print: as many as the spread of the folds can carry, and no more."""

from __future__ import annotations

import math

MISSING = "–"
"""Stands where there is no number."""

_MOST_DECIMALS = 7


def decimals_for(mean: float, sd: float | None) -> int:
    """Chooses the decimals of a mean from its standard deviation.

    Three significant digits of the mean, held between two and three significant digits of the standard
    deviation: more digits would be noise, fewer would hide differences between models.

    Args:
        mean: The number to print.
        sd: Its standard deviation over the folds; None or 0 where there is none.

    Returns:
        Decimals, from 0 to 7.

    Example:
        >>> decimals_for(0.8421, 0.041), decimals_for(8.184, 1.032), decimals_for(0.98812, 0.0021)
        (3, 2, 4)
    """
    wanted = _decimals(mean, significant=3)
    if sd:
        wanted = min(max(wanted, _decimals(sd, significant=2)), _decimals(sd, significant=3))
    return min(max(wanted, 0), _MOST_DECIMALS)


def format_number(value: float | None, decimals: int) -> str:
    """Writes a number with so many decimals; what would vanish in them is written in scientific notation.

    Example:
        >>> format_number(0.8421, 3), format_number(None, 3), format_number(2.5e-12, 7)
        ('0.842', '–', '2.5e-12')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if value and abs(value) < 0.5 * 10.0**-_MOST_DECIMALS:
        return f"{value:.2g}"
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def interval_decimals(low: float, high: float) -> int:
    """Chooses the decimals of an interval: two significant digits of its width.

    Example:
        >>> interval_decimals(0.7921, 0.8917), interval_decimals(0.98512, 0.98931)
        (2, 4)
    """
    return min(max(_decimals(high - low, significant=2), 0), _MOST_DECIMALS)


def spread_decimals(spread: float, decimals: int) -> int:
    """Chooses the decimals of a spread beside a mean: those of the mean, more where it would vanish in them.

    Example:
        >>> spread_decimals(0.041, 3), spread_decimals(0.0004, 3)
        (3, 4)
    """
    return min(max(decimals, _decimals(spread, significant=1)), _MOST_DECIMALS)


def format_interval(interval: tuple[float, float] | list[float] | None) -> str:
    """Writes an interval as "low-high", or "low to high" where a bound is negative.

    Example:
        >>> format_interval((0.7921, 0.8917)), format_interval((-0.12, 0.31)), format_interval(None)
        ('0.79-0.89', '-0.12 to 0.31', '–')
    """
    if interval is None:
        return MISSING
    low, high = interval
    decimals = interval_decimals(low, high)
    separator = " to " if low < 0 else "-"
    return f"{format_number(low, decimals)}{separator}{format_number(high, decimals)}"


def format_level(level: float) -> str:
    """Writes the level of an interval with the digits that it has.

    Args:
        level: Nominal coverage, in (0, 1).

    Example:
        >>> format_level(0.95), format_level(0.975), format_level(0.999)
        ('95%', '97.5%', '99.9%')
    """
    return f"{100 * level:g}%"


def format_p(p: float | None) -> str:
    """Writes a p value.

    Example:
        >>> format_p(0.01234), format_p(0.00002), format_p(None)
        ('0.012', '<0.001', '–')
    """
    if p is None:
        return MISSING
    return "<0.001" if p < 0.001 else f"{p:.2g}" if p < 0.1 else f"{p:.2f}"


def format_seconds(seconds: float) -> str:
    """Writes a duration for people.

    Args:
        seconds: A duration, 0 or more.

    Example:
        >>> format_seconds(0.42), format_seconds(47.3), format_seconds(135), format_seconds(7384)
        ('0.4 s', '47 s', '2 min 15 s', '2 h 3 min')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _decimals(value: float, significant: int) -> int:
    """Decimals that show so many significant digits of a value; may be negative."""
    if not value or not math.isfinite(value):
        return significant
    # The exponent after rounding: 0.0996 is 0.10 in two digits, which takes two decimals.
    exponent = int(f"{value:.{significant - 1}e}".partition("e")[2])
    return significant - 1 - exponent
