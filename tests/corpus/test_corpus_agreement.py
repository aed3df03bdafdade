"""Agreement on ten articles with planted disagreements: every one is found, every figure the hand-computed one."""

import json
import math
import re
from dataclasses import replace

import pytest
from corpus_texts import stored, twice
from planted_disagreements import LINA, NAMES, OMAR, PLANTED, compared, planted_tasks, read_by
from scipy.stats import t as student

from toolkit.corpus.agreement import METHOD, agreement
from toolkit.corpus.agreement_pages import html, lines, markdown, notes, tables
from toolkit.corpus.readings import compared_articles
from toolkit.corpus.standoff import strip

PAIR = [LINA, OMAR]


@pytest.fixture(scope="module")
def found(schema):
    return agreement(compared(schema, planted_tasks()), schema)


def rows_of(found, article):
    return [row for row in found["disagreements"]["list"] if row["article"] == article]


def told(found, article):
    """Kind, detail, who missed it and the words of both readings, of an article's disagreements."""
    rows = []
    for row in rows_of(found, article):
        readings = [reading and (reading["label"], words(reading)) for reading in row["readings"]]
        rows.append((row["kind"], row["detail"], row["missed_by"], *readings))
    return rows


def words(reading):
    return f"{reading['head']['text']} {reading['tail']['text']}" if "head" in reading else reading["text"]


EXPECTED = {
    "same": [],
    "boundary": [("boundary", None, None, ("PER", "رامي عوسج"), ("PER", "رامي"))],
    "clitic": [("clitic boundary", None, None, ("GPE", "لمارة"), ("GPE", "ولمارة"))],
    "clitics": [("clitic boundary", None, None, ("GPE", "كالدونا"), ("GPE", "لكالدونا"))],
    "label": [("label", None, None, ("ORG", "المنوال"), ("GPE", "المنوال"))],
    "missed-omar": [("missed", None, OMAR, ("DATE", "أمس"), None)],
    "missed-lina": [("missed", None, LINA, None, ("GPE", "بورينا"))],
    "relations": [
        ("relation", "label", None, ("VISITED", "سلمى ريفاد"), ("HEAD_OF", "سلمى ريفاد")),
        ("relation", "missed", LINA, None, ("VISITED", "رامي ريفاد")),
        ("relation", "missed", OMAR, ("VISITED", "رامي لمارة"), None),
        ("relation", "direction", None, ("LOCATED_IN", "ريفاد لمارة"), ("LOCATED_IN", "لمارة ريفاد")),
    ],
    "both": [("label and boundary", None, None, ("ORG", "شركة بورينا"), ("GPE", "بورينا"))],
    "argument": [
        ("boundary", None, None, ("PER", "هدى زنبق"), ("PER", "زنبق")),
        ("relation", "mention", None, ("VISITED", "هدى زنبق ريفاد"), ("VISITED", "زنبق ريفاد")),
    ],
}


@pytest.mark.parametrize("article", PLANTED)
def test_every_planted_disagreement_is_found_with_its_kind(article, found):
    assert told(found, article) == EXPECTED[article]


def test_disagreements_have_their_places(found):
    (row,) = rows_of(found, "clitic")
    assert (row["path"], row["annotators"]) == ("annotations/news/clitic.json", PAIR)
    assert (row["start"], row["end"]) == (12, 18)
    assert [(r["start"], r["end"]) for r in row["readings"]] == [(13, 18), (12, 18)]
    assert found["disagreements"]["counts"] == {
        "boundary": 2,
        "clitic boundary": 2,
        "label": 1,
        "label and boundary": 1,
        "missed": 2,
        "relation": 5,
    }


def test_span_and_relation_f1_are_the_hand_computed_ones(found):
    """Both marked 20 mentions and 6 relations; 13 mentions are equal, 4 more have one label, 2 more touch."""
    (pair,) = found["pairs"]
    for figures in (pair, found["all"]):
        spans = {name: (f["matched"], f["marked"], f["f1"]) for name, f in figures["spans"].items()}
        assert spans == {"exact": (13, 40, 0.65), "label_only": (17, 40, 0.85), "overlap": (19, 40, 0.95)}
        assert (figures["relations"]["matched"], figures["relations"]["marked"]) == (2, 12)
        assert figures["relations"]["f1"] == pytest.approx(1 / 3, abs=1e-12)
        assert figures["articles"] == 10


def test_figures_by_label_are_the_hand_computed_ones(found):
    labels = found["all"]["labels"]
    assert {name: (f["matched"], f["marked"]) for name, f in labels["PER"].items()} == {
        "exact": (4, 12),
        "label_only": (6, 12),
    }
    by_label = {name: (f["exact"]["matched"], f["exact"]["marked"]) for name, f in labels.items()}
    counted = {"PER": (4, 12), "GPE": (6, 19), "ORG": (1, 4), "FAC": (1, 2), "DATE": (1, 3)}
    assert by_label == dict.fromkeys(labels, (0, 0)) | counted
    assert labels["LOC"]["exact"] == {"f1": None, "interval": None, "matched": 0, "marked": 0}
    relations = {
        name: (f["matched"], f["marked"]) for name, f in found["all"]["relation_labels"].items() if f["marked"]
    }
    assert relations == {"VISITED": (1, 7), "MET_WITH": (1, 2), "HEAD_OF": (0, 1), "LOCATED_IN": (0, 2)}


def test_kappa_and_alpha_are_the_hand_computed_ones(found):
    """42 words, 36 with equal labels; 23 that both labelled, 21 of them alike."""
    tokens = found["pairs"][0]["tokens"]
    assert (tokens["articles"], tokens["words"]) == (10, 42)
    assert tokens["kappa"]["with_o"]["value"] == pytest.approx(1051 / 1303, abs=1e-12)
    assert tokens["kappa"]["without_o"]["value"] == pytest.approx(326 / 372, abs=1e-12)
    assert tokens["alpha"]["with_o"]["value"] == pytest.approx(1 - 996 / 5178, abs=1e-12)
    assert tokens["alpha"]["without_o"]["value"] == pytest.approx(1 - 180 / 1480, abs=1e-12)
    assert found["all"]["tokens"] == tokens


@pytest.mark.parametrize(
    ("figure", "low"),
    [
        (lambda found: found["all"]["spans"]["exact"], 0),
        (lambda found: found["all"]["spans"]["label_only"], 0),
        (lambda found: found["all"]["tokens"]["alpha"]["with_o"], -1),
        (lambda found: found["all"]["tokens"]["kappa"]["without_o"], -1),
    ],
)
def test_an_interval_is_that_of_leaving_out_each_article(figure, low, found, schema):
    tasks = planted_tasks()

    def logit(of):
        value = figure(of).get("f1", figure(of).get("value"))
        return math.log((value - low) / (1 - value))

    without = [agreement(compared(schema, tasks[:n] + tasks[n + 1 :]), schema) for n in range(len(tasks))]
    points = [logit(one) for one in without]
    mean = sum(points) / 10
    error = math.sqrt(9 / 10 * sum((point - mean) ** 2 for point in points))
    ends = [logit(found) + sign * student.ppf(0.975, 9) * error for sign in (-1, 1)]
    expected = [low + (1 - low) / (1 + math.exp(-end)) for end in ends]
    assert figure(found)["interval"] == pytest.approx(expected, abs=1e-9)
    assert expected[0] < figure(found).get("f1", figure(found).get("value")) < expected[1]


def test_one_article_has_no_interval_and_nothing_marked_no_figure(schema):
    one = agreement(compared(schema, [read_by("boundary", *PLANTED["clitic"])]), schema)["all"]
    assert one["spans"]["exact"] == {"f1": 0.5, "interval": None, "matched": 1, "marked": 4}
    assert one["relations"] == {"f1": None, "interval": None, "matched": 0, "marked": 0}
    bare = agreement(compared(schema, [read_by("bare", ("نص بلا أسماء",), ("نص بلا أسماء",))]), schema)["all"]
    assert bare["spans"]["overlap"]["f1"] is None
    assert bare["tokens"]["kappa"]["with_o"] == {"value": None, "interval": None}
    assert bare["tokens"]["alpha"]["with_o"] == {"value": None, "interval": None}


def test_three_annotators_are_three_pairs_and_their_counts_add_up(schema):
    tasks = [read_by(name, *both, both[1], names=(*NAMES, "zayd")) for name, both in PLANTED.items()]
    found = agreement(compared(schema, tasks), schema)
    assert [pair["annotators"] for pair in found["pairs"]] == [PAIR, ["lina", "zayd"], ["omar", "zayd"]]
    assert [pair["spans"]["exact"]["matched"] for pair in found["pairs"]] == [13, 13, 20]
    assert found["all"]["spans"]["exact"]["matched"] == 46
    assert found["all"]["spans"]["exact"]["marked"] == 120
    kappas = [pair["tokens"]["kappa"]["with_o"]["value"] for pair in found["pairs"]]
    assert found["all"]["tokens"]["kappa"]["with_o"]["value"] == pytest.approx(sum(kappas) / 3, abs=1e-12)
    assert sum(found["disagreements"]["counts"].values()) == 2 * 13
    assert found["annotators"] == {"lina": 10, "omar": 10, "zayd": 10}


def test_annotators_who_share_some_articles_only(schema):
    tasks = planted_tasks()[:6]
    tasks += [read_by(name, *PLANTED[name], names=("omar", "zayd")) for name in list(PLANTED)[6:]]
    found = agreement(compared(schema, tasks), schema)
    assert [(pair["annotators"], pair["articles"]) for pair in found["pairs"]] == [(PAIR, 6), (["omar", "zayd"], 4)]
    assert found["all"]["articles"] == 10
    assert found["all"]["spans"]["exact"]["matched"] == 13


def test_without_texts_spans_are_compared_and_words_are_not(schema, found):
    bare = agreement(compared(schema, map(strip, planted_tasks())), schema)
    assert bare["all"]["spans"] == found["all"]["spans"]
    assert bare["all"]["relations"] == found["all"]["relations"]
    assert bare["all"]["tokens"] is None
    assert bare["articles"] == {"compared": 10, "with_text": 0}
    assert bare["disagreements"]["counts"] | {"boundary": 2, "clitic boundary": 2} == found["disagreements"]["counts"]
    assert bare["disagreements"]["counts"]["boundary"] == 4
    assert {r["text"] for row in rows_of(bare, "label") for r in row["readings"]} == {None}
    assert next(notes(bare)).startswith("Kappa and alpha cover 0 of 10 articles")
    assert list(notes(found)) == []


def test_an_annotator_with_two_annotations_counts_once_and_it_is_told(schema):
    task = read_by("visit", *PLANTED["boundary"])
    later = replace(task.annotations[0], id="visit-zz", annotator=OMAR)
    marked = replace(task.annotations[1], ground_truth=True)
    for annotations, counted in (
        ((*task.annotations, later), "visit-zz"),
        ((task.annotations[0], marked, later), "visit-omar"),
    ):
        (article,), (finding,) = compared_articles([stored(replace(task, annotations=annotations))], schema)
        assert (finding.code, finding.annotation) == ("annotator-twice", counted)
        equal = article.readings[0].spans == article.readings[1].spans
        assert equal is (counted == "visit-zz")
    alone = replace(task, annotations=(marked, later))
    assert compared_articles([stored(alone)], schema)[0] == []


def test_skipped_annotations_and_other_annotators_do_not_count(schema):
    task = read_by("visit", *PLANTED["boundary"])
    assert compared_articles([stored(twice(task, {"cancelled": True}))], schema) == ([], [])
    assert compared_articles([stored(task)], schema, {"lina", "zayd"}) == ([], [])
    assert len(compared_articles([stored(task)], schema, {"lina", "omar"})[0]) == 1


def test_pages_hold_every_disagreement_and_figure(found, schema):
    texts = {task.article_id: task.text for task in planted_tasks()}
    page, text = html(found, "Composed", texts, schema), markdown(found, "Composed")
    count = sum(found["disagreements"]["counts"].values())
    assert page.count("<article>") == count == len(list(lines(found)))
    assert [table.row_count for table in tables(found)] == [1, 9, 6]
    for told_ in METHOD.values():
        assert told_ in text
    assert "| lina / omar | 10 | 0.650 |" in text
    assert "clitic boundary annotations/news/clitic.json 12-18: lina: GPE 13-18 \u2068لمارة\u2069;" in "\n".join(
        lines(found)
    )
    assert "://" not in page and "src=" not in page
    assert 'dir="rtl" lang="ar"' in page
    json.dumps(found, allow_nan=False)


def test_pages_escape_what_articles_hold(schema):
    task = read_by("odd", ("<b>قال</b> {PER a|b<script>} & {GPE x}",), ("<b>قال</b> {ORG a|b<script>} & x",))
    found = agreement(compared(schema, [task]), schema)
    page = html(found, "<title>", {"odd": task.text}, schema)
    assert "<script" not in page
    assert "a|b&lt;script&gt;" in page
    assert "<title>Agreement: &lt;title&gt;</title>" in page
    rows = [line for line in markdown(found, "x").splitlines() if "script" in line]
    assert rows and all("a\\|b" in row for row in rows)


def test_a_relation_that_reaches_far_and_a_page_without_texts(schema):
    far = "{PER#p سلمى} " + "كلمة " * 120 + "{GPE#g ريفاد}"
    task = read_by("far", (far, "p VISITED g"), (far,))
    found = agreement(compared(schema, [task]), schema)
    page = html(found, "x", {"far": task.text}, schema)
    assert '<mark class="head">سلمى</mark> <i>←</i> <mark class="tail">ريفاد</mark>' in page
    assert "كلمة" not in page
    bare = agreement(compared(schema, [strip(task)]), schema)
    page = html(bare, "x", {}, schema)
    assert page.count("<article>") == 1
    assert "<mark" not in page.split("</style>")[1]


def test_the_context_is_the_line_in_whole_words(schema):
    line = "سبق " * 30 + "{PER سلمى}" + " لحق" * 30
    task = read_by("lines", (f"فوق\r\n{line}\nتحت",), (f"فوق\r\n{line.replace('{PER ', '').replace('}', '')}\nتحت",))
    page = html(agreement(compared(schema, [task]), schema), "x", {"lines": task.text}, schema)
    shown = page.split('<div class="text"')[1].partition(">")[2].partition("</div>")[0]
    words = re.sub(r"<[^>]*>", "", shown).split()
    assert words[0] == words[-1] == "…"
    assert set(words) == {"…", "سبق", "سلمى", "لحق"}
    assert 34 <= len(words) <= 40
