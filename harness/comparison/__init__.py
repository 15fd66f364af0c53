"""Is one model better than another? Comparisons on the same folds, and over several data sets."""

from harness.comparison.api import compare
from harness.comparison.comparison import Comparison, compare_evidence
from harness.comparison.evidence import Evidence
from harness.comparison.pairs import Pair
from harness.comparison.ranking import Ranking
from harness.comparison.rows import RowTest

__all__ = ["Comparison", "Evidence", "Pair", "Ranking", "RowTest", "compare", "compare_evidence"]
