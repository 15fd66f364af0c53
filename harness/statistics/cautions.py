"""What a reader of an interval must be told, in fixed sentences."""

from __future__ import annotations

FEW_ROWS = 200
FEW_MINORITY = 10

REPEATS = "Repeats reuse the same n examples: they reduce split noise, not data uncertainty."
APPROXIMATE = "Approximate interval: n<200 or <10 minority examples per fold; may under-cover."
TUNED = "Hyper-parameters were chosen on these folds: optimistic."
NOT_EQUIVALENT = "Not significant is not equivalent; see ROPE."

_ROUNDING = 9


def interval_cautions(n: int, test_rows: float, repeats: int, smallest_class: int | None = None) -> list[str]:
    """The cautions that apply to the interval of one evaluation.

    Args:
        n: Rows of the data set.
        test_rows: Rows of a test part, the mean over folds.
        repeats: Repeats.
        smallest_class: Rows of the rarest class in the data set, of which a test part is expected to hold its
            share; None for regression.

    Example:
        >>> interval_cautions(n=208, test_rows=20.8, repeats=1, smallest_class=97)
        ['Approximate interval: n<200 or <10 minority examples per fold; may under-cover.']
        >>> interval_cautions(n=208, test_rows=104, repeats=1, smallest_class=97)
        []
    """
    # A share such as 100 of 1000 rows times 100.0 must not fall short of 10 by its last bit.
    few_rare = smallest_class is not None and round(smallest_class * test_rows / n, _ROUNDING) < FEW_MINORITY
    return [*([REPEATS] if repeats > 1 else []), *([APPROXIMATE] if n < FEW_ROWS or few_rare else [])]


def procedure_caution(train_rows: float) -> str:
    """Says what an estimate from resampling describes.

    Args:
        train_rows: Rows of a training part, the mean over folds.

    Example:
        >>> procedure_caution(187.2)
        'Describes the training procedure at 187 examples, not the saved model.'
    """
    return f"Describes the training procedure at {round(train_rows)} examples, not the saved model."
