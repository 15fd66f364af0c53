"""What a reader of an interval must be told, in fixed sentences."""

from __future__ import annotations

FEW_ROWS = 200
FEW_MINORITY = 10

REPEATS = "Repeats reuse the same n examples: they reduce split noise, not data uncertainty."
APPROXIMATE = "Approximate interval: n<200 or <10 minority examples per fold; may under-cover."
TUNED = "Hyper-parameters were chosen on these folds: optimistic."
NOT_EQUIVALENT = "Not significant is not equivalent; see ROPE."


def interval_cautions(n: int, folds: int, repeats: int, smallest_class: int | None = None) -> list[str]:
    """The cautions that apply to the interval of one evaluation.

    Args:
        n: Rows of the data set.
        folds: Folds in a repeat.
        repeats: Repeats.
        smallest_class: Rows of the rarest class; None for regression.

    Example:
        >>> interval_cautions(n=208, folds=10, repeats=1, smallest_class=97)
        ['Approximate interval: n<200 or <10 minority examples per fold; may under-cover.']
        >>> interval_cautions(n=10_000, folds=10, repeats=1)
        []
    """
    few = n < FEW_ROWS or (smallest_class is not None and smallest_class / folds < FEW_MINORITY)
    return [*([REPEATS] if repeats > 1 else []), *([APPROXIMATE] if few else [])]


def procedure_caution(n: int, test_ratio: float) -> str:
    """Says what an estimate from resampling describes.

    Args:
        n: Rows of the data set.
        test_ratio: Test rows over training rows.

    Example:
        >>> procedure_caution(200, 1 / 9)
        'Describes the training procedure at 180 examples, not the saved model.'
    """
    return f"Describes the training procedure at {round(n / (1 + test_ratio))} examples, not the saved model."
