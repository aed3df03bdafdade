"""The rows of the four configs, against tags, words and slices worked out again in the test."""

import unicodedata
from dataclasses import replace

import pytest
from recount import flat_by_hand, parquet_rows
from small_corpus import Built

from toolkit.corpus.article import Article, Meta
from toolkit.document import Entity, Relation
from toolkit.native import mention_digest
from toolkit.release.tables.rows import CONFIGS, flat_losses, relation_rows, rows_of, sentence_rows, standoff_row

META = Meta("news", None, "composed", "ar", ("draft-1",), "single", False)


def article_of(text: str, *mentions: tuple[str, str], relations: tuple[Relation, ...] = ()) -> Article:
    """An article with the mentions (words, label) where the words stand first, ids e1, e2 …"""
    spans = [(text.index(words), words, label) for words, label in mentions]
    entities = tuple(Entity(at, at + len(w), label, f"e{n}") for n, (at, w, label) in enumerate(spans, 1))
    digests = tuple(mention_digest(words) for _, words, _ in spans)
    return Article("composed", text, "0" * 64, len(text), "train", META, entities, relations, digests)


def sentences_of(built: Built) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for row in parquet_rows(built.folder, "ner"):
        found.setdefault(row["document_id"], []).append(row)
    return found


def test_labels_of_ner_agree_with_the_spans_of_documents_for_every_sentence(built, load):
    schema = built.project.schema
    sentences = 0
    for split, documents in load(built.folder, "documents").items():
        ner = load(built.folder, "ner", split=split)
        names = ner.features["ner_tags"].feature.names
        by_document: dict[str, list[dict]] = {}
        for row in ner:
            by_document.setdefault(row["document_id"], []).append(row)
        assert set(by_document) == set(documents["id"])
        for document in documents:
            rows = by_document[document["id"]]
            words = [span for row in rows for span in zip(row["token_start"], row["token_end"], strict=True)]
            expected, _ = flat_by_hand(document["entities"], words, schema.flat_layer.drop, schema.flat_layer.keep)
            for row in rows:
                here, expected = expected[: len(row["tokens"])], expected[len(row["tokens"]) :]
                assert [names[tag] for tag in row["ner_tags"]] == here, row["id"]
                sentences += 1
            assert not expected
    assert sentences == sum(built.manifest["configs"]["ner"].values()) > 0


def test_words_of_ner_are_slices_of_the_document_and_cover_all_that_shows(built):
    rows = sentences_of(built)
    for document in parquet_rows(built.folder, "documents"):
        text, place = document["text"], 0
        for number, row in enumerate(rows[document["id"]]):
            assert row["id"] == f"{document['id']}#{number}"
            assert len(row["tokens"]) == len(row["token_start"]) == len(row["token_end"]) == len(row["ner_tags"]) > 0
            assert place <= row["start"] <= row["token_start"][0]
            assert not text[row["start"]].isspace()
            for token, start, end in zip(row["tokens"], row["token_start"], row["token_end"], strict=True):
                assert text[start:end] == token != ""
                between = text[place:start]
                assert all(char.isspace() or unicodedata.category(char) == "Cf" for char in between), between
                place = end
        assert all(char.isspace() or unicodedata.category(char) == "Cf" for char in text[place:])


def test_no_mention_is_cut_by_a_sentence(built):
    rows = sentences_of(built)
    for document in parquet_rows(built.folder, "documents"):
        borders = [row["start"] for row in rows[document["id"]]]
        for entity in document["entities"]:
            assert not any(entity["start"] < border < entity["end"] for border in borders), entity


def test_mentions_are_slices_of_the_text_and_relations_join_them(built):
    for document in parquet_rows(built.folder, "documents"):
        entities = document["entities"]
        for entity in entities:
            assert document["text"][entity["start"] : entity["end"]] == entity["text"] != ""
        order = [(entity["start"], -entity["end"]) for entity in entities]
        assert order == sorted(order)
        ids = {entity["id"] for entity in entities}
        assert len(ids) == len(entities)
        assert all(relation["head"] in ids and relation["tail"] in ids for relation in document["relations"])


def test_the_relations_config_says_what_documents_say(built):
    starts = {row["id"]: row["start"] for row in parquet_rows(built.folder, "ner")}
    rows = {row["id"]: row for row in parquet_rows(built.folder, "relations")}
    documents = parquet_rows(built.folder, "documents")
    assert len(rows) == sum(len(document["relations"]) for document in documents) > 0
    for document in documents:
        entities = {entity["id"]: entity for entity in document["entities"]}
        for relation in document["relations"]:
            row = rows[f"{document['id']}#{relation['id']}"]
            assert (row["document_id"], row["label"], row["split"]) == (
                document["id"],
                relation["label"],
                document["split"],
            )
            sentence = row["sentence"]
            assert document["text"][sentence["start"] : sentence["end"]] == sentence["text"]
            assert starts[sentence["id"]] == sentence["start"]
            for end in ("head", "tail"):
                entity = dict(entities[relation[end]])
                del entity["id"]
                assert row[end] == entity
                assert sentence["start"] <= entity["start"] < entity["end"] <= sentence["end"]


def test_every_digest_of_standoff_proves_its_mention_and_every_article_is_there(built):
    standoff = {row["id"]: row for row in parquet_rows(built.folder, "standoff")}
    assert set(standoff) == set(built.manifest["documents"])
    for document in parquet_rows(built.folder, "documents"):
        row = standoff[document["id"]]
        assert row["length"] == len(document["text"])
        assert row["split"] == document["split"]
        assert row["relations"] == document["relations"]
        bare = [{key: entity[key] for key in ("id", "start", "end", "label")} for entity in document["entities"]]
        assert [{key: entity[key] for key in ("id", "start", "end", "label")} for entity in row["entities"]] == bare
        digests = [mention_digest(entity["text"]) for entity in document["entities"]]
        assert [entity["digest"] for entity in row["entities"]] == digests
    assert all("text" not in row for row in standoff.values())


def test_the_composed_corpus_has_what_makes_a_flat_layer_hard(small):
    losses = small.manifest["losses"]["ner"]
    assert set(losses) == {"dropped label", "nested", "crossing", "same word", "no word"}
    bare = [row for row in parquet_rows(small.folder, "ner") if not any(row["ner_tags"])]
    assert {"لا", "🕊", "ليلة"} & {row["tokens"][0] for row in bare} == {"لا", "ليلة"}


def test_a_relation_across_sentences_gets_the_run_of_sentences(small):
    row = next(
        row for row in parquet_rows(small.folder, "relations") if row["label"] == "LOCATED_IN" and "treaty" in row["id"]
    )
    assert row["sentence"]["text"].startswith("عزفت")
    assert row["sentence"]["text"].count(".") == 2
    assert "\r\n" in row["sentence"]["text"]


@pytest.mark.parametrize("config", CONFIGS)
def test_an_article_without_its_text_is_in_standoff_only(config, schema):
    article = replace(article_of("زارت سلمى ريفاد.", ("سلمى", "PER")), text=None)
    rows = list(rows_of(config, [article], schema))
    assert rows == ([standoff_row(article)] if config == "standoff" else [])
    assert not flat_losses([article], schema)


def test_a_mention_that_begins_with_a_line_break_is_in_the_sentence_of_its_words():
    article = article_of(
        "وصل القطار.\nسلمى في ريفاد.",
        ("\nسلمى", "PER"),
        ("ريفاد", "GPE"),
        relations=(Relation("r1", "VISITED", "e1", "e2"),),
    )
    (row,) = relation_rows(article)
    assert row["sentence"] == {"id": "composed#1", "start": 11, "end": 26, "text": "\nسلمى في ريفاد."}


def test_a_text_without_a_word_has_no_sentence_but_keeps_its_relations(schema):
    article = article_of(
        " \u200f \u200e ", ("\u200f", "PER"), ("\u200e", "GPE"), relations=(Relation("r1", "VISITED", "e1", "e2"),)
    )
    assert list(sentence_rows(article, schema)) == []
    (row,) = relation_rows(article)
    assert row["sentence"]["text"] == article.text
    assert flat_losses([article], schema) == {"no word": {"GPE": 1, "PER": 1}}


@pytest.mark.parametrize(("keep", "kept"), [("outermost", "B-ORG"), ("innermost", "O")])
def test_the_schema_decides_which_of_nested_mentions_stays(keep, kept, schema):
    layer = schema.flat_layer.model_copy(update={"keep": keep})
    article = article_of("بلدية ريفاد", ("بلدية ريفاد", "ORG"), ("ريفاد", "GPE"))
    (row,) = sentence_rows(article, schema.model_copy(update={"flat_layer": layer}))
    assert row["ner_tags"] == [kept, "I-ORG" if keep == "outermost" else "B-GPE"]
