"""`python -m toolkit.models.serve`: real processes, alone and behind `command:`."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sample_dataset import score

from toolkit.evaluation.predictions.files import read_predictions
from toolkit.files import sha256
from toolkit.release.tables.reading import read_dataset
from toolkit.tokens import words

pytest_plugins = ["sample_dataset"]
MODEL = """
import os
from toolkit.models.predictor import Answer, Pair, Span
from toolkit.tokens import words
print("loading")

class Model:
    def __init__(self, label="PER", labels=None):
        self.label, self.labels = label, labels
    def predict(self, texts):
        print("predicting")
        os.write(1, b"from C\\n")
        return [self.answer(text, len(texts)) for text in texts]
    def answer(self, text, together):
        if "@سيئ" in text:
            raise ValueError("too\\nhard")
        if "@عدد" in text:
            return [Span(0, 1, "PER", float("nan"))]
        if "@كل" in text:
            return Answer([Span(0, 2, "PER", 0.5), Span(3, 4, "GPE")], [Pair(0, 1, "IN", 0.25)], [(0, 4)],
                {"together": together})
        return [Span(start, end, self.label, 0.5) for start, end in words(text)[9::10]]
    def describe(self):
        return {"name": "own"}

class Labels(Model):
    def answer(self, text, together):
        return Answer([], counts={label: len(meaning) for label, meaning in self.labels.items()})
"""
Serve = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Runs the program in a folder where `own.py` lies, on lines of stdin."""
    (tmp_path / "own.py").write_text(MODEL, "utf-8")

    def run(*arguments: str, lines: str = "", before: str = "") -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "toolkit.models.serve", *arguments]
        if before:
            code = f"{before}\nimport runpy, sys\nsys.argv = ['serve', *{list(arguments)!r}]\n"
            command = [sys.executable, "-c", code + "runpy.run_module('toolkit.models.serve', run_name='__main__')"]
        return subprocess.run(command, input=lines, capture_output=True, text=True, cwd=tmp_path, check=False)

    return run


def asked(*texts: str) -> str:
    return "".join(json.dumps({"id": f"d{place}", "text": text}) + "\n" for place, text in enumerate(texts))


def answers(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_model_scores_behind_command_as_in_this_process(
    serve: Serve, sample_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    here = score("python:own:Model", sample_dataset, tmp_path / "here", "label=GPE")
    program = [sys.executable, "-m", "toolkit.models.serve", "python:own:Model", "--option", "label=GPE"]
    there = score(f"command:{shlex.join(program)}", sample_dataset, tmp_path / "there", "batch=8")
    names = [tmp_path / name / "predictions.jsonl" for name in ("here", "there")]
    assert names[0].read_bytes() == names[1].read_bytes()
    assert here["scores"] == there["scores"] and here["scores"]["char"]["micro"]["pred"] > 100


def test_only_answers_come_out_on_stdout_and_all_that_an_answer_can_hold(serve: Serve) -> None:
    done = serve("python:own:Model", lines=asked("@كل شيء", "نص"))
    full, short = answers(done)
    assert full == {
        "id": "d0",
        "sha256": sha256("@كل شيء".encode()),
        "entities": [{"start": 0, "end": 2, "label": "PER", "score": 0.5}, {"start": 3, "end": 4, "label": "GPE"}],
        "relations": [{"head": 0, "tail": 1, "label": "IN", "score": 0.25}],
        "seen": [[0, 4]],
        "counts": {"together": 2},
    }
    assert short.keys() == {"id", "sha256", "entities"}
    for printed in ("loading", "predicting", "from C"):
        assert printed in done.stderr


def test_a_failing_text_costs_no_other_its_answer(serve: Serve) -> None:
    first, bad, number, last = answers(serve("python:own:Model", lines=asked("نص", "نص @سيئ", "نص @عدد", "نص")))
    assert bad == {"id": "d1", "error": "ValueError: too hard"}
    assert number.keys() == {"id", "error"} and number["error"].startswith("ValueError: Out of range float")
    assert first["entities"] == last["entities"] == []


def test_what_it_prints_is_a_predictions_file(serve: Serve, sample_dataset: Path, tmp_path: Path) -> None:
    documents = read_dataset(sample_dataset).documents("test")
    lines = "".join(json.dumps({"id": d.id, "text": d.text}, ensure_ascii=False) + "\n" for d in documents)
    done = serve("python:own:Model", lines=lines.rstrip("\n"))
    (tmp_path / "found.jsonl").write_text(done.stdout, "utf-8")
    found = read_predictions(tmp_path / "found.jsonl", documents)
    assert found.by_document.keys() == {document.id for document in documents} and not found.findings
    assert all(len(found.by_document[d.id].spans) == len(words(d.text)[9::10]) for d in documents)


def test_the_labels_are_those_of_a_file_or_of_the_project_around(
    serve: Serve, repository: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.yaml"
    labels.write_text("entities: {PER: {en: people}, GPE: {ar: مدن}, LOC: {}}", "utf-8")
    (none,) = answers(serve("python:own:Labels", lines=asked("نص")))
    (some,) = answers(serve("python:own:Labels", "--labels", str(labels), lines=asked("نص")))
    assert "counts" not in none and some["counts"] == {"PER": 6, "GPE": 3, "LOC": 3}
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "dataset.yaml").touch()
    labels.rename(tmp_path / "configs" / "labels.yaml")
    (around,) = answers(serve("python:own:Labels", lines=asked("نص")))
    assert around["counts"] == some["counts"]


@pytest.mark.parametrize(
    ("arguments", "lines", "code", "message"),
    [
        (["spacey:x"], "", 2, "error: no model 'spacey:x' and no file of that name. Did you mean spacy?"),
        (["python:own:Absent"], "", 2, "own.py: has no function Absent"),
        (["python:own:Model", "--option", "size=8"], "", 2, "got an unexpected keyword argument 'size'"),
        (["python:own:Model", "--option", "label"], "", 2, "error: 'label' is no option. Write --option KEY=VALUE"),
        (["baseline:gazetteer"], "", 2, "error: a model that is trained on the dataset cannot be served."),
        (["python:own:Model", "--labels", "absent.yaml"], "", 2, "error: absent.yaml: "),
        (["python:own:Model"], asked("نص") + "{}\n", 1, 'error: stdin, line 2: is no object with "id" and "text"'),
        (["python:own:Model"], "\n\nnot JSON", 1, 'error: stdin, line 3: is no object with "id" and "text"'),
        ([], "", 2, "the following arguments are required: MODEL"),
    ],
)
def test_what_is_wrong_is_one_line_and_its_exit_code(
    serve: Serve, arguments: list[str], lines: str, code: int, message: str
) -> None:
    done = serve(*arguments, lines=lines)
    assert done.returncode == code and message in done.stderr and "Traceback" not in done.stderr


def test_it_needs_nothing_of_ours_but_orjson_pydantic_and_yaml(serve: Serve) -> None:
    """So that it runs where the library of a model excludes the others."""
    absent = ("datasets", "huggingface_hub", "jinja2", "numpy", "pyarrow", "rich", "seqeval", "typer", "click")
    block = f"import sys\nsys.modules |= dict.fromkeys({absent!r})"
    (row,) = answers(serve("python:own:Model", lines=asked("نص"), before=block))
    assert row["entities"] == []
    assert "typer" in serve("python:typer:Typer", before=block).stderr  # the block is one


def test_answers_come_as_soon_as_they_are_there(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(MODEL, "utf-8")
    command = [sys.executable, "-m", "toolkit.models.serve", "python:own:Model"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=tmp_path, text=True
    ) as process:
        assert process.stdin and process.stdout
        for place in range(3):
            process.stdin.write(json.dumps({"id": str(place), "text": "نص" * 300_000}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == str(place)
    assert process.returncode == 0


def test_the_adapters_do_not_shadow_the_libraries_that_they_are_called_after(repository: Path) -> None:
    """`toolkit/models/spacy.py` is no spacy to a program that is started with -m."""
    code = "import importlib.util as u; import toolkit.models.serve; print(u.find_spec('http').origin)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=repository, check=True)
    assert Path(done.stdout.strip()).parent.name == "http" and os.fspath(repository / "toolkit") not in done.stdout
