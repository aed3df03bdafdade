"""A score in the two forms of the Hub: entries of `.eval_results/*.yaml`, and a `model-index` for a model's card.

Both are made by huggingface_hub's own classes. An entry holds one number for a task of a dataset, so that each score
that is published is a task of its own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from toolkit.errors import ConfigError, IncompleteError
from toolkit.evaluation.comparing.stored import model_label
from toolkit.evaluation.reports.sections import is_given

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

Json = Mapping[str, Any]
_METRICS = ("f1", "precision", "recall")


@dataclass(frozen=True, slots=True)
class HubDataset:
    """The dataset repository that was scored against, and its name for readers."""

    repo: str
    title: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "HubDataset":
        """The repository that a dataset's manifest.json names. ConfigError where it names none."""
        settings = manifest["settings"]
        if not settings.get("repo"):
            raise ConfigError(
                "results for the Hub need the dataset's repository there, and it has none",
                where=str(settings["name"]),
                fix="Set `repo: NAMESPACE/NAME` in configs/dataset.yaml and build again.",
            )
        return cls(str(settings["repo"]), str(settings["title"]))

    @property
    def file(self) -> str:
        """The path of the entries in a model's repository; that of a later run is the same."""
        return f".eval_results/{re.sub(r'[^A-Za-z0-9._-]+', '--', self.repo)}.yaml"


def eval_results_yaml(result: Json, dataset: HubDataset) -> str:
    """The entries of a result. IncompleteError where it is incomplete or has no score: it is not to be published."""
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    note = f"{result['dataset']['split']} split of version {result['dataset']['version']}; {result['signature']}"
    entries = [
        EvalResultEntry(
            dataset.repo, f"{task}_micro_f1", score["f1"], result["dataset"]["revision"], notes=_notes(score, note)
        )
        for task, _, score in _published(result)
    ]
    return _yaml(eval_result_entries_to_yaml(entries))


def eval_results(result: Json, dataset: HubDataset) -> "list[EvalResult]":
    """The scores of a result as a model-index holds them. IncompleteError as for `eval_results_yaml`."""
    from huggingface_hub import EvalResult

    return [
        EvalResult(
            task_type="token-classification",
            task_name="Named entity recognition",
            dataset_type=dataset.repo,
            dataset_name=dataset.title,
            dataset_config="ner",
            dataset_split=result["dataset"]["split"],
            dataset_revision=result["dataset"]["revision"],
            metric_type=metric,
            metric_value=score[metric],
            metric_name=f"{metric.capitalize()}, {name}",
        )
        for _, name, score in _published(result)
        for metric in _METRICS
        if score[metric] is not None
    ]


def model_index_markdown(result: Json, dataset: HubDataset) -> str:
    """The front matter to merge into the README.md of the model's repository."""
    from huggingface_hub.repocard_data import eval_results_to_model_index

    index = eval_results_to_model_index(model_label(result), eval_results(result, dataset))
    return f"---\n{_yaml({'model-index': index})}---\n"


def _published(result: Json) -> Iterator[tuple[str, str, Json]]:
    """The task, the name and the micro score of everything that gold has any of."""
    if result["status"] != "complete":
        raise IncompleteError(
            "an incomplete result is not for the Hub", where=model_label(result), fix="; ".join(result["reasons"])
        )
    blocks = {} if is_given(result) else dict(result["scores"])
    found = [(f"ner_{view}", f"{view} view, micro", blocks[view]["micro"]) for view in ("word", "char") if blocks]
    for criterion, block in (result["relations"] or {}).items():
        if block:
            found.append((f"re_{criterion}", f"relations, {criterion}, micro", block["micro"]))
    defined = [each for each in found if each[2]["gold"]]
    if not defined:
        raise IncompleteError("the result has no score that is defined", where=model_label(result))
    yield from defined


def _notes(score: Json, note: str) -> str:
    interval = score["interval"]
    told = f"95 % interval {interval[0]:.4f} to {interval[1]:.4f}, " if interval else ""
    return f"{told}{score['gold']} gold; {note}"


def _yaml(value: Any) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1000))
