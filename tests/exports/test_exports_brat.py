"""brat: read by a reader of its own, held to the rules of brat's parser, and taken in again by `import`."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from generated_articles import CALM, HARBOUR, SCHEMA, VOID, article, corpora, found, spans_of
from hypothesis import given, settings
from imported_again import said, said_again

from toolkit.corpus.article import Article
from toolkit.errors import UsageError
from toolkit.exports.brat import annotations, render
from toolkit.schema import EntityType, Schema


def files(articles: list[Article], schema: Schema = SCHEMA) -> dict[str, bytes]:
    export = render(articles, schema)
    assert isinstance(export.content, dict) and export.losses == ()
    return export.content


def stand_off(ann: str, text: str) -> tuple[dict[str, tuple[int, int, str]], list[tuple[str, str, str]]]:
    """An independent reader with the checks of brat's own: line ends as Python sees them, fragments that do not
    overlap, and the words of each fragment parted by a blank."""
    mentions, relations = {}, []
    for line in ann.splitlines():
        name, rest = line.split("\t", 1)
        if name[0] == "R":
            label, head, tail = rest.split()
            assert head.startswith("Arg1:") and tail.startswith("Arg2:")
            relations.append((label, head[5:], tail[5:]))
            continue
        assert name[0] == "T" and name not in mentions
        head, words = rest.split("\t", 1)
        label, offsets = head.split(" ", 1)
        fragments = [tuple(int(offset) for offset in part.split(" ")) for part in offsets.split(";")]
        for place, (start, end) in enumerate(fragments):
            assert 0 <= start <= end <= len(text)
            assert not any(end >= other[0] and start < other[1] for other in fragments[:place])
            assert len(text[start:end].splitlines()) <= 1
        assert words == " ".join(text[start:end] for start, end in fragments)
        mentions[name] = (fragments[0][0], fragments[-1][1], label)
    return mentions, relations


def assert_sound(articles: list[Article], schema: Schema) -> None:
    content = files(articles, schema)
    assert len(content) == 2 * len(articles) + 1
    for one in articles:
        text = content[f"{one.id}.txt"].decode()
        mentions, relations = stand_off(content[f"{one.id}.ann"].decode(), text)
        assert text == one.text
        assert set(mentions.values()) == spans_of(one) and len(mentions) == len(one.entities)
        by_id = {entity.id: (entity.start, entity.end, entity.label) for entity in one.entities}
        expected = [(relation.label, by_id[relation.head], by_id[relation.tail]) for relation in one.relations]
        assert [(label, mentions[head], mentions[tail]) for label, head, tail in relations] == expected
    with TemporaryDirectory() as folder:
        for name, data in content.items():
            (Path(folder) / name).write_bytes(data)
        assert said_again(Path(folder), schema) == said(articles)


def test_the_sample_goes_out_and_comes_in_unchanged(sample: list[Article], schema: Schema) -> None:
    assert_sound(sample, schema)


@settings(max_examples=150)
@given(corpora(empty=False))
def test_out_and_in_again_is_the_identity(articles: list[Article]) -> None:
    assert_sound(articles, SCHEMA)


def test_a_line_break_in_a_mention_parts_it_as_brat_does() -> None:
    one = found("lines", "قال رامي\n\nعوسج", ("رامي\n\nعوسج", "PER"))
    assert annotations(one) == "T1\tPER 4 8;10 14\tرامي عوسج\n"
    edge = article("edge", "\nرامي\n", [(0, 6, "PER"), (5, 6, "ORG")])
    assert annotations(edge) == "T1\tPER 0 0;1 5;6 6\t رامي \nT2\tORG 5 5;6 6\t \n"


def test_an_emoji_before_a_mention_is_one_character() -> None:
    one = found("emoji", "😀 كريم", ("كريم", "PER"))
    assert annotations(one) == "T1\tPER 2 6\tكريم\n"


def test_the_configuration_declares_labels_arguments_and_symmetry() -> None:
    content = files([HARBOUR, CALM, VOID])
    assert sorted(content) == sorted(
        ["annotation.conf", *(f"{name}.{end}" for name in ("harbour", "calm", "void") for end in ("ann", "txt"))]
    )
    assert content["annotation.conf"].decode() == (
        "[entities]\nPER\nGPE\nORG\nTITLE\n\n"
        "[relations]\n"
        "VISITED\tArg1:PER, Arg2:GPE\n"
        "MET_WITH\tArg1:<ENTITY>, Arg2:<ENTITY>, <REL-TYPE>:symmetric\n"
        "LOCATED_IN\tArg1:<ENTITY>, Arg2:<ENTITY>\n"
        "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>\n\n"
        "[events]\n\n[attributes]\n"
    )
    assert content["calm.ann"] == content["void.ann"] == content["void.txt"] == b""


@pytest.mark.parametrize("label", ["رئيس دولة", "A|B", "A:B", ""])
def test_a_label_that_brat_cannot_write_is_refused(label: str) -> None:
    with pytest.raises(UsageError, match="brat cannot write a label with a blank or one of"):
        files([CALM], Schema(entities={label: EntityType()}))
