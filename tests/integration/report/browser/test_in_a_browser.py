"""The page as a browser shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from harness.reporting import render_report
from harness.store import RunStore

HOSTILE = "</script><img src=x onerror=alert(1)>"
HEADLINE = 3
"""Column of the first metric; the columns of data set and folds are there because they differ."""
FIRST_TABLE = "document.querySelector('#results table')"
CLASSES = "[aria-label^='Each class']"
PAIRS = "[aria-label^='Differences in']"
TABLE_OF_PAIRS = f"document.querySelector({json.dumps(PAIRS)}).querySelector('table')"
APART = pytest.mark.parametrize("page", ["apart"], indirect=True)


def _apart(make: Callable[..., Any]) -> str:
    """Four models that cannot be compared: one has a failed fold, another one other data."""
    labels = ("M", HOSTILE)
    runs = [
        make("net_a", skill=0.3, labels=labels, warnings=[HOSTILE]),
        make("net_b", skill=2.0, labels=labels),
        make("net_c", skill=1.0, labels=labels, dataset=HOSTILE),
        make("net_d", labels=labels, failed=((0, 1, 0),)),
    ]
    return render_report(runs, figures="all")


def _compared(make: Callable[..., Any]) -> str:
    """Three models on the same folds with a declared ROPE; one has a hostile name, as has a class."""
    labels = ("M", HOSTILE)
    runs = [
        make("net_a", skill=0.3, labels=labels),
        make("net_b", skill=2.5, labels=labels, model=HOSTILE),
        make("net_c", skill=0.6, labels=labels),
    ]
    return render_report(runs, figures="main", rope=0.02)


def _ranked(make: Callable[..., Any]) -> str:
    """Two models on six data sets."""
    runs = [
        make(
            f"net_{skill:g}_{number}",
            model=model,
            dataset=f"data_{number}",
            skill=skill,
            folds=2,
            repeats=1,
            identity={"arguments": {}, "data_sha256": number, "splits_sha256": number, "groups_sha256": None},
        )
        for number in range(6)
        for model, skill in ((HOSTILE, 2.0), ("net_poor", 0.2))
    ]
    return render_report(runs, figures="main")


PAGES = {"apart": _apart, "compared": _compared, "ranked": _ranked}


@pytest.fixture(scope="session")
def pages(tmp_path_factory, synthetic) -> Callable[[str], Path]:
    """Writes a page when it is first asked for."""

    @cache
    def write(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        path: Path = folder / "report.html"
        store = RunStore(folder / "runs")
        text = PAGES[name](lambda *names, **settings: synthetic(store, *names, **settings))
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(params=PAGES)
def page(request, pages) -> Path:
    """Each page in turn; a test that is about one asks for it by name."""
    return pages(request.param)


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
    assert len(widths) > 10
    assert all(width > 100 for width in widths)


def test_a_script_from_elsewhere_does_not_run(opened) -> None:
    opened.evaluate(
        "{ const script = document.createElement('script'); script.textContent = 'window.ran = true';"
        " document.body.append(script); }"
    )
    assert opened.evaluate("window.ran === undefined")


def test_a_hostile_label_makes_no_element(opened) -> None:
    assert opened.evaluate("document.querySelectorAll('img[src=x]').length") == 0


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ("apart", "#warnings li"),
        ("compared", "#model-2-title"),
        ("compared", f"{CLASSES} tbody th"),
        ("compared", f"{PAIRS} tbody th"),
        ("ranked", "thead th"),
    ],
    indirect=["page"],
)
def test_a_hostile_label_is_shown_as_text(opened, place: str) -> None:
    texts = opened.evaluate(f"[...document.querySelectorAll({json.dumps(place)})].map((each) => each.textContent)")
    assert any(HOSTILE in text for text in texts)


@pytest.mark.parametrize("page", ["compared"], indirect=True)
def test_what_is_below_a_bound_is_sorted_before_the_bound(opened) -> None:
    column = opened.evaluate(f"[...{TABLE_OF_PAIRS}.tHead.rows[0].cells].findIndex((c) => c.textContent === 'p')")
    cells = _sorted_by(opened, column, TABLE_OF_PAIRS)[0]
    assert cells[0] == "<0.001"
    assert float(cells[-1]) > 0.001
    assert _sorted_by(opened, column, TABLE_OF_PAIRS)[0] == cells[::-1]


@pytest.mark.parametrize("page", ["compared"], indirect=True)
def test_the_rope_is_drawn_and_said(opened) -> None:
    assert "ROPE ±0.02" in opened.evaluate(f"{TABLE_OF_PAIRS}.caption.textContent")
    (picture,) = opened.evaluate(
        "[...document.querySelectorAll('#results img')].filter((each) => each.alt.startsWith('Differences'))"
        ".map((each) => atob(each.src.split(',')[1]))"
    )
    assert "practically equal" in picture


@APART
def test_a_click_sorts_and_another_one_reverses(opened) -> None:
    ascending, first = _sorted_by(opened, HEADLINE)
    descending, second = _sorted_by(opened, HEADLINE)
    numbers = [float(text) for text in ascending if text != "–"]
    assert numbers == sorted(numbers)
    assert [float(text) for text in descending if text != "–"] == numbers[::-1]
    assert (first, second) == ("ascending", "descending")


@APART
def test_what_is_missing_stays_last_either_way(opened) -> None:
    for _ in range(2):
        assert _sorted_by(opened, HEADLINE)[0][-1] == "–"


@APART
def test_only_the_sorted_column_says_so(opened) -> None:
    _sorted_by(opened, HEADLINE)
    _sorted_by(opened, 0)
    states = opened.evaluate(
        f"[...{FIRST_TABLE}.tHead.rows[0].cells].map((cell) => cell.getAttribute('aria-sort'))"
    )
    assert states == ["ascending", *[None] * (len(states) - 1)]


@APART
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


def _sorted_by(browser, column: int, table: str = FIRST_TABLE) -> tuple[list[str], str]:
    """The column's cells after a click on its heading, and what the heading then says."""
    browser.evaluate(f"{table}.tHead.rows[0].cells[{column}].querySelector('button').click()")
    cells = browser.evaluate(f"[...{table}.tBodies[0].rows].map((row) => row.cells[{column}].textContent)")
    return cells, browser.evaluate(f"{table}.tHead.rows[0].cells[{column}].getAttribute('aria-sort')")


def _press(browser, **key: object) -> None:
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, **key)


def _rgb(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.removeprefix("rgb(").removesuffix(")").split(","))
