"""Flair, Stanza, GLiNER and CAMeL Tools with models trained from scratch, each in an environment of its own.

TAWSIM_FLAIR_PYTHON and so on name the interpreter of an environment with the library, orjson, pydantic and PyYAML.
"""

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sample_dataset import score, sentences_of, spans_in

from toolkit.release.tables.reading import read_dataset
from toolkit.tokens import sentences

pytest_plugins = ["sample_dataset"]
SCRIPTS = Path(__file__).parent / "elsewhere"
REPOSITORY = Path(__file__).parents[2]
VOCALISED = "قَالَ كَرِيمٌ ٱلْعَطَّارُ إِنَّهُ وَصَلَ إِلَى تُونِسَ."
ODD = f"\ufeffوصل كر\u200cيم  العطار\r\nإلى ({VOCALISED}) \u064e \u064b 👍🏽 أمس\u2028وزارة الصحة. {'نعم ' * 300}"


class Elsewhere(NamedTuple):
    """A library in its environment, and a model of it that was trained there.

    Stanza comes with our words, and with a tokenizer of its own that is trained too.
    """

    python: str
    target: str
    options: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    reads_on: bool = False

    @property
    def kind(self) -> str:
        return self.target.partition(":")[0]

    @property
    def program(self) -> list[str]:
        given = [argument for option in self.options for argument in ("--option", option)]
        variables = [f"PYTHONPATH={REPOSITORY}", "OMP_NUM_THREADS=1", *self.variables]
        return ["env", *variables, self.python, "-W", "ignore", "-m", "toolkit.models.serve", self.target, *given]


@pytest.fixture(scope="module", params=["flair", "stanza", "stanza-words", "gliner", "camel"])
def elsewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sample_dataset: Path) -> Any:
    kind, _, words = request.param.partition("-")
    variable = f"TAWSIM_{kind.upper()}_PYTHON"
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"needs an environment with {kind}: set {variable} to its interpreter")
    folder = tmp_path_factory.mktemp(kind)
    (folder / "sentences.json").write_text(json.dumps(sentences_of(sample_dataset, "train")), "utf-8")
    script = [python, "-W", "ignore", str(SCRIPTS / f"train_{kind}.py"), str(folder / "sentences.json"), str(folder)]
    threads = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(script, capture_output=True, text=True, cwd=folder, env=threads, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    ours = ("words=tawsim", f"ner={folder / 'ar' / 'ner' / 'own.pt'}", f"dir={folder / 'none'}")
    return {
        "flair": Elsewhere(python, f"flair:{folder / 'final-model.pt'}"),
        "stanza": Elsewhere(python, "stanza:ar", (f"dir={folder}",) if words else ours, reads_on=bool(words)),
        "gliner": Elsewhere(python, f"gliner:{folder / 'model'}", ("prompts=names", "threshold=0.02"), reads_on=True),
        "camel": Elsewhere(python, f"camel:{folder / 'model'}", (), (f"CAMELTOOLS_DATA={folder / 'catalogue'}",)),
    }[kind]


def answers(elsewhere: Elsewhere, *texts: str) -> list[dict[str, Any]]:
    lines = "".join(json.dumps({"id": str(place), "text": text}) + "\n" for place, text in enumerate(texts))
    done = subprocess.run(elsewhere.program, input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_moved(elsewhere: Elsewhere, first: dict[str, Any], moved: dict[str, Any], place: int) -> None:
    """What was found stands `place` further on; where the library reads over the end of a sentence, something does."""
    there = [(e["start"], e["end"], e["label"]) for e in moved["entities"] if e["start"] >= place]
    found = [(e["start"] + place, e["end"] + place, e["label"]) for e in first["entities"]]
    assert found and (there if elsewhere.reads_on else there == found)


def test_a_model_trained_in_its_own_environment_is_scored_by_command(
    elsewhere: Elsewhere, sample_dataset: Path, tmp_path: Path
) -> None:
    result = score(f"command:{shlex.join(elsewhere.program)}", sample_dataset, tmp_path, "batch=8")
    micro = result["scores"]["word"]["micro"]
    print(f"\n{elsewhere.kind}: word {micro['f1']:.3f}, char {result['scores']['char']['micro']['f1']:.3f}")
    assert micro["pred"] > 50 and (micro["f1"] > 0.15 or elsewhere.kind == "gliner")
    texts = {document.id: document.text for document in read_dataset(sample_dataset).documents("test")}
    for name, spans in spans_in(tmp_path / "predictions.jsonl").items():
        borders = sentences(texts[name])
        for start, end, _ in spans:
            mention = texts[name][start:end]
            assert mention == mention.strip(), mention
            assert elsewhere.reads_on or any(a <= start and end <= b for a, b in borders), mention


def test_offsets_hold_in_a_text_of_signs_that_libraries_drop(elsewhere: Elsewhere) -> None:
    """What is found in the plain sentence is found at its place behind everything that could move offsets."""
    plain = "وصل كريم إلى تونس.\nقالت وزارة الصحة إن الطقس جميل."
    before = "\ufeff\u200b 👍🏽 \u064b\r\n\u2028"
    first, moved, odd = answers(elsewhere, plain, before + plain, ODD)
    place = len(before)
    assert_moved(elsewhere, first, moved, place)
    assert "error" not in odd and all(0 <= e["start"] < e["end"] <= len(ODD) for e in odd["entities"])
    if elsewhere.kind == "stanza" and elsewhere.reads_on:
        return  # its small tokenizer may well cut a word
    starts = [ODD[e["start"]] for e in odd["entities"]]
    assert not any(char in "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u200c\ufeff" for char in starts)


def test_a_long_text_is_read_to_its_end(elsewhere: Elsewhere) -> None:
    """1,600 words without a stop, then the sentence in which something is found when it stands alone."""
    sentence = "وصل كريم العطار إلى تونس."
    alone, long = answers(elsewhere, sentence, f"{'كلام ' * 1600}\n{sentence}")
    place = len("كلام ") * 1600 + 1
    assert_moved(elsewhere, alone, long, place)
    assert "seen" not in long


def test_what_is_no_model_is_told_in_one_line(elsewhere: Elsewhere, tmp_path: Path) -> None:
    kind = elsewhere.kind
    (tmp_path / "no-model.pt").write_text("none")
    target = {"stanza": "stanza:ar", "flair": f"flair:{tmp_path / 'no-model.pt'}"}.get(kind, f"{kind}:{tmp_path}")
    options = (f"ner={tmp_path / 'no-model.pt'}", "words=tawsim", f"dir={tmp_path}") if kind == "stanza" else ()
    wrong = elsewhere._replace(target=target, options=options)
    done = subprocess.run(wrong.program, input="", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"error: {target}: ") and "Traceback" not in done.stderr
