"""Quantiles and tails of the common distributions, from `scipy.special`.

They are those of `scipy.stats`, whose import alone takes longer than all else that a summary of a run needs.
"""

from __future__ import annotations

from scipy import special


def t_quantile(probability: float, df: float) -> float:
    """Quantile of Student's t.

    Args:
        probability: In (0, 1).
        df: Degrees of freedom, more than 0.

    Example:
        >>> round(t_quantile(0.975, 9), 4)
        2.2622
    """
    return float(special.stdtrit(df, probability))


def t_cdf(value: float, df: float) -> float:
    """Probability that Student's t is at most `value`.

    Example:
        >>> round(t_cdf(2.2622, 9), 4)
        0.975
    """
    return float(special.stdtr(df, value))


def t_tail(value: float, df: float) -> float:
    """Probability that Student's t is more than `value`.

    Example:
        >>> round(t_tail(2.2622, 9), 4)
        0.025
    """
    return float(special.stdtr(df, -value))


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal distribution.

    Example:
        >>> round(normal_quantile(0.975), 4)
        1.96
    """
    return float(special.ndtri(probability))
