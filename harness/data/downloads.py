"""Files that are not shipped: fetched once by `prepare`, or read from a folder of the user's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from harness.data.archives import unpack_images
from harness.data.cards import Card, get_card
from harness.data.registry import find_folder
from harness.data.sources import CsvSource, ImageArchiveSource, MnistSource, RemoteSource
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
        The file, or the first of them, or the folder an archive was unpacked to; None where the data are generated
        or come with scikit-learn.

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
    if not isinstance(source, RemoteSource):
        return None
    folder = data_folder(data_dir)
    if not (paths := _at_hand(card, source, folder)):
        _ask(card, source, yes, confirm)
        paths = _brought(card, source, folder)
    return paths[0]


def locate(
    card: Card, source: RemoteSource, data_dir: str | os.PathLike[str] | None, download: bool | None
) -> list[Path]:
    """Returns the verified files of a data set that is not shipped, for loading.

    Args:
        card: The card.
        source: Its source.
        data_dir: Where the files are looked for and downloaded to; None: as `data_folder`.
        download: Whether they may be fetched; None: only where there is no notice to agree to.

    Returns:
        One file, or several that belong together, or the folder that an archive was unpacked to.

    Raises:
        DataError: Not there and not to be fetched; the message says how to get it, and what to use instead.
    """
    folder = data_folder(data_dir)
    if paths := _at_hand(card, source, folder):
        return paths
    if not (download or (download is None and not source.notice)):
        raise DataError(_how_to_get(card, source, folder))
    return _brought(card, source, folder)


def _at_hand(card: Card, source: RemoteSource, folder: Path) -> list[Path]:
    """The files, verified, that are there already; empty where something has to be fetched."""
    if isinstance(source, MnistSource):
        from harness.data.mnist import find_mnist

        return find_mnist(folder)  # in whatever form; its content is verified when it is read
    if isinstance(source, ImageArchiveSource) and (unpacked := folder / card.name).is_dir():
        return [unpacked]
    path = folder / source.file
    if not path.is_file():
        return []
    verify(path, source.sha256)
    return _unpacked(card, source, path)


def _brought(card: Card, source: RemoteSource, folder: Path) -> list[Path]:
    fetch(source, folder / source.file)
    verify(folder / source.file, source.sha256)
    return _unpacked(card, source, folder / source.file)


def _unpacked(card: Card, source: RemoteSource, path: Path) -> list[Path]:
    """The file, or the folder beside an archive with what is in it."""
    if not isinstance(source, ImageArchiveSource):
        return [path]
    folder = path.parent / card.name
    unpack_images(path, folder, source.pattern)
    return [folder]


def fetch(source: RemoteSource, path: Path) -> None:
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


def _ask(card: Card, source: RemoteSource, yes: bool, confirm: Callable[[str], bool] | None) -> None:
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


def _how_to_get(card: Card, source: RemoteSource, folder: Path) -> str:
    why = f" ({source.notice})" if source.notice else ""
    instead = f", or use {source.instead}, of the same shape: `-d {source.instead}`" if source.instead else ""
    return (
        f"{card.name} is not shipped{why} and {source.file} is not in {folder}: fetch it with "
        f"`prepare {card.name}`, name a folder that holds it with --data-dir{instead}"
    )
