"""croissant.json: a dataset folder in Croissant 1.0 (mlcommons.org/croissant/1.0) with its RAI terms, all computed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.corpus.article import Article
from toolkit.files import file_sha256
from toolkit.project import SPLITS, Annotator, Author, DatasetSettings
from toolkit.release.pages.citation import bibtex
from toolkit.release.tables.records import features
from toolkit.release.tables.rows import CONFIGS
from toolkit.schema import EntityType, RelationType, Schema

CROISSANT = "croissant.json"
_PARQUET = "application/x-parquet"
_CONFORMS_TO = ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
_TERMS = (
    "citeAs column conformsTo equivalentProperty extract field fileProperty fileObject fileSet format includes "
    "isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate "
    "separator source subField transform"
)
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{term: f"cr:{term}" for term in _TERMS.split()},
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}
_TYPES = {"string": "sc:Text", "int32": "sc:Integer"}
_SPLIT_TYPES = {"train": "cr:TrainingSplit", "validation": "cr:ValidationSplit", "test": "cr:TestSplit"}

_RECORDS = {
    "documents": "An article with its text, its entities of every depth and its relations.",
    "ner": "A sentence: its words, and the IOB2 tags of one layer of entities.",
    "relations": "A relation with its two mentions and the sentences that hold them.",
    "standoff": "An article without its text: offsets, labels and digests.",
}
_CODE_POINTS = "as a number of Unicode code points from the start of the article's text"
# By the id of a field, else by its name.
_MEANINGS = {
    "start": f"Where it starts, {_CODE_POINTS}.",
    "end": f"Where it ends (end exclusive), {_CODE_POINTS}.",
    "token_start": f"Where each word starts, {_CODE_POINTS}.",
    "token_end": f"Where each word ends (end exclusive), {_CODE_POINTS}.",
    "length": "How many Unicode code points the article's text has.",
    "text": "The code points from start to end.",
    "documents/text": "The article's text. Every offset counts its code points.",
    "entities": "The mentions. They may nest and overlap.",
    "documents/relations": "Directed pairs of mentions of this article.",
    "standoff/relations": "Directed pairs of mentions of this article.",
    "head": "The id of a mention of this article.",
    "tail": "The id of a mention of this article.",
    "relations/head": "The mention that the relation starts from.",
    "relations/tail": "The mention that the relation leads to.",
    "relations/sentence": "The sentence that holds both mentions, or the run of sentences from one to the other.",
    "relations/sentence/id": "The id of the first sentence in the record set ner.",
    "document_id": "The article's id.",
    "tokens": "The words.",
    "ner_tags": "The tag of each word, as its id in the record set tags.",
    "sha256": "The sha256 of the file that was annotated.",
    "digest": "A short digest of the mention, by which a copy of the text is proven.",
    "meta": "Where the article comes from and who annotated it.",
}


def croissant(
    dataset: DatasetSettings,
    annotators: Mapping[str, Annotator],
    articles: Sequence[Article],
    schema: Schema,
    folder: Path,
    answers: Mapping[str, str],
) -> dict[str, Any]:
    """The Croissant description of the dataset in `folder`, whose Parquet files are written already.

    `answers` are those of the datasheet by their responsible-AI term. Nothing is in it that these, the settings, the
    labels, the articles or the files do not say.
    """
    files = {config: sorted(folder.glob(f"{config}/*.parquet")) for config in CONFIGS}
    present = [config for config in CONFIGS if files[config]]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS_TO,
        **_about(dataset, articles),
        **_responsible(dataset, annotators, articles, answers),
        "distribution": [
            *(_file_set(config, files[config]) for config in present),
            *(_file_object(path, folder) for config in present for path in files[config]),
        ],
        "recordSet": [*_enumerations(articles, schema), *(_record_set(config, schema) for config in present)],
    }


def _about(dataset: DatasetSettings, articles: Sequence[Article]) -> dict[str, Any]:
    private = any(article.meta.withheld and article.text is not None for article in articles)
    license = dataset.license_link or dataset.license_name or dataset.license
    url = dataset.homepage or (f"https://huggingface.co/datasets/{dataset.repo}" if dataset.repo else None)
    cited = bibtex(dataset)
    return {
        "name": dataset.name,
        "alternateName": dataset.title,
        "description": dataset.summary,
        "version": dataset.version,
        "license": "contains-text-that-may-not-be-passed-on" if private else license,
        "inLanguage": list(dataset.languages),
        **({"url": url} if url else {}),
        **({"citeAs": cited} if cited else {}),
        **({"creator": [_creator(author) for author in dataset.authors]} if dataset.authors else {}),
        **({"datePublished": dataset.released.isoformat()} if dataset.released else {}),
    }


def _creator(author: Author) -> dict[str, str]:
    if not author.family:
        return {"@type": "sc:Organization", "name": author.name or ""}
    return {"@type": "sc:Person", "name": f"{author.given} {author.family}" if author.given else author.family}


def _responsible(
    dataset: DatasetSettings,
    annotators: Mapping[str, Annotator],
    articles: Sequence[Article],
    answers: Mapping[str, str],
) -> dict[str, Any]:
    """The RAI terms, as far as the settings speak of these articles, and the datasheet's answers under their terms."""
    used = {name for article in articles for name in article.meta.annotators}
    workers = {name: annotator for name, annotator in annotators.items() if name in used}
    told = {name: f"{name} ({worker.kind}): {worker.description}" for name, worker in workers.items()}
    machines = [told[name] for name, worker in workers.items() if worker.kind != "person"]
    collected, limits = [], []
    for name, collection in dataset.collections.items():
        here = [article for article in articles if article.meta.collection == name]
        without = sum(article.text is None for article in here)
        if here:
            facts = (collection.description, f"Source: {collection.source}", f"License: {collection.license}")
            collected.append(f"{name}: " + " ".join(f"{fact.rstrip('.')}." for fact in facts))
        if without:
            limits.append(f"{name}: the text of {without} articles is withheld; they are in standoff only.")
    limits += [answers["dataLimitations"]] if "dataLimitations" in answers else []
    rules = ", ".join(map(str, dataset.gold))
    return {
        "rai:dataCollection": "\n".join(collected),
        "rai:dataAnnotationProtocol": [*told.values(), f"Gold is found by these rules in turn: {rules}."],
        **({"rai:machineAnnotationTools": machines} if machines else {}),
        **{f"rai:{term}": answer for term, answer in answers.items() if term != "dataLimitations"},
        **({"rai:dataLimitations": limits} if limits else {}),
    }


def _file_set(config: str, paths: Sequence[Path]) -> dict[str, Any]:
    splits = {path.name.split("-")[0] for path in paths}
    return {
        "@type": "cr:FileSet",
        "@id": f"{config}-files",
        "name": f"{config}-files",
        "encodingFormat": _PARQUET,
        "includes": [f"{config}/{split}-*.parquet" for split in SPLITS if split in splits],
    }


def _file_object(path: Path, folder: Path) -> dict[str, Any]:
    name = path.relative_to(folder).as_posix()
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": _PARQUET,
        "sha256": file_sha256(path),
    }


def _enumerations(articles: Sequence[Article], schema: Schema) -> list[dict[str, Any]]:
    """The splits, the labels with their meanings, and the ids of the tags."""
    splits = [split for split in SPLITS if any(article.split == split for article in articles)]

    def labels(kinds: Mapping[str, EntityType] | Mapping[str, RelationType]) -> list[dict[str, Any]]:
        return [{"name": name, "description": kind.en or kind.ar} for name, kind in kinds.items()]

    return [
        _enumeration("splits", "cr:Split", [{"name": split, "url": _SPLIT_TYPES[split]} for split in splits]),
        _enumeration("entity_labels", "sc:Enumeration", labels(schema.entities)),
        *([_enumeration("relation_labels", "sc:Enumeration", labels(schema.relations))] if schema.relations else []),
        _enumeration("tags", "sc:Enumeration", [{"id": n, "name": tag} for n, tag in enumerate(schema.tags)]),
    ]


def _enumeration(name: str, data_type: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    types = {"id": "sc:Integer", "url": ["sc:URL", "cr:Split"]}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "dataType": data_type,
        "key": {"@id": f"{name}/{next(iter(rows[0]))}"},
        "field": [
            {"@type": "cr:Field", "@id": f"{name}/{column}", "name": column, "dataType": types.get(column, "sc:Text")}
            for column in rows[0]
        ],
        "data": [{f"{name}/{column}": value for column, value in row.items()} for row in rows],
    }


def _record_set(config: str, schema: Schema) -> dict[str, Any]:
    columns = features(schema)[config].to_dict()
    fields = [_field(schema, (config, name), kind, columns) for name, kind in columns.items()]
    if "split" not in columns:
        fields.append(_split_of_file(config))
    return {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        "description": _RECORDS[config],
        "key": {"@id": f"{config}/id"},
        "field": fields,
    }


def _field(
    schema: Schema, path: tuple[str, ...], kind: Mapping[str, Any], siblings: Mapping[str, Any]
) -> dict[str, Any]:
    """A column, or what is nested in one, from the dict that datasets writes for its type. `path` has the config."""
    if kind.get("_type") == "List":
        return {**_field(schema, path, kind["feature"], siblings), "repeated": True}
    (config, column, *nested), name, where = path, path[-1], "/".join(path)
    field: dict[str, Any] = {"@type": "cr:Field", "@id": where, "name": name}
    if meaning := _MEANINGS.get(where, _MEANINGS.get(name)):
        field["description"] = meaning
    if "_type" not in kind:
        return {**field, "subField": [_field(schema, (*path, inner), k, kind) for inner, k in kind.items()]}
    field["source"] = {"fileSet": {"@id": f"{config}-files"}, "extract": {"column": column}}
    if nested:
        field["source"]["transform"] = {"jsonPath": f"$.{'.'.join(nested)}"}
    if kind["_type"] == "ClassLabel":  # no reference to the record set tags: mlcroissant cannot join a list
        return {**field, "dataType": ["sc:Integer", "cr:Label"]}
    target = _enumeration_of(name, siblings, schema)
    return {
        **field,
        "dataType": ["sc:Text", "cr:Label"] if name == "label" else _TYPES[kind["dtype"]],
        **({"references": {"field": {"@id": f"{target}/name"}}} if target else {}),
    }


def _enumeration_of(name: str, siblings: Mapping[str, Any], schema: Schema) -> str | None:
    """The record set that enumerates the values of a column, if one does."""
    if name == "split":
        return "splits"
    if name != "label":
        return None
    if "head" not in siblings:
        return "entity_labels"
    return "relation_labels" if schema.relations else None


def _split_of_file(config: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{config}/split",
        "name": "split",
        "description": "The split, which the name of the file says.",
        "dataType": "sc:Text",
        "source": {
            "fileSet": {"@id": f"{config}-files"},
            "extract": {"fileProperty": "filename"},
            # It takes the split's own name too: mlcroissant applies it again to what it found.
            "transform": {"regex": f"^({'|'.join(SPLITS)}).*$"},
        },
        "references": {"field": {"@id": "splits/name"}},
    }
