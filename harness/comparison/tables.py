"""A comparison as data frames, JSON values, text and HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.comparison.evidence import Evidence
from harness.comparison.pairs import Pair
from harness.comparison.records import pair_record, score_record
from harness.comparison.verdict import format_difference
from harness.report.numbers import MISSING, decimals_for, format_interval, format_number, format_p
from harness.report.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from harness.comparison.comparison import Comparison


def score_frame(comparison: Comparison) -> pd.DataFrame:
    """One row a model and data set; see `Comparison.scores`."""
    import pandas as pd

    columns = ["model", "dataset", "mean", "ci_low", "ci_high", "fold_sd", "guess", "run"]
    records = [score_record(comparison, each) for each in comparison.evidence]
    return pd.DataFrame([_flat_interval(record) for record in records])[columns]


def pair_frame(pairs: Sequence[Pair]) -> pd.DataFrame:
    """One row a pair; see `Comparison.pairs`."""
    import pandas as pd

    return pd.DataFrame([_flat_interval(_flat_ranks(_flat_rope(pair_record(pair)))) for pair in pairs])


def difference_matrix(comparison: Comparison) -> pd.DataFrame:
    """Mean differences of every pair; see `Comparison.matrix`."""
    import pandas as pd

    models = list(comparison.models)
    matrix = pd.DataFrame(0.0, index=models, columns=models)
    for pair in comparison.all_pairs:
        matrix.loc[pair.first, pair.second] = pair.difference
        matrix.loc[pair.second, pair.first] = -pair.difference
    return matrix


def score_table(comparison: Comparison) -> Table:
    """The models, rounded for reading, the best first; a star marks those not distinguishable from the best."""
    label = f"{100 * comparison.level:g}% CI"
    columns = ("model", "dataset", comparison.metric, label, "fold SD", "baseline", "like the best")
    ordered = sorted(comparison.evidence, key=lambda each: _order(comparison, each))
    rows = tuple(_score_cells(comparison, each) for each in ordered)
    return Table(columns, rows, right=frozenset(columns[2:6]))


def pair_table(comparison: Comparison) -> Table:
    """The pairs, rounded for reading; over data sets there is no interval."""
    label = f"{100 * comparison.level:g}% CI"
    rope = () if comparison.rope is None else ("P(worse)", f"P(rope ±{comparison.rope:g})", "P(better)")
    columns = ("pair", "difference", label, "p", "p Holm", "wins/ties/losses", *rope)
    rows = tuple(_pair_cells(pair, bool(rope)) for pair in comparison.results)
    if comparison.ranking is not None:
        kept = (0, 1, 3, 4, 5)
        columns, rows = _chosen(columns, kept), tuple(_chosen(row, kept) for row in rows)
    return Table(columns, rows, right=frozenset(columns[1:]))


def mean_table(comparison: Comparison) -> Table:
    """Mean scores, a row for each data set and a column for each model, the best first; then the average ranks."""
    means = {(each.dataset, each.model): each for each in comparison.evidence}
    columns = ("data set", *comparison.ordered)
    rows = [
        (name, *(_mean_cell(means[name, model]) for model in comparison.ordered)) for name in comparison.datasets
    ]
    if comparison.ranking is not None:
        ranks = comparison.ranking.ranks
        rows.append(("average rank", *(f"{ranks[model]:.2f}" for model in comparison.ordered)))
    return Table(columns, tuple(rows), right=frozenset(columns[1:]))


def matrix_table(comparison: Comparison) -> Table:
    """Every pair, the row's model against the column's: mean difference, wins/ties/losses and Holm's p."""
    cells = {}
    for pair in comparison.all_pairs:
        cells[pair.first, pair.second] = _matrix_cell(pair)
        cells[pair.second, pair.first] = _matrix_cell(pair.turned())
    columns = ("row less column", *comparison.ordered)
    rows = tuple(
        (row, *(cells.get((row, column), MISSING) for column in comparison.ordered)) for row in comparison.ordered
    )
    return Table(columns, rows, right=frozenset(columns[1:]))


def shown_tables(comparison: Comparison) -> tuple[Table, ...]:
    """The tables that a reader is shown: over several data sets means and the pairwise matrix, too."""
    if comparison.ranking is None:
        return score_table(comparison), pair_table(comparison)
    return mean_table(comparison), pair_table(comparison), matrix_table(comparison)


def as_text(comparison: Comparison) -> str:
    """What a Python prompt shows."""
    tables = shown_tables(comparison)
    warnings = [f"Warning: {warning}" for warning in comparison.warnings]
    return "\n".join([comparison.verdict, "", *(_aligned(table) + "\n" for table in tables), *warnings])


def as_html(comparison: Comparison) -> str:
    """What a notebook shows; every text is escaped."""
    body = "".join(map(_html_table, shown_tables(comparison)))
    warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in comparison.warnings)
    return f"<p><strong>{html.escape(comparison.verdict)}</strong></p>{body}<ul>{warnings}</ul>"


def _order(comparison: Comparison, each: Evidence) -> tuple[int, float]:
    mean = each.mean if comparison.minimize else -each.mean
    return comparison.datasets.index(each.dataset), mean


def _flat_interval(record: dict[str, Any]) -> dict[str, Any]:
    low, high = record["ci"] or (None, None)
    flat = {**record, "ci_low": low, "ci_high": high}
    del flat["ci"]
    return flat


def _flat_ranks(record: dict[str, Any]) -> dict[str, Any]:
    won, lost = record["rank_sums"] or (None, None)
    flat = {**record, "ranks_won": won, "ranks_lost": lost}
    del flat["rank_sums"]
    return flat


def _flat_rope(record: dict[str, Any]) -> dict[str, Any]:
    rope = record["rope"] or {}
    flat = {**record, **{f"p_{name}": rope.get(name) for name in ("worse", "rope", "better")}}
    del flat["rope"]
    return flat


def _score_cells(comparison: Comparison, each: Evidence) -> tuple[str, ...]:
    record = score_record(comparison, each)
    decimals = decimals_for(each.mean, record["fold_sd"])
    mean, sd, guess = (format_number(record[name], decimals) for name in ("mean", "fold_sd", "guess"))
    like = "*" if each.model in comparison.contenders else ""
    return each.model, each.dataset, mean, format_interval(_clipped(comparison, record["ci"])), sd, guess, like


def _clipped(comparison: Comparison, bounds: list[float] | None) -> list[float] | None:
    """Cut to what a score can be: for display only, the JSON keeps it as it is."""
    if bounds is None:
        return None
    least, most = comparison.limits
    return [max(bounds[0], least), min(bounds[1], most)]


def _pair_cells(pair: Pair, with_rope: bool) -> tuple[str, ...]:
    difference, interval = format_difference(pair)
    counts = f"{pair.wins}/{pair.ties}/{pair.losses}"
    rope = tuple(f"{share:.2f}" for share in pair.rope or [None] * 3) if with_rope else ()
    return (
        f"{pair.first} − {pair.second}",
        difference,
        interval,
        format_p(pair.p),
        format_p(pair.p_holm),
        counts,
        *rope,
    )


def _chosen(cells: tuple[str, ...], kept: Sequence[int]) -> tuple[str, ...]:
    return tuple(cells[number] for number in kept)


def _mean_cell(each: Evidence) -> str:
    return format_number(each.mean, decimals_for(each.mean, each.fold_sd))


def _matrix_cell(pair: Pair) -> str:
    difference, _ = format_difference(pair)
    return f"{difference}, {pair.wins}/{pair.ties}/{pair.losses}, p {format_p(pair.p_holm)}"


def _aligned(table: Table) -> str:
    cells = [[str(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]
    return "\n".join(lines)


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
