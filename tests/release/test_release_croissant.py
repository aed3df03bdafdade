"""croissant.json, read with mlcroissant, says of a dataset folder what the files themselves say."""

import hashlib
import json
from pathlib import Path

import mlcroissant
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from recount import parquet_rows
from small_corpus import HARBOUR, build_project, without_links, write_project

from toolkit.release.pages.citation import bibtex
from toolkit.release.pages.datasheet import responsible_ai
from toolkit.release.tables.rows import CONFIGS

RECOMMENDED = ("datePublished",)


def written(folder):
    return json.loads((folder / "croissant.json").read_bytes())


def opened(folder):
    return mlcroissant.Dataset(folder / "croissant.json")


def by_id(nodes):
    return {node["@id"]: node for node in nodes}


def walk(node):
    """Every object of a JSON value."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def plain(value):
    """A record of mlcroissant with the names of the columns in place of field ids, and text in place of bytes."""
    if isinstance(value, dict):
        return {name.rsplit("/", 1)[-1]: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.decode() if isinstance(value, bytes) else value


def leaves_of_field(field, repeated=False):
    repeated = repeated or field.get("repeated", False)
    if "subField" in field:
        return {path: kind for sub in field["subField"] for path, kind in leaves_of_field(sub, repeated).items()}
    types = field["dataType"] if isinstance(field["dataType"], list) else [field["dataType"]]
    return {field["@id"]: (types[0], repeated)}


def leaves_of_column(path, kind, repeated=False):
    if pa.types.is_list(kind):
        return leaves_of_column(path, kind.value_type, True)
    if pa.types.is_struct(kind):
        found = {}
        for inner in kind:
            found |= leaves_of_column(f"{path}/{inner.name}", inner.type, repeated)
        return found
    return {path: ("sc:Integer" if pa.types.is_integer(kind) else "sc:Text", repeated)}


@pytest.fixture
def build_changed(tmp_path, repository):
    """Builds the composed project with other settings."""

    def build(**changes):
        return build_project(write_project(tmp_path / "project", repository, **changes), tmp_path / "dataset")

    return build


def test_mlcroissant_finds_no_error_and_misses_only_what_nobody_told(built, caplog):
    issues = opened(built.folder).metadata.ctx.issues
    assert issues.errors == set()
    assert len(issues.warnings) == len(RECOMMENDED)
    assert all(any(name in line for name in RECOMMENDED) for line in issues.warnings)
    assert "not standard" not in caplog.text


@pytest.mark.parametrize("config", CONFIGS)
def test_the_records_that_mlcroissant_reads_are_those_of_the_files(built, config):
    records = [plain(record) for record in opened(built.folder).records(config)]
    assert records == parquet_rows(built.folder, config)
    assert len(records) > 0


def test_files_of_one_split_are_read_as_one(build_changed):
    built = build_changed(dataset={"shard_rows": 2})
    assert len(list((built.folder / "ner").glob("train-*"))) > 1
    for config in CONFIGS:
        rows = parquet_rows(built.folder, config)
        assert [plain(record) for record in opened(built.folder).records(config)] == rows


def test_a_split_can_be_asked_for(small):
    for split in ("train", "validation", "test"):
        records = opened(small.folder).records("documents", filters={"documents/split": split})
        assert [plain(r)["id"] for r in records] == [
            row["id"] for row in parquet_rows(small.folder, "documents") if row["split"] == split
        ]


def test_every_parquet_file_is_there_once_with_its_hash(built):
    objects = [node for node in written(built.folder)["distribution"] if node["@type"] == "cr:FileObject"]
    assert [node["contentUrl"] for node in objects] == [node["@id"] for node in objects]
    assert sorted(node["contentUrl"] for node in objects) == sorted(
        path.relative_to(built.folder).as_posix() for path in built.folder.rglob("*.parquet")
    )
    for node in objects:
        content = (built.folder / node["contentUrl"]).read_bytes()
        assert node["sha256"] == hashlib.sha256(content).hexdigest()
        assert node["contentSize"] == f"{len(content)} B"
        assert node["encodingFormat"] == "application/x-parquet"


def test_every_column_is_a_field_of_its_type(built):
    records = by_id(written(built.folder)["recordSet"])
    for config in CONFIGS:
        told, found = {}, {}
        for field in records[config]["field"]:
            told |= leaves_of_field(field)
        for column in pq.read_schema(next((built.folder / config).glob("*.parquet"))):
            found |= leaves_of_column(f"{config}/{column.name}", column.type)
        assert told == found | {f"{config}/split": ("sc:Text", False)}


def test_every_offset_says_its_unit_and_that_ends_are_exclusive(built):
    fields = [node for node in walk(written(built.folder)) if node.get("@type") == "cr:Field"]
    offsets = [f for f in fields if f["name"] in ("start", "end", "token_start", "token_end")]
    assert len(offsets) == 13
    assert all("code points" in field["description"] for field in offsets)
    assert all(("exclusive" in field["description"]) == field["name"].endswith("end") for field in offsets)
    (length,) = [field for field in fields if field["name"] == "length"]
    assert "code points" in length["description"]


def test_spans_are_repeated_fields_with_fields_in_them(small):
    fields = by_id(by_id(written(small.folder)["recordSet"])["documents"]["field"])
    entities = fields["documents/entities"]
    assert entities["repeated"] is True
    assert [field["name"] for field in entities["subField"]] == ["id", "start", "end", "label", "text"]
    assert fields["documents/meta"].get("repeated") is None


def test_labels_tags_and_splits_are_enumerated_and_referred_to(built):
    dataset, schema = opened(built.folder), built.project.schema
    entities, relations, tags, splits = (
        [plain(record) for record in dataset.records(name)]
        for name in ("entity_labels", "relation_labels", "tags", "splits")
    )
    assert [(row["name"], row["description"]) for row in entities] == [(n, e.en) for n, e in schema.entities.items()]
    assert [(row["name"], row["description"]) for row in relations] == [(n, r.en) for n, r in schema.relations.items()]
    assert [(row["id"], row["name"]) for row in tags] == list(enumerate(schema.tags))
    assert [row["name"] for row in splits] == ["train", "validation", "test"]
    content = written(built.folder)
    defined = {node["@id"] for node in walk(content) if "@type" in node and "@id" in node}
    assert {node["@id"] for node in walk(content) if node.keys() == {"@id"}} <= defined
    fields = {node["@id"]: node for node in walk(content) if node.get("@type") == "cr:Field"}
    for name, target in {
        "documents/entities/label": "entity_labels/name",
        "documents/relations/label": "relation_labels/name",
        "relations/head/label": "entity_labels/name",
        "relations/label": "relation_labels/name",
        "ner/split": "splits/name",
        "standoff/split": "splits/name",
    }.items():
        assert fields[name]["references"] == {"field": {"@id": target}}


def test_it_repeats_the_settings_and_adds_nothing(small):
    metadata, settings = opened(small.folder).metadata, small.project.dataset
    assert metadata.name == settings.name
    assert metadata.description == settings.summary
    assert str(metadata.version) == "1.2.3"
    assert metadata.license == [settings.license]
    assert metadata.in_language == ["ar"]
    assert "http://mlcommons.org/croissant/1.0" in metadata.conforms_to
    assert metadata.url is metadata.date_published is None
    assert metadata.cite_as == bibtex(settings)
    assert [creator.name for creator in metadata.creators] == ["Tawsim contributors"]
    assert not metadata.publisher
    assert not any(name.lower().startswith("date") for node in walk(written(small.folder)) for name in node)


def test_what_is_configured_is_in_it(build_changed):
    link = "https://example.org/licence"
    told = {
        "homepage": "https://example.org/corpus",
        "repo": "someone/corpus",
        "authors": [{"name": "Wire desk"}],
        "released": "2026-01-31",
    }
    built = build_changed(dataset={**told, "license": "other", "license_name": "ours", "license_link": link})
    metadata = opened(built.folder).metadata
    assert (metadata.url, metadata.license) == (told["homepage"], [link])
    assert metadata.cite_as == bibtex(built.project.dataset)
    assert ([creator.name for creator in metadata.creators], f"{metadata.date_published:%Y-%m-%d}") == (
        ["Wire desk"],
        told["released"],
    )
    assert not metadata.ctx.issues.warnings


def test_without_a_homepage_the_repository_is_the_page(build_changed):
    metadata = opened(build_changed(dataset={"repo": "someone/corpus"}).folder).metadata
    assert metadata.url == "https://huggingface.co/datasets/someone/corpus"


def test_responsible_ai_terms_say_what_the_settings_say(small):
    metadata = opened(small.folder).metadata
    annotators = small.project.labelstudio.annotators
    assert metadata.data_collection.splitlines() == [
        "news: Composed for tests. Source: composed. License: CC-BY-4.0.",
        "wire: Composed for tests. Source: composed. License: CC-BY-4.0.",
    ]
    draft = f"draft-1 (language model): {annotators['draft-1'].description}"
    assert {draft, "reader-2 (person): Reads twice."} < set(metadata.data_annotation_protocol)
    assert metadata.machine_annotation_tools == [draft]
    (limit,) = metadata.data_limitations
    assert limit.startswith("wire: the text of 2 articles is withheld")


def test_collections_and_annotators_without_an_article_are_not_told(build_changed):
    metadata = opened(build_changed(news=(HARBOUR,), withheld=()).folder).metadata
    assert metadata.data_collection.startswith("news: ")
    assert "wire" not in metadata.data_collection
    assert not any("reader-2" in line for line in metadata.data_annotation_protocol)
    assert not metadata.data_limitations


def test_a_copy_with_withheld_texts_has_no_open_licence(full):
    metadata = opened(full.folder).metadata
    assert metadata.license == ["contains-text-that-may-not-be-passed-on"]
    assert not metadata.data_limitations


def test_equal_articles_give_equal_bytes_and_the_manifest_knows_them(small, tmp_path):
    again = build_project(small.project, tmp_path / "again")
    content = (small.folder / "croissant.json").read_bytes()
    assert (again.folder / "croissant.json").read_bytes() == content
    assert small.manifest["files"]["croissant.json"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert str(Path(small.folder).parent).encode() not in content


def test_without_any_text_it_describes_standoff_only(build_changed):
    built = build_changed(news=())
    dataset = opened(built.folder)
    names = [record_set.uuid for record_set in dataset.metadata.record_sets]
    assert names == ["splits", "entity_labels", "relation_labels", "tags", "standoff"]
    assert [plain(record) for record in dataset.records("standoff")] == parquet_rows(built.folder, "standoff")
    assert [plain(record)["name"] for record in dataset.records("splits")] == ["test"]


def test_a_schema_without_relations_is_described(build_changed):
    built = build_changed(news=without_links((HARBOUR,)), withheld=(), labels={"relations": {}})
    dataset = opened(built.folder)
    assert dataset.metadata.ctx.issues.errors == set()
    assert not {"relations", "relation_labels"} & {record_set.uuid for record_set in dataset.metadata.record_sets}
    assert [plain(record) for record in dataset.records("documents")] == parquet_rows(built.folder, "documents")


def test_the_answers_of_the_datasheet_are_the_responsible_ai_terms(own):
    metadata = opened(own.folder).metadata
    sheet = (own.folder / "DATASHEET.md").read_text("utf-8")
    found = responsible_ai(sheet)
    assert len(found) == 9 and found["dataSocialImpact"] in sheet
    assert metadata.personal_sensitive_information == [found["personalSensitiveInformation"]]
    assert metadata.data_biases == [found["dataBiases"]]
    assert metadata.data_limitations[-1] == found["dataLimitations"]
    assert metadata.data_social_impact == found["dataSocialImpact"]
    assert metadata.data_release_maintenance_plan == found["dataReleaseMaintenancePlan"]
    assert metadata.ctx.issues.errors == set()
