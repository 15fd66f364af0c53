"""Files that are not shipped, fetched from a server of the test's own."""

from __future__ import annotations

import hashlib
import http.server
import re
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.data import load_dataset, prepare
from harness.data.downloads import data_folder, verify
from harness.data.registry import datasets_root
from harness.errors import DataError, UnknownNameError
from tests.pictures import noise, save

CONTENT = b"1,2,a\n3,4,b\n5,6,a\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT and counts requests; `cut` makes it hang up half-way."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = 0
        self.cut = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/toy.csv"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:5] if self.server.cut else CONTENT)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path / "cache"))
    return tmp_path / "cache"


def card(folder: Path, url: str, *, digest: str = DIGEST, notice: str = "") -> Path:
    toy = folder / "toy"
    toy.mkdir()
    text = f"""
        name = "toy"
        task = "binary"
        target = "kind"
        features = ["u", "v"]
        [source]
        kind = "download"
        file = "toy.csv"
        url = "{url}"
        sha256 = "{digest}"
        notice = "{notice}"
        instead = "sonar"
    """
    (toy / "dataset.toml").write_text(text)
    return toy


def test_prepare_fetches_the_file_once(tmp_path: Path, cache: Path, server: Server) -> None:
    toy = card(tmp_path, server.url)
    assert prepare(toy) == prepare(toy) == cache / "toy.csv"
    assert (cache / "toy.csv").read_bytes() == CONTENT
    assert server.requests == 1


def test_prepare_fetches_into_the_folder_named(tmp_path: Path, cache: Path, server: Server) -> None:
    prepare(card(tmp_path, server.url), data_dir=tmp_path / "mine")
    assert (tmp_path / "mine" / "toy.csv").is_file()
    assert not cache.exists()


def test_loading_fetches_what_needs_no_consent(tmp_path: Path, cache: Path, server: Server) -> None:
    data = load_dataset(card(tmp_path, server.url))
    assert (data.feature_names, data.y.tolist()) == (("u", "v"), ["a", "b", "a"])


def test_loading_fetches_nothing_where_that_is_forbidden(tmp_path: Path, cache: Path, server: Server) -> None:
    with pytest.raises(DataError, match=r"toy is not shipped and toy.csv is not in"):
        load_dataset(card(tmp_path, server.url), download=False)
    assert server.requests == 0


def test_loading_fetches_nothing_that_needs_consent(tmp_path: Path, cache: Path, server: Server) -> None:
    with pytest.raises(DataError, match=r"toy is not shipped \(it was withdrawn\).* `prepare toy`.* `-d sonar`"):
        load_dataset(card(tmp_path, server.url, notice="it was withdrawn"))
    assert server.requests == 0


def test_loading_fetches_what_was_agreed_to(tmp_path: Path, cache: Path, server: Server) -> None:
    assert load_dataset(card(tmp_path, server.url, notice="it was withdrawn"), download=True).n == 3


def test_prepare_needs_consent_where_there_is_a_notice(tmp_path: Path, cache: Path, server: Server) -> None:
    with pytest.raises(
        DataError, match="toy is not downloaded without consent: it was withdrawn; agree with --yes"
    ):
        prepare(card(tmp_path, server.url, notice="it was withdrawn"))
    assert server.requests == 0


def test_prepare_asks_with_the_notice(tmp_path: Path, cache: Path, server: Server) -> None:
    questions: list[str] = []

    def agree(question: str) -> bool:
        questions.append(question)
        return True

    prepare(card(tmp_path, server.url, notice="it was withdrawn"), confirm=agree)
    assert questions == [f"toy: it was withdrawn. Download {server.url}?"]
    assert server.requests == 1


def test_prepare_takes_no_for_an_answer(tmp_path: Path, cache: Path, server: Server) -> None:
    with pytest.raises(DataError, match="toy was not downloaded, as you wished"):
        prepare(card(tmp_path, server.url, notice="it was withdrawn"), confirm=lambda _: False)
    assert server.requests == 0


def test_prepare_with_yes_does_not_ask(tmp_path: Path, cache: Path, server: Server) -> None:
    def ask(_: str) -> bool:
        raise AssertionError("asked")

    assert prepare(card(tmp_path, server.url, notice="it was withdrawn"), yes=True, confirm=ask) is not None


def test_prepare_asks_nothing_when_the_file_is_there(tmp_path: Path, cache: Path) -> None:
    cache.mkdir()
    (cache / "toy.csv").write_bytes(CONTENT)
    assert prepare(card(tmp_path, "http://127.0.0.1:9/", notice="it was withdrawn")) == cache / "toy.csv"


def test_a_file_of_another_digest_is_not_kept(tmp_path: Path, cache: Path, server: Server) -> None:
    with pytest.raises(DataError, match=r"could not be downloaded.*does not match the known hash"):
        prepare(card(tmp_path, server.url, digest="0" * 64))
    assert list(cache.iterdir()) == []


def test_a_cut_download_leaves_nothing_and_the_next_starts_anew(
    tmp_path: Path, cache: Path, server: Server
) -> None:
    toy = card(tmp_path, server.url)
    server.cut = True
    with pytest.raises(DataError, match="could not be downloaded"):
        prepare(toy)
    assert list(cache.iterdir()) == []
    server.cut = False
    assert prepare(toy) == cache / "toy.csv"


def test_an_unreachable_server_is_one_line(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError, match=r"could not be downloaded.*put toy.csv there yourself") as caught:
        prepare(card(tmp_path, "http://127.0.0.1:9/toy.csv"))
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, server: Server) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"could not be downloaded to .*file/below"):
        prepare(card(tmp_path, server.url), data_dir=tmp_path / "file" / "below")


@pytest.mark.parametrize("fetch", [prepare, load_dataset])
def test_a_local_file_of_another_digest_is_refused(tmp_path: Path, cache: Path, fetch: object) -> None:
    cache.mkdir()
    (cache / "toy.csv").write_bytes(CONTENT + b"7,8,b\n")
    with pytest.raises(DataError, match=f"expected SHA-256 {DIGEST}, received [0-9a-f]{{64}}"):
        fetch(card(tmp_path, "http://127.0.0.1:9/"))  # type: ignore[operator]


def test_shipped_files_are_checked() -> None:
    path = prepare("mammography")
    assert path is not None
    assert path.name == "mammography.csv.gz"


@pytest.mark.parametrize("name", ["linear", "digits"])
def test_generated_and_bundled_data_need_no_file(name: str) -> None:
    assert prepare(name) is None


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.csv cannot be read: No such file"):
        verify(tmp_path / "none.csv", DIGEST)


def test_without_a_choice_downloads_go_to_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    assert "keras-zoo-harness" in str(data_folder())


def pets(folder: Path, url: str, digest: str) -> Path:
    """The card of the pets, of another archive."""
    text = (datasets_root() / "oxford_pets" / "dataset.toml").read_text()
    text = re.sub(r'(?m)^url = .*images.tar.gz"$', f'url = "{url}"', text)
    text = re.sub(r"(?m)^sha256 = .*$", f'sha256 = "{digest}"', text)
    text = re.sub(r"(?m)^(rows|classes) = .*\n", "", text).replace('name = "oxford_pets"', 'name = "few_pets"')
    (folder / "card").mkdir()
    (folder / "card" / "dataset.toml").write_text(text)
    return folder / "card"


@pytest.fixture
def few_pets(tmp_path: Path, cache: Path) -> Path:
    """A card whose archive, with four pictures of each of three breeds, has been downloaded."""
    cache.mkdir()
    with tarfile.open(cache / "images.tar.gz", "w:gz") as tar:
        for number, name in enumerate(
            f"{breed}_{i}" for breed in ("pug", "samoyed", "shiba_inu") for i in range(4)
        ):
            tar.add(save(tmp_path / "made" / f"{name}.jpg", noise(number)), f"images/{name}.jpg")
    digest = hashlib.sha256((cache / "images.tar.gz").read_bytes()).hexdigest()
    return pets(tmp_path, "http://127.0.0.1:9/images.tar.gz", digest)


def test_an_archive_of_images_is_unpacked_once(few_pets: Path, cache: Path) -> None:
    assert prepare(few_pets) == cache / "few_pets"
    (cache / "images.tar.gz").unlink()
    data = load_dataset(few_pets, default_image_size=(8, 9))
    assert (data.name, data.class_counts, data.task) == ("few_pets", {"samoyed": 4, "shiba_inu": 4}, "binary")
    assert data.X.shape == (8, 8, 9, 3)


def test_breeds_are_chosen(few_pets: Path) -> None:
    data = load_dataset(few_pets, arguments={"breeds": "Pug,Shiba Inu,samoyed"})
    assert data.card is not None
    assert (data.task, data.card.task, len(data.classes)) == ("multiclass", "multiclass", 3)
    assert "roc_auc" not in data.card.protocol.metrics
    with pytest.raises(UnknownNameError, match=r"Unknown breeds 'poodle'. Available: pug, samoyed, shiba_inu"):
        load_dataset(few_pets, arguments={"breeds": ["pug", "poodle"]})
    with pytest.raises(UnknownNameError, match="Unknown argument of the data set few_pets 'breed'"):
        load_dataset(few_pets, arguments={"breed": ["pug", "samoyed"]})


def test_an_archive_of_another_digest_is_not_unpacked(few_pets: Path, cache: Path) -> None:
    with (cache / "images.tar.gz").open("ab") as file:
        file.write(b"more")
    with pytest.raises(DataError, match="is not the file its card describes"):
        load_dataset(few_pets)
    assert not (cache / "few_pets").exists()


def test_the_pets_are_fetched_only_with_consent(cache: Path) -> None:
    with pytest.raises(DataError, match=r"792 MB; its licence is CC BY-SA 4.0.*`-d shapes`"):
        load_dataset("oxford_pets")


def test_pima_says_how_to_get_it_and_what_to_use_instead(cache: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_dataset("pima")
    message = str(caught.value)
    assert "\n" not in message
    for part in ("withdrawal", "`prepare pima`", "--data-dir", "pima-indians-diabetes.csv", "`-d breast_cancer`"):
        assert part in message


def test_pima_loads_from_a_folder(reference_data: Path) -> None:
    data = load_dataset("pima", data_dir=reference_data)
    assert data.class_counts == {0: 500, 1: 268}
    assert data.feature_names[:2] == ("pregnancies", "glucose")
