from __future__ import annotations

from harness.callbacks.epoch_progress import EpochProgress
from harness.progress import Progress


def test_an_epoch_is_reported_counted_from_one() -> None:
    heard: list[tuple[str, int, int]] = []

    class Listens(Progress):
        def epoch_finished(self, fold: str, epoch: int, epochs: int) -> None:
            heard.append((fold, epoch, epochs))

    EpochProgress(Listens(), "repeat 0 fold 3", 9).on_epoch_end(4)
    assert heard == [("repeat 0 fold 3", 5, 9)]
