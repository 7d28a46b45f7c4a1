import json
import re
from functools import lru_cache
from html.parser import HTMLParser

import pytest

from seqcli.reports.draw.document import document_of
from seqcli.reports.draw.html_page import render_page
from seqcli.reports.draw.sheet import sheet_of
from seqcli.reports.words.methods import methods
from seqcli.results.compare import TunedModel, Tuning

RESULTS = [
    "two",
    "three",
    "six",
    "failed",
    "no costs",
    "all seeds failed",
    "several",
    "sweep",
    "sweep of three",
]
VOID = {"meta", "link", "br", "hr", "img", "input"}
COMMAND = "seqcli compare lstm gru --task sentiment --expect 'gru.accuracy >= lstm.accuracy - 0.01'"


class Page(HTMLParser):
    """A page's elements, checked to be closed in the order they were opened, and its text."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.text = [], [], ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text += data

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def page_of(html_of):
    """The same, parsed."""
    return lru_cache(lambda case: Page(html_of(case)))


@pytest.mark.parametrize("case", [*RESULTS, "hostile", "hostile sweep"])
def test_a_page_is_well_formed_and_asks_nobody_for_anything(html_of, case):
    html = html_of(case)
    page = Page(html)
    assert page.all("script", "iframe", "object", "embed", "img", "base", "form") == []
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "srcset", "data"):
                assert value.startswith(("#", "data:,")), (tag, name, value)
            assert not name.startswith("on")
            assert "url(" not in (value or "") or "url(#" in value
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    assert "@import" not in style
    assert "url(" not in style
    assert "default-src 'none'" in html


@pytest.mark.parametrize("case", RESULTS)
def test_a_page_can_be_heard(page_of, case):
    page = page_of(case)
    headings = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert set(headings) == {1, 2}
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert page.all("html") == [{"lang": "en"}]
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    for attributes in page.all("svg"):
        assert attributes["role"] == "img"
        assert set(attributes["aria-labelledby"].split()) <= set(names)
    for attributes in page.all("section"):
        assert attributes["aria-labelledby"] in names


def test_what_a_picture_uses_is_in_the_same_picture(html_of):
    html = html_of("two")
    for picture in re.findall(r"<svg .*?</svg>", html, re.DOTALL):
        names = set(re.findall(r'id="([^"]+)"', picture))
        used = set(re.findall(r'href="#([^"]+)"', picture)) | set(re.findall(r"url\(#([^)]+)\)", picture))
        assert used
        assert used <= names


@pytest.mark.parametrize("case", ["two", "sweep"])
def test_pictures_take_the_page_s_colours_in_light_and_in_dark(html_of, case):
    html = html_of(case)
    pictures = "".join(re.findall(r"<svg .*?</svg>", html, re.DOTALL))
    styles = " ".join(re.findall(r'style="([^"]*)"', pictures))
    assert not re.search(r"#[0-9a-fA-F]{3}", styles)
    assert "font-family" not in styles
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", styles))
    light, dark = re.findall(r":root \{([^}]*)\}", html)
    for name in used:
        assert f"{name}:" in light
        assert f"{name}:" in dark
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize("case", ["hostile", "hostile sweep"])
def test_outside_text_is_text(records, case):
    html = render_page(records.CASES[case](), command="seqcli compare '<script>alert(1)</script>' \x1b[31m")
    assert "<script" not in html
    assert "<b>" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "\x9b" not in html
    page = Page(html)
    assert "<b>&_*$@me#1" in page.text
    assert "<script>alert(1)</script>" in page.text
    assert r"\x1b[31m" in page.text


def test_every_seed_of_every_model_is_on_the_page(records, page_of):
    page = page_of("three")
    for name in ("rnn", "lstm", "gru"):
        for value in records.ACCURACIES[name]:
            assert f"{100 * value:.2f} %" in page.text
            assert f"{100 * (value + 0.003):.2f} %" in page.text


def test_every_seed_at_every_value_of_a_sweep_is_on_the_page(records, page_of):
    record = records.sweep()
    page = page_of("sweep")
    for curve in record.curves:
        for scores in curve.per_seed:
            for score in scores:
                assert f"{100 * score:.2f} %" in page.text
    assert len(page.all("details")) == len(record.values)
    assert "length = 200" in page.text


def test_a_page_tells_result_guide_data_methods_and_the_command(records, page_of):
    text = " ".join(page_of("two").text.split())
    for words in (
        "LSTM, GRU on sentiment",
        "No clear winner",
        "75.6 ± 0.8 %",
        "−0.5 pt [−1.2, +0.2] ? undecided",
        "×0.90 [0.88, 0.92] ▼ worse",
        "GRU trains faster ✗ refuted here ×0.90",
        "depends on the kernel",
        "6,824 train, 853 validation, 853 test",
        "d4acac55" * 8,
        "312 of 6,824 texts (4.6 %) cut at 40 tokens",
        "One training run for each model and seed (0, 1, 2, 3, 4).",
        "within ±1 points (two one-sided tests)",
        "3 fresh processes of each in 1 sitting",
        "lstm on oneDNN; gru on ATen loop",
        COMMAND,
        records.CASES["two"]().signature,
    ):
        assert words in text, words


def test_learning_rates_that_were_tried_are_a_table(records):
    record = records.CASES["no costs"]()
    models = [
        TunedModel(label="lstm", lr=0.003, scores=[0.71, 0.7523, None], at_edge=False),
        TunedModel(label="gru", lr=0.01, scores=[0.70, 0.73, 0.7411], at_edge=True),
    ]
    tuning = Tuning(rates=[0.001, 0.003, 0.01], seeds=[100, 101], models=models)
    protocol = record.protocol.model_copy(update={"tuning": tuning})
    html = render_page(record.model_copy(update={"protocol": protocol}), command=COMMAND)
    text = " ".join(Page(html).text.split())
    assert "model 0.001 0.003 0.01 chosen LSTM 71.00 % 75.23 % failed 0.003" in text
    assert (
        "The same 3 rates for every model, tried on seeds that the comparison never uses (100, 101)" in text
    )


def test_what_was_not_measured_is_not_explained(page_of):
    text = page_of("no costs").text
    assert "Training speed" not in text
    assert "fresh processes" not in text


def test_the_methods_name_the_levels_that_decided_and_the_margin_in_the_score_s_unit(records):
    result = records.CASES["two"]()
    for alpha, margin, outer, inner, within in (
        (0.05, 0.01, "95", "90", "±1 points"),
        (0.0197, 0.00004, "98.03", "96.06", "±0.004 points"),
    ):
        protocol = result.protocol.model_copy(update={"alpha": alpha, "margin": margin})
        value = dict(methods(result.model_copy(update={"protocol": protocol})))["Differences and verdicts"]
        assert f"the {outer} % interval of the difference leaves out 0" in value
        assert f"the {inner} % interval lies within {within}" in value
    assert "bootstrap" not in str(list(methods(result)))


def test_failed_legs_and_other_protocols_are_told(page_of):
    assert "the loss is not finite at step 40" in page_of("failed").text
    text = " ".join(page_of("several").text.split())
    assert "depends on the protocol" in text
    assert "At equal parameters" in text
    assert "77.21 %" in text


@pytest.mark.parametrize("case", [*RESULTS, "gated"])
def test_every_line_around_the_table_is_on_the_page(records, page_of, case):
    text = " ".join(page_of(case).text.replace(" · ", " ").split())
    for section in sheet_of(records.CASES[case]()).sections:
        if section.name != "what the guide says":  # a table of its own
            for line in section.lines:
                assert " ".join(line.text.replace(" · ", " ").split()) in text, line.text


def test_the_same_result_gives_the_same_page(records):
    pages = {render_page(records.CASES["one"](), command="x") for _ in range(2)}
    assert len(pages) == 1


def test_every_picture_says_in_words_what_it_shows(html_of):
    html = html_of("two")
    matches = re.findall(r"<desc [^>]*>([^<]+)</desc>", html)
    assert matches[0] == "LSTM 75.6 ± 0.8 %; GRU 75.1 ± 1.1 %; majority class 50.0 %; bag of words 75.8 %."
    assert matches[1] == "GRU − LSTM −0.5 points [−1.2, +0.2], undecided."
    assert len(matches) == html.count("<figure>") == 4


def test_a_page_s_figures_are_those_of_the_document(records, page_of):
    record = records.CASES["two"]()
    document = json.loads(json.dumps(record.to_json()))
    text = page_of("two").text
    for model in document["models"]:
        assert f"{model['parameters']['recurrent']:,}" in text
        assert f"{model['train_speed']['mean'] or model['train_speed']['median']:,.0f}" in text


def test_the_page_of_a_training_run_has_every_epochs_score(records):
    page = document_of(records.training(valid_per_epoch=[0.5, 0.61239], best_epoch=2, epochs=2))
    (epochs,) = (grid for grid in page.grids if grid.caption.startswith("Validation"))
    assert epochs.rows == (("1", "50.00 %"), ("2", "61.24 %"))
