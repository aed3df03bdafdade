"""README.md of the dataset: front matter that `load_dataset` reads, and a body in which every number is computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from toolkit.corpus.article import Article
from toolkit.corpus.statistics import Counts, count
from toolkit.markdown import cell
from toolkit.project import SPLITS, Annotator, DatasetSettings
from toolkit.release.pages.citation import bibtex
from toolkit.release.tables.manifest import content_digest
from toolkit.release.tables.rows import flat_losses
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card(
    dataset: DatasetSettings,
    annotators: Mapping[str, Annotator],
    articles: Sequence[Article],
    schema: Schema,
    infos: list[dict[str, Any]],
) -> str:
    """The whole README.md."""
    front = yaml.safe_dump(_front_matter(dataset, articles, infos), sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{front}---\n\n{_body(dataset, annotators, articles, schema, infos)}"


def _front_matter(dataset: DatasetSettings, articles: Sequence[Article], infos: list[dict[str, Any]]) -> dict[str, Any]:
    rows = len(articles)
    private = any(article.meta.withheld and article.text is not None for article in articles)
    licences: dict[str, Any] = {"license": "other" if private else dataset.license}
    if private:
        licences["license_name"] = "contains-text-that-may-not-be-passed-on"
    else:
        named = {"license_name": dataset.license_name, "license_link": dataset.license_link}
        licences |= {key: value for key, value in named.items() if value}
    return {
        "pretty_name": dataset.title,
        "language": list(dataset.languages),
        **licences,
        "annotations_creators": list(dataset.annotations_creators),
        "language_creators": list(dataset.language_creators),
        "multilinguality": ["monolingual" if len(dataset.languages) == 1 else "multilingual"],
        "size_categories": [next((name for limit, name in _SIZES if rows < limit), "n>1M")],
        "source_datasets": ["original"],
        "task_categories": ["token-classification"],
        "task_ids": ["named-entity-recognition"],
        "tags": ["relation-extraction", "nested-ner", "stand-off"],
        "configs": [
            {
                "config_name": info["config_name"],
                **({"default": True} if info["config_name"] == "documents" else {}),
                "version": dataset.version,
                "data_files": [
                    {"split": split["name"], "path": f"{info['config_name']}/{split['name']}-*.parquet"}
                    for split in info["splits"]
                ],
            }
            for info in infos
        ],
        "dataset_info": infos,
    }


def _body(
    dataset: DatasetSettings,
    annotators: Mapping[str, Annotator],
    articles: Sequence[Article],
    schema: Schema,
    infos: list[dict[str, Any]],
) -> str:
    environment = Environment(
        loader=PackageLoader("toolkit.release.pages"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["sum_values"] = lambda counts: sum(counts.values())
    environment.filters["cell"] = cell
    with_text = count((article for article in articles if article.text is not None), schema)
    used = {name for article in articles for name in article.meta.annotators}
    return environment.get_template("card.md.j2").render(
        dataset=dataset,
        schema=schema,
        configs=[info["config_name"] for info in infos],
        collections=_by(articles, schema, sorted({a.meta.collection for a in articles}), "collection"),
        splits=_by(articles, schema, [s for s in SPLITS if any(a.split == s for a in articles)], "split"),
        total={"mentions_here": with_text.mentions, "sub_word": with_text.sub_word},
        losses=flat_losses(articles, schema),
        annotators={name: annotator for name, annotator in annotators.items() if name in used},
        withheld=[article.id for article in articles if article.meta.withheld],
        private=[article.id for article in articles if article.meta.withheld and article.text is not None],
        place=dataset.repo or "build",
        citation=bibtex(dataset),
        tokenizer=TOKENIZER,
        digest=content_digest(articles, schema),
    )


def _by(articles: Sequence[Article], schema: Schema, values: list[str], what: str) -> dict[str, Counts]:
    def value(article: Article) -> str:
        return article.split if what == "split" else article.meta.collection

    return {name: count((article for article in articles if value(article) == name), schema) for name in values}
