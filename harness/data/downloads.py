"""Files that are not shipped: fetched once by `prepare`, or read from a folder of the user's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from harness.data.cards import Card, CsvSource, DownloadSource, get_card
from harness.data.registry import find_folder
from harness.errors import DataError

ENVIRONMENT = "HARNESS_DATA"


def data_folder(data_dir: str | os.PathLike[str] | None = None) -> Path:
    """Returns the folder that downloads live in.

    Args:
        data_dir: The folder; None: that of the environment variable ``HARNESS_DATA``, else the user's cache.

    Example:
        >>> data_folder("/data").as_posix()
        '/data'
    """
    named = data_dir or os.environ.get(ENVIRONMENT)
    if named:
        return Path(named)
    import pooch

    return Path(pooch.os_cache("keras-zoo-harness"))


def prepare(
    name: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    yes: bool = False,
    confirm: Callable[[str], bool] | None = None,
) -> Path | None:
    """Sees to it that a data set's file is at hand and is the right one.

    Args:
        name: A data set, or a folder with a card.
        data_dir: Where to look for the file and to download it to; None: as `data_folder`.
        yes: Agrees to the notice on the card, if there is one.
        confirm: Asked otherwise, with the notice; returns whether the user agrees.

    Returns:
        The file, or None where the data are generated or come with scikit-learn.

    Raises:
        DataError: Not agreed to, not reachable, or not the file that the card describes.

    Example:
        >>> prepare("sonar").name
        'sonar.csv'
    """
    card = get_card(name)
    source = card.source
    if isinstance(source, CsvSource):
        path = find_folder(name) / source.file
        if source.sha256:
            verify(path, source.sha256)
        return path
    if not isinstance(source, DownloadSource):
        return None
    path = data_folder(data_dir) / source.file
    if not path.is_file():
        _ask(card, source, yes, confirm)
        fetch(source, path)
    verify(path, source.sha256)
    return path


def locate(
    card: Card, source: DownloadSource, data_dir: str | os.PathLike[str] | None, download: bool | None
) -> Path:
    """Returns the verified file of a data set that is not shipped, for loading.

    Args:
        card: The card.
        source: Its source.
        data_dir: Where the file is looked for and downloaded to; None: as `data_folder`.
        download: Whether it may be fetched; None: only where there is no notice to agree to.

    Raises:
        DataError: Not there and not to be fetched; the message says how to get it, and what to use instead.
    """
    path = data_folder(data_dir) / source.file
    if not path.is_file():
        if not (download or (download is None and not source.notice)):
            raise DataError(_how_to_get(card, source, path.parent))
        fetch(source, path)
    verify(path, source.sha256)
    return path


def fetch(source: DownloadSource, path: Path) -> None:
    """Downloads a file to a temporary name, checks its digest, and renames it.

    An interrupted download leaves nothing under the final name, and the next one starts anew.

    Raises:
        DataError: Not reachable, not writable, or not the file that the card describes.
    """
    import pooch

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pooch.retrieve(
            source.url,
            known_hash=f"sha256:{source.sha256}",
            fname=path.name,
            path=path.parent,
            downloader=pooch.HTTPDownloader(timeout=60),
        )
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"{source.url} could not be downloaded to {path.parent} ({type(error).__name__}: {reason}); "
            f"try again, or put {path.name} there yourself"
        ) from None


def verify(path: Path, expected: str) -> None:
    """Checks a file's SHA-256.

    Raises:
        DataError: Not readable, or of another digest.
    """
    try:
        with path.open("rb") as file:
            received = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    if received != expected:
        raise DataError(
            f"{path} is not the file its card describes: expected SHA-256 {expected}, received {received}"
        )


def _ask(card: Card, source: DownloadSource, yes: bool, confirm: Callable[[str], bool] | None) -> None:
    if yes or not source.notice:
        return
    if confirm is None:
        raise DataError(
            f"{card.name} is not downloaded without consent: {source.notice}; agree with --yes (yes=True)"
        )
    if not confirm(f"{card.name}: {source.notice}. Download {source.url}?"):
        raise DataError(
            f"{card.name} was not downloaded, as you wished; another data set of its shape: {source.instead}"
        )


def _how_to_get(card: Card, source: DownloadSource, folder: Path) -> str:
    why = f" ({source.notice})" if source.notice else ""
    instead = f", or use {source.instead}, of the same shape: `-d {source.instead}`" if source.instead else ""
    return (
        f"{card.name} is not shipped{why} and {source.file} is not in {folder}: fetch it with "
        f"`prepare {card.name}`, name a folder that holds it with --data-dir{instead}"
    )
