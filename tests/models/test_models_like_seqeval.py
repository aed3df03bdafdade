"""Whatever the kind of model, what `score` says of it is what seqeval says. spaCy and transformers have their own."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback_services import Asked, Reply, json_lines, serving
from sample_dataset import score

from toolkit.release.tables.reading import read_dataset

pytest_plugins = ["sample_dataset"]
FACTORY = """
import json, pathlib, re
from toolkit.models.predictor import Span

class Known:
    def __init__(self, file):
        self.file = file
        self.names = dict(json.loads(pathlib.Path(file).read_text("utf-8")))
        self.pattern = re.compile("|".join(map(re.escape, self.names)))
    def predict(self, texts):
        return [[Span(m.start(), m.end(), self.names[m.group()]) for m in self.pattern.finditer(t)] for t in texts]
    def describe(self):
        return {"name": "known", "file": self.file}

def load(names):
    return Known(names)
"""
PROGRAM = """
import json, sys
sys.path.insert(0, {folder!r})
from known_names import Known

known = Known({names!r})
for line in sys.stdin:
    row = json.loads(line)
    spans = [{{"start": s.start, "end": s.end, "label": s.label}} for s in known.predict([row["text"]])[0]]
    print(json.dumps({{"id": row["id"], "entities": spans}}), flush=True)
"""


@pytest.fixture(scope="module")
def names(sample_dataset: Path) -> dict[str, str]:
    """The mentions of the train split, the longest first, each with a label."""
    documents = read_dataset(sample_dataset).documents("train")
    found = {document.mention(entity): entity.label for document in documents for entity in document.entities}
    return dict(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))


@pytest.fixture
def folder(names: dict[str, str], tmp_path: Path) -> Path:
    """A folder with a model that knows these names, as a module and as a program."""
    (tmp_path / "names.json").write_text(json.dumps(list(names.items())), "utf-8")
    (tmp_path / "known_names.py").write_text(FACTORY, "utf-8")
    program = PROGRAM.format(folder=str(tmp_path), names=str(tmp_path / "names.json"))
    (tmp_path / "program.py").write_text(program, "utf-8")
    return tmp_path


def mentions(names: dict[str, str], text: str) -> list[tuple[int, int, str]]:
    pattern = "|".join(map(re.escape, names))
    return [(m.start(), m.end(), names[m.group()]) for m in re.finditer(pattern, text)]


def http(names: dict[str, str], asked: Asked) -> Reply:
    rows = [json.loads(line) for line in asked.body.splitlines()]
    keys = ("start", "end", "label")
    answers = [
        {"id": row["id"], "entities": [dict(zip(keys, found, strict=True)) for found in mentions(names, row["text"])]}
        for row in rows
    ]
    return Reply(json_lines(answers))


def openai(names: dict[str, str], asked: Asked) -> Reply:
    passage = asked.json["messages"][1]["content"]
    rows = [{"text": passage[start:end], "label": label} for start, end, label in mentions(names, passage)]
    message = {"role": "assistant", "content": json.dumps({"mentions": rows})}
    return Reply(json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode())


def inference(names: dict[str, str], asked: Asked) -> Reply:
    text = asked.json["inputs"]
    found = [
        {"start": start, "end": end, "word": text[start:end], "score": 0.5, "entity_group": label}
        for start, end, label in mentions(names, text)
    ]
    return Reply(json.dumps(found).encode())


@pytest.mark.parametrize("kind", ["gazetteer", "crf"])
def test_baselines(kind: str, sample_dataset: Path, tmp_path: Path) -> None:
    assert score(f"baseline:{kind}", sample_dataset, tmp_path)["scores"]["word"]["micro"]["f1"] > 0.4


def test_a_function_and_a_program(sample_dataset: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder))
    option = f"names={folder / 'names.json'}"
    one = score("python:known_names:load", sample_dataset, folder / "function", option)
    other = score(f"command:{sys.executable} {folder / 'program.py'}", sample_dataset, folder / "program")
    assert one["scores"]["word"]["micro"]["f1"] > 0.2
    assert one["scores"] == other["scores"] and one["seqeval"] == other["seqeval"]


@pytest.mark.parametrize(
    ("answer", "model", "options"),
    [
        (http, "http:{url}/ner", []),
        (openai, "openai:tiny", ["base_url={url}/v1"]),
        (inference, "hf-inference:{url}/ner", []),
    ],
)
def test_services(
    answer: Callable[[dict[str, str], Asked], Reply],
    model: str,
    options: list[str],
    names: dict[str, str],
    sample_dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-a-test")
    with serving(lambda asked: answer(names, asked)) as service:
        given = [option.format(url=service.url) for option in options]
        result = score(model.format(url=service.url), sample_dataset, tmp_path, *given)
    assert service.asked and result["scores"]["word"]["micro"]["f1"] > 0.2


def test_a_file_of_predictions(sample_dataset: Path, tmp_path: Path) -> None:
    made = score("baseline:gazetteer", sample_dataset, tmp_path / "model")
    file = tmp_path / "given" / "predictions.jsonl"
    file.parent.mkdir()
    (tmp_path / "model" / "predictions.jsonl").rename(file)
    assert score(str(file), sample_dataset, file.parent)["seqeval"] == made["seqeval"]
