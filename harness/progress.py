"""What an evaluation tells whoever watches it: the silent base class, to be subclassed."""

from __future__ import annotations


class Progress:
    """Watches an evaluation and says nothing.

    A subclass overrides what it wants to show; every method does nothing here, so that new events never
    break an older subclass. Methods are called from the evaluating process, never from a fold's own.

    Example:
        >>> class Folds(Progress):
        ...     def fold_finished(self, fold: str, seconds: float, message: str) -> None:
        ...         print(f"{fold}: {message}")
        >>> Folds().fold_finished("repeat 0 fold 3", 1.5, "accuracy 0.85")
        repeat 0 fold 3: accuracy 0.85
    """

    def run_started(self, model: str, dataset: str, folds: int, done: int, epochs: int) -> None:
        """An evaluation begins.

        Args:
            model: Name of the model.
            dataset: Name of the data set.
            folds: Number of folds to train in all, over every repeat and seed.
            done: How many of them an earlier run has already finished.
            epochs: The most epochs that a fold may train.
        """

    def epoch_finished(self, fold: str, epoch: int, epochs: int) -> None:
        """One epoch of one fold is done.

        Args:
            fold: Which fold, such as "repeat 0 fold 3".
            epoch: Epochs this fold has finished, counted from 1.
            epochs: The most epochs that the fold may train.
        """

    def features_computed(self, done: int, images: int) -> None:
        """Outputs of a frozen part were computed, once for all folds.

        Args:
            done: Images done so far.
            images: Images to be done, those whose outputs were kept by an earlier run left out.
        """

    def fold_finished(self, fold: str, seconds: float, message: str) -> None:
        """One fold is done, or has failed.

        Args:
            fold: Which fold, such as "repeat 0 fold 3".
            seconds: Wall time of the fold.
            message: Its score, or what went wrong, in a few words.
        """

    def message(self, text: str) -> None:
        """Something worth knowing, in one line."""

    def run_finished(self) -> None:
        """The evaluation is over, however it ended."""
