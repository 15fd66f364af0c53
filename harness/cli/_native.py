"""Keeps TensorFlow's start-up chatter from the terminal, wherever it is imported from."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


@contextmanager
def quiet_import(module: str, *, show: bool, notice: Callable[[], None] | None = None) -> Iterator[None]:
    """Has the first import of a module, if there is one meanwhile, log nothing to the terminal.

    Whether TensorFlow is needed shows only while a command is under way.

    Args:
        module: Name of a top-level module, such as "tensorflow".
        show: Whether to show afterwards what was logged. It is shown anyway if the import fails.
        notice: Called before the module is loaded.
    """
    if module in sys.modules:
        yield
        return
    finder = _QuietFinder(module, show, notice)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        finder.retire()


class _QuietFinder(MetaPathFinder):
    """Finds one module as everybody else would, and has it loaded quietly."""

    def __init__(self, module: str, show: bool, notice: Callable[[], None] | None) -> None:
        self._module = module
        self._show = show
        self._notice = notice

    def retire(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        self.retire()
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _QuietLoader(spec.loader, self._show, self._notice)
        return spec


class _QuietLoader(Loader):
    def __init__(self, loader: Loader, show: bool, notice: Callable[[], None] | None) -> None:
        self._loader = loader
        self._show = show
        self._notice = notice

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if self._notice is not None:
            self._notice()
        if module.__spec__ is not None:
            # The module's own loader reads its data files, and the loader of a reload.
            module.__spec__.loader = module.__loader__ = self._loader
        with native_stderr_kept(show=self._show):
            self._loader.exec_module(module)


@contextmanager
def native_stderr_kept(*, show: bool) -> Iterator[None]:
    """Keeps back what is written to file descriptor 2, by C++ code too.

    TensorFlow logs before its logging is set up, which no environment variable stops.

    Args:
        show: Whether to write the text out afterwards. An exception writes it out anyway.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except Exception:
            show = True
            raise
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
            kept.seek(0)
            if show:
                sys.stderr.write(kept.read().decode(errors="replace"))
