"""A project on disk: finding it, its settings, its folders."""

from pathlib import Path

import pytest

from toolkit.configuration import parse_settings
from toolkit.errors import ConfigError, FileError
from toolkit.project import (
    ARTICLES_VARIABLE,
    SPLITS,
    DatasetSettings,
    EvaluationSettings,
    LabelStudioSettings,
    Project,
    article_folders,
    find_project,
)

DATASET = """\
name: harbour-news
title: Harbour News
summary: Composed news.
version: 0.1.0
license: CC-BY-4.0
languages: [ar]
annotations_creators: [expert-generated]
language_creators: [found]
collections:
  sample:
    text: included
    description: Composed texts.
    source: composed
    license: CC-BY-4.0
splits:
  ratios: {train: 70, validation: 15, test: 15}
  salt: harbour
near_duplicates: {ngram: 3}
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "corpus" / "configs" / "label_maps").mkdir(parents=True)
    (tmp_path / "corpus" / "configs" / "dataset.yaml").write_text(DATASET)
    return Project(tmp_path / "corpus")


def spoil(project, old, new):
    """Replaces a line's part in dataset.yaml; the file and the number of the line."""
    path = project.root / "configs" / "dataset.yaml"
    assert old in DATASET
    path.write_text(DATASET.replace(old, new, 1))
    return str(path), DATASET[: DATASET.index(old)].count("\n") + 1


def test_the_configuration_of_this_repository(repository):
    project = Project(repository)
    assert set(project.dataset.collections) >= {"sample", "summits"}
    assert project.dataset.collections["sample"].text == "included"
    assert project.dataset.collections["summits"].text == "withheld"
    assert project.dataset.collections["summits"].split in (*SPLITS, None)
    assert project.evaluation.headline == "word"
    assert project.schema.entities
    assert set(project.labelstudio.accounts.values()) <= set(project.labelstudio.annotators)
    assert project.dataset is project.dataset


def test_the_paths_of_the_layout(tmp_path):
    project = Project(tmp_path)
    assert project.guidelines == tmp_path / "annotations" / "GUIDELINES.md"
    assert project.pinned_splits == project.annotations / "splits.json"
    assert (project.datasheet.name, project.cache.name) == ("DATASHEET.md", ".tawsim")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    license: CC-BY-4.0", "    licence: CC-BY-4.0", "unknown key 'collections.sample.licence'; known here: "),
        ("ratios: {train: 70", "ratios: {training: 70", "unknown key 'splits.ratios.training'; known here: "),
        ("ratios: {train: 70", "ratios: {train: 71", "splits.ratios: train, validation and test must add up to 100"),
        ("ratios: {train: 70", "ratios: {train: -70", "splits.ratios.train: "),
        ("text: included", "text: hidden", "collections.sample.text: "),
        ("name: harbour-news", "name: harbour news", "name: "),
        ("version: 0.1.0", "version: 1.0", "version: "),
        ("version: 0.1.0", "version: v1.0.0", "version: 'v1.0.0' is not X.Y.Z with three plain numbers"),
        ("version: 0.1.0", "version: 1.02.0", "version: '1.02.0' is not X.Y.Z"),
        ("ngram: 3", "ngram: 0", "near_duplicates.ngram: "),
        ("title: Harbour News", "title: Harbour News\nrepo: harbour", "repo: "),
    ],
)
def test_a_wrong_dataset_file_names_file_line_and_key(project, old, new, message):
    path, line = spoil(project, old, new)
    with pytest.raises(ConfigError) as caught:
        _ = project.dataset
    line += new.count("\n")
    assert any(problem.startswith(f"{path}:{line}: {message}") for problem in str(caught.value).split("\n"))


@pytest.mark.parametrize("name", ["Summits", "../x", "a b", "", "خبر"])
def test_a_collection_is_a_folder_name(project, name):
    spoil(project, "  sample:", f'  "{name}":')
    with pytest.raises(ConfigError, match="must be a folder name of small letters"):
        _ = project.dataset


@pytest.mark.parametrize(
    ("name", "kind", "text", "message"),
    [
        (
            "labelstudio.yaml",
            LabelStudioSettings,
            "title: t\nannotators: {a-1: {kind: person, description: d}}\naccounts: {7: b}",
            "account 7 is mapped to 'b', which is not among annotators",
        ),
        (
            "labelstudio.yaml",
            LabelStudioSettings,
            "title: t\nannotators: {sara@example.com: {kind: person, description: d}}",
            "annotator 'sara@example.com' must be a stable name",
        ),
        (
            "labelstudio.yaml",
            LabelStudioSettings,
            "title: t\nannotators:\n  a: {kind: people, description: d}",
            "labelstudio.yaml:3: annotators.a.kind: ",
        ),
        (
            "labelstudio.yaml",
            LabelStudioSettings,
            "title: t\nannotators: {}\ntags: {label: x}",
            "labelstudio.yaml:3: unknown key 'tags.label'; known here: data_key, labels, text",
        ),
        ("evaluation.yaml", EvaluationSettings, "split: dev", "evaluation.yaml:1: split: "),
        ("evaluation.yaml", EvaluationSettings, "crf: {c3: 1}", "evaluation.yaml:1: unknown key 'crf.c3'"),
        ("dataset.yaml", DatasetSettings, "name: x", "dataset.yaml:1: key 'collections' is missing"),
    ],
)
def test_other_wrong_settings(name, kind, text, message):
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, kind, name)
    assert message in str(caught.value)


def test_accounts_are_numbers_that_lead_to_names():
    text = "title: t\nannotators: {a: {kind: program, description: d}}\naccounts: {12: a}"
    assert parse_settings(text, LabelStudioSettings, "labelstudio.yaml").accounts == {12: "a"}


def test_the_nearest_parent_with_a_dataset_file_is_the_project(project, monkeypatch):
    inner = project.root / "annotations" / "sample"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert find_project().root == project.root.resolve()
    (inner / "configs").mkdir()
    (inner / "configs" / "dataset.yaml").write_text("name: inner")
    assert find_project().root == inner.resolve()


def test_a_project_that_is_named_is_taken_and_its_parents_are_not(project, monkeypatch):
    monkeypatch.chdir(project.root.parent)
    assert find_project(Path("corpus")) == Project(project.root.resolve())
    with pytest.raises(ConfigError, match=r"there is no configs/dataset\.yaml in it\. Check --project\."):
        find_project(project.root / "configs")


def test_no_project_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="no project here"):
        find_project()


def test_a_project_behind_a_closed_door(as_nobody):
    (as_nobody / "closed").mkdir(mode=0)
    with pytest.raises(FileError, match="permission denied"):
        find_project(as_nobody / "closed")


def test_article_folders_given_by_hand_come_before_the_variable(tmp_path, monkeypatch):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    monkeypatch.delenv(ARTICLES_VARIABLE, raising=False)
    assert article_folders([]) == []
    monkeypatch.setenv(ARTICLES_VARIABLE, "")
    assert article_folders([]) == []
    monkeypatch.setenv(ARTICLES_VARIABLE, str(theirs))
    assert article_folders([]) == [theirs]
    assert article_folders([ours]) == [ours]


def test_an_article_folder_that_is_none(tmp_path, monkeypatch):
    with pytest.raises(FileError, match="is no folder; the text of withheld articles is looked for there"):
        article_folders([tmp_path / "gone"])
    (tmp_path / "articles.txt").write_text("خبر")
    monkeypatch.setenv(ARTICLES_VARIABLE, str(tmp_path / "articles.txt"))
    with pytest.raises(FileError, match=r"articles\.txt: is no folder"):
        article_folders([])


def test_label_maps_are_read_by_name_and_listed(project):
    folder = project.root / "configs" / "label_maps"
    with pytest.raises(ConfigError, match="no label map 'coarse'; there are: none"):
        project.label_map("coarse")
    for name in ("wojood", "coarse"):
        (folder / f"{name}.yaml").write_text("model: {OCC: TITLE}")
    assert project.label_map("wojood").model == {"OCC": "TITLE"}
    with pytest.raises(ConfigError, match="no label map 'fine'; there are: coarse, wojood"):
        project.label_map("fine")
