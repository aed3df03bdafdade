"""spaCy's DocBin, read back by spaCy itself."""

import builtins
from typing import Any

import pytest
from generated_articles import CALM, HARBOUR, SCHEMA, VOID, corpora, found
from hypothesis import given, settings
from word_formats import assert_accounted

from toolkit.corpus.article import Article
from toolkit.errors import MissingDependencyError
from toolkit.exports.losses import WIDENED, Change, Export
from toolkit.exports.spacy import render
from toolkit.flat import flatten
from toolkit.schema import Schema


def docs(articles: list[Article], schema: Schema) -> tuple[list[Any], Export]:
    spacy = pytest.importorskip("spacy")
    export = render(articles, schema)
    assert isinstance(export.content, bytes)
    bin_ = spacy.tokens.DocBin(store_user_data=True).from_bytes(export.content)
    return list(bin_.get_docs(spacy.blank("ar").vocab)), export


def assert_sound(articles: list[Article], schema: Schema) -> None:
    read, export = docs(articles, schema)
    assert [doc.user_data["id"] for doc in read] == [article.id for article in articles]
    for article, doc in zip(articles, read, strict=True):
        assert doc.text == article.text
        spans = list(doc.spans["sc"])
        assert_accounted(article, [(s.start_char, s.end_char, s.label_) for s in spans], _in_spans(export))
        told = {loss.id for loss in export.losses if loss.document == article.id}
        by_id = {entity.id: entity for entity in article.entities}
        in_ents = {ent.id_: (ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}
        assert {span.id_: (span.start_char, span.end_char, span.label_) for span in spans}.items() >= in_ents.items()
        for name, entity in by_id.items():
            assert name in told or in_ents[name] == (entity.start, entity.end, entity.label)
        tokens = [(t.idx, t.idx + len(t)) for t in doc if not t.is_space]
        layer = flatten([(e.start, e.end, e.label) for e in article.entities], tokens, schema.flat_layer)
        assert len(doc.ents) == len(layer.spans)


def _in_spans(export: Export) -> list[Any]:
    """The losses of the span group: one a mention, without those that say that doc.ents alone lacks it."""
    return [loss for loss in export.losses if "not in doc.ents" not in loss.reason]


def test_the_sample(sample: list[Article], schema: Schema) -> None:
    assert_sound(sample, schema)


@settings(max_examples=60)
@given(corpora())
def test_every_mention_is_carried_or_told(articles: list[Article]) -> None:
    assert_sound(articles, SCHEMA)


def test_a_border_inside_a_token_is_moved_and_told() -> None:
    (doc,), export = docs([found("visit", "عاد كريم لروسيا.", ("كريم", "PER"), ("روسيا", "GPE"))], SCHEMA)
    assert [(ent.text, ent.label_, ent.id_) for ent in doc.ents] == [("كريم", "PER", "e1"), ("لروسيا", "GPE", "e2")]
    assert [(loss.id, loss.change, loss.reason) for loss in export.losses] == [("e2", Change.CHANGED, WIDENED)]


def test_nested_mentions_are_spans_and_the_flat_layer_is_ents() -> None:
    (doc,), export = docs([HARBOUR], SCHEMA)
    assert len(doc.spans["sc"]) == len(HARBOUR.entities) == 7
    assert "TITLE" not in {ent.label_ for ent in doc.ents}
    reasons = [loss.reason for loss in export.losses]
    assert 'nested: in doc.spans["sc"], not in doc.ents' in reasons
    assert 'dropped label: in doc.spans["sc"], not in doc.ents' in reasons


def test_a_document_without_mentions_says_so_and_is_not_unannotated() -> None:
    (calm, void), export = docs([CALM, VOID], SCHEMA)
    assert calm.has_annotation("ENT_IOB") and {token.ent_iob_ for token in calm} == {"O"}
    assert void.text == "" and export.losses == ()


def test_equal_articles_give_equal_bytes() -> None:
    pytest.importorskip("spacy")
    assert render([HARBOUR, CALM], SCHEMA).content == render([HARBOUR, CALM], SCHEMA).content


def test_without_spacy_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "spacy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tawsim\[spacy\]'"):
        render([CALM], SCHEMA)
