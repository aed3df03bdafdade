"""Scores as the Hub takes them, read back by huggingface_hub itself; a proposal over its protocol on loopback."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries
from model_hub import HEAD, REPO, TOKEN, ModelHub, running
from reported import documents, result_of

from toolkit.errors import ConfigError, IncompleteError
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.evaluation.reports.files import write_hub_results
from toolkit.evaluation.reports.hub_results import HubDataset
from toolkit.files import to_json
from toolkit.models.predictor import Pair, Span
from toolkit.schema import Schema

DATASET = HubDataset("someone/composed-news", "Composed News")
CARD = """---
license: apache-2.0
model-index:
- name: our-model
  results:
  - task: {type: token-classification, name: Named entity recognition}
    dataset: {name: Composed News, type: someone/composed-news, config: ner, split: test, revision: %s}
    metrics:
    - {type: f1, value: 0.111, name: 'F1, word view, micro'}
  - task: {type: token-classification}
    dataset: {name: Other, type: other/other}
    metrics:
    - {type: f1, value: 0.5, name: F1}
---
# Our model

نموذج للأسماء.
""" % ("a" * 40)
# In a process of its own: huggingface_hub reads its settings when it is imported.
PROPOSE = """
import json, sys
from pathlib import Path
from toolkit.evaluation.reports.hub_request import propose
from toolkit.evaluation.reports.hub_results import HubDataset
from toolkit.release.hub.faults import in_words
with in_words(sys.argv[1]):
    print(propose(sys.argv[1], json.loads(Path(sys.argv[2]).read_text("utf-8")), HubDataset(*sys.argv[3:])))
"""


@pytest.fixture(scope="module")
def result(schema: Schema) -> dict[str, Any]:
    found = {}
    for document in documents():
        spans = tuple(Span(e.start, e.end, e.label) for e in document.entities if e.label != "GPE")
        pairs = (Pair(1, 2, "HEAD_OF"),) if document.relations else ()
        found[document.id] = Prediction(document.id, spans, relations=pairs)
    made = result_of(schema, predictions=found)
    return {**made, "dataset": {**made["dataset"], "revision": "a" * 40}}


def test_the_files_are_read_back_by_the_library_of_the_hub(result: dict[str, Any], tmp_path: Path) -> None:
    entries, index = write_hub_results(tmp_path, result, DATASET)
    assert entries == tmp_path / ".eval_results" / "someone--composed-news.yaml"
    read = parse_eval_result_entries(yaml.safe_load(entries.read_text("utf-8")))
    values = {entry.task_id: entry.value for entry in read}
    assert values["ner_word_micro_f1"] == result["scores"]["word"]["micro"]["f1"]
    assert values["ner_char_micro_f1"] == result["scores"]["char"]["micro"]["f1"]
    assert values["re_strict_micro_f1"] == 1.0 and set(values) == {
        "ner_word_micro_f1", "ner_char_micro_f1", "re_strict_micro_f1", "re_boundaries_micro_f1"
    }  # fmt: skip
    assert {(entry.dataset_id, entry.dataset_revision) for entry in read} == {(DATASET.repo, "a" * 40)}
    assert all(result["signature"] in entry.notes for entry in read)
    card = ModelCard(index.read_text("utf-8"))
    assert card.data.model_name == "test"
    named = {each.metric_name: each.metric_value for each in card.data.eval_results}
    assert named["F1, word view, micro"] == result["scores"]["word"]["micro"]["f1"]
    assert named["Recall, char view, micro"] == result["scores"]["char"]["micro"]["recall"]
    assert {each.dataset_type for each in card.data.eval_results} == {DATASET.repo}


def test_what_is_not_for_the_hub_is_refused(schema: Schema, tmp_path: Path) -> None:
    with pytest.raises(IncompleteError, match="an incomplete result is not for the Hub"):
        write_hub_results(tmp_path, result_of(schema, predictions={}), DATASET)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigError, match="Set `repo: NAMESPACE/NAME`"):
        HubDataset.of({"settings": {"name": "composed", "title": "Composed", "repo": None}})


def proposed(hub: ModelHub, result: dict[str, Any], folder: Path, repo: str = REPO) -> subprocess.CompletedProcess[str]:
    file = folder / "result.json"
    file.write_text(to_json(result), "utf-8")
    environment = {
        "HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HOME": str(folder / "hf"), "HF_HUB_DISABLE_TELEMETRY": "1",
        "PATH": "", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }  # fmt: skip
    command = [sys.executable, "-c", PROPOSE, repo, str(file), DATASET.repo, DATASET.title]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_a_proposal_keeps_the_card_and_replaces_the_same_score(result: dict[str, Any], tmp_path: Path) -> None:
    with running(ModelHub({"README.md": CARD.encode()})) as hub:
        done = proposed(hub, result, tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == f"{hub.url}/{REPO}/discussions/1"
    ((header, files),) = hub.proposals
    assert header["parentCommit"] == HEAD and DATASET.repo in header["summary"]
    assert set(files) == {"README.md", ".eval_results/someone--composed-news.yaml"}
    card = ModelCard(files["README.md"].decode())
    assert card.text.strip().endswith("نموذج للأسماء.") and card.data.license == "apache-2.0"
    assert card.data.model_name == "our-model"
    scores = [(each.dataset_type, each.metric_name, each.metric_value) for each in card.data.eval_results]
    assert ("other/other", "F1", 0.5) in scores
    ours = [value for _, name, value in scores if name == "F1, word view, micro"]
    assert ours == [result["scores"]["word"]["micro"]["f1"]]


def test_a_proposal_to_a_repository_without_a_card(result: dict[str, Any], tmp_path: Path) -> None:
    with running(ModelHub()) as hub:
        assert proposed(hub, result, tmp_path).returncode == 0
    card = ModelCard(hub.proposals[0][1]["README.md"].decode())
    assert card.data.model_name == "test" and len(card.data.eval_results) == 12


def test_a_proposal_that_the_hub_refuses_is_one_clear_error(result: dict[str, Any], tmp_path: Path) -> None:
    with running(ModelHub(refuse=403)) as hub:
        for repo, said in ((REPO, "the token does not permit this"), ("no/body", "is not on the Hub")):
            done = proposed(hub, result, tmp_path, repo)
            assert done.returncode == 1 and said in done.stderr.splitlines()[-1] and TOKEN not in done.stderr
    with running(ModelHub({"README.md": b"---\nmodel-index: [{results: 1}]\n---\n"})) as hub:
        assert "cannot be read" in proposed(hub, result, tmp_path).stderr.splitlines()[-1]
        assert hub.proposals == []
