"""What a layer of a network makes of images, as a table for other classifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from harness.data import duplicate_groups, from_arrays, load_dataset
from harness.data.dataset import Dataset, is_frame, is_images
from harness.errors import UnknownNameError, UsageError
from harness.progress import Progress
from harness.subject import Subject, resolve_subject

if TYPE_CHECKING:
    import keras
    import pandas as pd

Pooling = Literal["avg", "max"]


def features(
    model: str | Callable[..., Any],
    X: Any = None,
    y: Any = None,
    *,
    layer: str,
    dataset: Dataset | str | None = None,
    arguments: Mapping[str, Any] | None = None,
    pooling: Pooling | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Runs images through a network up to a layer, as in prediction, and tabulates what comes out.

    Nothing is trained. Outputs are kept in the user's cache (`HARNESS_CACHE`), so that the same call is answered
    without the network.

    Args:
        model: A zoo name, "module:function", or a function that returns a compiled model.
        X: (n, …) images or other input of the network.
        y: (n,) labels, or (n,) or (n, t) numbers.
        layer: Name of a layer of the model, or of a model within it.
        dataset: A `Dataset` or the name of one, in place of `X` and `y`.
        arguments: Keyword arguments of the builder.
        pooling: "avg" or "max" for one number a channel, None for all numbers of the layer's output.
        seed: From which weights are drawn that the builder draws at random, at least 0.
        progress: Told of images done.

    Returns:
        A row for each image: `file` and `group` where the images are files, of which those that look alike share a
        group; `label` or the names of the targets; then the float32 columns `f0`, `f1` and so on.

    Raises:
        UnknownNameError: The model has no layer of that name.
        UsageError: Something cannot be done as asked.

    Example:
        >>> table = features("vgg19_transfer", dataset="shapes", layer="block1_pool", pooling="avg",
        ...                  arguments={"weights": None})  # doctest: +SKIP
        >>> table.shape  # doctest: +SKIP
        (240, 65)
    """
    if pooling is not None and pooling not in get_args(Pooling):
        raise UnknownNameError("pooling", pooling, get_args(Pooling))
    subject = resolve_subject(model, arguments or {})
    data = _dataset(subject, X, y, dataset)
    extractor = _extractor(
        _pooled(_up_to(_built(subject, data, seed), layer), pooling), data, progress or Progress()
    )
    extractor.compute([data.X])
    return _table(data, extractor.of(data.X).reshape(data.n, -1))


def _dataset(subject: Subject, X: Any, y: Any, dataset: Dataset | str | None) -> Dataset:
    if X is not None:
        found = from_arrays(X, y)
    elif isinstance(dataset, Dataset):
        found = dataset
    else:
        name = dataset or (subject.spec.dataset if subject.spec else None)
        if name is None:
            raise UsageError(f"'{subject.name}' has no data set of its own; pass X and y, or dataset")
        found = load_dataset(name, default_image_size=subject.spec.image_size if subject.spec else None)
    if is_frame(found.X):
        raise UsageError(f"Features are those of numbers or images. Received: '{found.name}', a table with text")
    return found


def _built(subject: Subject, data: Dataset, seed: int) -> keras.Model:
    from harness.engines.builds import build_seeded

    if subject.spec is not None and subject.spec.preprocessing:
        raise UsageError(
            f"'{subject.name}' is preprocessed by {', '.join(subject.spec.preprocessing)}, fitted on the training "
            "rows of each fold: no table of features would be the same in all folds"
        )
    return build_seeded(subject.bound(data), data.input_shape, seed)


def _up_to(model: keras.Model, layer: str) -> keras.Model:
    from harness.engines.frozen.cut import NoFrozenPart, ends_at, layer_names

    try:
        found = ends_at(model, layer)
    except NoFrozenPart as reason:
        raise UsageError(f"'{model.name}' cannot be cut at a layer: {reason}") from reason
    if found is None:
        raise UnknownNameError(f"layer of {model.name}", layer, layer_names(model))
    return found


def _pooled(model: keras.Model, pooling: Pooling | None) -> keras.Model:
    import keras

    if pooling is None:
        return model
    if len(model.output_shape) != 4:
        raise UsageError(f"pooling is for layers that put out images. Received: outputs {model.output_shape[1:]}")
    layers = {"avg": keras.layers.GlobalAveragePooling2D, "max": keras.layers.GlobalMaxPooling2D}
    return keras.Model(model.inputs[0], layers[pooling](name="pooling")(model.outputs[0]))


def _extractor(model: keras.Model, data: Dataset, progress: Progress) -> Any:
    from harness.engines.frozen.features import FeatureExtractor
    from harness.engines.frozen.model import sha256_of

    return FeatureExtractor(model, sha256_of(model), data.input_shape, progress)


def _table(data: Dataset, values: Any) -> pd.DataFrame:
    import pandas as pd

    targets = np.asarray(data.y).reshape(data.n, -1)
    names = data.target_names if data.task == "regression" else ("label",)
    described = {"file": data.X.paths, "group": duplicate_groups(data.X)} if is_images(data.X) else {}
    known = pd.DataFrame({**described, **dict(zip(names, targets.T, strict=True))})
    table = pd.DataFrame(values, columns=list(_columns(values.shape[1])))
    return pd.concat([known, table], axis=1)


def _columns(count: int) -> Iterator[str]:
    return (f"f{number}" for number in range(count))
