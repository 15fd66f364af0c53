"""Images on the command line: folders in the place of tables and names, sizes, and arguments of data sets."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from harness.data import Dataset
from tests.pictures import picture_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return picture_folder(tmp_path / "pets", count=2)


def _data(evaluate) -> Dataset:
    return evaluate.calls[-1]["dataset"]


@pytest.mark.parametrize("option", ["--data", "-d"])
def test_a_folder_of_images_is_data(invoke, evaluate, folder: Path, option: str) -> None:
    assert invoke("evaluate", "pets_cnn", option, str(folder), "--image-size", "8x9").exit_code == 0
    assert (_data(evaluate).name, _data(evaluate).X.shape) == ("pets", (4, 8, 9, 3))


@pytest.mark.parametrize(("given", "shape"), [("8x9", (8, 9, 3)), ("16", (16, 16, 3)), ("8×9", (8, 9, 3))])
def test_the_size_is_height_and_width(invoke, evaluate, folder: Path, given: str, shape: tuple[int, ...]) -> None:
    invoke("evaluate", "pets_cnn", "--data", str(folder), "--image-size", given)
    assert _data(evaluate).input_shape == shape


@pytest.mark.parametrize("given", ["8x", "0x8", "a", "-1", "8x9x3", "99999"])
def test_what_is_no_size_is_refused(invoke, evaluate, folder: Path, given: str) -> None:
    result = invoke("evaluate", "pets_cnn", "--data", str(folder), f"--image-size={given}")
    assert result.exit_code == 2
    assert "is not of the form HxW, as in 96x128" in result.stderr


@pytest.mark.parametrize("model", ["pets_cnn", "vgg19_transfer"])
def test_the_size_is_the_models_by_default(invoke, evaluate, folder: Path, model: str) -> None:
    import zoo

    invoke("evaluate", model, "--data", str(folder))
    assert _data(evaluate).input_shape[:2] == zoo.get_spec(model).image_size


def test_models_of_other_sizes_get_data_of_their_own(invoke, evaluate, folder: Path) -> None:
    invoke("evaluate", "pets_cnn", "vgg19_transfer", "--data", str(folder))
    first, second = (call["dataset"].input_shape for call in evaluate.calls)
    assert first != second


def test_near_duplicates_can_be_kept_together(invoke, evaluate, folder: Path) -> None:
    invoke("evaluate", "pets_cnn", "--data", str(folder), "--groups", "duplicates")
    assert evaluate.calls[0]["groups"] == "duplicates"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--data", "FOLDER", "--target", "x"], "--target and --task describe a table"),
        (["--data", "FOLDER", "--leave-out", "x"], "--leave-out is for columns of a table"),
        (["-d", "sonar", "--leave-out", "x"], "--leave-out is for columns of a table"),
        (["--data", "FOLDER", "-d", "sonar"], "both name the data"),
        (["--data", "rows.csv", "--target", "x", "--image-size", "8x8"], "--image-size is for images"),
        (["-d", "sonar", "--image-size", "8x8"], "sonar holds no images to resize"),
    ],
)
def test_what_does_not_go_together_is_refused(
    invoke, evaluate, folder: Path, arguments: list[str], reason: str
) -> None:
    given = [str(folder) if argument == "FOLDER" else argument for argument in arguments]
    result = invoke("evaluate", "pets_cnn", *given)
    assert result.exception is not None
    assert reason in str(result.exception) + result.stderr


ROWS = "file,group,label,f0\na.png,0,cat,1.5\nb.png,1,dog,2.5\nc.png,0,cat,3.5\nd.png,2,dog,4.5\n"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_of_features_is_read_without_what_names_its_rows(
    invoke, evaluate, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"features.{suffix}"
    if suffix == "csv":
        path.write_text(ROWS)
    else:
        pytest.importorskip("pyarrow")
        pd.read_csv(io.StringIO(ROWS)).to_parquet(path)
    options = ["--data", str(path), "--target", "label", "--leave-out", "file", "--groups", "group"]
    assert invoke("evaluate", "sonar_baseline", *options).exit_code == 0
    data = _data(evaluate)
    assert (data.feature_names, data.X.tolist()) == (("f0",), [[1.5], [2.5], [3.5], [4.5]])
    assert (data.y.tolist(), data.groups.tolist()) == (["cat", "dog"] * 2, [*"0102"])


def test_arguments_of_the_data_set_do_not_reach_the_builder(invoke, evaluate, monkeypatch, folder: Path) -> None:
    loaded = {}

    def load_dataset(name: str, **options: object) -> str:
        loaded.update(options, name=name)
        return "pets"

    monkeypatch.setattr("harness.data.load_dataset", load_dataset)
    arguments = ["-a", "breeds=pug,beagle", "-a", "dense_rate=0.2"]
    assert invoke("evaluate", "pets_cnn", "-d", "oxford_pets", *arguments).exit_code == 0
    assert (loaded["name"], loaded["arguments"]) == ("oxford_pets", {"breeds": "pug,beagle"})
    assert evaluate.calls[0]["arguments"] == {"dense_rate": 0.2}
