"""report.html: read by an HTML parser, and shown by a real browser: right to left, nested, escaped, on a phone."""

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from playwright.sync_api import Browser, Page
from reported import PDF, RLO, SCRIPT, documents, result_of, texts_of

from toolkit.evaluation.comparing.gates import judge_gates
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.evaluation.reports.score_page import html
from toolkit.evaluation.reports.verdicts import baseline_sections
from toolkit.evaluation.scoring.label_maps import NamedMap
from toolkit.gate_rules import GateRules
from toolkit.models.predictor import Pair, Span
from toolkit.schema import LabelMap, Schema

VOID = {"meta", "br", "rect", "line"}
MODEL = f"<b>{RLO}model"
# The horizontal extent of words in an element, and the line they are on.
PLACE = """(element, words) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  const whole = nodes.map(node => node.data).join('');
  const at = whole.indexOf(words);
  const range = document.createRange();
  let place = 0;
  for (const node of nodes) {
    if (place <= at && at < place + node.length) range.setStart(node, at - place);
    if (place < at + words.length && at + words.length <= place + node.length)
      range.setEnd(node, at + words.length - place);
    place += node.length;
  }
  const box = range.getBoundingClientRect();
  return {left: box.left, right: box.right, top: box.top, bottom: box.bottom};
}"""


class Parser(HTMLParser):
    """Checks that every element is closed, and collects the elements and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def result(schema: Schema) -> dict[str, Any]:
    return result_of(schema, MODEL, train_mentions={"تونس": {"GPE"}})


@pytest.fixture(scope="module")
def made(schema: Schema, result: dict[str, Any]) -> str:
    worse = result_of(schema, "older", predictions={name: Prediction(name) for name in result["documents"]})
    rules = GateRules(floors={"micro.f1": 0.99, "GPE.f1": 0.5}, max_drop={"micro.f1": 0.01}, min_support=2)
    judgement = judge_gates(result, rules, worse)
    return html(result, list(baseline_sections(result, worse)), judgement, texts_of(schema))


def test_the_page_is_well_formed_whole_and_escaped(made: str, result: dict[str, Any]) -> None:
    found = Parser(made)
    assert made.startswith("<!doctype html>") and "<script" not in made and "://" not in made and "src=" not in made
    assert SCRIPT in found.text and "<b>" in found.text and not found.all("b")[0].get("onclick")
    assert [name for name, _ in found.elements if name in ("script", "link", "img", "iframe")] == []
    levels = [int(name[1]) for name, _ in found.elements if name in ("h1", "h2", "h3")]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))
    assert all(heading.get("scope") in ("col", "row") for heading in found.all("th"))
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"] for link in found.all("a")} <= {f"#{name}" for name in ids}
    bars = [bar["aria-label"] for bar in found.all("svg")]
    low, high = result["scores"]["char"]["micro"]["interval"]
    assert f"char micro 0.4211, 95 % interval {low:.4f} to {high:.4f}" in bars
    for part in ("Gates", "Against older", "By length", "Mentions of training", "Confusion", "Partial credit"):
        assert f">{part}" in made


def test_every_error_is_an_example_with_both_readings(made: str, result: dict[str, Any]) -> None:
    found = Parser(made)
    wrong = sum(n for kind, n in result["errors"]["counts"].items() if kind != "correct")
    assert made.count("<article>") == wrong == 7
    texts = [attributes for _, attributes in found.elements if attributes.get("class") == "text"]
    assert len(texts) == 2 * wrong and {(text["dir"], text["lang"]) for text in texts} == {("rtl", "ar")}
    examples = made.split('id="errors"')[1].split('id="apart"')[0]
    assert RLO not in examples and PDF not in examples
    assert '<bdi dir="rtl" lang="ar">ل</bdi>' in made


def test_a_long_sentence_is_cut_and_says_so(made: str) -> None:
    missed = made.split('id="missed"')[1]
    part = missed[missed.index("<bdi>long</bdi>") :].split("</article>")[0]
    assert "… " in part and " …" in part and "هدى زنبق" in part and len(part) < 2500


def test_examples_are_limited_and_the_rest_is_told(schema: Schema) -> None:
    result = result_of(schema)
    document = result["documents"]["nested"]
    document["spurious"] = [[start, start + 1, "PER"] for start in range(40) if start not in (3, 8)]
    page = html(result, texts=texts_of(schema))
    spurious = page.split('id="spurious"')[1].split("<h2")[0]
    assert spurious.count("<article>") == 12 and "12 of " in spurious
    assert " more are in result.json" in spurious


def test_a_page_without_quotes_holds_no_word_of_a_text(schema: Schema, result: dict[str, Any]) -> None:
    page = html(result)
    assert not [char for char in page if "\u0600" <= char <= "\u06ff"] and "quotes no text" in page
    warned = html(result, texts=texts_of(schema, frozenset({"odd", "elsewhere"})))
    assert "Keep this page to yourself." in warned and "quotes 1 documents" in warned
    assert "to yourself" not in html(result, texts=texts_of(schema))


def test_a_page_of_relations_between_given_mentions_shows_nothing_else(schema: Schema) -> None:
    given = {}
    for document in documents():
        spans = tuple(Span(e.start, e.end, e.label) for e in document.entities)
        pairs = (Pair(2, 3, "HEAD_OF"),) if document.relations else ()
        given[document.id] = Prediction(document.id, spans, relations=pairs)
    page = html(result_of(schema, predictions=given, gold_entities=True), texts=texts_of(schema))
    found = Parser(page)
    assert "Relations, given" in page and "HEAD_OF 1.0000" in page and not found.all("article")
    assert ">Confusion<" not in page and ">By length<" not in page


def test_a_label_map_is_applied_to_the_examples(schema: Schema) -> None:
    gold = dict.fromkeys(schema.entities) | {"PER": "PERSON", "GPE": "PLACE"}
    mapped = NamedMap("two", LabelMap(gold=gold, model={**gold, "ORG": "PLACE"}))
    page = html(result_of(schema, label_map=mapped), texts=texts_of(schema))
    labels = Counter(attributes.get("title") for attributes in Parser(page).all("mark")) - Counter({None: 99})
    assert set(labels) == {"PERSON", "PLACE"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


class Shown:
    """The page in a browser, with what it asked the network for and what it complained of."""

    def __init__(self, browser: Browser, file: Path, width: int, **more: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **more)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(file.as_uri())


@pytest.fixture
def show(browser: Browser, made: str, tmp_path: Path) -> Iterator[Any]:
    file = tmp_path / "report.html"
    file.write_text(made, "utf-8")
    opened: list[Shown] = []

    def shown(width: int = 1200, **more: Any) -> Shown:
        opened.append(Shown(browser, file, width, **more))
        return opened[-1]

    yield shown
    for each in opened:
        assert each.requests == [file.as_uri()] and each.complaints == []
        each.context.close()


def sentence(shown: Shown, document: str, side: str, kind: str) -> Any:
    """The sentence of the first error of a kind in a document, as one side reads it."""
    where = f"h3#{kind} ~ article:has(bdi:text-is('{document}')) .{side} .text"
    return shown.page.locator(where).first


def test_a_sentence_runs_from_right_to_left_and_nested_mentions_lie_below_each_other(show: Any) -> None:
    text = sentence(show(), "nested", "gold", "label")
    assert text.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert text.evaluate("element => getComputedStyle(element).textAlign") in ("start", "right")
    first, last = (text.evaluate(PLACE, words) for words in ("قال", "باق"))
    assert first["left"] > last["right"] and first["top"] == pytest.approx(last["top"], abs=2)
    outer, inner = text.locator("mark[title=TITLE]").first, text.locator("mark[title=GPE]").first
    boxes = [
        mark.evaluate("m => {const b = m.getBoundingClientRect(); return [b.bottom, b.width]}")
        for mark in (outer, inner)
    ]
    # The line of the outer mention lies under that of the inner one, so that both are seen.
    assert boxes[0][0] >= boxes[1][0] + 4 and boxes[0][1] > 0 < boxes[1][1]
    place = text.evaluate(PLACE, "تونس")
    whole = text.evaluate(PLACE, "وزير خارجية تونس")
    assert whole["left"] == pytest.approx(place["left"], abs=1) and place["right"] < whole["right"]


def test_gold_and_prediction_are_drawn_apart_and_the_error_is_filled(show: Any) -> None:
    shown = show()
    style = "element => {const s = getComputedStyle(element); return [s.borderBottomStyle, s.backgroundColor]}"
    for side, line in (("gold", "solid"), ("predicted", "dashed")):
        text = sentence(shown, "nested", side, "label")
        drawn = text.locator("mark.focus").first.evaluate(style)
        other = text.locator("mark:not(.focus)").first.evaluate(style)
        assert drawn[0] == other[0] == line and drawn[1] != other[1] == "rgba(0, 0, 0, 0)"


def test_a_mention_inside_a_word_leaves_its_letters_joined(show: Any) -> None:
    text = sentence(show(), "clitic", "gold", "clitic-boundary")
    marked = text.evaluate(PLACE, "ولمارة")
    clitic, name = (text.evaluate(PLACE, words) for words in ("ول", "مارة"))
    assert clitic["left"] >= name["right"] - 1 and clitic["right"] - clitic["left"] > 3
    text.evaluate("element => {element.textContent = element.textContent}")
    plain = text.evaluate(PLACE, "ولمارة")
    assert marked["right"] - marked["left"] == pytest.approx(plain["right"] - plain["left"], abs=0.5)


def test_tags_are_text_and_an_override_is_shown_and_turns_nothing_around(show: Any) -> None:
    shown = show()
    text = sentence(shown, "odd", "predicted", "spurious")
    assert SCRIPT in text.inner_text() and shown.page.locator("script").count() == 0
    assert text.locator(".control").all_inner_texts() == ["RLO", "PDF"]
    whole, rest = (text.evaluate(PLACE, letters) for letters in ("abc", "bc"))
    assert whole["left"] < rest["left"] and whole["right"] == pytest.approx(rest["right"], abs=1)
    heading = shown.page.locator("h1")
    on, dataset = (heading.evaluate(PLACE, words) for words in (" on ", "composed 1.2.0"))
    assert on["right"] <= dataset["left"] + 1
    name = heading.evaluate(PLACE, "model")
    assert name["right"] <= on["left"] + 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways_and_dark_when_asked(show: Any, scheme: str) -> None:
    shown = show(360, color_scheme=scheme, is_mobile=True)
    assert shown.page.evaluate("document.documentElement.scrollWidth") == 360
    assert shown.page.locator(".reading .text").first.bounding_box()["width"] > 280
    background, ink = brightness(shown, "body", "backgroundColor"), brightness(shown, "body", "color")
    assert (background > ink) is (scheme == "light")


def test_paper_stays_white_in_the_dark(show: Any) -> None:
    shown = show(color_scheme="dark")
    shown.page.emulate_media(media="print")
    assert brightness(shown, "body", "color") < 0.2 < 0.9 < brightness(shown, "article", "backgroundColor")
    assert shown.page.locator("nav").first.is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_texts_have_the_contrast_that_wcag_asks_for(show: Any, scheme: str) -> None:
    shown = show(color_scheme=scheme)
    for selector in ("p", "td", "thead th", ".label", "mark.focus", ".good, .bad", ".control", "header span", "nav a"):
        for place in range(min(6, shown.page.locator(selector).count())):
            assert contrast(shown, selector, place) >= 4.5, (selector, place)
    for place in range(shown.page.locator(".heat td").count()):
        assert contrast(shown, ".heat td", place) >= 4.5


# The colour of an element, and that of the nearest ground behind it, as red, green and blue from 0 to 1.
COLORS = """([selector, place]) => {
  const element = document.querySelectorAll(selector)[place];
  const drawing = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const color = value => {
    drawing.clearRect(0, 0, 1, 1);
    drawing.fillStyle = value;
    drawing.fillRect(0, 0, 1, 1);
    return Array.from(drawing.getImageData(0, 0, 1, 1).data).map(part => part / 255);
  };
  let behind = element;
  while (behind && color(getComputedStyle(behind).backgroundColor)[3] < 1) behind = behind.parentElement;
  const ground = behind ? getComputedStyle(behind).backgroundColor : 'white';
  return [color(getComputedStyle(element).color), color(ground)];
}"""


def luminance(color: list[float]) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(shown: Shown, selector: str, place: int) -> float:
    light, dark = sorted(map(luminance, shown.page.evaluate(COLORS, [selector, place])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def brightness(shown: Shown, selector: str, which: str) -> float:
    colors = shown.page.evaluate(COLORS, [selector, 0])
    return luminance(colors[0 if which == "color" else 1])
