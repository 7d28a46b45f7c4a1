"""The page in a real browser, at a phone's and a desk's width, in light and in dark."""

import html
import json
import re
import shutil
import subprocess

import pytest

from seqcli.reports.draw.axes import ROLES

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
QUIET = (
    "--headless",
    "--no-sandbox",  # root in a container has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
CASES = ("two", "six", "sweep of three", "hostile")
VIEWS = [(case, width, theme) for case in CASES for width in (390, 1280) for theme in ("light", "dark")]
MEASURE = """
const told = {};
for (const frame of document.querySelectorAll("iframe")) {
  const page = frame.contentDocument, view = frame.contentWindow;
  for (const one of page.querySelectorAll("details")) one.open = true;
  const wide = (one) => one.getBoundingClientRect().right > view.innerWidth + 0.5;
  const scrolls = (one) => one.closest(".scrolls") || one.closest("svg") !== null && one.tagName !== "svg";
  const style = (selector) => view.getComputedStyle(page.querySelector(selector));
  told[frame.id] = {
    overflow: page.documentElement.scrollWidth - view.innerWidth,
    wide: [...page.body.querySelectorAll("*:not(.unseen)")].filter((one) => wide(one) && !scrolls(one))
      .map((one) => one.tagName + "." + one.className),
    requests: view.performance.getEntriesByType("resource").map((one) => one.name),
    paper: style("body").backgroundColor,
    ink: style("svg text").fill,
    letters: Math.min(...[...page.querySelectorAll("svg text")].map((one) => {
      const size = parseFloat(view.getComputedStyle(one).fontSize);
      const drawn = one.closest("svg");
      return size * drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width;
    })),
    text: page.body.innerText,
  };
}
document.querySelector("#told").textContent = JSON.stringify(told);
"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def views(html_of, tmp_path_factory):
    """What the browser says of each view; every page is a frame of one document."""
    folder = tmp_path_factory.mktemp("browser")
    frames = "".join(
        f'<iframe id="{case}/{width}/{theme}"'
        f' style="border: 0; width: {width}px; height: 900px; color-scheme: {theme}"'
        f' srcdoc="{html.escape(html_of(case))}"></iframe>'
        for case, width, theme in VIEWS
    )
    document = folder / "views.html"
    document.write_text(
        f"<!doctype html><meta charset=utf-8><pre id=told></pre>{frames}"
        f"<script>addEventListener('load', () => {{{MEASURE}}})</script>",
        encoding="utf-8",
    )
    done = subprocess.run(
        [BROWSER, *QUIET, f"--user-data-dir={folder}/profile", "--dump-dom", document.as_uri()],
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert b"Refused to" not in done.stderr
    value = re.search(r'<pre id="told">(.*?)</pre>', done.stdout.decode(), re.DOTALL)[1]
    return json.loads(html.unescape(value))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view)))
def test_nothing_reaches_beyond_the_window_and_nothing_is_fetched(views, view):
    value = views["/".join(map(str, view))]
    assert value["overflow"] <= 0
    assert value["wide"] == []
    assert value["requests"] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_and_its_pictures_follow_the_reader_s_theme(views, theme):
    def rgb(role):
        colour = ROLES[role][theme == "dark"]
        return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"

    value = views[f"two/390/{theme}"]
    assert (value["paper"], value["ink"]) == (rgb("paper"), rgb("text"))


def test_the_letters_in_pictures_can_be_read_on_a_phone(views):
    assert all(views[f"{case}/390/light"]["letters"] >= 8.5 for case in CASES)


def test_the_figures_of_the_document_are_on_the_page(records, views):
    document = records.CASES["two"]().to_json()
    for width in (390, 1280):
        text = views[f"two/{width}/light"]["text"]
        for model in document["models"]:
            assert f"{100 * model['quality']['mean']:.1f} ±" in text
            assert f"{model['parameters']['total']:,}" in text
            assert all(f"{100 * value:.2f} %" in text for value in model["quality"]["per_seed"])


def test_a_label_is_text_to_the_browser(views):
    assert "<b>&_*$@me#1" in views["hostile/390/light"]["text"]
