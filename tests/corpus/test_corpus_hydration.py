"""Withheld articles joined with a reader's copies: as they are, re-anchored, or refused whole."""

import re
from dataclasses import replace

import pytest
from corpus_texts import adding, annotated, region, stored, write_copy

from toolkit.annotation import Region
from toolkit.corpus.article import articles_of
from toolkit.corpus.hydration import Outcome, hydrate
from toolkit.corpus.reanchor import Refusal, reanchor
from toolkit.corpus.standoff import strip
from toolkit.corpus.store import annotation_files, read_stored
from toolkit.errors import DataError, FileError
from toolkit.files import sha256
from toolkit.gold_rules import gold_rules
from toolkit.native import mention_digest
from toolkit.project import Collection, Project

WIRE = annotated(
    "وكالة الريح\nوصل {PER#p رامي عوسج} إلى {GPE#g لمارة}.\nغادر {PER عوسج} {GPE لمارة} ليلا.\nجميع الحقوق محفوظة",
    "p VISITED g",
    article="wire-01",
)
WITHHELD = Collection(text="withheld", description="", source="", license="")


def standoff(task, schema):
    """The article of a task as a dataset has it that was built without the text."""
    articles, _ = articles_of([stored(strip(task))], {"news": WITHHELD}, schema, gold_rules("ground_truth"))
    return replace(articles[0], split="test")


def hydrated(folder, copy, schema, task=WIRE):
    write_copy(folder, replace(task, text=copy))
    return hydrate(standoff(task, schema), [folder])


def mentions(article):
    return [article.document().mention(entity) for entity in article.entities]


def test_the_same_bytes_are_joined_as_they_are(tmp_path, schema):
    result = hydrated(tmp_path, WIRE.text, schema)
    assert (result.outcome, result.placed, result.mentions, result.reasons) == (Outcome.EXACT, 4, 4, {})
    assert result.article == replace(standoff(WIRE, schema), text=WIRE.text)
    assert mentions(result.article) == ["رامي عوسج", "لمارة", "عوسج", "لمارة"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text + "\n",
        lambda text: text.replace(" ", "\u00a0").replace("\n", "\r\n\r\n"),
        lambda text: text.partition("\n")[2],
        lambda text: "خبر منقول عن غيرنا\n" + text.rpartition("\n")[0],
    ],
    ids=["newline", "blanks", "first line cut", "heading added, last line cut"],
)
def test_a_copy_that_differs_is_reanchored(edit, tmp_path, schema):
    copy, before = edit(WIRE.text), standoff(WIRE, schema)
    result = hydrated(tmp_path, copy, schema)
    article = result.article
    assert (result.outcome, result.placed, result.mentions, result.reasons) == (Outcome.REANCHORED, 4, 4, {})
    assert (article.text, article.length, article.sha256) == (copy, len(copy), sha256(copy.encode()))
    assert [" ".join(mention.split()) for mention in mentions(article)] == ["رامي عوسج", "لمارة", "عوسج", "لمارة"]
    assert [(e.id, e.label) for e in article.entities] == [(e.id, e.label) for e in before.entities]
    assert (article.relations, article.digests, article.meta) == (before.relations, before.digests, before.meta)
    assert article.split == "test"


def test_a_copy_in_which_a_mention_cannot_be_proven_is_refused_whole(tmp_path, schema):
    result = hydrated(tmp_path, WIRE.text.replace("رامي عوسج", "رامي العوسجي"), schema)
    assert (result.outcome, result.placed, result.mentions) == (Outcome.REFUSED, 3, 4)
    assert result.reasons == {"e1": str(Refusal.ABSENT)}
    assert result.article == standoff(WIRE, schema)


def test_another_article_of_this_name_is_refused(tmp_path, schema):
    result = hydrated(tmp_path, "نص لا صلة له بشيء.", schema)
    assert (result.outcome, result.placed) == (Outcome.REFUSED, 0)
    assert set(result.reasons.values()) == {str(Refusal.ABSENT)}


def test_no_copy_and_a_text_that_is_there(tmp_path, schema):
    article = standoff(WIRE, schema)
    missing = hydrate(article, [tmp_path])
    assert (missing.outcome, missing.placed, missing.mentions) == (Outcome.MISSING, 0, 4)
    assert hydrate(article, []).outcome is Outcome.MISSING
    there = replace(article, text=WIRE.text)
    assert hydrate(there, [tmp_path]).outcome is Outcome.PRESENT
    assert hydrate(there, [tmp_path]).article is there


def test_a_copy_that_is_not_utf8_is_refused(tmp_path, schema):
    (tmp_path / "wire-01.txt").write_bytes(WIRE.text.encode("cp1256"))
    result = hydrate(standoff(WIRE, schema), [tmp_path])
    assert (result.outcome, result.placed, result.mentions) == (Outcome.REFUSED, 0, 4)
    assert result.reasons == {"text": "byte 0 is not UTF-8"}


def test_an_article_without_mentions_is_only_taken_with_its_bytes(tmp_path, schema):
    quiet = annotated("لا أحد هنا", article="wire-01")
    assert hydrated(tmp_path, quiet.text, schema, quiet).outcome is Outcome.EXACT
    result = hydrated(tmp_path, "لا أحد هناك", schema, quiet)
    assert (result.outcome, result.placed, result.mentions) == (Outcome.REFUSED, 0, 0)
    assert list(result.reasons) == ["text"]


def test_two_labels_on_one_span_and_a_name_beyond_the_last_certain_one(tmp_path, schema):
    text = annotated("قال {PER عوسج} إن {GPE لمارة} بعيدة، ثم عوسج وعوسج")
    task = adding(
        replace(text, article_id="wire-01"), region(text, "لمارة", "LOC"), region(text, "عوسج", "PER", id="y", nth=2)
    )
    result = hydrated(tmp_path, task.text.replace(" ", "\n\n"), schema, task)
    assert result.outcome is Outcome.REANCHORED
    assert mentions(result.article) == ["عوسج", "لمارة", "لمارة", "عوسج"]
    assert result.article.entities[-1].end == result.article.length


def test_a_dataset_whose_digests_are_not_those_of_its_own_text_is_an_error(tmp_path, schema):
    article = standoff(WIRE, schema)
    write_copy(tmp_path, WIRE)
    wrong = replace(article, digests=(mention_digest("غيره"), *article.digests[1:]))
    with pytest.raises(DataError, match="wire-01: mention e1 at 16-25 is not the annotated one"):
        hydrate(wrong, [tmp_path])


def test_a_folder_that_may_not_be_entered(as_nobody, schema):
    write_copy(as_nobody / "articles", WIRE)
    (as_nobody / "articles").chmod(0)
    with pytest.raises(FileError, match="permission denied"):
        hydrate(standoff(WIRE, schema), [as_nobody / "articles"])


@pytest.fixture(scope="module")
def summits(repository, articles):
    """The annotation files of the five articles, as (file, stand-off article, text)."""
    folder = repository / "annotations" / "summits"
    if not any(folder.glob("*.json")):
        pytest.skip("annotations/summits has no annotation file yet")
    project = Project(repository)
    stored_, findings = read_stored(annotation_files(project.annotations, ["summits"]), [], repository)
    assert findings == []
    found, _ = articles_of(stored_, project.dataset.collections, project.schema, project.dataset.gold)
    return [(article, (articles / f"{article.id}.txt").read_bytes().decode()) for article in found]


@pytest.mark.articles
def test_the_five_articles_hydrate_exactly(summits, articles):
    results = [hydrate(article, [articles]) for article, _ in summits]
    assert len(results) == 5
    for result, (article, text) in zip(results, summits, strict=True):
        assert result.outcome is Outcome.EXACT, article.id
        assert result.placed == result.mentions == len(article.entities) > 50
        assert (result.article.text, result.article.length) == (text, article.length)
        document = result.article.document()
        assert [mention_digest(document.mention(entity)) for entity in document.entities] == list(article.digests)


BLANK_EDITS = {
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "blanks collapsed": lambda text: re.sub(r"\s*\n\s*", "\n", text) + "\n",
    "double line breaks": lambda text: text.replace("\n", "\n\n") + "\n",
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "wrapped": lambda text: re.sub(r"(\S+ \S+ \S+) ", r"\1\n", text),
    "blanks twice": lambda text: text.replace(" ", "  "),
}
HEADING = "خبر ورد إلينا من الأرشيف القديم\n"


def solid_before(text, place):
    return sum(not char.isspace() for char in text[:place])


@pytest.mark.articles
@pytest.mark.parametrize("edit", [*BLANK_EDITS, "a heading"])
def test_edited_copies_of_the_five_articles_are_reanchored_to_the_true_places(edit, summits, tmp_path):
    for article, text in summits:
        copy = HEADING + text if edit == "a heading" else BLANK_EDITS[edit](text)
        added = solid_before(HEADING, None) if edit == "a heading" else 0
        (tmp_path / f"{article.id}.txt").write_bytes(copy.encode())
        result = hydrate(article, [tmp_path])
        assert result.reasons == {}
        assert result.outcome is Outcome.REANCHORED
        for old, new in zip(article.entities, result.article.entities, strict=True):
            assert solid_before(copy, new.start) == solid_before(text, old.start) + added
            assert solid_before(copy, new.end) == solid_before(text, old.end) + added


@pytest.mark.articles
def test_mentions_of_a_copy_cut_at_both_ends_are_never_placed_wrongly(summits):
    for article, text in summits:
        lines = text.splitlines(keepends=True)
        copy = "".join(lines[6:-6])
        cut = solid_before("".join(lines[:6]), None)
        anchored = reanchor(article.entities, article.digests, copy, article.length)
        starts = {entity.id: solid_before(text, entity.start) - cut for entity in article.entities}
        assert len(anchored.spans) > len(article.entities) / 4
        assert {id_: solid_before(copy, start) for id_, (start, _) in anchored.spans.items()} == {
            id_: starts[id_] for id_ in anchored.spans
        }
        gone = {id_ for id_, start in starts.items() if not 0 <= start < solid_before(copy, None)}
        assert gone
        assert gone <= set(anchored.refused)


def test_a_region_that_ends_past_the_text_is_never_proven(tmp_path, schema):
    task = adding(WIRE, Region("x", 0, 3, ("ORG",)))
    article = standoff(task, schema)
    far = replace(article, entities=(replace(article.entities[0], end=999), *article.entities[1:]))
    write_copy(tmp_path, WIRE)
    with pytest.raises(DataError, match="mention e1 at 0-999"):
        hydrate(far, [tmp_path])
