"""Every finding of `validate`: one example that has exactly it, and its clean counterpart that has none."""

import json
from dataclasses import replace

import pytest
from corpus_texts import ANNOTATORS, adding, annotated, region, stored, twice, write_copy
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.annotation import Annotation, Attribute, Link, Prediction, Region, Task
from toolkit.corpus.article import articles_of
from toolkit.corpus.assemble import check
from toolkit.corpus.standoff import strip
from toolkit.corpus.store import annotation_files, read_stored
from toolkit.corpus.validate import validate
from toolkit.files import canonical_json, sha256, to_json
from toolkit.findings import Severity, has_errors
from toolkit.gold_rules import gold_rules
from toolkit.native import to_native
from toolkit.project import Collection

ERROR, WARNING = Severity.ERROR, Severity.WARNING
VISIT = annotated("زارت {PER#p سلمى الحداد} {GPE#g ريفاد} صباحا، ومعها {PER#q رامي عوسج}.", "p VISITED g")
END = len(VISIT.text)
TIES = "{GPE#a كالدونا} و{GPE#b دلمونيا} حليفتان."
TRIP = "غادر {PER#p رامي عوسج} {GPE#g ريفاد}. وصلت {PER#q منى عقيق} {GPE#h لمارة}."


def found(task, schema, gold="ground_truth"):
    return validate([stored(task)], schema, ANNOTATORS, gold_rules(gold))


def codes(findings):
    return [finding.code for finding in findings]


# Code: severity, the task that has it, the regions it names, and a clean task that differs in this alone.
REGION_CASES = {
    "offset-order: nothing between": (ERROR, adding(VISIT, Region("x", 3, 3, ("PER",))), ["x"], VISIT),
    "offset-order: end first": (ERROR, adding(VISIT, Region("x", 4, 2, ("PER",))), ["x"], VISIT),
    "offset-order: before the text": (ERROR, adding(VISIT, Region("x", -4, 2, ("PER",))), ["x"], VISIT),
    "offset-range": (
        ERROR,
        adding(VISIT, Region("x", END - 1, END + 1, ("DATE",))),
        ["x"],
        adding(VISIT, Region("x", END - 1, END, ("DATE",))),
    ),
    "offset-range: starts past the text": (ERROR, adding(VISIT, Region("x", END, END + 3, ("DATE",))), ["x"], VISIT),
    "mention-text": (
        ERROR,
        adding(VISIT, region(VISIT, "صباحا", "DATE", text="مساء")),
        ["x"],
        adding(VISIT, region(VISIT, "صباحا", "DATE")),
    ),
    "edge-space: a blank": (
        WARNING,
        adding(VISIT, region(VISIT, " صباحا", "DATE")),
        ["x"],
        adding(VISIT, region(VISIT, "صباحا", "DATE")),
    ),
    "edge-space: an invisible mark": (
        WARNING,
        annotated("وصلت {PER#x سلمى\u200f} أمس"),
        ["x"],
        annotated("وصلت {PER#x سلمى}\u200f أمس"),
    ),
    "region-unlabelled": (
        WARNING,
        adding(VISIT, region(VISIT, "صباحا")),
        ["x"],
        adding(VISIT, region(VISIT, "صباحا", "DATE")),
    ),
    "label-unknown": (
        ERROR,
        adding(VISIT, region(VISIT, "صباحا", "PLANET")),
        ["x"],
        adding(VISIT, region(VISIT, "صباحا", "DATE")),
    ),
    "region-id": (
        ERROR,
        adding(VISIT, region(VISIT, "صباحا", "DATE", id="q")),
        ["q"],
        adding(VISIT, region(VISIT, "صباحا", "DATE")),
    ),
    "span-duplicate": (ERROR, adding(VISIT, region(VISIT, "ريفاد", "GPE")), ["x"], VISIT),
    "span-duplicate: a label twice in one region": (
        ERROR,
        adding(VISIT, region(VISIT, "صباحا", "DATE", "DATE")),
        ["x"],
        adding(VISIT, region(VISIT, "صباحا", "DATE")),
    ),
    "span-two-labels: in one region": (
        WARNING,
        adding(VISIT, region(VISIT, "صباحا", "DATE", "EVENT")),
        ["x"],
        adding(VISIT, region(VISIT, "صباحا", "DATE")),
    ),
    "span-two-labels: in two regions": (WARNING, adding(VISIT, region(VISIT, "ريفاد", "LOC")), ["x"], VISIT),
    "span-crossing": (
        WARNING,
        adding(VISIT, region(VISIT, "الحداد ريفاد", "ORG")),
        ["x"],
        adding(VISIT, region(VISIT, "الحداد", "ORG"), region(VISIT, "سلمى الحداد ريفاد صباحا", "EVENT", id="y")),
    ),
    "span-crossing: two regions with a third": (
        WARNING,
        adding(VISIT, region(VISIT, "الحداد ريفاد", "ORG", id="y"), region(VISIT, "ى الحداد ريفاد صباحا", "EVENT")),
        ["x", "y"],
        adding(VISIT, region(VISIT, "سلمى الحداد ريفاد", "ORG")),
    ),
    "clitic-inside: one particle": (
        WARNING,
        annotated("بقي في {GPE ريفاد} {GPE#x وريفاد} بعيدة"),
        ["x"],
        annotated("بقي في {GPE ريفاد} و{GPE#x ريفاد} بعيدة"),
    ),
    "clitic-inside: two particles": (
        WARNING,
        annotated("بقي في {GPE ريفاد} {GPE#x ولريفاد} بحر"),
        ["x"],
        annotated("غادر {GPE وادينا} إلى {GPE لمارة} و{GPE بورينا} و{GPE كالدونا}"),
    ),
    "clitic-inside: a short name, which opens the text": (
        WARNING,
        annotated("{GPE صور} بعيدة عن {GPE#x وصور}"),
        ["x"],
        annotated("{PER عز} بعيد عن {PER#x وعز}"),
    ),
    "label-varies": (
        WARNING,
        annotated("{ORG الميناء} غاضب، {ORG الميناء} يرد، وفي {FAC#x الميناء} هدوء"),
        ["x"],
        annotated("{ORG الميناء} غاضب، {ORG الميناء} يرد، وفي {FAC#x الميناء القديم} هدوء"),
    ),
    "label-varies: the first of two is taken for the usual": (
        WARNING,
        annotated("{ORG الميناء} غاضب، وفي {FAC#x الميناء} هدوء"),
        ["x"],
        annotated("{ORG الميناء} غاضب، وفي {ORG#x الميناء} هدوء"),
    ),
}
RELATION_CASES = {
    "relation-dangling: head": (ERROR, adding(VISIT, Link("gone", "g", "right", ("VISITED",))), [None], VISIT),
    "relation-dangling: tail": (ERROR, adding(VISIT, Link("q", "gone", "left", ("VISITED",))), [None], VISIT),
    "relation-self": (
        ERROR,
        annotated(TIES, "a TIES_WITH a"),
        ["a"],
        annotated(TIES, "a TIES_WITH b"),
    ),
    "relation-unlabelled": (
        WARNING,
        adding(VISIT, Link("q", "g", "right", ())),
        ["q"],
        adding(VISIT, Link("q", "g", "right", ("VISITED",))),
    ),
    "relation-sentence": (
        WARNING,
        annotated(TRIP, "p VISITED h"),
        ["p"],
        annotated(TRIP, "p VISITED g", "q VISITED h"),
    ),
    "relation-sentence: a mention that holds the end of one": (
        WARNING,
        annotated("{ORG#o فرقة يا ليل! يا عين} عادت. نامت {GPE#g ريفاد}", "o LOCATED_IN g"),
        ["o"],
        annotated("{ORG#o فرقة يا ليل! يا عين} في {GPE#g ريفاد}", "o LOCATED_IN g"),
    ),
    "relation-sentence: a mention at the end that holds the end of one": (
        WARNING,
        annotated("نامت {GPE#g ريفاد}. عادت {ORG#o فرقة يا ليل! يا عين}", "o LOCATED_IN g"),
        ["o"],
        annotated("غنت {ORG#o فرقة يا ليل! يا {GPE#g ريفاد}}", "o LOCATED_IN g"),
    ),
    "relation-label": (
        ERROR,
        adding(VISIT, Link("q", "g", "right", ("LOVES",))),
        ["q"],
        adding(VISIT, Link("q", "g", "right", ("VISITED",))),
    ),
    "relation-arguments: right": (ERROR, annotated(TRIP, "g VISITED p"), ["g"], annotated(TRIP, "p VISITED g right")),
    "relation-arguments: left": (
        ERROR,
        annotated(TRIP, "p VISITED g left"),
        ["p"],
        annotated(TRIP, "g VISITED p left"),
    ),
    "relation-arguments: bi": (
        ERROR,
        annotated(TRIP, "p VISITED g bi"),
        ["p"],
        annotated(TIES, "a CONFLICT_WITH b bi"),
    ),
    "relation-duplicate": (ERROR, adding(VISIT, Link("p", "g", "right", ("VISITED",))), ["p"], VISIT),
    "relation-duplicate: drawn leftwards": (ERROR, adding(VISIT, Link("g", "p", "left", ("VISITED",))), ["g"], VISIT),
    "relation-duplicate: a label twice": (
        ERROR,
        annotated(TRIP, Link("p", "g", "right", ("VISITED", "VISITED"))),
        ["p"],
        annotated(TIES, Link("a", "b", "right", ("TIES_WITH", "CONFLICT_WITH"))),
    ),
    "relation-duplicate: both ways and one": (
        ERROR,
        annotated(TIES, "a CONFLICT_WITH b bi", "b CONFLICT_WITH a"),
        ["b"],
        annotated(TIES, "a CONFLICT_WITH b", "b CONFLICT_WITH a"),
    ),
    "relation-mirrored": (
        ERROR,
        annotated(TIES, "a TIES_WITH b", "b TIES_WITH a"),
        ["b"],
        annotated(TIES, "a TIES_WITH b bi"),
    ),
    "relation-mirrored: drawn leftwards": (
        ERROR,
        annotated(TIES, "a TIES_WITH b", "a TIES_WITH b left"),
        ["a"],
        annotated(TIES, "b TIES_WITH a left"),
    ),
}


@pytest.mark.parametrize("name", [*REGION_CASES, *RELATION_CASES])
def test_a_broken_annotation_has_exactly_this_finding_and_its_counterpart_none(name, schema):
    severity, broken, regions, clean = {**REGION_CASES, **RELATION_CASES}[name]
    findings = found(broken, schema)
    assert {finding.code for finding in findings} == {name.partition(":")[0]}
    assert {finding.severity for finding in findings} == {severity}
    assert [finding.region for finding in findings] == regions
    assert {finding.path for finding in findings} == {"annotations/news/visit-01.json"}
    assert {finding.annotation for finding in findings} == {"visit-01-1"}
    assert found(clean, schema) == []


@pytest.mark.parametrize("name", [*REGION_CASES, *RELATION_CASES])
def test_a_finding_tells_the_offsets_of_its_region(name, schema):
    broken = {**REGION_CASES, **RELATION_CASES}[name][1]
    spans = {(r.id, r.start, r.end) for r in broken.annotations[0].regions} | {(None, None, None)}
    assert {(f.region, f.start, f.end) for f in found(broken, schema)} <= spans


NEED_TEXT = {"mention-text", "edge-space", "clitic-inside", "relation-sentence"}


@pytest.mark.parametrize("name", [*REGION_CASES, *RELATION_CASES])
def test_without_its_text_an_article_is_checked_as_far_as_it_can(name, schema):
    _, broken, regions, _ = {**REGION_CASES, **RELATION_CASES}[name]
    code = name.partition(":")[0]
    expected = [] if code in NEED_TEXT else [(code, region) for region in regions]
    assert [(finding.code, finding.region) for finding in found(strip(broken), schema)] == expected


@pytest.mark.parametrize(
    ("task", "gold", "expected"),
    [
        (twice(VISIT, {"ground_truth": True}), "ground_truth", []),
        (twice(VISIT, {}, {"cancelled": True}), "ground_truth", []),
        (twice(VISIT, {}, {"cancelled": True}), "single", []),
        (twice(VISIT), "first", []),
        (replace(VISIT, annotations=()), "ground_truth", []),
        (twice(VISIT), "ground_truth", [("gold-undecided", ERROR)]),
        (twice(VISIT, {"ground_truth": True}, {"ground_truth": True}), "ground_truth", [("gold-undecided", ERROR)]),
        (twice(VISIT, {"ground_truth": True}), "single", [("gold-undecided", ERROR)]),
        (twice(VISIT, {"cancelled": True}, {"cancelled": True}), "first", [("gold-none", WARNING)]),
        (twice(VISIT, {"ground_truth": True, "adjudicates": ("visit-01-2",)}), "ground_truth", []),
        (
            twice(
                VISIT, {"ground_truth": True, "adjudicates": ("visit-01-2", "gone")}, {"adjudicates": ("visit-01-2",)}
            ),
            "ground_truth",
            [("adjudicates-unknown", WARNING), ("adjudicates-unknown", WARNING)],
        ),
        (twice(VISIT, {"ground_truth": True}, {"annotator": "nobody"}), "first", [("annotator-unknown", ERROR)]),
        (
            twice(VISIT, {"ground_truth": True}, {"id": "visit-01-1"}),
            "ground_truth",
            [("annotation-id", ERROR), ("annotation-id", ERROR)],
        ),
    ],
)
def test_annotations_of_one_article(task, gold, expected, schema):
    assert [(finding.code, finding.severity) for finding in found(task, schema, gold)] == expected


def test_a_skipped_annotation_is_checked_too(schema):
    skipped = twice(adding(VISIT, region(VISIT, "صباحا", "PLANET")), {}, {"cancelled": True})
    findings = found(skipped, schema)
    assert [(f.code, f.annotation) for f in findings] == [
        ("label-unknown", "visit-01-1"),
        ("label-unknown", "visit-01-2"),
    ]


def test_a_message_says_what_was_found_and_expected(schema):
    def message(name):
        return found({**REGION_CASES, **RELATION_CASES}[name][1], schema)[0].message

    assert all(words in message("mention-text") for words in ("صباحا", "مساء"))
    assert str(END) in message("offset-range")
    assert all(words in message("relation-arguments: right") for words in ("GPE -> PER", "PER -> GPE/LOC/FAC"))
    assert all(words in message("label-unknown") for words in ("PLANET", "PER", "DOC"))
    assert all(words in message("clitic-inside: two particles") for words in ("ولريفاد", "ول", "'ريفاد'"))
    assert all(words in message("relation-dangling: head") for words in ("gone", "g"))
    assert all(words in message("label-varies") for words in ("FAC 1", "ORG 2"))


def test_of_three_regions_on_a_span_the_second_with_a_label_is_told(schema):
    task = adding(VISIT, region(VISIT, "ريفاد", "LOC", id="x"), region(VISIT, "ريفاد", "LOC", id="y"))
    assert [(f.code, f.region) for f in found(task, schema)] == [("span-duplicate", "y"), ("span-two-labels", "x")]


def test_an_unlabelled_region_on_a_labelled_span_is_no_second_label(schema):
    task = adding(VISIT, region(VISIT, "ريفاد"), region(VISIT, "صباحا", id="y"), region(VISIT, "صباحا", id="z"))
    assert codes(found(task, schema)) == ["region-unlabelled"] * 3


def test_regions_outside_the_text_are_no_mentions_that_others_are_compared_with(schema):
    text = "بقي في ريفاد وريفاد بعيدة"
    wrong = [Region("a", -11, -6, ("PER",)), Region("b", 9, 9, ("ORG",)), Region("c", 8, 7, ("LOC",))]
    task = adding(annotated(text), region(annotated(text), "ريفاد", "GPE"), *wrong)
    assert codes(found(task, schema)) == ["offset-order"] * 3


def test_findings_come_in_the_order_of_files_annotations_and_offsets(schema):
    late = adding(VISIT, region(VISIT, "عوسج", "PLANET", id="z"), region(VISIT, "صباحا", "PLANET", id="a"))
    tasks = [replace(twice(late, {"ground_truth": True}), article_id=name) for name in ("b", "a")]
    findings = validate([stored(task) for task in tasks], schema, ANNOTATORS, gold_rules("ground_truth"))
    assert [(f.path[-6], f.annotation[-1], f.region) for f in findings] == [
        (name, number, region_id) for name in "ba" for number in "12" for region_id in "az"
    ]


def test_of_one_annotation_what_has_no_region_comes_first(schema):
    task = adding(VISIT, Region("z", 0, 4, ("PLANET", "MOON")), Link("q", "no", "right", ()))
    long = adding(task, Region("a", 0, 9, ("PLANET",)), Region("b", 0, 2, ()))
    assert [(f.code, f.region) for f in found(long, schema)] == [
        ("relation-dangling", None),
        ("region-unlabelled", "b"),
        ("label-unknown", "z"),
        ("label-unknown", "z"),
        ("span-two-labels", "z"),
        ("label-unknown", "a"),
        ("span-crossing", "p"),
    ]


def test_all_findings_of_several_broken_files_are_told_at_once(make_project, tmp_path):
    wrong = adding(VISIT, region(VISIT, "صباحا", "PLANET"), Region("y", 5, 2, ("PER",)), Link("p", "no", "right", ()))
    withheld = replace(annotated("وصل {PER رامي عوسج} إلى {GPE ريفاد}"), article_id="wire-01")
    project = make_project([wrong, replace(VISIT, article_id="visit-02")], [strip(withheld)])
    news = project.annotations / "news"
    (news / "cut.json").write_text(to_json(to_native(VISIT))[:-90], encoding="utf-8")
    (news / "list.json").write_text("[]", encoding="utf-8")
    (news / "other.json").write_text(to_json(to_native(VISIT)), encoding="utf-8")
    write_copy(tmp_path / "articles", replace(withheld, text=withheld.text + " أمس"))
    files = annotation_files(project.annotations, ["wire", "news"])
    readable, findings = check(project, files, [tmp_path / "articles"])
    assert sorted((f.path.removeprefix("annotations/"), f.code) for f in findings) == [
        ("news/cut.json", "json"),
        ("news/list.json", "shape"),
        ("news/other.json", "article-id"),
        ("news/visit-01.json", "label-unknown"),
        ("news/visit-01.json", "offset-order"),
        ("news/visit-01.json", "relation-dangling"),
        ("wire/wire-01.json", "article-changed"),
    ]
    assert [item.task.article_id for item in readable] == ["visit-01", "visit-02", "wire-01"]
    assert all(set(finding.as_json()) == set(json.loads(json.dumps(finding.as_json()))) for finding in findings)


WORDS = st.sampled_from(["سلمى", "وسلمى", "ريفاد", "لريفاد", "😀", "\u200f", "ـ", "\n", ".", "؟ ", "ه\u064b", "  "])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)
LABELS = st.lists(st.sampled_from(["PER", "GPE", "TITLE", "NORP", "PLANET"]), max_size=3).map(tuple)
LINK_LABELS = st.lists(st.sampled_from(["VISITED", "TIES_WITH", "HEAD_OF", "LOVES"]), max_size=3).map(tuple)
NAMES = st.sampled_from("abcd")


@st.composite
def any_tasks(draw):
    """Tasks of everything that their types allow: any offsets, labels, ids that repeat, links to nowhere."""
    offsets = st.integers(-5, 90)
    regions = st.builds(Region, NAMES, offsets, offsets, LABELS, st.none() | TEXTS, st.none() | st.text(max_size=3))
    links = st.builds(Link, NAMES, NAMES, st.sampled_from(["right", "left", "bi"]), LINK_LABELS)
    annotations = st.builds(
        Annotation,
        NAMES,
        st.sampled_from([*ANNOTATORS, "nobody"]),
        st.lists(regions, max_size=6).map(tuple),
        st.lists(st.builds(Attribute, NAMES, st.none() | NAMES, NAMES, NAMES, NAMES, st.just({})), max_size=1).map(
            tuple
        ),
        st.lists(links, max_size=5).map(tuple),
        st.booleans(),
        st.booleans(),
    )
    text = draw(st.none() | TEXTS)
    predictions = draw(st.lists(st.builds(Prediction, NAMES, st.none(), st.tuples(regions)), max_size=1))
    drawn = draw(st.lists(annotations, max_size=3))
    return Task("a", text, "0" * 64, draw(st.integers(-2, 90)), {}, tuple(drawn), tuple(predictions))


@given(tasks=st.lists(any_tasks(), max_size=2), gold=st.sampled_from(["ground_truth", "single", "majority", "first"]))
def test_validate_never_raises(tasks, gold, schema):
    findings = validate([stored(task) for task in tasks], schema, ANNOTATORS, gold_rules(gold))
    canonical_json([finding.as_json() for finding in findings])
    assert all(str(finding).startswith(finding.severity) for finding in findings)


@st.composite
def nearly_clean_tasks(draw):
    """Tasks that mostly validate: spans over whole words, links between them, a fault now and then."""
    words = draw(st.lists(st.sampled_from(["سلمى", "ريفاد", "في", "😀", "ميناء", "."]), min_size=1, max_size=10))
    text = " ".join(words)
    starts = [len(" ".join(words[:i])) + (i > 0) for i in range(len(words))]
    spans = draw(st.lists(st.tuples(st.integers(0, len(words) - 1), st.integers(1, 3)), max_size=5, unique=True))
    fault = draw(st.sampled_from([0, 0, 0, 0, 0, -1, 1, 80]))
    regions = []
    for number, (first, count) in enumerate(spans):
        last = min(first + count, len(words)) - 1
        end = starts[last] + len(words[last]) + (fault if number == 2 else 0)
        labels = draw(st.sampled_from([("PER",), ("PER",), ("PER", "GPE"), ("GPE",), ()]))
        regions.append(Region(f"m{number}", starts[first], end, labels, text[starts[first] : end]))
    pairs = [(head.id, tail.id) for head in regions for tail in regions if head is not tail]
    kinds = st.sampled_from([("MET_WITH",), ("MET_WITH",), ("VISITED",), ("TIES_WITH",), ("VISITED", "MET_WITH"), ()])
    drawn = draw(st.lists(st.sampled_from(pairs), max_size=2, unique_by=frozenset)) if pairs else []
    links = [Link(*pair, draw(st.sampled_from(["right", "left", "bi"])), draw(kinds)) for pair in drawn]
    annotation = Annotation("one", ANNOTATORS[0], tuple(regions), (), tuple(links))
    second = replace(annotation, id="two", cancelled=draw(st.sampled_from([True, True, False])))
    annotations = (annotation, second)[: draw(st.integers(1, 2))]
    length = len(text) + draw(st.sampled_from([0, 0, 0, 0, 2]))
    return Task("visit-01", text, sha256(text.encode()), length, {}, annotations)


@settings(max_examples=300)
@given(task=nearly_clean_tasks())
def test_a_task_without_errors_always_gives_a_document(task, schema, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    file = folder / "visit-01.json"
    file.write_text(to_json(to_native(task)), encoding="utf-8")
    items, findings = read_stored([("news", file)], [], folder)
    findings += validate(items, schema, ANNOTATORS, gold_rules("ground_truth"))
    if has_errors(findings):
        return
    collections = {"news": Collection(description="", source="", license="")}
    articles, _ = articles_of(items, collections, schema, gold_rules("ground_truth"))
    document = articles[0].document()
    gold = next(annotation for annotation in task.annotations if not annotation.cancelled)
    expected = sorted((r.text, label) for r in gold.regions for label in r.labels)
    assert sorted((document.mention(entity), entity.label) for entity in document.entities) == expected
    for relation in document.relations:
        ends = {entity.id: entity.label for entity in document.entities}
        assert schema.relations[relation.label].allows(ends[relation.head], ends[relation.tail])
