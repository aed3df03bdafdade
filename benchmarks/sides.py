"""What is measured inside Python, ours and the peers': `python -m benchmarks.sides NAME FILE`, one a process.

Each is a generator of three steps: it loads what it needs, does the work, and tells what came out.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

# Texts in a batch of a token classifier.
TAGGED_TOGETHER = 16


def score_ours(file: Path) -> Iterator[Any]:
    """All of `tawsim score` that follows the predictions: views, both modes of seqeval, diagnosis, intervals."""
    from toolkit.document import Document, Entity
    from toolkit.evaluation.predictions.prediction import Prediction, Predictions
    from toolkit.evaluation.scoring.result import DatasetName, evaluate
    from toolkit.evaluation.scoring.strata import known_mentions
    from toolkit.models.predictor import Span
    from toolkit.project import find_project
    from toolkit.tokens import TOKENIZER

    schema = find_project().schema
    rows = json.loads(file.read_bytes())["documents"]
    documents = [
        Document(row["id"], row["text"], tuple(Entity(a, b, label, f"e{a}") for a, b, label in row["gold"]))
        for row in rows
    ]
    found = {row["id"]: Prediction(row["id"], tuple(Span(*span) for span in row["predicted"])) for row in rows}
    predictions = Predictions(found, {"name": "bench"})
    known = known_mentions((row["text"], [tuple(span) for span in row["gold"]]) for row in rows[::10])
    name = DatasetName("bench", "1.0.0", "0" * 64, "test", TOKENIZER)
    del rows
    yield
    result = evaluate(documents, predictions, schema, name, train_mentions=known)
    yield
    reports = result["seqeval"].values()
    yield [[[*report[average].values()] for average in ("micro", "macro")] for report in reports]


def seqeval_bare(file: Path) -> Iterator[Any]:
    """The two calls that a user of seqeval writes, on tags that are there already."""
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2

    gold, predicted = (list(side) for side in zip(*json.loads(file.read_bytes())["rows"], strict=True))
    yield
    strict = classification_report(gold, predicted, output_dict=True, mode="strict", scheme=IOB2, zero_division=0)
    default = classification_report(gold, predicted, output_dict=True, zero_division=0)
    yield
    averages = [[report[name] for name in ("micro avg", "macro avg")] for report in (strict, default)]
    yield [[[float(number) for number in average.values()] for average in report] for report in averages]


def import_ours(file: Path) -> Iterator[Any]:
    """An export to tasks, every offset checked; labels and settings are this repository's."""
    from toolkit.labelstudio.reading.importing import import_exports
    from toolkit.project import find_project

    project = find_project()
    schema, settings = project.schema, project.labelstudio
    yield
    imported = import_exports([file], schema, settings)
    yield
    parts = [annotation for task in imported.tasks for annotation in task.annotations]
    yield [len(imported.tasks), sum(len(part.regions) for part in parts), sum(len(part.links) for part in parts)]


def json_load(file: Path) -> Iterator[Any]:
    """The same file by the standard parser, nothing checked."""
    yield
    with file.open("rb") as opened:
        tasks = json.load(opened)
    yield
    kinds = [item["type"] for task in tasks for annotation in task["annotations"] for item in annotation["result"]]
    yield [len(tasks), kinds.count("labels"), kinds.count("relation")]


def pull_ours(file: Path) -> Iterator[Any]:
    """`tawsim pull` where nothing changed, from the question who the key belongs to up to the saved state."""
    import label_studio_sdk.client  # noqa: F401  a command imports it on use, and imports are not measured

    import toolkit.labelstudio.sync.pull  # noqa: F401
    from toolkit.commands.pull import command
    from toolkit.labelstudio.server.credentials import KEY_VARIABLE, URL_VARIABLE
    from toolkit.labelstudio.sync.state import read_state, state_file
    from toolkit.project import Project

    side = json.loads(file.read_bytes())
    os.environ[URL_VARIABLE], os.environ[KEY_VARIABLE] = side["url"], side["key"]
    folder = Path(side["folder"])
    said = StringIO()
    yield
    with redirect_stdout(said):
        command(project=folder)
    yield
    state = read_state(state_file(Project(folder), side["url"]))
    yield [len(state.tasks), said.getvalue()]


def export_all(file: Path) -> Iterator[Any]:
    """What the Export button of the same project gives, not even parsed."""
    from urllib.request import ProxyHandler, Request, build_opener

    side = json.loads(file.read_bytes())
    address = f"{side['url']}/api/projects/{side['number']}/export?exportType=JSON&download_all_tasks=true"
    request = Request(address, headers={"Authorization": f"Token {side['key']}"})
    opener = build_opener(ProxyHandler({}))
    yield
    with opener.open(request) as answer:
        content = answer.read()
    yield
    yield [len(json.loads(content)), "pulled: nothing changed\n"]


def predict_ours(file: Path) -> Iterator[Any]:
    """A gazetteer over the articles of an export by the harness: checked, and kept in a journal on the disk."""
    import tempfile

    from toolkit.evaluation.predictions.journal import Journal
    from toolkit.evaluation.predictions.predict import predict

    model, documents = _gazetteer(file)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        yield
        journal = Journal(Path(folder) / "journal.jsonl", documents)
        found = predict(model, documents, known=journal.read(), keep=journal.append)
        yield
    yield [len(found), sum(len(prediction.spans) for prediction in found)]


def predict_bare(file: Path) -> Iterator[Any]:
    """The loop that one writes around a model: a batch of texts after the other."""
    model, documents = _gazetteer(file)
    texts = [document.text for document in documents]
    yield
    found = [spans for start in range(0, len(texts), 16) for spans in model.predict(texts[start : start + 16])]
    yield
    yield [len(found), sum(map(len, found))]


def _gazetteer(file: Path) -> Any:
    """A gazetteer of the first tenth of the articles of an export, and all of them without gold."""
    from toolkit.document import Document, Entity
    from toolkit.models.gazetteer import Gazetteer
    from toolkit.models.lexicon import learn
    from toolkit.project import find_project

    documents = []
    for task in json.loads(file.read_bytes()):
        regions = [item for item in task["annotations"][0]["result"] if item["type"] == "labels"]
        spans = [(item["value"], item["id"]) for item in regions]
        entities = tuple(Entity(v["start"], v["end"], v["labels"][0], name) for v, name in spans)
        documents.append(Document(task["data"]["article_id"], task["data"]["text"], entities))
    lexicon = learn(documents[: max(1, len(documents) // 10)], find_project().schema)
    return Gazetteer(lexicon, "0" * 64), [Document(document.id, document.text) for document in documents]


def tag_ours(file: Path) -> Iterator[Any]:
    """A token classifier over articles by the harness and our adapter: windows, words, journal on the disk."""
    import tempfile

    from toolkit.document import Document
    from toolkit.evaluation.predictions.journal import Journal
    from toolkit.evaluation.predictions.predict import predict
    from toolkit.models.options import Options
    from toolkit.models.predictor import Request, Training
    from toolkit.models.transformers import load
    from toolkit.project import find_project

    side, project = _classified(file), find_project()
    training = Training(list, project.schema, project.evaluation.crf, project.cache, "")
    model = load(Request(side["folder"], training, {}, Options({"batch": str(TAGGED_TOGETHER)})))
    documents = [Document(f"bench-{number}", text) for number, text in enumerate(side["texts"])]
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        yield
        journal = Journal(Path(folder) / "journal.jsonl", documents)
        found = predict(model, documents, known=journal.read(), keep=journal.append)
        yield
    yield [len(found), sum(len(prediction.spans) for prediction in found)]


def tag_bare(file: Path) -> Iterator[Any]:
    """The loop that one writes around the model: whole articles, batches by length, the class of each word."""
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    side = _classified(file)
    tokenizer = AutoTokenizer.from_pretrained(side["folder"])
    model = AutoModelForTokenClassification.from_pretrained(side["folder"]).eval()
    yield
    texts, mentions = sorted(side["texts"], key=len, reverse=True), 0
    for start in range(0, len(texts), TAGGED_TOGETHER):
        batch = tokenizer(texts[start : start + TAGGED_TOGETHER], padding=True, return_tensors="pt")
        with torch.inference_mode():
            classes = model(**batch).logits.softmax(-1).max(-1).indices.tolist()
        for row, found in enumerate(classes):
            words = batch.word_ids(row)
            firsts = [place for place, word in enumerate(words) if word is not None and word != words[place - 1]]
            mentions += sum(found[place] for place in firsts)
    yield
    yield [len(texts), mentions]


def pipeline_singly(file: Path) -> Iterator[Any]:
    """The pipeline of transformers, a text after the other, as its documentation begins."""
    yield from _pipeline(file, 1)


def pipeline_batched(file: Path) -> Iterator[Any]:
    """The pipeline of transformers with a batch size, texts in the order in which they come."""
    yield from _pipeline(file, TAGGED_TOGETHER)


def _pipeline(file: Path, batch: int) -> Iterator[Any]:
    from transformers import pipeline

    side = _classified(file)
    tag = pipeline("token-classification", model=side["folder"], aggregation_strategy="none")
    yield
    found = tag(side["texts"], batch_size=batch)
    yield
    yield [len(found), sum(not piece["word"].startswith("##") for pieces in found for piece in pieces)]


def _classified(file: Path) -> Any:
    """`folder` of the classifier and `texts`. One thread for all: two that wait for one another cost CPU time too."""
    import torch

    torch.set_num_threads(1)
    return json.loads(file.read_bytes())


SIDES = (
    *(score_ours, seqeval_bare, import_ours, json_load, pull_ours, export_all, predict_ours, predict_bare),
    *(tag_ours, tag_bare, pipeline_singly, pipeline_batched),
)


if __name__ == "__main__":
    sides = {side.__name__: side for side in SIDES}
    steps = sides[sys.argv[1]](Path(sys.argv[2]))
    next(steps)
    cpu, wall = time.process_time(), time.perf_counter()
    next(steps)
    spent = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps([*spent, next(steps)]))
