"""`transformers:` with real checkpoints, one trained on the sample, others made by hand; from folders, from a Hub."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from loopback_hub import COMMIT, hub_of_models
from seqeval.metrics import classification_report, f1_score
from tiny_tokenizers import byte_level, save, word_piece
from trained_transformers import TRAINED, first_pieces, rows_of
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForTokenClassification,
    XLNetConfig,
    XLNetForTokenClassification,
)
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.document import Document
from toolkit.errors import DataError, UsageError
from toolkit.evaluation.predictions.predict import predict
from toolkit.models.checkpoint import own_limit
from toolkit.models.options import Options
from toolkit.models.predictor import Answer, Request, Training
from toolkit.models.registry import load_model
from toolkit.models.transformers import TokenClassifier, load
from toolkit.project import ARTICLES_VARIABLE, CrfSettings
from toolkit.release.tables.reading import read_dataset
from toolkit.schema import Schema

pytest_plugins = ["trained_transformers"]
LABELS = ["O", "B-PER", "I-PER"]
ODDS = {"محمد": {"B-PER": 0.9}, "كريم": {"B-PER": 0.75}, "العطار": {"I-PER": 0.25, "O": 0.125}}
Load = Callable[..., TokenClassifier]


@pytest.fixture
def loaded(schema: Schema, tmp_path: Path) -> Load:
    """Loads a checkpoint with options, through the registry as the commands do."""

    def load_it(folder: Path | str, **options: object) -> TokenClassifier:
        training = Training(list, schema, CrfSettings(), tmp_path, "")
        given = Options({key: str(value) for key, value in options.items()})
        model = load_model(f"transformers:{folder}", training, options=given)
        assert isinstance(model, TokenClassifier)
        return model

    return load_it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint made by hand, of 24 positions."""
    return save(tmp_path / "hand-made", word_piece(), LABELS, ODDS, limit=24)


def named(text: str, answer: Answer) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in answer.spans]


def score(model: str, project: Path, out: Path, *arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["score", model, "--project", str(project), "--out", str(out), *arguments])
    assert done.exit_code == 0, done.output
    result: dict[str, Any] = json.loads((out / "result.json").read_text("utf-8"))
    return result


def bare_tags(folder: Path, groups: Sequence[Sequence[Mapping[str, Any]]]) -> list[list[str]]:
    """Tags by the loop of the library's own examples: words in, the tag of each word from its first piece."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForTokenClassification.from_pretrained(folder)
    found = []
    for rows in groups:
        batch = first_pieces(tokenizer, [[token for row in rows for token in row["tokens"]]])
        numbers = batch.pop("labels")[0]
        with torch.no_grad():
            best = model(**batch).logits[0].argmax(-1)
        by_word = {int(n): model.config.id2label[int(c)] for n, c in zip(numbers, best, strict=True) if n >= 0}
        tags = iter([by_word[word] for word in range(len(by_word))])
        found += [[next(tags) for _ in row["tokens"]] for row in rows]
    return found


@TRAINED
@pytest.mark.parametrize("sentences", ["packed", "single"])
def test_a_trained_checkpoint_scores_what_a_bare_loop_and_seqeval_say(
    trained: Path, sample_project: Path, tmp_path: Path, sentences: str
) -> None:
    result = score(f"transformers:{trained}", sample_project, tmp_path, "--option", f"sentences={sentences}")
    rows = rows_of(sample_project, "test")
    documents = list(dict.fromkeys(row["document_id"] for row in rows))
    groups = [[row] for row in rows]
    if sentences == "packed":
        groups = [[row for row in rows if row["document_id"] == name] for name in documents]
    names = read_dataset(sample_project / "build").schema.tags
    gold = [[names[tag] for tag in row["ner_tags"]] for group in groups for row in group]
    report = classification_report(gold, bare_tags(trained, groups), output_dict=True, zero_division=0)
    ours = result["seqeval"]["default"]["micro"]
    assert ours["f1"] > 0.15
    for key, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        assert ours[key] == pytest.approx(report["micro avg"][theirs], abs=1e-12)
    assert result["coverage"]["characters"] == 1.0 and "cuts_inside_sentences" not in result["counts"]
    assert result["model"]["name"] == "transformers:tiny-ner" and str(trained) not in json.dumps(result)


@TRAINED
def test_windows_far_smaller_than_the_documents_still_read_all_of_them(
    trained: Path, sample_project: Path, tmp_path: Path
) -> None:
    results = [
        score(f"transformers:{trained}", sample_project, tmp_path / name, "--option", "window=16", *more)
        for name, more in (("a", ()), ("b", ("--option", "batch=3")))
    ]
    assert all(result["coverage"]["characters"] == 1.0 for result in results)
    assert results[0]["counts"]["cuts_inside_sentences"] > 50
    assert results[0]["scores"] == results[1]["scores"]
    assert results[0]["scores"]["word"]["micro"]["f1"] > 0.1


@TRAINED
def test_a_document_of_many_windows_is_read_to_its_end_by_the_harness(
    trained: Path, sample_project: Path, loaded: Load
) -> None:
    documents = list(read_dataset(sample_project / "build").documents("test"))
    text = "\n".join(document.text for document in documents)
    model = loaded(trained)
    (prediction,) = predict(model, [Document("long", text)])
    assert prediction.error is None and prediction.seen is None
    assert sum(span.start > len(text) * 0.9 for span in prediction.spans) > 5
    # Of sentences by themselves it says the same wherever they stand.
    single, shift, expected = loaded(trained, sentences="single"), 0, []
    for document in documents:
        (answer,) = single.predict([document.text])
        expected += [(span.start + shift, span.end + shift, span.label) for span in answer.spans]
        shift += len(document.text) + 1
    (whole,) = single.predict([text])
    assert [(span.start, span.end, span.label) for span in whole.spans] == expected


def test_the_score_of_a_mention_is_the_mean_of_its_words(loaded: Load, folder: Path) -> None:
    text = "قال كريم العطار ثم محمد"
    (answer,) = loaded(folder).predict([text])
    assert named(text, answer) == [("PER", "كريم العطار"), ("PER", "محمد")]
    others = 1e-4  # what a class has of which nothing is said
    chances = [0.75 / (0.75 + 2 * others), 0.25 / (0.25 + 0.125 + others)]
    assert answer.spans[0].score == pytest.approx(sum(chances) / 2, abs=1e-5)
    assert answer.seen is None and answer.counts == {}


def test_it_is_described_by_what_decides_its_answers(loaded: Load, folder: Path) -> None:
    told = loaded(folder, context=2, batch=4).describe()
    assert {key: told[key] for key in ("name", "limit", "window", "context", "batch", "dtype", "device")} == {
        "name": "transformers:hand-made", "limit": "24", "window": "24", "context": "2", "batch": "4",
        "dtype": "float32", "device": "cpu",
    }  # fmt: skip
    assert told["scheme"] == "BI" and told["aggregation"] == "the first piece of each word"
    assert told["torch"] == str(torch.__version__) and {"transformers", "tokenizers", "repair", "score"} <= set(told)
    assert all(type(value) is str for value in told.values())
    (folder / "trainer_state.json").write_text("{}")
    (folder / "README.md").write_text("# Of the test")
    assert loaded(folder).describe()["digest"] == told["digest"]
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    model = AutoModelForTokenClassification.from_pretrained(copy)
    with torch.no_grad():
        model.classifier.bias.add_(1e-3)
    model.save_pretrained(copy)
    assert loaded(copy).describe()["digest"] != told["digest"]


def test_a_word_that_the_tokenizer_takes_out_is_not_seen(loaded: Load, tmp_path: Path) -> None:
    from tokenizers import normalizers

    tokenizer = word_piece()
    tokenizer.normalizer = normalizers.Sequence([normalizers.Replace("ثم", ""), tokenizer.normalizer])
    text = "محمد ثم قال \u064b محمد"
    (answer,) = loaded(save(tmp_path / "m", tokenizer, LABELS, ODDS)).predict([text])
    assert named(text, answer) == [("PER", "محمد"), ("PER", "محمد")]
    assert answer.seen == [(0, 5), (7, len(text))] and answer.counts == {"words_without_pieces": 2}
    (nothing,) = loaded(tmp_path / "m").predict(["ثم"])
    assert nothing == Answer([], seen=[], counts={"words_without_pieces": 1})


def test_a_word_that_is_longer_than_the_window_is_not_seen(loaded: Load, tmp_path: Path) -> None:
    word = "م" * 8
    text = f"قا {word} قا"
    model = loaded(save(tmp_path / "m", byte_level(), LABELS, {"Ġ": {"B-PER": 0.9}}, limit=12))
    (answer,) = model.predict([text])
    assert answer.seen == [(0, 3), (11, 14)] and answer.counts["words_longer_than_window"] == 1
    assert named(text, answer) == [("PER", "قا"), ("PER", "قا")]


def rows_asked(
    model: TokenClassifier, monkeypatch: pytest.MonkeyPatch, most: int | None = None
) -> list[tuple[int, int]]:
    """The size of each batch that the model is given; with more than `most` rows it has no memory for it."""
    inner, sizes = model._checkpoint.model, []
    forward = inner.forward

    def watched(**given: Any) -> Any:
        sizes.append(tuple(given["input_ids"].shape))
        if most is not None and len(given["input_ids"]) > most:
            if most:
                raise torch.OutOfMemoryError("no memory")  # as on a GPU
            torch.empty(2**60, dtype=torch.uint8)
        return forward(**given)

    monkeypatch.setattr(inner, "forward", watched)
    return sizes


def test_windows_of_one_length_go_together_and_none_is_longer_than_the_model_reads(
    loaded: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [" ".join(["كلمة"] * size) for size in (3, 60, 1, 9, 22, 2)]
    model = loaded(folder, batch=2)
    sizes = rows_asked(model, monkeypatch)
    model.predict(texts)
    assert [rows for rows, _ in sizes[:-1]] == [2] * (len(sizes) - 1)
    lengths = [length for _, length in sizes]
    assert lengths == sorted(lengths, reverse=True) and lengths[0] == 24 and lengths[-1] <= 4


def test_where_memory_is_short_fewer_windows_go_together(
    loaded: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["قال محمد", "قال كريم العطار ثم", "ثم", "محمد"] * 2
    expected = loaded(folder).predict(texts)
    model = loaded(folder)
    sizes = rows_asked(model, monkeypatch, most=2)
    assert model.predict(texts) == expected and [rows for rows, _ in sizes] == [8, 4, 2, 2, 4, 2, 2]
    monkeypatch.undo()
    rows_asked(model, monkeypatch, most=0)
    found = predict(model, [Document("a", texts[0]), Document("b", texts[1])])
    assert [prediction.error for prediction in found] == ["the model needs more memory than there is"] * 2


def test_numbers_that_are_none_fail_the_text_and_no_other(loaded: Load, tmp_path: Path) -> None:
    folder = save(tmp_path / "m", word_piece(), LABELS, ODDS)
    model = loaded(folder)
    with torch.no_grad():
        weights = model._checkpoint.model.bert.embeddings.word_embeddings.weight
        weights[model._checkpoint.tokenizer.convert_tokens_to_ids("في")] = float("nan")
    documents = [Document("a", "قال محمد"), Document("b", "قال محمد في"), Document("c", "محمد")]
    found = predict(model, documents)
    assert [len(prediction.spans) for prediction in found] == [1, 0, 1]
    assert found[1].error is not None and "NaN" in found[1].error
    with pytest.raises(DataError, match="dtype=float32"):
        model.predict(["في"])


def test_torch_is_deterministic_while_it_predicts_and_as_before_afterwards(
    loaded: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, seen = loaded(folder), []
    forward = model._checkpoint.model.forward

    def watched(**given: Any) -> Any:
        seen.append((torch.are_deterministic_algorithms_enabled(), torch.is_grad_enabled()))
        return forward(**given)

    monkeypatch.setattr(model._checkpoint.model, "forward", watched)
    model.predict(["قال محمد"])
    assert seen == [(True, False)] and not torch.are_deterministic_algorithms_enabled()
    assert not model._checkpoint.model.training


def test_half_precision_is_an_option(loaded: Load, folder: Path) -> None:
    model, text = loaded(folder, dtype="bfloat16"), "قال محمد"
    assert model._checkpoint.model.dtype is torch.bfloat16 and model.describe()["dtype"] == "bfloat16"
    assert named(text, model.predict([text])[0]) == [("PER", "محمد")]
    assert loaded(folder)._checkpoint.model.dtype is torch.float32


def test_classes_without_names_are_named_by_an_option(loaded: Load, tmp_path: Path) -> None:
    nameless = save(tmp_path / "m", word_piece(), ["LABEL_0", "LABEL_1", "LABEL_2"], {"محمد": {"LABEL_1": 0.9}})
    with pytest.raises(UsageError, match=r"transformers:.*its labels are LABEL_0, .*--option labels=O,B-PER"):
        loaded(nameless)
    text = "قال محمد"
    assert named(text, loaded(nameless, labels="O, B-PER, I-PER").predict([text])[0]) == [("PER", "محمد")]
    with pytest.raises(UsageError, match="names 2 classes, the model has 3"):
        loaded(nameless, labels="O,PER")


def roberta(folder: Path, positions: int = 66) -> Path:
    tokenizer = byte_level()
    config = RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
        pad_token_id=0, intermediate_size=8, max_position_embeddings=positions, id2label=dict(enumerate(LABELS)),
    )  # fmt: skip
    torch.manual_seed(0)
    RobertaForTokenClassification(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]").save_pretrained(folder)
    return folder


def test_positions_that_begin_behind_the_padding_are_no_room(loaded: Load, tmp_path: Path) -> None:
    model = loaded(roberta(tmp_path / "m"))
    assert model.describe()["limit"] == "65"  # padding is number 0 here, so that positions begin with 1
    (answer,) = model.predict(["كلمة ثم محمد في مصر " * 50])
    assert answer.seen is None and answer.counts["cuts_inside_sentences"] > 10


def test_the_limit_is_the_smaller_of_what_positions_and_tokenizer_allow(tmp_path: Path) -> None:
    small = {"vocab_size": 20, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    model = RobertaForTokenClassification(RobertaConfig(**small, intermediate_size=8, max_position_embeddings=514))
    endless, short = (
        PreTrainedTokenizerFast(tokenizer_object=word_piece(), **more) for more in ({}, {"model_max_length": 128})
    )
    assert (own_limit(model, endless), own_limit(model, short)) == (512, 128)
    free = XLNetForTokenClassification(XLNetConfig(vocab_size=20, d_model=8, n_layer=1, n_head=1, d_inner=8))
    assert (own_limit(free, endless), own_limit(free, short)) == (None, 128)


def headless(folder: Path, architectures: list[str]) -> None:
    config = BertConfig(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    config.id2label = dict(enumerate(LABELS))
    BertModel(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=word_piece()).save_pretrained(folder)
    settings = json.loads((folder / "config.json").read_text()) | {"architectures": architectures}
    (folder / "config.json").write_text(json.dumps(settings))


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (shutil.rmtree, {}, "is no folder, and no id of a model. Check the path"),
        (lambda path: (path / "config.json").unlink(), {}, "there is no config.json in this folder"),
        (lambda path: headless(path, ["BertModel"]), {}, "is a BertModel, no model for token classification"),
        (lambda path: headless(path, []), {}, "has no weights for classifier.bias and 1 more. Fine-tune"),
        (lambda path: (path / "config.json").write_text('{"model_type": "vit"}'), {}, "no token classification. Fine-"),
        (lambda path: (path / "config.json").write_text('{"auto_map": {"AutoConfig": "x.Y"}, "model_type": "own"}'), {},
         "needs code of its own, which is never run here"),
        (lambda path: (path / "model.safetensors").write_bytes(b"none"), {}, "cannot be loaded: "),
        (lambda path: (path / "model.safetensors").unlink(), {}, "cannot be loaded: OSError"),
        (lambda path: (path / "config.json").write_text("{"), {}, "cannot be loaded: "),
        (lambda path: None, {"revision": "v1"}, "a folder has no revision"),
        (lambda path: None, {"device": "cuda:99"}, "there is no device cuda:99 here"),
        (lambda path: None, {"device": "gpu"}, "the option device is 'gpu'. It can be cpu, cuda"),
        (lambda path: None, {"dtype": "int8"}, "the option dtype is 'int8'. It can be float32"),
        (lambda path: None, {"window": 25}, "it reads no more than 24 pieces at a time"),
        (lambda path: None, {"window": 8, "context": 3}, "a window of 8 pieces has no room"),
        (lambda path: None, {"batch_size": 2}, "no option 'batch_size'. Did you mean batch?"),
    ],
)  # fmt: skip
def test_what_cannot_be_loaded_is_one_clear_line(
    loaded: Load, folder: Path, change: Callable[[Path], object], options: dict[str, object], message: str
) -> None:
    change(folder)
    with pytest.raises(UsageError) as caught:
        loaded(folder, **options)
    assert message in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_a_tokenizer_saved_with_truncation_and_padding_reads_all_the_same(loaded: Load, tmp_path: Path) -> None:
    tokenizer = word_piece()
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=32)
    text = f"{'كلمة ' * 60}محمد"
    (answer,) = loaded(save(tmp_path / "m", tokenizer, LABELS, ODDS)).predict([text])
    assert named(text, answer) == [("PER", "محمد")] and answer.seen is None


def test_a_tokenizer_that_tells_no_offsets_is_refused(
    loaded: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PreTrainedTokenizerFast, "is_fast", False)
    with pytest.raises(UsageError, match="does not tell where in the text a piece stands"):
        loaded(folder)


def command(environment: Mapping[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING")) and k != ARTICLES_VARIABLE}
    kept |= {"HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1", "NO_COLOR": "1", "COLUMNS": "200"}
    line = [sys.executable, "-m", "toolkit", *map(str, arguments)]
    return subprocess.run(line, env=kept | environment, capture_output=True, text=True, check=False)


@TRAINED
def test_a_checkpoint_of_the_hub_is_pinned_to_its_commit(trained: Path, sample_project: Path, tmp_path: Path) -> None:
    """A Hub on loopback, asked by the real client in a process of its own; then without the Hub, from its cache."""

    def run(out: str, *given: str, **more: str) -> subprocess.CompletedProcess[str]:
        target = ["transformers:ada/tiny", "--project", sample_project, "--out", tmp_path / out]
        return command({"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), **more}, "score", *target, *given)

    pickled = tmp_path / "pickled"
    shutil.copytree(trained, pickled, ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save(AutoModelForTokenClassification.from_pretrained(trained).state_dict(), pickled / "pytorch_model.bin")
    with hub_of_models({"ada/tiny": pickled}) as hub:
        online = run("online", "--option", "revision=v1")
        assert online.returncode == 0, online.stderr
        assert "Loading weights" not in online.stderr and "Traceback" not in online.stderr
        asked = [line for line in hub.asked if "/ada/tiny/resolve/" in line]
        assert asked and all(f"/{COMMIT}/" in line or "config.json" in line for line in asked)
        # Nothing else: the library would have the weights converted elsewhere, and send the token there.
        assert [line for line in hub.asked if line not in asked and "/tree/" not in line] == []
    offline = run("offline", "--option", "revision=v1", HF_HUB_OFFLINE="1")
    assert offline.returncode == 0, offline.stderr
    results = [json.loads((tmp_path / name / "result.json").read_text("utf-8")) for name in ("online", "offline")]
    assert results[0]["model"]["revision"] == COMMIT and results[0] == results[1]
    local = score(f"transformers:{trained}", sample_project, tmp_path / "local")
    assert local["scores"] == results[0]["scores"]


@TRAINED
@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("ada/none", (), "transformers:ada/none: there is no such folder, and no such model on the Hub"),
        ("ada/tiny", ("--option", "revision=v9"), "ada/tiny: has no revision 'v9'. Check the option revision"),
        ("ada/gated", (), "its owner decides who may load it, and you may not. Ask for access"),
        ("ada/empty", (), "transformers:ada/empty: has no config.json: it is no model of transformers"),
        ("ada/tiny", ("offline",), "Hub is not reached, and the newest revision was not downloaded before. Check the"),
    ],
)  # fmt: skip
def test_what_the_hub_does_not_give_is_one_clear_line(
    trained: Path, sample_project: Path, tmp_path: Path, target: str, options: tuple[str, ...], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    with hub_of_models({"ada/tiny": trained, "ada/gated": trained, "ada/empty": tmp_path / "empty"}) as hub:
        hub.gated.add("ada/gated")
        environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home")}
        if options == ("offline",):
            environment, options = environment | {"HF_HUB_OFFLINE": "1"}, ()
        model = ["score", f"transformers:{target}", "--project", sample_project, "--out", tmp_path / "out", *options]
        done = command(environment, *model)
    assert done.returncode == 2 and message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr


def test_the_request_is_all_that_load_needs(schema: Schema, folder: Path, tmp_path: Path) -> None:
    request = Request(str(folder), Training(list, schema, CrfSettings(), tmp_path, ""), {}, Options())
    assert load(request).predict([]) == []


@TRAINED
def test_seqeval_agrees_with_itself_on_the_tags_of_the_bare_loop(trained: Path, sample_project: Path) -> None:
    """The oracle above finds something at all: a model that learned nothing would prove nothing."""
    rows, names = rows_of(sample_project, "train"), read_dataset(sample_project / "build").schema.tags
    gold = [[names[tag] for tag in row["ner_tags"]] for row in rows]
    assert f1_score(gold, bare_tags(trained, [[row] for row in rows])) > 0.5
