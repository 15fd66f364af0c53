"""Units of the targets of a regression, as the data set's card states them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.data.dataset import Dataset

_LONGEST = 24


def target_units(dataset: Dataset) -> dict[str, str]:
    """Finds the unit of each target that has one, short enough for an axis.

    Example:
        >>> from harness.data import load_dataset
        >>> target_units(load_dataset("linnerud"))
        {'Weight': 'pounds', 'Waist': 'inches', 'Pulse': 'beats per minute'}
    """
    if dataset.card is None or dataset.task != "regression":
        return {}
    found = {name: _unit_of(name, dataset.card.units) for name in dataset.target_names}
    return {name: unit for name, unit in found.items() if unit and len(unit) <= _LONGEST}


def _unit_of(name: str, units: Mapping[str, str]) -> str:
    """The unit of one column; a card may state it for several, as in "Chins, Situps", and a remark after it."""
    for names, unit in units.items():
        if name in re.split(r",\s*", names) or _is_between(name, names):
            return re.split(r"[;,(]", unit)[0].strip()
    return ""


def _is_between(name: str, names: str) -> bool:
    """Whether a numbered column lies in a range such as "y0 … y2"."""
    ends = [re.fullmatch(r"(.*?)(\d+)", each.strip()) for each in names.split("…")]
    column = re.fullmatch(r"(.*?)(\d+)", name)
    if column is None or len(ends) != 2 or None in ends:
        return False
    (stem, first), (_, last) = (end.groups() for end in ends if end)
    return column[1] == stem and int(first) <= int(column[2]) <= int(last)
