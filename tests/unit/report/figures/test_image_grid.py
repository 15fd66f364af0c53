from __future__ import annotations

import numpy as np
import pytest

from harness.report.figures._style import description
from harness.report.figures.image_grid import DIVERGING, image_grid
from harness.report.figures.render import render


def test_the_diverging_colours_grow_lighter_all_the_way() -> None:
    luminance = DIVERGING(np.linspace(0, 1, 256))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all()
    assert luminance[-1] - luminance[0] > 0.8


def test_images_stand_in_rows_and_do_not_overlap() -> None:
    axes = image_grid(np.zeros((5, 4, 8)), columns=2).axes[0]
    boxes = [image.get_extent() for image in axes.images]
    assert [box[0] for box in boxes] == [boxes[0][0], boxes[1][0]] * 2 + [boxes[0][0]]
    assert boxes[0][1] - boxes[0][0] == pytest.approx(2 * (boxes[0][2] - boxes[0][3]))
    assert boxes[0][1] < boxes[1][0]
    assert boxes[0][2] < boxes[2][3]


def test_a_scale_is_drawn_for_numbers_and_none_for_colours() -> None:
    assert len(image_grid(np.zeros((2, 3, 3)), value="weight").axes) == 2
    assert len(image_grid(np.zeros((2, 3, 3, 3))).axes) == 1


@pytest.mark.parametrize(
    ("colours", "limits"), [("sequential", (-1, 3)), ("diverging", (-3, 3)), ("grey", (-3, 3))]
)
def test_the_scale_is_about_zero_unless_it_is_sequential(colours: str, limits: tuple[float, float]) -> None:
    figure = image_grid(np.array([[[-1.0, 3.0]]]), colours=colours)  # type: ignore[arg-type]
    assert figure.axes[0].images[0].get_clim() == limits


def test_it_is_described_and_written() -> None:
    figure = image_grid(np.zeros((2, 3, 4)), ["a", "$b"], title="maps")
    assert description(figure) == "maps: 2 images of 3 × 4 pixels."
    assert render(figure, "svg").startswith(b"<?xml")


def test_colours_use_the_room_of_the_scale_and_no_title_takes_none() -> None:
    numbers, colours = (image_grid(np.zeros(shape), title="maps") for shape in ((16, 9, 9), (16, 9, 9, 3)))
    assert colours.axes[0].get_position().x1 > 0.95 > numbers.axes[0].get_position().x1
    bare = image_grid(np.zeros((16, 9, 9, 3)))
    assert bare.get_size_inches()[1] < colours.get_size_inches()[1]
    assert description(bare) == "16 images of 9 × 9 pixels."
