"""CoNLL: read by a small reader of its own, by seqeval and by our predictions reader; every mention accounted for."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from generated_articles import CALM, HARBOUR, SCHEMA, VOID, corpora, found
from hypothesis import given, settings
from seqeval.metrics.sequence_labeling import get_entities
from word_formats import assert_accounted, placed

from toolkit.corpus.article import Article
from toolkit.errors import UsageError
from toolkit.evaluation.predictions.conll import read_conll
from toolkit.exports.conll import render
from toolkit.exports.losses import NARROWED, WIDENED, Export
from toolkit.flat import Loss
from toolkit.schema import EntityType, Schema

Sentence = list[tuple[str, str]]


def written(articles: list[Article], schema: Schema = SCHEMA) -> tuple[str, Export]:
    export = render(articles, schema)
    assert isinstance(export.content, bytes)
    return export.content.decode(), export


def documents(text: str) -> dict[str, list[Sentence]]:
    """An independent reader: blocks by `# id = `, sentences by empty lines, a word and a tag parted by one blank."""
    read: dict[str, list[Sentence]] = {}
    for line in text.split("\n"):
        if line.startswith("# id = "):
            sentences = read.setdefault(line.removeprefix("# id = "), [[]])
        elif line:
            word, tag = line.split(" ")
            sentences[-1].append((word, tag))
        else:
            sentences.append([])
    return {name: [sentence for sentence in found if sentence] for name, found in read.items()}


def carried(article: Article, sentences: list[Sentence]) -> list[tuple[int, int, str]]:
    """The mentions that seqeval reads from the tags, by offsets in the text."""
    spans, last = [], 0
    for sentence in sentences:
        places = placed((article.text or "")[last:], [word for word, _ in sentence])
        places = [(start + last, end + last) for start, end in places]
        entities = get_entities([tag for _, tag in sentence])
        spans += [(places[first][0], places[end][1], label) for label, first, end in entities]
        last = places[-1][1]
    return spans


def assert_sound(articles: list[Article], schema: Schema) -> None:
    text, export = written(articles, schema)
    read = documents(text)
    assert list(read) == [article.id for article in articles]
    for article in articles:
        assert_accounted(article, carried(article, read[article.id]), export.losses)
    if not any(read.values()):
        return  # a predictions file needs a word
    with TemporaryDirectory() as folder:
        path = Path(folder) / "test.conll"
        path.write_bytes(text.encode())
        predicted, findings = read_conll(path, [article.document() for article in articles])
    assert findings == [] and list(predicted) == [article.id for article in articles]
    for article in articles:
        spans = [(span.start, span.end, span.label) for span in predicted[article.id].spans]
        assert spans == carried(article, read[article.id])


def test_the_sample_is_read_back_as_it_was_written(sample: list[Article], schema: Schema) -> None:
    assert_sound(sample, schema)


@settings(max_examples=100)
@given(corpora())
def test_every_mention_is_carried_or_told(articles: list[Article]) -> None:
    assert_sound(articles, SCHEMA)


def test_what_it_looks_like() -> None:
    text, export = written([found("visit", "عاد كريم لروسيا.", ("كريم", "PER"), ("روسيا", "GPE")), VOID])
    assert text == "# id = visit\nعاد O\nكريم B-PER\nلروسيا B-GPE\n. O\n\n# id = void\n\n"
    (loss,) = export.losses
    assert loss.as_json() == {
        "document": "visit",
        "kind": "entity",
        "id": "e2",
        "start": 10,
        "end": 15,
        "label": "GPE",
        "change": "changed",
        "reason": WIDENED,
    }


def test_each_loss_has_its_reason() -> None:
    _, export = written([HARBOUR, CALM])
    told = {
        (loss.kind, HARBOUR.text and HARBOUR.text[loss.start : loss.end], str(loss.reason)) for loss in export.losses
    }
    assert ("entity", "ريفاد", Loss.NESTED.value) in told
    assert ("entity", "وزير الموانئ البوريني", Loss.DROPPED_LABEL.value) in told
    assert ("entity", "بورينا", WIDENED) in told
    assert sum(kind == "relation" for kind, _, _ in told) == 3
    _, export = written([found("edge", "عاد كريم إلى طنجة", (" كريم ", "PER"))])
    assert [loss.reason for loss in export.losses] == [NARROWED]


def test_a_label_with_a_blank_is_refused_by_name() -> None:
    schema = Schema(entities={"PER": EntityType(), "رئيس دولة": EntityType()})
    with pytest.raises(UsageError, match=r"'رئيس دولة'.*labelstudio or bigbio"):
        written([CALM], schema)
