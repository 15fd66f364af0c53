"""The page as a parser sees it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from harness.errors import UsageError
from harness.report.figures import side_by_side
from harness.reporting import draw_figure, render_report
from harness.run import Run
from harness.store import RunStore

HOSTILE = "</script><img src=x onerror=alert(1)>"
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Elements with their attributes and text, and whether every element is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[int, str] = {}
        self._open: list[tuple[str, int]] = []
        self.feed(text)
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, number in self._open:
            self.texts[number] = self.texts.get(number, "") + data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    def text(self, tag: str, **attributes: str) -> list[str]:
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [
            self.texts.get(number, "").strip()
            for number, (name, found) in enumerate(self.elements)
            if name == tag and wanted.items() <= found.items()
        ]


@pytest.fixture(scope="module")
def three_runs(tmp_path_factory, synthetic) -> list[Run]:
    """Three models of different skill."""
    store = RunStore(tmp_path_factory.mktemp("three"))
    skills = {"net_a": 0.0, "net_b": 2.0, "net_c": 2.1}
    return [synthetic(store, name, skill=skill) for name, skill in skills.items()]


@pytest.fixture(scope="module")
def three(three_runs: list[Run]) -> str:
    """Their page."""
    return render_report(three_runs)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_it_makes_no_difference_how_many_processes_draw(
    three: str, three_runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    for fork in (True, False):
        monkeypatch.setattr(side_by_side, "_may_fork", lambda fork=fork: fork)
        monkeypatch.setattr(side_by_side, "processors", lambda: 2)
        assert render_report(three_runs) == three


def test_one_run_is_asked_how_good_it_is_and_answered_in_one_sentence(make_run) -> None:
    page = Page(render_report([make_run("net_a")]))
    assert page.text("h1") == ["How good is net_a on sonar?"]
    (answer,) = page.text("p", id="answer")
    assert re.fullmatch(
        r"net_a reaches accuracy 0\.\d+ \(95% CI .*\) on sonar; a baseline .* reaches 0\.500\.", answer
    )


def test_several_runs_are_answered_by_their_comparison_and_not_by_a_bare_winner(three: str) -> None:
    (answer,) = Page(three).text("p", id="answer")
    assert "net_a" in answer
    assert "not distinguishable" in answer


def test_runs_on_different_folds_are_shown_side_by_side_and_not_compared(make_run) -> None:
    runs = [
        make_run("net_a"),
        make_run(
            "net_b",
            identity={"splits_sha256": "6" * 64, "data_sha256": "d" * 64, "groups_sha256": None, "arguments": {}},
        ),
    ]
    page = Page(render_report(runs))
    assert "takes a comparison on the same folds" in page.text("p", id="answer")[0]
    assert any(text.startswith("No comparison: Runs net_a") for text in page.text("p"))


def test_a_run_with_failed_folds_has_no_headline_mean(make_run) -> None:
    page = Page(render_report([make_run("net_a", failed=((0, 1, 0),))]))
    assert page.text("p", id="answer") == ["No answer yet: accuracy has no mean, 7/8 folds finished."]
    assert any("repeat 0 fold 1 failed: FoldError" in text for text in page.text("li"))


@pytest.mark.parametrize("title", ["Results", "Models", "Protocol", "Warnings", "Environment", "How to reproduce"])
def test_the_page_has_a_section(three: str, title: str) -> None:
    assert title in Page(three).text("h2")


def test_every_model_has_a_section_that_the_contents_link_to(three: str) -> None:
    page = Page(three)
    links = {link["href"] for link in page.all("a")}
    assert [section["id"] for section in page.all("section", **{"class": "model"})] == [
        "model-1",
        "model-2",
        "model-3",
    ]
    assert {"#model-1", "#model-2", "#model-3"} <= links


def test_every_link_stays_on_the_page_and_has_a_target(three: str) -> None:
    page = Page(three)
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {link["href"].removeprefix("#") for link in page.all("a")} <= ids


def test_every_id_is_there_once(three: str) -> None:
    ids = [attributes["id"] for _, attributes in Page(three).elements if "id" in attributes]
    assert len(set(ids)) == len(ids)


def test_every_table_has_a_caption_and_headings_with_scope(three: str) -> None:
    page = Page(three)
    assert len(page.all("caption")) == len(page.all("table")) > 5
    assert all(heading["scope"] in {"col", "row"} for heading in page.all("th"))


def test_every_image_is_inside_the_page_and_says_what_it_shows(three: str) -> None:
    images = Page(three).all("img")
    assert len(images) > 10
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in images)
    assert all(len(image["alt"]) > 20 for image in images)


def test_headings_skip_no_level(three: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(three).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_policy_allows_the_script_and_the_style_of_the_page_and_nothing_else(three: str) -> None:
    page = Page(three)
    (policy,) = page.all("meta", http_equiv="Content-Security-Policy")
    scripts = [text for (tag, found), text in _contents(three) if tag == "script" and "type" not in found]
    (style,) = [text for (tag, _), text in _contents(three) if tag == "style"]
    assert policy["content"] == (
        f"default-src 'none'; script-src '{_hash(scripts[0])}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert len(scripts) == 1


def test_no_element_has_a_style_or_a_handler_of_its_own(three: str) -> None:
    names = {name for _, attributes in Page(three).elements for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}


def test_the_numbers_are_in_the_page_as_json(three: str) -> None:
    (data,) = [text for (tag, found), text in _contents(three) if tag == "script" and found.get("id") == "data"]
    assert [run["model"] for run in json.loads(data)["runs"]] == ["net_a", "net_b", "net_c"]


def test_the_page_holds_all_that_the_json_report_holds(make_run) -> None:
    runs = [make_run("net_a", skill=0.5), make_run("net_b", skill=2.0)]
    text = render_report(runs, rope=0.02, figures="none")
    (data,) = [text for (tag, found), text in _contents(text) if tag == "script" and found.get("id") == "data"]
    assert json.loads(data) == json.loads(render_report(runs, "json", rope=0.02))
    assert json.loads(data)["comparison"]["rope"] == 0.02


def test_the_page_says_how_to_make_the_comparison_again(make_run) -> None:
    runs = [make_run("net_a", skill=0.5), make_run("net_b", skill=2.0)]
    page = Page(render_report(runs, rope=0.02, baseline="net_a", metric="roc_auc", level=0.9, figures="none"))
    (commands,) = page.text("code")[:1]
    names = " ".join(run.id for run in runs)
    assert commands.splitlines()[-1] == (
        f"python -m harness report {names} --metric roc_auc --baseline net_a --rope 0.02 --ci 0.9 -o report.html"
    )


def test_what_is_noted_is_not_warned_of_again(make_run) -> None:
    caution = render_json([make_run("net_a"), make_run("net_b")])["comparison"]["warnings"][-1]
    runs = [make_run(name, notes=[caution]) for name in ("net_c", "net_d")]
    assert Page(render_report(runs, figures="none")).text("li").count(caution) == 1


def test_the_figure_of_many_pairs_says_that_it_shows_those_of_the_best(make_run) -> None:
    runs = [make_run(f"net_{letter}", skill=number / 4) for number, letter in enumerate("abcdef")]
    captions = Page(render_report(runs, figures="main")).text("figcaption")
    assert "Differences in accuracy on the same folds: the best model and each other one" in captions


def test_the_table_of_pairs_says_how_wide_the_rope_is(make_run) -> None:
    runs = [make_run("net_a", skill=0.5), make_run("net_b", skill=2.0)]
    captions = Page(render_report(runs, rope=0.02, figures="none")).text("caption")
    assert any("ROPE ±0.02" in caption for caption in captions)
    assert not any("ROPE" in caption for caption in Page(render_report(runs, figures="none")).text("caption"))


@pytest.mark.parametrize("setting", ["model", "dataset", "labels", "warnings", "arguments"])
def test_a_hostile_label_is_text_wherever_it_stands(make_run, setting: str) -> None:
    changes = {
        "model": {"model": HOSTILE},
        "dataset": {"dataset": HOSTILE},
        "labels": {"labels": ("M", HOSTILE)},
        "warnings": {"warnings": [HOSTILE]},
        "arguments": {"identity": {"arguments": {"rate": HOSTILE}, "splits_sha256": "5"}},
    }[setting]
    text = render_report([make_run("net_a", **changes)])
    page = Page(text)
    assert not [image for image in page.all("img") if "onerror" in image or image["src"] == "x"]
    assert len(page.all("script")) == 2
    assert setting == "labels" or HOSTILE in "".join(page.texts.values())
    assert setting != "labels" or any(HOSTILE[:20] in image["alt"] for image in page.all("img"))


def test_two_runs_of_one_model_have_names_of_their_own(make_run) -> None:
    runs = [make_run("net_a"), make_run("net_b", model="net_a", identity=_other_arguments())]
    page = Page(render_report(runs))
    assert page.text("h3", id="model-1-title")[0].startswith("net_a(rate=0.2)")
    assert page.text("h3", id="model-2-title")[0].startswith("net_a(rate=0.5)")


@pytest.mark.parametrize(
    ("settings", "figures"),
    [
        (
            {"task": "regression", "targets": ("a", "b")},
            {"Predicted against true values", "Residuals against predictions"},
        ),
        ({"task": "multiclass", "labels": ("x", "y", "z")}, {"Confusion matrix over one repeat"}),
        ({"seeds": 2}, {"Where the variance comes from", "Reliability of the probabilities"}),
        ({"repeats": 1}, {"Learning curves, mean and SD over folds"}),
    ],
    ids=["regression", "multiclass", "seeds", "one repeat"],
)
def test_a_run_of_any_kind_has_its_figures(make_run, settings, figures: set[str]) -> None:
    captions = set(Page(render_report([make_run("net_a", **settings)])).text("figcaption"))
    assert figures <= captions


def test_figures_can_be_left_out(make_run) -> None:
    assert not Page(render_report([make_run("net_a")], figures="none")).all("img")


def render_json(runs: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_report(runs, "json"))
    return found


def _other_arguments() -> dict[str, object]:
    return {
        "arguments": {"rate": "0.5"},
        "splits_sha256": "5" * 64,
        "data_sha256": "d" * 64,
        "groups_sha256": None,
    }


def _contents(text: str) -> list[tuple[tuple[str, dict[str, str]], str]]:
    """Raw content of script and style elements."""
    found = re.findall(r"<(script|style)([^>]*)>(.*?)</\1>", text, flags=re.DOTALL)
    return [
        ((tag, dict(re.findall(r'(\w+)="([^"]*)"', attributes))), content) for tag, attributes, content in found
    ]


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


@pytest.fixture(scope="module")
def over_datasets(tmp_path_factory, synthetic) -> list[Any]:
    """Two models on six data sets."""
    store = RunStore(tmp_path_factory.mktemp("over_datasets"))
    return [
        synthetic(
            store,
            f"{model}_{number}",
            model=model,
            dataset=f"data_{number}",
            skill=skill,
            folds=2,
            repeats=1,
            identity={"arguments": {}, "data_sha256": number, "splits_sha256": number, "groups_sha256": None},
        )
        for number in range(6)
        for model, skill in (("net_good", 2.0), ("net_poor", 0.2))
    ]


def test_the_page_looks_into_classes(make_run) -> None:
    text = render_report([make_run("net_a", task="multiclass", labels=tuple("abc"))], figures="none")
    page = Page(text)
    captions = page.text("caption")
    assert "Each class, over the 90 rows of one repeat" in captions
    assert "Confusion matrix, over one repeat" in captions


def test_the_page_looks_into_outputs(make_run) -> None:
    run = make_run("net_a", task="regression", labels=(), targets=("u", "v"))
    page = Page(render_report([run], figures="none"))
    assert "Each output, over the 90 rows of one repeat" in page.text("caption")


def test_models_over_data_sets_are_ranked(over_datasets) -> None:
    page = Page(render_report(over_datasets, figures="main"))
    assert page.text("h1") == ["Which of 2 models is best on 6 data sets?"]
    assert page.text("p", id="answer")[0].startswith(
        "Over 6 data sets, net_good (rank 1.00) is better in accuracy"
    )
    assert "critical difference" in page.all("img")[0]["alt"].lower()
    assert {"Means on every data set", "Every model against every other"} <= set(page.text("h3"))
    assert len(page.all("section", **{"class": "model"})) == 12


def test_too_few_data_sets_are_said_so(over_datasets) -> None:
    text = render_report(over_datasets[:4], figures="none")
    assert "No test over the data sets: too few data sets: 2, at least 6 are needed" in text


def test_the_critical_difference_is_a_figure_of_its_own(over_datasets) -> None:
    assert "average rank in accuracy" in draw_figure("critical_difference", over_datasets).axes[0].get_xlabel()
    with pytest.raises(UsageError, match="too few data sets: 2"):
        draw_figure("critical_difference", over_datasets[:4])
    with pytest.raises(UsageError, match="the runs are on one data set"):
        draw_figure("critical_difference", over_datasets[:2])
