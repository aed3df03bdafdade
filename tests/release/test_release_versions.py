"""The version that changes ask for, kind by kind and for every pair, and which declared versions are refused."""

from itertools import product

import pytest
from small_corpus import build_project, write_project

from toolkit.errors import ConfigError, DataError
from toolkit.project import DatasetSettings
from toolkit.release.changes.change_kinds import Change, Kind, in_words
from toolkit.release.changes.versions import Bump, asked_by, bump_of, check_version, parse_version

MAJOR, MINOR, PATCH = Bump
TAGS = {"tags": ["O", "B-PER", "I-PER"]}
SIDES = {
    Kind.TAGS_CHANGED: (TAGS, {"tags": [*TAGS["tags"], "B-GPE", "I-GPE"]}),
    Kind.LABELLING_CHANGED: ({"setting": "text", "value": 1}, {"setting": "text", "value": 2}),
}
# In a document of the train split, where there is one.
BUMPS = {
    Kind.DOCUMENT_ADDED: MINOR,
    Kind.DOCUMENT_REMOVED: MAJOR,
    Kind.DOCUMENT_TEXT_CHANGED: MAJOR,
    Kind.DOCUMENT_TEXT_ADDED: MINOR,
    Kind.DOCUMENT_TEXT_REMOVED: MAJOR,
    Kind.DOCUMENT_MOVED: MAJOR,
    Kind.MENTION_ADDED: PATCH,
    Kind.MENTION_REMOVED: PATCH,
    Kind.MENTION_REBOUNDED: PATCH,
    Kind.MENTION_RELABELLED: PATCH,
    Kind.RELATION_ADDED: PATCH,
    Kind.RELATION_REMOVED: PATCH,
    Kind.RELATION_RETYPED: PATCH,
    Kind.RELATION_REVERSED: PATCH,
    Kind.RELATION_REATTACHED: PATCH,
    Kind.LABEL_ADDED: MINOR,
    Kind.LABEL_REMOVED: MAJOR,
    Kind.LABEL_RENAMED: MAJOR,
    Kind.LABELS_REORDERED: MAJOR,
    Kind.LABEL_REDEFINED: PATCH,
    Kind.TAGS_CHANGED: MINOR,
    Kind.LABELLING_CHANGED: PATCH,
    Kind.TOKENIZER_CHANGED: MINOR,
    Kind.CONFIG_ADDED: MINOR,
    Kind.CONFIG_REMOVED: MAJOR,
    Kind.COLUMN_ADDED: MINOR,
    Kind.COLUMN_REMOVED: MAJOR,
    Kind.COLUMN_RENAMED: MAJOR,
    Kind.COLUMN_RETYPED: MAJOR,
    Kind.COLUMNS_REORDERED: MAJOR,
    Kind.SETTING_CHANGED: PATCH,
    Kind.DOCUMENT_METADATA_CHANGED: PATCH,
    Kind.DOCUMENT_REWRITTEN: PATCH,
    Kind.PAGE_CHANGED: PATCH,
}
GOLD = [kind for kind in Kind if kind.startswith(("mention-", "relation-"))]


def change(kind, *, split="train"):
    old, new = SIDES.get(kind, ({}, {}))
    is_of_document = kind.startswith(("document-", "mention-", "relation-"))
    return Change(kind, old, new, "a" if is_of_document else "", (split,) if is_of_document else ())


def test_every_kind_has_its_bump():
    assert {kind: bump_of(change(kind)) for kind in Kind} == BUMPS


@pytest.mark.parametrize("kind", GOLD)
def test_gold_of_the_test_split_asks_for_a_minor_and_scores_are_others(kind):
    for split, bump in (("train", PATCH), ("validation", PATCH), ("test", MINOR)):
        asked = asked_by([change(kind, split=split)])
        assert (asked.bump, bool(asked.not_comparable)) == (bump, split == "test")


def test_tags_that_keep_their_ids_ask_for_a_minor_and_those_that_do_not_for_a_major():
    longer, other = [*TAGS["tags"], "B-X", "I-X"], ["O", "B-X", "I-X", *TAGS["tags"][1:]]
    for tags, bump in ((longer, MINOR), (other, MAJOR), (TAGS["tags"][:1], MAJOR)):
        assert bump_of(Change(Kind.TAGS_CHANGED, TAGS, {"tags": tags})) is bump


def test_every_pair_of_kinds_asks_for_the_larger_bump_and_names_both():
    order = list(Bump)
    for one, other in product(Kind, repeat=2):
        asked = asked_by([change(one), change(other)])
        assert asked.bump is min(BUMPS[one], BUMPS[other], key=order.index)
        told = [line for lines in asked.reasons.values() for line in lines]
        counts = {one: 1, other: 1} if one is not other else {one: 2}
        assert sorted(told) == sorted(in_words(kind, n) for kind, n in counts.items())


@pytest.mark.parametrize(
    ("bump", "old", "smallest"),
    [
        (MAJOR, "0.1.0", "1.0.0"),
        (MINOR, "0.1.9", "0.2.0"),
        (PATCH, "0.1.9", "0.1.10"),
        (MAJOR, "9.9.9", "10.0.0"),
        (None, "1.2.3", "1.2.3"),
    ],
)
def test_the_smallest_version_that_may_follow(bump, old, smallest):
    kinds = [kind for kind, found in BUMPS.items() if found is bump][:1]
    assert asked_by(map(change, kinds)).smallest(old) == smallest


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("declared", ["1.2.2", "1.2.3", "1.2.4", "1.3.0", "1.10.0", "2.0.0", "10.0.0"])
def test_a_version_is_taken_where_it_is_large_enough_and_refused_with_the_reason_where_not(kind, declared):
    found = [change(kind)]
    smallest = {MAJOR: (2, 0, 0), MINOR: (1, 3, 0), PATCH: (1, 2, 4)}[BUMPS[kind]]
    if parse_version(declared) >= smallest:
        check_version(declared, "1.2.3", "a", "b", found)
        return
    with pytest.raises(DataError) as caught:
        check_version(declared, "1.2.3", "a", "b", found)
    taken = declared == "1.2.3"
    assert f"version {declared} {'exists already' if taken else 'is too small after 1.2.3'}" in str(caught.value)
    assert in_words(kind, 1) in str(caught.value)
    assert ".".join(map(str, smallest)) in caught.value.fix
    assert caught.value.exit_code == 1


def test_the_same_content_may_have_its_version_again():
    check_version("1.2.3", "1.2.3", "a", "a", [])


def test_other_content_under_the_same_version_is_refused_even_where_no_change_accounts_for_it():
    with pytest.raises(DataError, match=r"version 1\.2\.3 exists already with other content\. Set version: 1\.2\.4"):
        check_version("1.2.3", "1.2.3", "a", "b", [])


def test_a_version_below_the_old_one_is_too_small_also_where_nothing_changed():
    with pytest.raises(DataError, match=r"version 1\.2\.2 is too small after 1\.2\.3\. Set version: 1\.2\.4"):
        check_version("1.2.2", "1.2.3", "a", "a", [])


def test_a_larger_version_than_needed_is_the_maintainers_choice():
    for declared in ("1.2.4", "7.0.0"):
        check_version(declared, "1.2.3", "a", "a", [])


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0.0", "", "1.0.٣", "1.0.0\n"])
def test_what_is_not_three_numbers_is_refused_here_and_in_the_settings(version, small):
    with pytest.raises(ConfigError, match=r"is not X\.Y\.Z"):
        parse_version(version)
    settings = small.project.dataset.model_dump(mode="json")
    with pytest.raises(ValueError, match=r"is not X\.Y\.Z"):
        DatasetSettings.model_validate(settings | {"version": version})


@pytest.mark.parametrize("version", ["0.0.0", "1.2.3", "10.20.30"])
def test_what_we_take_is_what_datasets_takes(version):
    from datasets import Version

    assert parse_version(version) == Version(version).tuple


def test_the_version_reaches_the_info_of_a_loaded_dataset(load, repository, tmp_path):
    """The card's `configs[].version` is the only place that load_dataset takes it from."""
    project = write_project(tmp_path / "project", repository, dataset={"version": "4.5.6"})
    built = build_project(project, tmp_path / "dataset")
    for config in ("documents", "ner", "relations", "standoff"):
        for split in load(built.folder, config).values():
            assert split.info.version.tuple == (4, 5, 6)
