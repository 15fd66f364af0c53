#!/usr/bin/env python
"""Draws the pictures of docs/pictures.md, and writes what was measured into the page.

    python scripts/pictures.py                # all of it, some ten minutes on one core
    python scripts/pictures.py shapes mnist   # only these parts

`shapes` needs nothing but the harness. `mnist` and `pets` are left as they are unless HARNESS_REFERENCE_DATA names
a folder with `mnist` (the four idx files) and `groceries` (a folder of photographs a class).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

import harness
from harness.data.images import from_image_folder
from harness.evaluation import Evaluation
from harness.plan import make_plan
from harness.report.figures.image_grid import image_grid
from harness.report.figures.render import write_figure
from harness.report.summary import clipped_interval
from harness.settings import Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
PICTURES = DOCS / "pictures"
SEED = 1


def filters_cnn(input_shape: tuple[int, ...] = (32, 32, 3), *, classes: int = 3) -> keras.Model:
    """Builds a classifier whose first filters are large enough to be looked at."""
    layers = [
        keras.Input(input_shape),
        keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescale"),
        keras.layers.Conv2D(16, 7, activation="relu", kernel_regularizer=keras.regularizers.L2(3e-3), name="conv"),
        keras.layers.MaxPooling2D(2, name="pool"),
        keras.layers.Conv2D(32, 3, activation="relu", name="conv_2"),
        keras.layers.GlobalAveragePooling2D(name="average"),
        keras.layers.Dense(classes, activation="softmax", name="output"),
    ]
    model = keras.Sequential(layers, name="filters_cnn")
    model.compile(keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def shapes(store: Path) -> str:
    """Feature maps, filters and their film, of a network that tells shapes apart."""
    dataset = harness.load_dataset("shapes")
    run = harness.evaluate(
        filters_cnn,
        dataset=dataset,
        folds=5,
        epochs=60,
        batch_size=16,
        seed=SEED,
        metrics="accuracy",
        callbacks=lambda fold: [harness.FilterImages("conv", fold.directory / "filters.gif", every=50)],
        store=store,
    )
    model, images = run.models[0], np.asarray(dataset.X)
    shown = [int(np.flatnonzero(np.asarray(dataset.y) == label)[0]) for label in dataset.classes]
    title = f"shapes: a picture of each class, {images.shape[1]} × {images.shape[2]}"
    grid = image_grid(images[shown] / 255, list(dataset.classes), columns=3, title=title)
    write_figure(grid, PICTURES / "shapes.png")
    write_figure(harness.draw_filters(model, "conv"), PICTURES / "filters.png")
    for layer in ("conv", "conv_2"):
        maps = harness.draw_feature_maps(model, images[shown[-1]], layer)
        write_figure(maps, PICTURES / f"feature_maps_{layer}.png")
    (PICTURES / "filters.gif").write_bytes(run.artifacts(fold=0)["filters.gif"].read_bytes())
    return f"""\
A small network learns to tell the circles, squares and triangles of `shapes` apart (16 filters of 7 × 7 pixels
with an L2 penalty, pooling, 32 filters of 3 × 3, average pooling, softmax; {dataset.n} images, 60 epochs).
Accuracy over 5 folds: {_interval(run)}; guessing gives 0.333. The pictures are of the first fold's network.

![A circle, a square and a triangle with noise](pictures/shapes.png)

Its first layer's filters. Grey is a weight of 0, lighter is more and darker is less; a colour is what the filter
answers to:

![Sixteen filters of 7 by 7 pixels in colour](pictures/filters.png)

What they make of the triangle above, each map numbered as its filter, and what the second convolution makes of
that. All maps of a picture share one scale, so that those that stay dark do not answer to this image:

![Sixteen feature maps of the first convolution](pictures/feature_maps_conv.png)

![Thirty-two feature maps of the second convolution](pictures/feature_maps_conv_2.png)
"""


def mnist(store: Path) -> str:
    """The weights of softmax regression on MNIST."""
    dataset = harness.load_dataset("mnist", data_dir=_reference("mnist").parent)
    run = harness.evaluate("mnist_softmax", dataset=dataset, metrics=["zero_one_loss", "accuracy"], store=store)
    figure = harness.draw_weights(run.models[0], "output", labels=dataset.classes)
    write_figure(figure, PICTURES / "mnist_weights.png")
    error = run.summary().loc["zero_one_loss", "mean"]
    stopped = json.loads(run.artifacts(fold=0)["geometric_patience.json"].read_text(encoding="utf-8"))
    size, last, best = run.manifest["batch_size"], stopped["stopped_iteration"], stopped["best_iteration"]
    return f"""\
`mnist_softmax` on the MNIST digits, by its recipe: the training rows of the predefined split in batches of
{size}, rate 0.13, stopped by geometric patience on the share of errors after iteration {last:,} with the
weights of iteration {best:,}. {100 * error:.2f} % of the 10,000 test digits are taken for another. Each picture
is the weights of one class; orange (light) pixels speak for it, blue (dark) ones against it, grey ones do not
matter. The ring of the 0 can be seen, with the deep blue middle that must be empty.

![Ten images of 28 by 28 weights](pictures/mnist_weights.png)
"""


def pets(store: Path) -> str:
    """The gap between training and test with dropout and without, on photographs."""
    dropout = {"conv_dropout": 0.8, "dense_dropout": 0.5}
    settings = {
        "arguments": {"learning_rate": 3e-4, "stddev": 0.1},
        "epochs": 60,
        "early_stopping": "none",
        "folds": 4,
        "inner_val": 0.2,
        "seed": SEED,
    }
    with tempfile.TemporaryDirectory() as folder:
        dataset = _two_classes(Path(folder))
        rows = [
            _gap("with", dataset, {**settings, "arguments": {**settings["arguments"], **dropout}}, store),
            _gap(
                "without",
                dataset,
                {**settings, "arguments": {**settings["arguments"], **dict.fromkeys(dropout, 0)}},
                store,
            ),
        ]
    table = "\n".join(f"| {name} | {train:.3f} | {test} | {gap:.3f} |" for name, train, test, gap in rows)
    return f"""\
`pets_cnn` on photographs of conference pears and watermelons, {dataset.n} in all, at 48 × 48 pixels less the mean
image of the training rows: {settings["folds"]} folds, {settings["epochs"]} epochs in batches of 10, rate 3e-4 (the
source's are 224 × 224 pixels, 400 epochs and 1e-5). Accuracy, both sides measured with dropout switched off:

| dropout | training rows | test rows, with 95 % interval | gap |
|---|---|---|---|
{table}

While training, dropout is at work in the training curve and not in that of the inner validation part (a fifth of
each fold's training rows), which is why the first lies below the second here:

![Learning curves with dropout](pictures/pets_dropout_with.svg)

Without dropout the training rows are known by heart after a few epochs, and their loss is 0, which has no place on
a logarithmic axis. The intervals overlap, so few are the photographs: what these runs show is a smaller gap, not
yet a smaller error.

![Learning curves without dropout](pictures/pets_dropout_without.svg)
"""


def _gap(
    name: str, dataset: harness.Dataset, settings: Mapping[str, Any], store: Path
) -> tuple[str, float, str, float]:
    """Trains and draws; gives accuracy on the rows fitted and on test rows."""
    run = harness.evaluate("pets_cnn", dataset=dataset, engine="fit", metrics="accuracy", store=store, **settings)
    write_figure(harness.draw_figure("learning_curves", [run]), PICTURES / f"pets_dropout_{name}.svg")
    evaluation = Evaluation.of(make_plan("pets_cnn", settings=Settings(dataset=dataset, **settings)))
    accuracies = []
    for key, model in run.models.items():
        data = evaluation.prepare(key)
        predicted = model.predict(np.asarray(data.x_train), verbose=0).argmax(axis=1)
        accuracies.append(float(np.mean(predicted == np.ravel(data.y_train))))
    train, test = float(np.mean(accuracies)), float(run.summary().loc["accuracy", "mean"])
    return name, train, _interval(run), train - test


def _two_classes(folder: Path) -> harness.Dataset:
    for name in ("conference", "watermelon"):
        (folder / name).mkdir()
        for photograph in (_reference("groceries") / name).iterdir():
            (folder / name / photograph.name).symlink_to(photograph)
    return from_image_folder(folder, image_size=(48, 48), name="pears and watermelons")


def _interval(run: harness.Run) -> str:
    entry = run.to_dict()["metrics"]["accuracy"]
    low, high = clipped_interval(entry) or (float("nan"),) * 2
    return f"{entry['mean']:.3f} ({low:.3f} to {high:.3f})"


def _reference(name: str) -> Path:
    """A set of the reference data; raises FileNotFoundError without it."""
    folder = Path(os.environ.get("HARNESS_REFERENCE_DATA", "")) / name
    if "HARNESS_REFERENCE_DATA" not in os.environ or not folder.is_dir():
        raise FileNotFoundError(f"HARNESS_REFERENCE_DATA names no folder with '{name}'")
    return folder


def insert(page: Path, part: str, text: str) -> None:
    """Puts the text between a part's markers on the page."""
    begin, end = (f"<!-- {part}: {mark} -->" for mark in ("begin", "end"))
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page} lacks the lines {begin} and {end}")
    page.write_text(f"{before}{begin}\n{text}{end}{after}", encoding="utf-8")


PARTS: dict[str, Callable[[Path], str]] = {"shapes": shapes, "mnist": mnist, "pets": pets}


def main() -> None:
    """Draws the parts named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}")
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    PICTURES.mkdir(exist_ok=True)
    for part in chosen:
        try:
            with tempfile.TemporaryDirectory() as store:
                insert(DOCS / "pictures.md", part, PARTS[part](Path(store)))
            print(f"{part}: drawn")
        except FileNotFoundError as error:
            print(f"{part}: left as it is; {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
