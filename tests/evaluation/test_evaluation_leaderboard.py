"""Leaderboards: ranked, grouped by tests of their own, comparable results only, and what is left out is named."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from command_process import tawsim
from marked_text import marked
from rich.console import Console
from scored_results import MENTIONS, NAME, composed, result, stored

from toolkit.evaluation.comparing.comparison import compare
from toolkit.evaluation.comparing.leaderboard import leaderboard
from toolkit.evaluation.reports.leaderboard_report import leaderboard_html, leaderboard_markdown, leaderboard_tables
from toolkit.schema import Schema


@pytest.fixture(scope="module")
def results(schema: Schema) -> dict[str, Any]:
    """Four models by where their results lie: two nearly alike, a worse one, one far worse."""
    best, second = (
        result(schema, MENTIONS[::9], name="best"),
        result(schema, [*MENTIONS[::9], ("d01", 1)], name="second"),
    )
    third, last = result(schema, MENTIONS[::2], name="third"), result(schema, MENTIONS[1:], name="last")
    return {"w": last, "x": third, "y": second, "z": best}


def test_models_are_ranked_and_grouped_with_the_best_that_they_do_not_differ_from(results: dict[str, Any]) -> None:
    (board,) = leaderboard(results)["boards"]
    rows = [(row["rank"], row["group"], row["model"], row["place"]) for row in board["rows"]]
    assert rows == [(1, 1, "best", "z"), (2, 1, "second", "y"), (3, 2, "third", "x"), (4, 3, "last", "w")]
    for row in board["rows"]:
        word = results[row["place"]]["scores"]["word"]
        assert {key: row[key] for key in ("f1", "interval", "precision", "recall")} == {
            key: word["micro"][key] for key in ("f1", "interval", "precision", "recall")
        }
        assert row["macro_f1"] == word["macro"]["f1"]
    assert (board["documents"], board["gold"], board["headline"]) == (16, 42, "scores.word.micro.f1")
    # The tests behind the groups, as compare makes and corrects them.
    against_best = compare(results["z"], [results["y"], results["x"], results["w"]])["comparisons"]
    assert [each["p_holm"] <= 0.05 for each in against_best] == [False, True, True]
    assert compare(results["x"], [results["w"]])["comparisons"][0]["p"] <= 0.05


def test_equal_scores_share_a_rank_and_the_order_does_not_hang_on_the_places(schema: Schema) -> None:
    same = {"b": result(schema, MENTIONS[::3], name="one"), "a": result(schema, MENTIONS[::3], name="two")}
    worse = result(schema, MENTIONS[::2], name="three")
    (board,) = leaderboard({**same, "c": worse})["boards"]
    assert [(row["rank"], row["model"]) for row in board["rows"]] == [(1, "one"), (1, "two"), (3, "three")]
    assert leaderboard({"c": worse, **same}) == leaderboard({**same, "c": worse})


def test_a_table_holds_comparable_results_only_and_what_is_left_out_is_named(
    results: dict[str, Any], schema: Schema
) -> None:
    blank = [marked("e1", "لا شيء هنا.")]
    found = leaderboard(
        {
            **results,
            "apart": result(schema, dataset=replace(NAME, split="validation"), name="apart"),
            "half": result(schema, without={"d00"}, name="half"),
            "empty": result(schema, documents=blank, name="empty"),
        },
        {"broken": "not valid JSON"},
    )
    assert [len(board["rows"]) for board in found["boards"]] == [4, 1]
    assert found["boards"][1]["dataset"]["split"] == "validation"
    assert found["left_out"] == {
        "broken": "not valid JSON",
        "empty": "the headline score is not defined",
        "half": "1 of 16 documents have no prediction: d00",
    }
    text = leaderboard_markdown(found)
    assert "| half | 1 of 16 documents have no prediction: d00 |" in text
    assert text.count("half") == 1


# 37, 36, 21 and 1 of 42 mentions found, and nothing made up: F1 is 74/79, 72/78, 42/63 and 2/43.
GOLDEN = """\
composed 1.2.0, split test, scores.word.micro.f1
┏━━━━━━━━┳━━━━━━┳━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ model  ┃ rank ┃ group ┃     F1 ┃ 95 % interval ┃
┡━━━━━━━━╇━━━━━━╇━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ best   │    1 │     1 │ 0.9367 │ 0.8482–0.9751 │
│ second │    2 │     1 │ 0.9231 │ 0.8372–0.9655 │
│ third  │    3 │     2 │ 0.6667 │ 0.5887–0.7365 │
│ last   │    4 │     3 │ 0.0465 │             – │
└────────┴──────┴───────┴────────┴───────────────┘
16 documents, 42 gold mentions"""


def test_the_table_as_it_is_printed(results: dict[str, Any]) -> None:
    console = Console(width=80, color_system=None)
    with console.capture() as taken:
        for table in leaderboard_tables(leaderboard(results)):
            console.print(table)
    assert "\n".join(line.rstrip() for line in taken.get().splitlines()) == GOLDEN


def test_models_of_one_name_are_told_apart_by_their_place(schema: Schema) -> None:
    found = leaderboard({"may/a": result(schema, MENTIONS[::3]), "june/a": result(schema, MENTIONS[::2])})
    text = leaderboard_markdown(found)
    assert "| model (may/a) | 1 |" in text and "| model (june/a) | 2 |" in text


class Page(HTMLParser):
    """The texts of a page, and what it would load."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.loaded: list[tuple[str, str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.loaded += [(tag, value) for name, value in attrs if name in ("src", "href", "srcset") and value]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_has_every_row_escaped_and_loads_nothing(schema: Schema) -> None:
    name = "<script>alert(1)</script>|م"
    found = leaderboard(
        {"a": result(schema, MENTIONS[::3], name=name), "b": result(schema, MENTIONS[::2])}, {"c<d>": "no | result"}
    )
    source = leaderboard_html(found)
    page = Page(source)
    assert name in page.texts and "c<d>" in page.texts and "no | result" in page.texts
    assert page.loaded == [] and "<script" not in source and source.count('<svg class="bar"') == 2
    assert leaderboard_markdown(found).count("\\|") == 2
    empty = leaderboard_html(leaderboard({}, {"c": "broken"}))
    assert "No result could be ranked." in empty


def test_the_page_shows_its_rows_and_bars_in_a_browser(results: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "leaderboard.html"
    path.write_text(leaderboard_html(leaderboard(results)), "utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.goto(path.as_uri())
        names = page.locator("tbody th[scope=row]").all_inner_texts()
        widths = [box["width"] for bar in page.locator("svg.bar .value").all() if (box := bar.bounding_box())]
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert names == ["best", "second", "third", "last"]
    assert widths == sorted(widths, reverse=True) and widths[2] / widths[0] == pytest.approx(0.6667 / 0.9367, abs=0.01)
    assert told == [] and overflow <= 0


def test_the_command_writes_three_files_and_names_what_it_left_out(
    results: dict[str, Any], schema: Schema, tmp_path: Path
) -> None:
    for place, content in {**results, "half": result(schema, without={"d00"}), "deep/er": "{"}.items():
        stored(tmp_path / "results" / place / "result.json", content)
    done = tawsim("leaderboard", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "│ best   │    1 │     1 │ 0.9367 │" in done.stdout
    assert done.stdout.endswith("out/leaderboard.json\nout/leaderboard.md\nout/leaderboard.html\n")
    assert "left out: half: 1 of 16 documents have no prediction: d00" in done.stderr
    assert "left out: deep/er: not valid JSON" in done.stderr
    written = json.loads((tmp_path / "out" / "leaderboard.json").read_text("utf-8"))
    assert [row["model"] for row in written["boards"][0]["rows"]] == ["best", "second", "third", "last"]
    assert (tmp_path / "out" / "leaderboard.md").read_text("utf-8").startswith("# Leaderboard\n")
    asked = tawsim("leaderboard", "results", "--format", "json", cwd=tmp_path)
    assert json.loads(asked.stdout) == written


def test_nothing_to_rank_is_no_success(schema: Schema, tmp_path: Path) -> None:
    assert tawsim("leaderboard", cwd=tmp_path).returncode == 2
    stored(tmp_path / "results" / "half" / "result.json", result(schema, without={"d00"}, documents=composed(3)))
    done = tawsim("leaderboard", "--out", "out", cwd=tmp_path)
    assert done.returncode == 3 and "left out: half: " in done.stderr
    assert "No result could be ranked." in (tmp_path / "out" / "leaderboard.html").read_text("utf-8")
