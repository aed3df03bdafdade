"""README.md: front matter that is YAML with what the Hub asks for, and tables that equal counts taken from the rows."""

import re
from collections import Counter

import pytest
import yaml
from huggingface_hub import DatasetCard
from recount import losses_by_hand, markdown_tables, nested_by_hand, parquet_rows
from small_corpus import CALM, HARBOUR, TREATY, build_project, without_links, write_project

from toolkit.project import SPLITS
from toolkit.release.pages.citation import bibtex
from toolkit.release.tables.rows import CONFIGS

VARIANTS = {
    "small": {},
    "no relations": {"news": without_links([HARBOUR, TREATY]), "withheld": (), "labels": {"relations": {}}},
    "no drop labels": {"labels": {"flat_layer": {"drop": [], "keep": "innermost"}}},
    "two drop labels": {"labels": {"flat_layer": {"drop": ["TITLE", "DATE"]}}},
    "one split": {"news": [HARBOUR], "withheld": ()},
    "no mention": {"news": [CALM], "withheld": ()},
    "no text": {"news": ()},
    "no relation label argument": {
        "labels": {"relations": {"ABOUT": {"en": "Is about"}}},
        "news": [CALM],
        "withheld": (),
    },
    "everything optional": {
        "dataset": {
            "license": "other",
            "license_name": "house-licence",
            "license_link": "https://example.org/licence",
            "authors": [{"family": "الراوي", "given": "سلمى"}, {"name": "Bureau & Sons"}],
            "doi": "10.1234/x_y",
            "released": "2026-01-31",
            "homepage": "https://example.org",
            "repo": "someone/news",
            "languages": ["ar", "en"],
        }
    },
    "long descriptions": {
        "dataset": {
            "summary": "First line.\nSecond: line with {braces} | bars.",
            "collections": {
                "news": {"description": "One | two\nthree", "source": "x", "license": "CC0 |\n1.0"},
                "wire": {"description": "كلام", "source": "y", "license": "z", "text": "withheld", "split": "test"},
            },
        },
    },
}


@pytest.fixture(scope="session", params=["full", "own", "own_full", *VARIANTS])
def page(request, tmp_path_factory, repository):
    """Each dataset whose card is looked at."""
    if request.param not in VARIANTS:
        return request.getfixturevalue(request.param)
    folder = tmp_path_factory.mktemp("variant")
    return build_project(write_project(folder / "project", repository, **VARIANTS[request.param]), folder / "dataset")


def read(built):
    return (built.folder / "README.md").read_text("utf-8")


def front_and_body(built):
    _, front, body = read(built).split("---\n", 2)
    return yaml.safe_load(front), body


def tables(built):
    """The tables of the card by the first cell of their head."""
    found = {table[0][0]: table for table in markdown_tables(front_and_body(built)[1])}
    return {name: [dict(zip(table[0], row, strict=True)) for row in table[1:]] for name, table in found.items()}


def tally(rows):
    """Mentions, nested mentions and relations of stand-off rows, and of each label."""
    return {
        "articles": len(rows),
        "mentions": sum(len(row["entities"]) for row in rows),
        "nested": sum(nested_by_hand(row["entities"]) for row in rows),
        "relations": sum(len(row["relations"]) for row in rows),
        "labels": Counter(entity["label"] for row in rows for entity in row["entities"]),
        "relation labels": Counter(relation["label"] for row in rows for relation in row["relations"]),
    }


def test_front_matter_has_what_the_hub_asks_for(page):
    front, _ = front_and_body(page)
    dataset = page.project.dataset
    assert front["pretty_name"] == dataset.title
    assert front["language"] == list(dataset.languages)
    assert front["annotations_creators"] == list(dataset.annotations_creators)
    assert front["language_creators"] == list(dataset.language_creators)
    assert front["multilinguality"] == ["monolingual" if len(dataset.languages) == 1 else "multilingual"]
    assert front["size_categories"] == ["n<1K"]
    assert front["source_datasets"] == ["original"]
    assert front["task_categories"] == ["token-classification"]
    assert front["task_ids"] == ["named-entity-recognition"]
    assert "relation-extraction" in front["tags"]
    assert not any(value is None for value in front.values())
    assert DatasetCard(read(page)).data.to_dict() == front


def test_configs_of_the_front_matter_match_their_files_and_infos(page):
    front, _ = front_and_body(page)
    infos = {info["config_name"]: info for info in front["dataset_info"]}
    assert list(infos) == [entry["config_name"] for entry in front["configs"]]
    assert set(infos) <= set(CONFIGS)
    named = set()
    for entry in front["configs"]:
        assert entry["version"] == page.project.dataset.version
        assert entry.get("default", False) is (entry["config_name"] == "documents")
        splits = [file["split"] for file in entry["data_files"]]
        assert splits == [split for split in SPLITS if split in splits]
        assert splits == [split["name"] for split in infos[entry["config_name"]]["splits"]]
        for file in entry["data_files"]:
            paths = list(page.folder.glob(file["path"]))
            assert paths
            named |= set(paths)
        sizes = sum(path.stat().st_size for path in (page.folder / entry["config_name"]).iterdir())
        assert infos[entry["config_name"]]["download_size"] == sizes
    assert named == set(page.folder.glob("*/*.parquet"))


def test_nothing_is_left_unrendered(page):
    front, body = front_and_body(page)
    prose = body.replace(page.project.dataset.summary, "").replace(bibtex(page.project.dataset) or "@", "")
    assert not re.search(r"\bNone\b|\bnan\b|\bundefined\b|[{}]|\[\]|\(\)", prose)
    assert "\n\n\n" not in body
    assert not re.search(r"[^\n]\n#+ |\|\n[^|\n]", body), "a heading or the end of a table without an empty line"
    assert body.endswith("\n")
    assert f"# {front['pretty_name']} {page.manifest['version']}\n" in body
    assert page.manifest["content_digest"] in body


def test_collections_are_counted(page):
    standoff, here = (
        parquet_rows(page.folder, "standoff"),
        {row["id"] for row in parquet_rows(page.folder, "documents")},
    )
    documents = page.manifest["documents"]
    rows = {row["collection"].strip("`"): row for row in tables(page)["collection"]}
    assert set(rows) == {entry["collection"] for entry in documents.values()}
    for name, row in rows.items():
        members = [r for r in standoff if documents[r["id"]]["collection"] == name]
        counts = tally(members)
        for column in ("articles", "mentions", "nested", "relations"):
            assert int(row[column]) == counts[column]
        assert int(row["with text here"]) == sum(member["id"] in here for member in members)


def test_splits_are_counted(page):
    standoff, ner = parquet_rows(page.folder, "standoff"), parquet_rows(page.folder, "ner")
    rows = tables(page)["split"]
    assert [row["split"] for row in rows] == [s for s in SPLITS if any(r["split"] == s for r in standoff)]
    for row in rows:
        counts = tally([r for r in standoff if r["split"] == row["split"]])
        sentences = [r for r in ner if r["split"] == row["split"]]
        for column in ("articles", "mentions", "relations"):
            assert int(row[column]) == counts[column]
        assert int(row["sentences"]) == len(sentences)
        assert int(row["words"]) == sum(len(r["tokens"]) for r in sentences)
        texts = [r for r in parquet_rows(page.folder, "documents") if r["split"] == row["split"]]
        assert int(row["with text here"]) == len(texts)


@pytest.mark.parametrize(
    ("table", "counted", "part"), [("entity", "labels", "entities"), ("relation", "relation labels", "relations")]
)
def test_labels_are_counted_in_each_split(table, counted, part, page):
    standoff = parquet_rows(page.folder, "standoff")
    declared = getattr(page.project.schema, part)
    rows = tables(page).get(table, [])
    assert [row[table] for row in rows] == list(declared)
    for row in rows:
        assert row["meaning"]
        for split in {r["split"] for r in standoff}:
            counts = tally([r for r in standoff if r["split"] == split])[counted]
            assert int(row[split]) == counts[row[table]]


def test_arguments_of_relations_are_told(page):
    for row in tables(page).get("relation", []):
        kind = page.project.schema.relations[row["relation"]]
        arrow = " – " if kind.symmetric else " → "
        head, tail = row["arguments"].split(arrow)
        assert head.split(", ") == list(kind.head or ["any"])
        assert tail.split(", ") == list(kind.tail or ["any"])


def test_what_the_flat_layer_loses_is_counted(page):
    losses = losses_by_hand(page.folder, page.manifest["labels"])
    rows = {row["reason"]: row for row in tables(page).get("reason", [])}
    assert set(rows) == set(losses)
    for reason, by_label in losses.items():
        assert int(rows[reason]["mentions"]) == sum(by_label.values())
        assert rows[reason]["of these"] == ", ".join(f"{label} {n}" for label, n in sorted(by_label.items()))
    _, body = front_and_body(page)
    total, lost = re.search(r"Of (\d+) mentions in texts that are here it leaves out (\d+)", body).groups()
    documents = parquet_rows(page.folder, "documents")
    assert int(total) == sum(len(row["entities"]) for row in documents)
    assert int(lost) == sum(sum(by_label.values()) for by_label in losses.values())
    for label in page.project.schema.flat_layer.drop:
        assert re.search(rf"whole words: .*{label}.* (is|are) left out", body)


def test_mentions_that_cut_a_word_are_counted(page):
    words = {}
    for row in parquet_rows(page.folder, "ner"):
        words.setdefault(row["document_id"], []).extend(zip(row["token_start"], row["token_end"], strict=True))
    cutting = 0
    for row in parquet_rows(page.folder, "documents"):
        for entity in row["entities"]:
            borders = (entity["start"], entity["end"])
            cutting += any(start < border < end for start, end in words[row["id"]] for border in borders)
    _, body = front_and_body(page)
    assert int(re.search(r"(\d+) mentions start or end inside a word", body)[1]) == cutting


def test_only_configs_that_load_are_shown(page):
    front, body = front_and_body(page)
    shown = re.findall(r'load_dataset\("\S+?"(?:, "(\w+)")?\)', body)
    assert [name or "documents" for name in shown] == [entry["config_name"] for entry in front["configs"]]


def test_annotators_that_worked_are_named_as_what_they_are(small):
    _, body = front_and_body(small)
    assert "- `draft-1` (language model): Drafted by a language model" in body
    assert "- `reader-2` (person): Reads twice." in body
    assert "a-new-one" not in body


def test_the_withheld_section_is_there_only_with_withheld_articles(small, repository, tmp_path):
    assert "The text of 2 articles may not be passed on." in front_and_body(small)[1]
    built = build_project(write_project(tmp_path / "project", repository, withheld=()), tmp_path / "dataset")
    assert "may not be passed on" not in front_and_body(built)[1]


def test_the_licence_of_the_settings_is_in_the_front_matter(repository, tmp_path):
    named = {"license": "other", "license_name": "house-licence"}
    for number, more in enumerate(({}, {"license_link": "https://example.org/licence"})):
        project = write_project(tmp_path / f"project-{number}", repository, dataset={**named, **more})
        front, _ = front_and_body(build_project(project, tmp_path / f"dataset-{number}"))
        assert {key: value for key, value in front.items() if key.startswith("license")} == {**named, **more}


def test_words_that_yaml_would_take_for_something_else_stay_words(repository, tmp_path, load):
    odd = {"title": "no: 1.0 # --- {x}", "languages": ["no"], "version": "1.10.0", "authors": [{"name": "no"}]}
    built = build_project(write_project(tmp_path / "project", repository, dataset=odd), tmp_path / "dataset")
    front, _ = front_and_body(built)
    assert (front["pretty_name"], front["language"]) == (odd["title"], ["no"])
    assert {str(rows.info.version) for rows in load(built.folder).values()} == {"1.10.0"}
