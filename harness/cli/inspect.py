"""`harness inspect`: a picture of what a saved model has learned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from harness.cli._errors import say
from harness.cli._finished import find_runs, runs_option, write_file
from harness.cli._native import quiet_import
from harness.cli._options import debug_option, examples
from harness.errors import UsageError

if TYPE_CHECKING:
    import keras
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


class _Inspected(NamedTuple):
    """What is looked into.

    Attributes:
        model: The model.
        classes: Names of its classes where they are known.
        mean_image: What its training subtracted from every image, if anything.
    """

    model: keras.Model
    classes: Sequence[Any] = ()
    mean_image: NDArray[np.float32] | None = None


@click.command(
    "inspect",
    epilog=examples(
        "python -m harness inspect pets_cnn-4ee68bba --layer block1_conv1 -o filters.png",
        "python -m harness inspect pets_cnn-4ee68bba --fold 2 --layer block1_pool --image cat.jpg -o maps.png",
        "python -m harness inspect mnist.keras --layer output -o weights.svg",
        "python -m harness inspect mnist.keras --layer conv --image 3.png --scale 0.00392 -o maps.png",
    ),
)
@click.argument("name", metavar="RUN|FILE.keras")
@click.option("--layer", metavar="NAME", help="Layer to look at; without it, the layers are named.")
@click.option(
    "--image",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Show the feature maps of this image: JPEG, PNG, …, or .npy as the model takes it.",
)
@click.option(
    "--scale", type=float, default=1.0, show_default=True, help="Factor of the image's pixels, 0 to 255."
)
@click.option("--repeat", type=click.IntRange(min=0), default=0, show_default=True, help="Repeat of the run.")
@click.option("--fold", type=click.IntRange(min=0), default=0, show_default=True, help="Fold of the run.")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write: .svg, .png or .pdf.",
)
@runs_option
@debug_option
@click.pass_context
def command(ctx: click.Context, /, name: str, target: Path, **options: Any) -> None:
    """Draw what a saved model has learned: filters of a convolution, weights of a dense layer on pixels, or, with
    --image, the feature maps of any layer.

    The model is one that a run keeps of each fold, or a .keras file of Keras' own layers. An image is resized to
    what the model takes, and the mean image of the fold's training rows is subtracted where the run did so; no
    other preprocessing of the run is applied to it.
    """
    from harness.report.figures.render import figure_format, render

    kind = figure_format(target)
    with quiet_import("tensorflow", show=ctx.obj.debug):
        figure = _draw(_find_model(name, options), options)
    write_file(target, render(figure, kind))
    say("Figure", str(target))


def _draw(inspected: _Inspected, options: dict[str, Any]) -> Figure:
    from harness.visualization import draw_feature_maps, draw_filters, draw_weights
    from harness.visualization.filters import has_filters
    from harness.visualization.layers import all_layers, find_layer, input_shape
    from harness.visualization.pixels import read_image

    model, layer, image = inspected.model, options["layer"], options["image"]
    if layer is None:
        names = ", ".join(each.name for each in all_layers(model))
        raise UsageError(f"No layer was named; name one with --layer. Available: {names}")
    if image is not None:
        found = find_layer(model, layer)
        pixels = read_image(image, input_shape(model), options["scale"], inspected.mean_image)
        return draw_feature_maps(model, pixels, found.name)
    if has_filters(find_layer(model, layer)):
        return draw_filters(model, layer)
    return draw_weights(model, layer, labels=inspected.classes)


def _find_model(name: str, options: dict[str, Any]) -> _Inspected:
    if name.endswith(".keras") or Path(name).is_file():
        return _Inspected(_load(Path(name)))
    runs = find_runs([name], options["store"])
    if len(runs) > 1:
        raise UsageError(f"Only one run can be looked into. Received: '{name}', which names {len(runs)}; name one")
    run, fold = runs[0], (options["repeat"], options["fold"])
    run.artifacts(*fold)  # says which folds there are
    return _Inspected(run.models[fold], run.manifest["classes"], run.models.mean_image(fold))


def _load(path: Path) -> keras.Model:
    from zoo.model_files import load_model

    try:
        return load_model(path)
    except ValueError as error:
        raise UsageError(str(error)) from error
