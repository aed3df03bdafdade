"""A project on disk: where its files are and what configs/dataset.yaml and configs/labelstudio.yaml say."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from toolkit.configuration import Settings, check_folder, read_settings
from toolkit.errors import ConfigError, FileError
from toolkit.files import friendly
from toolkit.gate_rules import GateRules
from toolkit.gold_rules import GoldRule, gold_rules, written_out
from toolkit.schema import LabelMap, Schema, read_schema

SPLITS = ("train", "validation", "test")
ARTICLES_VARIABLE = "TAWSIM_ARTICLES"

Split = Literal["train", "validation", "test"]


class Collection(Settings):
    """A folder of articles with one provenance. `text: withheld` stores and publishes it stand-off."""

    text: Literal["included", "withheld"] = "included"
    description: str
    source: str
    license: str
    language: str = "ar"
    split: Split | None = None


class Ratios(Settings):
    """Shares of groups (not of documents) that new documents are assigned to splits by."""

    train: int = Field(ge=0)
    validation: int = Field(ge=0)
    test: int = Field(ge=0)

    @model_validator(mode="after")
    def _sum_is_100(self) -> "Ratios":
        if self.train + self.validation + self.test != 100:
            raise ValueError("train, validation and test must add up to 100")
        return self


class SplitRule(Settings):
    """How a new document finds its split: a hash of its group, with a salt that never changes."""

    ratios: Ratios
    salt: str


class NearDuplicates(Settings):
    """When two paragraphs count as copies: containment of their word n-grams, on normalised text."""

    ngram: int = Field(default=3, ge=1)
    containment: float = Field(default=0.5, gt=0, le=1)
    min_words: int = Field(default=8, ge=1)


class Author(Settings):
    """Who is cited: a person by family and given name, or a body by its name. `orcid` has four groups of four."""

    name: str | None = None
    family: str | None = None
    given: str | None = None
    affiliation: str | None = None
    orcid: str | None = Field(default=None, pattern=r"^(\d{4}-){3}\d{3}[\dX]$")

    @model_validator(mode="after")
    def _has_one_name(self) -> "Author":
        if (self.name is None) == (self.family is None) or (self.given is not None and self.family is None):
            raise ValueError("an author has either a name, or family and given")
        return self


class DatasetSettings(Settings):
    """configs/dataset.yaml. `released` is the day of this version's release."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    title: str
    summary: str
    version: str
    repo: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    homepage: str | None = None
    license: str
    license_name: str | None = None
    license_link: str | None = None
    languages: tuple[str, ...]
    annotations_creators: tuple[str, ...]
    language_creators: tuple[str, ...]
    authors: tuple[Author, ...] = ()
    released: date | None = None
    doi: str | None = Field(default=None, pattern=r"^10\.\d{4,9}/\S+$")
    gold: tuple[GoldRule, ...] = Field(default=gold_rules("ground_truth"), min_length=1)
    collections: Mapping[str, Collection]
    splits: SplitRule
    near_duplicates: NearDuplicates = NearDuplicates()
    shard_rows: int = Field(default=50_000, ge=1)

    @field_validator("gold", mode="before")
    @classmethod
    def _one_rule_stands_for_several(cls, value: Any) -> Any:
        return written_out(value)

    @field_validator("version")
    @classmethod
    def _is_semantic(cls, value: str) -> str:
        if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", value, re.ASCII):
            raise ValueError(f"{value!r} is not X.Y.Z with three plain numbers, as in 1.0.0")
        return value

    @field_validator("collections")
    @classmethod
    def _are_folder_names(cls, value: Mapping[str, Collection]) -> Mapping[str, Collection]:
        for name in value:
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
                raise ValueError(f"collection {name!r} must be a folder name of small letters, digits, - and _")
        return value


class Annotator(Settings):
    """Who (or what) annotated, told as it is."""

    kind: Literal["person", "language model", "program"]
    description: str


class Tags(Settings):
    """The names that the labelling configuration gives its tags and its data key."""

    labels: str = "label"
    text: str = "text"
    data_key: str = "text"


class LabelStudioSettings(Settings):
    """configs/labelstudio.yaml. `accounts` maps a Label Studio user id to an annotator's stable name."""

    title: str
    tags: Tags = Tags()
    annotators: Mapping[str, Annotator]
    accounts: Mapping[int, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _accounts_are_annotators(self) -> "LabelStudioSettings":
        for name in self.annotators:
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
                raise ValueError(f"annotator {name!r} must be a stable name of small letters, digits and -")
        for account, name in self.accounts.items():
            if name not in self.annotators:
                raise ValueError(f"account {account} is mapped to {name!r}, which is not among annotators")
        return self


class CrfSettings(Settings):
    """Training of `baseline:crf`: L1 and L2 weights, iterations of L-BFGS."""

    c1: float = 0.1
    c2: float = 0.1
    max_iterations: int = Field(default=100, ge=1)


class EvaluationSettings(Settings):
    """configs/evaluation.yaml. `invalid_tags` is what becomes of predicted tags where an I- continues nothing."""

    headline: Literal["word", "char", "clitic"] = "word"
    split: Split = "test"
    label_map: str | None = None
    invalid_tags: Literal["conlleval", "discard", "raise"] = "conlleval"
    gates: GateRules = GateRules()
    crf: CrfSettings = CrfSettings()


@dataclass(frozen=True)
class Project:
    """A project folder. Settings are read on first use; every path of the layout is named here and nowhere else."""

    root: Path

    @cached_property
    def dataset(self) -> DatasetSettings:
        return read_settings(self.root / "configs" / "dataset.yaml", DatasetSettings)

    @cached_property
    def labelstudio(self) -> LabelStudioSettings:
        return read_settings(self.root / "configs" / "labelstudio.yaml", LabelStudioSettings)

    @cached_property
    def evaluation(self) -> EvaluationSettings:
        path = self.root / "configs" / "evaluation.yaml"
        return read_settings(path, EvaluationSettings) if path.is_file() else EvaluationSettings()

    @cached_property
    def schema(self) -> Schema:
        return read_schema(self.root / "configs" / "labels.yaml")

    @property
    def gold_rules(self) -> tuple[GoldRule, ...]:
        """The rules that find gold, in their order. ConfigError where one names an annotator that nobody declared."""
        known = self.labelstudio.annotators
        for place, rule in enumerate(self.dataset.gold):
            if rule.annotator is not None and rule.annotator not in known:
                raise ConfigError(
                    f"gold.{place}.adjudicator: {rule.annotator!r} is not among the annotators ({', '.join(known)})",
                    where=str(self.root / "configs" / "dataset.yaml"),
                    fix="Declare the annotator in configs/labelstudio.yaml, or correct the name.",
                )
        return self.dataset.gold

    def label_map(self, name: str) -> LabelMap:
        """The map configs/label_maps/NAME.yaml. ConfigError lists those that there are."""
        folder = self.root / "configs" / "label_maps"
        path = folder / f"{name}.yaml"
        with friendly(path):
            if not path.is_file():
                known = ", ".join(sorted(p.stem for p in folder.glob("*.yaml"))) or "none"
                raise ConfigError(f"no label map {name!r}; there are: {known}", where=str(folder))
        return read_settings(path, LabelMap)

    @property
    def annotations(self) -> Path:
        return self.root / "annotations"

    @property
    def guidelines(self) -> Path:
        return self.annotations / "GUIDELINES.md"

    @property
    def pinned_splits(self) -> Path:
        return self.annotations / "splits.json"

    @property
    def datasheet(self) -> Path:
        return self.root / "DATASHEET.md"

    @property
    def dataset_changelog(self) -> Path:
        return self.annotations / "CHANGELOG.md"

    @property
    def cache(self) -> Path:
        return self.root / ".tawsim"


def read_gates(path: Path) -> GateRules:
    """The gates of a file: its section `gates`, as in configs/evaluation.yaml, or all of it where it has none."""
    with friendly(path):
        if not path.is_file():
            raise FileError("no such file with gates", where=str(path), fix="Check the path.")
        # The key alone at the start of a line, or of a file that is JSON.
        has_section = re.search(rb"""^\{?\s*["']?gates["']?\s*:""", path.read_bytes(), re.MULTILINE)
    return read_settings(path, EvaluationSettings).gates if has_section else read_settings(path, GateRules)


def article_folders(given: list[Path]) -> list[Path]:
    """Where withheld texts are looked for: the folders given, else TAWSIM_ARTICLES. FileError where one is none."""
    if not given and os.environ.get(ARTICLES_VARIABLE):
        given = [Path(os.environ[ARTICLES_VARIABLE])]
    return [check_folder(folder, "the text of withheld articles") for folder in given]


def find_project(start: Path | None = None, *, or_here: bool = False) -> Project:
    """The project in `start`, else in the nearest parent of the working folder that has configs/dataset.yaml.

    ConfigError where there is none, unless `or_here`: then the working folder is one with every setting at its default.
    """
    if start is not None:
        if not _has_project(start):
            raise ConfigError("there is no configs/dataset.yaml in it", where=str(start), fix="Check --project.")
        return Project(start.resolve())
    here = Path.cwd()
    for folder in (here, *here.parents):
        if _has_project(folder):
            return Project(folder)
    if or_here:
        return Project(here)
    raise ConfigError(
        "no project here: neither this folder nor a parent has configs/dataset.yaml",
        where=str(here),
        fix="Change into a project, or name it with --project DIR.",
    )


def _has_project(folder: Path) -> bool:
    path = folder / "configs" / "dataset.yaml"
    with friendly(path):
        return path.is_file()
