"""One planted change of each kind, built for real: the difference names it, its place, and the right bump."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planted_changes import Planted, edited, moved, place, planted, region_of, swap, with_region
from small_corpus import HARBOUR, MARKET, build_project, compose, write_project

from toolkit.errors import DataError
from toolkit.release.changes.change_kinds import Kind
from toolkit.release.changes.changes import changes_between
from toolkit.release.changes.edition import Edition
from toolkit.release.changes.editions import read_edition, working_edition
from toolkit.release.changes.versions import asked_by

CASES = planted(Path(__file__).parents[2])


@pytest.fixture(scope="session")
def base(small: object) -> Edition:
    return read_edition(small.folder, "base")  # type: ignore[attr-defined]


def test_the_cases_are_of_more_than_twelve_kinds_and_of_every_group():
    kinds = {case.kind for case in CASES.values()}
    assert len(kinds) >= 22
    assert {kind.partition("-")[0] for kind in kinds} >= {"document", "mention", "relation", "label", "setting", "page"}


def facts_hold(expected, found):
    """Whether what is expected is among the facts, the places of a relation's mentions too."""
    if expected is None:
        return True
    return found is not None and all(
        facts_hold(value, found[key]) if isinstance(value, dict) else found[key] == value
        for key, value in expected.items()
    )


@pytest.mark.parametrize("name", CASES)
def test_a_planted_change_is_named_with_its_place_and_asks_for_its_bump(name, base, repository, tmp_path):
    case = CASES[name]
    if case.labels_before:
        base = working_edition(write_project(tmp_path / "before", repository, labels=case.labels_before))
    changes = changes_between(base, working_edition(case.project(tmp_path / "after", repository)))
    found = [change for change in changes if change.kind is case.kind]
    assert found, changes
    assert found[0].document == case.document
    assert facts_hold(case.old, found[0].old), found
    assert facts_hold(case.new, found[0].new), found
    asked = asked_by(changes)
    assert (asked.bump, not asked.not_comparable) == (case.bump, case.comparable), asked


ALONE = [
    name
    for name, case in CASES.items()
    if case.kind.startswith(("mention-", "relation-", "setting-", "page-")) or case.kind is Kind.DOCUMENT_MOVED
]


@pytest.mark.parametrize("name", ALONE)
def test_and_nothing_else_is_told(name, base, repository, tmp_path):
    """Ids of mentions are numbers in text order: one mention more renames all that follow, and that is no change."""
    changes = changes_between(base, working_edition(CASES[name].project(tmp_path, repository)))
    assert [change.kind for change in changes] == [CASES[name].kind]


def test_equal_datasets_do_not_differ(built):
    assert changes_between(read_edition(built.folder), read_edition(built.folder)) == ()


def test_withheld_texts_at_hand_are_told_and_ask_for_nothing(small, full):
    changes = changes_between(read_edition(small.folder), read_edition(full.folder))
    told = [(change.kind, change.document) for change in changes]
    assert told == [(Kind.DOCUMENT_TEXT_ADDED, "wire-01"), (Kind.DOCUMENT_TEXT_ADDED, "wire-02")]
    assert asked_by(changes).bump is None


def test_a_text_that_may_be_passed_on_asks_for_a_minor_when_it_comes_and_a_major_when_it_goes(full):
    edition = read_edition(full.folder)
    opened = [replace(article, meta=replace(article.meta, withheld=False)) for article in edition.articles]
    with_text = replace(edition, articles=tuple(opened))
    bare = replace(edition, articles=(*opened[:-1], replace(opened[-1], text=None)))
    changes = changes_between(bare, with_text)
    assert [(change.kind, change.document) for change in changes] == [(Kind.DOCUMENT_TEXT_ADDED, opened[-1].id)]
    assert asked_by(changes).bump == "MINOR"
    assert [change.kind for change in changes_between(with_text, bare)] == [Kind.DOCUMENT_TEXT_REMOVED]
    assert asked_by(changes_between(with_text, bare)).bump == "MAJOR"


def test_a_label_renamed_everywhere_relabels_no_mention(base, repository, tmp_path):
    changes = changes_between(base, working_edition(CASES["label renamed"].project(tmp_path, repository)))
    assert [change.kind for change in changes] == [Kind.LABEL_RENAMED]


def test_a_renamed_label_does_not_hide_what_else_changed(base, repository, tmp_path):
    case = CASES["label renamed"]
    harbour = next(task for task in case.news if task.article_id == "harbour")
    wrong = moved(harbour, "p1", 8, 10)
    changes = changes_between(
        base, working_edition(replace(case, news=swap(harbour, wrong, case.news)).project(tmp_path, repository))
    )
    assert [(c.kind, c.document) for c in changes if c.kind.startswith("mention-")] == [
        (Kind.MENTION_REBOUNDED, "harbour")
    ]


def test_two_nested_mentions_of_other_labels_are_no_re_bounded_one(base, repository, tmp_path):
    """One goes and one comes that overlaps it: only a mention of the same label can have other boundaries."""
    p1 = region_of(HARBOUR, "p1")
    bare = edited(HARBOUR, regions=[r for r in HARBOUR.annotations[0].regions if r.id != "p1"], links=())
    news = swap(HARBOUR, with_region(bare, p1.start, p1.start + 2, "ORG"))
    before = working_edition(
        Planted(Kind.PAGE_CHANGED, "", True, news=swap(HARBOUR, edited(HARBOUR, links=()))).project(
            tmp_path / "before", repository
        )
    )
    after = working_edition(Planted(Kind.PAGE_CHANGED, "", True, news=news).project(tmp_path / "after", repository))
    changes = changes_between(before, after)
    assert [(change.kind, change.document) for change in changes] == [
        (Kind.MENTION_ADDED, "harbour"),
        (Kind.MENTION_REMOVED, "harbour"),
    ]


def test_mentions_of_a_changed_text_pair_by_their_words(base, repository, tmp_path):
    """A word in front moves every offset; only what was relabelled, or is new, is told of the mentions."""
    again = compose(
        "market-01",
        "أمس: {GPE#g السندبار} تستورد القطن من {LOC#h أرسانيا}، بحسب {ORG#o غرفة تجارة {GPE السندبار}}.\n"
        + (MARKET.text or "").splitlines()[1].replace("سوق الغزل", "{LOC سوق الغزل}")
        + " {DATE غدا}",
    )
    news = swap(MARKET, again)
    changes = changes_between(
        base, working_edition(Planted(Kind.PAGE_CHANGED, "", True, news=news).project(tmp_path, repository))
    )
    told = {(change.kind, (change.new or change.old or {}).get("text")) for change in changes}
    assert told == {
        (Kind.DOCUMENT_TEXT_CHANGED, None),
        (Kind.MENTION_RELABELLED, "أرسانيا"),
        (Kind.MENTION_ADDED, "غدا"),
        (Kind.RELATION_REMOVED, None),
    }


def test_a_relation_that_lost_its_mention_was_removed_and_not_re_attached(base, repository, tmp_path):
    regions = [region for region in HARBOUR.annotations[0].regions if region.id != "p1"]
    links = [link for link in HARBOUR.annotations[0].links if link.head != "p1"]
    changes = changes_between(
        base,
        working_edition(
            Planted(
                Kind.PAGE_CHANGED, "", True, news=swap(HARBOUR, edited(HARBOUR, regions=regions, links=links))
            ).project(tmp_path, repository)
        ),
    )
    assert [(change.kind, change.document) for change in changes] == [
        (Kind.MENTION_REMOVED, "harbour"),
        (Kind.RELATION_REMOVED, "harbour"),
    ]
    assert changes[1].old is not None
    assert facts_hold(place(HARBOUR, "p1"), changes[1].old["head"])


def rewritten(folder, config, change):
    """Every Parquet file of a config with its table changed, as an older release of the toolkit may have written it."""
    for path in (folder / config).glob("*.parquet"):
        table = pq.ParquetFile(path).read()
        pq.write_table(change(table), path)


COLUMNS = {
    "removed": (lambda t: t.drop_columns(["start"]), Kind.COLUMN_ADDED, None, {"column": "start"}, "MINOR"),
    "added": (
        lambda t: t.append_column("note", pa.array(["x"] * len(t))),
        Kind.COLUMN_REMOVED,
        {"config": "ner", "column": "note", "type": "string"},
        None,
        "MAJOR",
    ),
    "renamed": (
        lambda t: t.rename_columns(["begin" if name == "start" else name for name in t.column_names]),
        Kind.COLUMN_RENAMED,
        {"column": "begin"},
        {"column": "start"},
        "MAJOR",
    ),
    "another type": (
        lambda t: t.set_column(2, "start", t["start"].cast(pa.int64())),
        Kind.COLUMN_RETYPED,
        {"column": "start", "type": "int64"},
        {"column": "start", "type": "int32"},
        "MAJOR",
    ),
    "another order": (
        lambda t: t.select(t.column_names[::-1]),
        Kind.COLUMNS_REORDERED,
        {"config": "ner"},
        {"config": "ner"},
        "MAJOR",
    ),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_an_older_dataset_had_otherwise(name, base, repository, tmp_path):
    change, kind, old, new, bump = COLUMNS[name]
    built = build_project(write_project(tmp_path / "project", repository), tmp_path / "old")
    rewritten(built.folder, "ner", change)
    changes = changes_between(read_edition(built.folder), base)
    assert [change.kind for change in changes] == [kind]
    assert facts_hold(old, changes[0].old)
    assert facts_hold(new, changes[0].new)
    asked = asked_by(changes)
    assert (asked.bump, asked.not_comparable) == (bump, [])


def test_a_config_that_is_gone_asks_for_a_major(base):
    columns = {name: found for name, found in base.columns.items() if name != "relations"}
    changes = changes_between(base, replace(base, columns=columns))
    assert [(change.kind, change.old) for change in changes] == [(Kind.CONFIG_REMOVED, {"config": "relations"})]
    assert asked_by(changes).bump == "MAJOR"
    assert asked_by([change.mirrored() for change in changes]).bump == "MINOR"


def test_another_tokenizer_is_told_and_scores_are_others(base):
    changes = changes_between(base, replace(base, tokenizer="other-1"))
    assert [change.kind for change in changes] == [Kind.TOKENIZER_CHANGED]
    assert (asked_by(changes).bump, bool(asked_by(changes).not_comparable)) == ("MINOR", True)


def test_the_same_gold_under_other_ids_is_one_change_of_its_document(base):
    article = base.articles[-1]
    renumbered = replace(article, relations=(), entities=tuple(replace(e, id=f"x{e.id}") for e in article.entities))
    bare = replace(article, relations=())
    one, other = (replace(base, articles=(*base.articles[:-1], last)) for last in (bare, renumbered))
    assert [(c.kind, c.document) for c in changes_between(one, other)] == [(Kind.DOCUMENT_REWRITTEN, article.id)]


def test_a_card_alone_is_a_change_and_a_version_in_it_is_none(base):
    newer = replace(base, version="1.2.4", card=base.card.replace("1.2.3", "1.2.4"))
    assert changes_between(base, newer) == ()
    changes = changes_between(base, replace(base, card=base.card + "More.\n"))
    assert [(change.kind, change.new) for change in changes] == [(Kind.PAGE_CHANGED, {"page": "README.md"})]


def test_the_changelog_counts_only_where_nothing_else_changed(base, repository, tmp_path):
    pages = {**base.pages, "CHANGELOG.md": "0" * 64}
    assert [change.kind for change in changes_between(base, replace(base, pages=pages))] == [Kind.PAGE_CHANGED]
    changed = replace(base, pages=pages, settings={**base.settings, "summary": "Other."})
    assert [change.kind for change in changes_between(base, changed)] == [Kind.SETTING_CHANGED]


def test_annotations_with_errors_are_not_compared(repository, tmp_path):
    project = write_project(tmp_path, repository)
    (project.annotations / "news" / "calm.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"annotations have errors.*tawsim validate"):
        working_edition(project)
