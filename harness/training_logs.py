"""TensorBoard logs of a run: written while a fold trains, kept with it, and put back for a fold taken over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.engines.base import CallbackFactory, FoldContext
from harness.errors import UsageError
from harness.seeds import FoldKey

if TYPE_CHECKING:
    from harness.store import StoredFold


@dataclass(frozen=True)
class TrainingLogs:
    """Where folds log to, `<folder>/repeat_0_fold_3/train` and `…/validation`, and by which callback.

    Attributes:
        folder: The folder of the folds' folders.
        others: The caller's own callbacks.

    Example:
        >>> logs = TrainingLogs(Path("logs"), None).of_run("sonar_dropout-4ee68bba")
        >>> logs.fold_folder(FoldKey(repeat=0, fold=3)).as_posix()
        'logs/sonar_dropout-4ee68bba/repeat_0_fold_3'
    """

    folder: Path
    others: CallbackFactory | None

    def callbacks(self, context: FoldContext) -> list[Any]:
        """Makes the callbacks of one fold: the caller's own, then the logs."""
        from harness.callbacks.tensorboard_logs import TensorBoardLogs

        others = self.others(context) if self.others else ()
        return [*others, TensorBoardLogs(self.fold_folder(context.key), context.directory)]

    def of_run(self, run_id: str) -> TrainingLogs:
        """The same in a folder of the run's own, for other runs may log there too."""
        return replace(self, folder=self.folder / run_id)

    def fold_folder(self, key: FoldKey) -> Path:
        """Where a fold logs to."""
        return self.folder / str(key).replace(" ", "_")

    def make_folder(self) -> None:
        """Makes sure that folds can log.

        Raises:
            UsageError: They cannot.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"Cannot log to '{self.folder}': {error.strerror or error}; name another folder for TensorBoard"
            ) from error

    def restore(self, key: FoldKey, fold: StoredFold) -> None:
        """Puts back the logs of a fold that is not trained again, where they are not there any more."""
        from harness.callbacks.tensorboard_logs import EVENTS, PARTS, copy_name, event_files

        for part in PARTS:
            folder = self.fold_folder(key) / part
            if copy_name(part) in fold.files and not event_files(folder):
                folder.mkdir(parents=True, exist_ok=True)
                (folder / EVENTS).write_bytes(fold.read(copy_name(part)))
