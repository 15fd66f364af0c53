"""The page as a browser shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.reporting import render_report
from harness.store import RunStore

HOSTILE = "</script><img src=x onerror=alert(1)>"
HEADLINE = 3
"""Column of the first metric; the columns of data set and folds are there because they differ."""
FIRST_TABLE = "document.querySelector('#results table')"


@pytest.fixture(scope="session")
def page(tmp_path_factory, synthetic) -> Path:
    """The page of four models, with a hostile label among the classes and a run with a failed fold."""
    folder = tmp_path_factory.mktemp("page")
    store = RunStore(folder / "runs")
    labels = ("M", HOSTILE)
    runs = [
        synthetic(store, "net_a", skill=0.3, labels=labels, warnings=[HOSTILE]),
        synthetic(store, "net_b", skill=2.0, labels=labels),
        synthetic(store, "net_c", skill=1.0, labels=labels, dataset=HOSTILE),
        synthetic(store, "net_d", labels=labels, failed=((0, 1, 0),)),
    ]
    path = folder / "report.html"
    path.write_text(render_report(runs, figures="all"), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, emulate, page: Path):
    emulate()
    browser.open(page)
    return browser


def test_nothing_is_said_on_the_console(opened) -> None:
    assert opened.of("Runtime.consoleAPICalled") == []
    assert opened.of("Runtime.exceptionThrown") == []
    assert opened.of("Log.entryAdded") == []


def test_no_request_leaves_the_page(opened, page: Path) -> None:
    asked = {event["request"]["url"] for event in opened.of("Network.requestWillBeSent")}
    assert {url for url in asked if not url.startswith("data:")} == {page.as_uri()}


def test_every_image_is_shown(opened) -> None:
    widths = opened.evaluate("[...document.images].map((image) => image.complete && image.naturalWidth)")
    assert len(widths) > 20
    assert all(width > 100 for width in widths)


def test_a_script_from_elsewhere_does_not_run(opened) -> None:
    opened.evaluate(
        "{ const script = document.createElement('script'); script.textContent = 'window.ran = true';"
        " document.body.append(script); }"
    )
    assert opened.evaluate("window.ran === undefined")


def test_a_hostile_label_is_shown_as_text(opened) -> None:
    assert opened.evaluate("document.querySelectorAll('img[src=x]').length") == 0
    assert HOSTILE in opened.evaluate("document.querySelector('#warnings').innerText")


def test_a_click_sorts_and_another_one_reverses(opened) -> None:
    ascending, first = _sorted_by(opened, HEADLINE)
    descending, second = _sorted_by(opened, HEADLINE)
    numbers = [float(text) for text in ascending if text != "–"]
    assert numbers == sorted(numbers)
    assert [float(text) for text in descending if text != "–"] == numbers[::-1]
    assert (first, second) == ("ascending", "descending")


def test_what_is_missing_stays_last_either_way(opened) -> None:
    for _ in range(2):
        assert _sorted_by(opened, HEADLINE)[0][-1] == "–"


def test_only_the_sorted_column_says_so(opened) -> None:
    _sorted_by(opened, HEADLINE)
    _sorted_by(opened, 0)
    states = opened.evaluate(
        f"[...{FIRST_TABLE}.tHead.rows[0].cells].map((cell) => cell.getAttribute('aria-sort'))"
    )
    assert states == ["ascending", *[None] * (len(states) - 1)]


def test_the_keyboard_sorts(opened) -> None:
    heading = f"{FIRST_TABLE}.tHead.rows[0].cells[{HEADLINE}]"
    opened.evaluate(f"{heading}.querySelector('button').focus()")
    _press(opened, key="Enter", code="Enter", text="\r", windowsVirtualKeyCode=13)
    assert opened.evaluate(f"{heading}.getAttribute('aria-sort')") == "ascending"


def test_the_first_stop_of_the_keyboard_skips_to_the_answer(opened) -> None:
    _press(opened, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert opened.evaluate("document.activeElement.getAttribute('href')") == "#answer"
    assert opened.evaluate("document.activeElement.getBoundingClientRect().left >= 0")


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_the_page_never_scrolls_sideways(opened, emulate, width: int) -> None:
    emulate(width=width)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened, emulate, axe: str, scheme: str) -> None:
    emulate(scheme=scheme)
    opened.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    opened.evaluate(f"{axe}; 0")
    found = json.loads(opened.evaluate("axe.run().then((result) => JSON.stringify(result.violations))"))
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_dark_is_dark(opened, emulate) -> None:
    emulate(scheme="dark")
    red, green, blue = _rgb(opened.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert max(red, green, blue) < 40


def test_paper_is_white_and_shows_every_detail(opened, emulate) -> None:
    emulate(media="print", scheme="dark")
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert _rgb(opened.evaluate("getComputedStyle(document.body).backgroundColor")) == (255, 255, 255)
    assert opened.evaluate("[...document.querySelectorAll('details')].every((each) => each.open)")
    assert opened.evaluate("getComputedStyle(document.images[0]).filter") == "none"


def _sorted_by(browser, column: int) -> tuple[list[str], str]:
    """The column's cells after a click on its heading, and what the heading then says."""
    browser.evaluate(f"{FIRST_TABLE}.tHead.rows[0].cells[{column}].querySelector('button').click()")
    cells = browser.evaluate(f"[...{FIRST_TABLE}.tBodies[0].rows].map((row) => row.cells[{column}].textContent)")
    return cells, browser.evaluate(f"{FIRST_TABLE}.tHead.rows[0].cells[{column}].getAttribute('aria-sort')")


def _press(browser, **key: object) -> None:
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, **key)


def _rgb(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.removeprefix("rgb(").removesuffix(")").split(","))
