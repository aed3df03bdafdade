"""`spacy:` with real pipelines: one trained on the sample, others of rules, saved to a folder and loaded from there."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from marked_text import marked
from sample_dataset import score, spans_in

from toolkit.document import Document
from toolkit.errors import UsageError
from toolkit.evaluation.predictions.predict import predict
from toolkit.evaluation.predictions.prediction import Predictions
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.flat import flatten
from toolkit.models.options import Options
from toolkit.models.predictor import Predictor, Span, Training
from toolkit.models.registry import load_model
from toolkit.project import CrfSettings
from toolkit.release.tables.reading import read_dataset
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER, words

spacy = pytest.importorskip("spacy", reason="spaCy is not installed: pip install 'tawsim[spacy]'")
training_module = pytest.importorskip("spacy.training")

pytest_plugins = ["sample_dataset"]
Load = Callable[..., Predictor]
# The architecture that spaCy gives a recognizer by itself, smaller.
WORDS = {"@architectures": "spacy.HashEmbedCNN.v2", "width": 48, "depth": 2, "embed_size": 1000, "window_size": 1}
WORDS |= {"maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None}
SMALL = {"model": {"@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner", "tok2vec": WORDS}}
SMALL["model"] |= {"hidden_width": 32, "maxout_pieces": 2, "use_upper": True, "extra_state_tokens": False}


@pytest.fixture
def loaded(schema: Schema, tmp_path: Path) -> Load:
    """Saves a pipeline and loads it through the registry as the commands do."""

    def load_it(nlp: Any, **options: str) -> Predictor:
        nlp.to_disk(tmp_path / "pipeline")
        training = Training(list, schema, CrfSettings(), tmp_path, "")
        return load_model(f"spacy:{tmp_path / 'pipeline'}", training, options=Options(options))

    return load_it


def rules(component: str = "entity_ruler", **settings: Any) -> Any:
    """A pipeline without weights: words that are names."""
    nlp = spacy.blank("ar")
    ruler = nlp.add_pipe(component, config=settings)
    ruler.add_patterns([{"label": "PER", "pattern": name} for name in ("ليلى", "سام", "كريم العطار", "العطار")])
    return nlp


def train(documents: list[Document], schema: Schema, folder: Path) -> dict[str, int]:
    """Trains a pipeline and saves it; the mentions that it was taught, and those that its words cannot hold."""
    nlp = spacy.blank("ar")
    nlp.add_pipe("ner", config=SMALL)
    examples, counts = [], {"taught": 0, "unaligned": 0}
    for document in documents:
        gold = [(entity.start, entity.end, entity.label) for entity in document.entities]
        layer = flatten(gold, words(document.text), schema.flat_layer)
        doc = nlp.make_doc(document.text)
        spans = [doc.char_span(*gold[span.source]) for span in layer.spans]
        kept = [span for span in spans if span is not None]
        counts["taught"] += len(kept)
        counts["unaligned"] += len(spans) - len(kept)
        entities = [(span.start_char, span.end_char, span.label_) for span in kept]
        examples.append(training_module.Example.from_dict(doc, {"entities": entities}))
    spacy.util.fix_random_seed(1)
    optimizer, order = nlp.initialize(lambda: examples), random.Random(1)
    for _ in range(8):
        order.shuffle(examples)
        for batch in spacy.util.minibatch(examples, 4):
            nlp.update(batch, sgd=optimizer, drop=0.1)
    nlp.to_disk(folder)
    return counts


def test_a_pipeline_trained_on_the_sample_is_scored_as_what_spacy_itself_finds(
    sample_dataset: Path, tmp_path: Path
) -> None:
    dataset = read_dataset(sample_dataset)
    folder = tmp_path / "trained"
    counts = train(dataset.documents("train"), dataset.schema, folder)
    # spaCy's Arabic words keep their proclitics, so it cannot be taught a mention behind one.
    assert counts["taught"] > 500 and counts["unaligned"] > 50
    result = score(f"spacy:{folder}", sample_dataset, tmp_path / "out")
    nlp = spacy.load(folder)
    texts = {document.id: document.text for document in dataset.documents("test")}
    plain = {name: [(e.start_char, e.end_char, e.label_) for e in nlp(text).ents] for name, text in texts.items()}
    assert spans_in(tmp_path / "out" / "predictions.jsonl") == plain
    assert result["seqeval"]["strict"]["micro"]["f1"] > 0.15
    about = result["model"]
    assert about["name"] == "spacy:trained" and about["pipeline"] == "ar_pipeline 0.0.0"
    assert about["spacy"] == spacy.__version__ and len(about["digest"]) == 16
    assert str(tmp_path) not in str(about)


def test_offsets_are_code_points_of_the_raw_text(loaded: Load) -> None:
    text = "👍🏽 قالت\r\nليلى:\tوصل  كريم العطار"
    (answer,) = loaded(rules()).predict([text])
    assert [text[span.start : span.end] for span in answer.spans] == ["ليلى", "كريم العطار"]


def test_a_prediction_that_spacy_cannot_align_is_ignored_or_right_by_its_scorers_and_wrong_by_ours(
    loaded: Load, schema: Schema
) -> None:
    """A model that takes the first letter of وسام for the conjunction, on words that it splits there."""
    document = marked("one", "وصلت {PER ليلى} مع {PER وسام} أمس.")
    nlp = rules()
    nlp.tokenizer.prefix_search = spacy.util.compile_prefix_regex(["و"]).search
    model = loaded(nlp)
    (prediction,) = predict(model, [document])
    assert [document.text[s.start : s.end] for s in prediction.spans] == ["ليلى", "سام"]

    reference = spacy.blank("ar")(document.text)
    reference.set_ents([reference.char_span(e.start, e.end, e.label) for e in document.entities])
    examples = [training_module.Example(nlp(document.text), reference)]
    evaluated = spacy.scorer.Scorer().score(examples)
    assert (evaluated["ents_p"], evaluated["ents_r"]) == (1.0, 1.0)
    spans = spacy.scorer.Scorer.score_spans(examples, "ents")
    assert (spans["ents_p"], spans["ents_r"]) == (1.0, 0.5)

    name = DatasetName("composed", "1.0.0", "0" * 64, "test", TOKENIZER)
    ours = evaluate([document], Predictions({"one": prediction}, {"name": "rules"}), schema, name)
    micro = ours["scores"]["char"]["micro"]
    assert (micro["precision"], micro["recall"]) == (0.5, 0.5)


def test_a_group_of_spans_may_overlap(loaded: Load) -> None:
    text = "وصل كريم العطار"
    (answer,) = loaded(rules("span_ruler"), spans="ruler").predict([text])
    assert sorted(text[span.start : span.end] for span in answer.spans) == ["العطار", "كريم العطار"]


def test_a_span_categorizer_tells_its_scores(loaded: Load) -> None:
    nlp = spacy.blank("ar")
    nlp.add_pipe("spancat", config={"threshold": 0.0, "suggester": {"@misc": "spacy.ngram_suggester.v1", "sizes": [1]}})
    doc = nlp.make_doc("وصلت ليلى")
    example = training_module.Example.from_dict(doc, {"spans": {"sc": [(5, 9, "PER")]}})
    nlp.initialize(lambda: [example])
    (answer,) = loaded(nlp, spans="sc").predict(["وصلت ليلى"])
    assert [(span.start, span.end) for span in answer.spans] == [(0, 4), (5, 9)]
    assert all(span.score is not None and 0 < span.score < 1 for span in answer.spans)


def test_what_no_entity_depends_on_does_not_run(loaded: Load) -> None:
    nlp = spacy.blank("ar")
    for component in ("tagger", "ner", "textcat_multilabel"):
        nlp.add_pipe(component).add_label("PER")
    nlp.add_pipe("merge_entities")
    nlp.initialize()
    assert loaded(nlp).describe()["components"] == "tagger, ner, textcat_multilabel, merge_entities"
    nlp.remove_pipe("merge_entities")  # which is none of those known to read nothing
    assert loaded(nlp).describe()["components"] == "ner"


def test_rules_may_read_what_other_components_write(loaded: Load) -> None:
    nlp = rules()
    nlp.add_pipe("tagger", first=True).add_label("N")
    nlp.initialize()
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "PER", "pattern": [{"TAG": "N", "TEXT": "هند"}]}])
    model = loaded(nlp)
    assert model.describe()["components"] == "tagger, entity_ruler"
    assert model.predict(["وصلت هند"])[0].spans == [Span(5, 8, "PER")]


def test_a_text_longer_than_spacy_takes_is_read_to_its_end(loaded: Load) -> None:
    text = "سطر من كلام قصير.\n" * 56_000 + "ثم وصلت ليلى"
    assert len(text) > 1_000_000
    (answer,) = loaded(rules()).predict([text])
    assert answer.spans == [Span(len(text) - 4, len(text), "PER")]


def test_another_version_of_a_pipeline_is_another_model(loaded: Load) -> None:
    nlp = rules()
    before = loaded(nlp).describe()
    assert loaded(nlp).describe() == before
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "PER", "pattern": "هند"}])
    assert {key for key, value in loaded(nlp).describe().items() if value != before[key]} == {"digest"}


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("no_such_pipeline", {}, r"spacy:no_such_pipeline: is no spaCy pipeline: OSError: \[E050\] Can't find model"),
        ("{tmp}", {}, r"is no spaCy pipeline: OSError: \[E053\] Could not read meta.json from .* Name one that is"),
        ("orjson", {}, "spacy:orjson: is no spaCy pipeline: AttributeError: module 'orjson' has no attribute 'load'"),
        ("blank:ar", {}, "spacy:blank:ar: no component of the pipeline gives doc.ents; its components: none"),
        ("{tmp}/tags", {}, r"gives doc.ents; its components: tagger. spans=GROUP asks for doc.spans. A component"),
        ("{tmp}/rules", {"spans": "sc"}, "no component of the pipeline gives doc.spans; its components: entity_ruler"),
        ("{tmp}/rules", {"span": "sc"}, "the model has no option 'span'. Did you mean spans?"),
    ],
)
def test_what_is_no_model_for_mentions_is_told_in_one_line(
    target: str, options: dict[str, str], message: str, schema: Schema, tmp_path: Path
) -> None:
    rules().to_disk(tmp_path / "rules")
    tags = spacy.blank("ar")
    tags.add_pipe("tagger").add_label("N")
    tags.initialize()
    tags.to_disk(tmp_path / "tags")
    training = Training(list, schema, CrfSettings(), tmp_path, "")
    with pytest.raises(UsageError, match=message) as caught:
        load_model(f"spacy:{target.format(tmp=tmp_path)}", training, options=Options(options))
    assert "\n" not in str(caught.value)


def test_a_group_that_the_pipeline_does_not_give_is_told_with_those_that_it_gives(loaded: Load) -> None:
    with pytest.raises(UsageError, match=r"there is no group 'sc' in doc.spans; groups: ruler"):
        loaded(rules("span_ruler"), spans="sc").predict(["وصلت ليلى"])
