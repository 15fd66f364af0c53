"""Where the data of a card come from; one class for each ``kind`` of a card's ``[source]``."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Side = Annotated[int, Field(ge=1, le=4096)]
ImageSize = tuple[Side, Side]


def _with_label(pattern: str) -> str:
    try:
        if "label" in re.compile(pattern).groupindex:
            return pattern
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    raise ValueError("needs a group named label: (?P<label>…)")


class Strict(BaseModel):
    """A part of a card: no field that is not known, none that changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CsvSource(Strict):
    """A CSV file beside the card, possibly gzip-compressed; the digest is of the file as it lies there."""

    kind: Literal["csv"]
    file: FileName
    sha256: Sha256 | None = None


class RemoteSource(Strict):
    """A file that is not shipped: fetched once, or read from a folder of the user's.

    ``notice`` is what the user agrees to before the download (empty: nothing to agree to);
    ``instead`` names a shipped data set of the same shape.
    """

    file: FileName
    sha256: Sha256
    url: Annotated[str, Field(pattern=r"^https?://")]
    notice: str = ""
    instead: str = ""


class DownloadSource(RemoteSource):
    """A CSV file that is not shipped."""

    kind: Literal["download"]


class MnistSource(RemoteSource):
    """The MNIST digits: ``mnist.npz`` to download, or in a folder also the four idx files, or ``mnist.pkl.gz``.

    ``content_sha256`` is of all pixels and then all labels, a byte each, the training part before the test part.
    """

    kind: Literal["mnist"]
    content_sha256: Sha256


class ImageArchiveSource(RemoteSource):
    """A tar archive of images, whose label is the group named ``label`` of a pattern that file names match.

    Of the labels, those of ``default`` are taken, or those that the argument named ``argument`` chooses.
    """

    kind: Literal["image_archive"]
    pattern: Annotated[str, AfterValidator(_with_label)]
    argument: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    default: Annotated[tuple[str, ...], Field(min_length=2)]
    image_size: ImageSize | None = None


class ImageFolderSource(Strict):
    """A folder beside the card with one sub-folder of images a class."""

    kind: Literal["image_folder"]
    folder: FileName
    image_size: ImageSize | None = None


class GeneratorSource(Strict):
    """One of the harness' own generators, with its arguments."""

    kind: Literal["generator"]
    generator: Literal["linear", "make_regression", "shapes"]
    arguments: dict[str, Any] = Field(default_factory=dict)


class SklearnSource(Strict):
    """A data set that comes with scikit-learn."""

    kind: Literal["sklearn"]
    loader: Literal["breast_cancer", "diabetes", "digits", "linnerud"]


Source = Annotated[
    CsvSource
    | DownloadSource
    | GeneratorSource
    | ImageArchiveSource
    | ImageFolderSource
    | MnistSource
    | SklearnSource,
    Field(discriminator="kind"),
]
