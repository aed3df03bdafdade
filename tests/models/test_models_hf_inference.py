"""The real client of Hugging Face against an inference endpoint on loopback."""

import json
import re

import pytest
from loopback_services import Reply, serving

from toolkit.document import Document
from toolkit.errors import DataError, UsageError
from toolkit.evaluation.predictions.predict import predict
from toolkit.models.hf_inference import load
from toolkit.models.options import Options
from toolkit.models.predictor import Request, Span, Training
from toolkit.project import CrfSettings

TOKEN = "hf_very_secret"
TEXT = "سافر كريم\nإلى تونس.\tثم عاد كريم من تونس."


@pytest.fixture
def inference(schema, tmp_path, monkeypatch):
    """A function that loads the adapter for an endpoint."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    training = Training(list, schema, CrfSettings(), tmp_path, "digest")

    def load_inference(target, **options):
        return load(Request(target, training, {}, Options(options)))

    return load_inference


def reply(elements):
    return Reply(json.dumps(elements, ensure_ascii=False).encode())


def element(start, end, group="PER", **other):
    return {"start": start, "end": end, "word": "?", "score": 0.5, "entity_group": group} | other


def pipeline(asked):
    """A model that knows two names; it takes the blank before a name for a part of it, as pipelines do."""
    body = asked.json
    if asked.headers["authorization"] != f"Bearer {TOKEN}" or body["parameters"] != {"aggregation_strategy": "simple"}:
        return Reply(b"strange", status=400)
    text = body["inputs"]
    if any(char.isspace() and char != " " for char in text):
        return Reply(b"a line break", status=400)
    names = {"كريم": "PER", "تونس": "GPE"}
    return reply([element(m.start(), m.end(), names[m.group().strip()]) for m in re.finditer(" ?(كريم|تونس)", text)])


@pytest.mark.parametrize("words", ["100", "4", "1"])
def test_offsets_are_those_of_the_text_without_blanks_at_the_edges(inference, words):
    with serving(pipeline) as service:
        [answer] = inference(f"{service.url}/ner", words=words).predict([TEXT])
    expected = [(m.start(), m.end(), 0.5) for m in re.finditer("كريم|تونس", TEXT)]
    assert [(span.start, span.end, span.score) for span in answer.spans] == expected
    assert [span.label for span in answer.spans] == ["PER", "GPE", "PER", "GPE"] and answer.counts == {}


def test_names_that_are_fused_across_a_line_break_are_taken_apart(inference):
    text = "قال كريم\nتونس جميلة"
    with serving(lambda _: reply([element(3, 13)])) as service:
        [answer] = inference(service.url).predict([text])
    assert [text[span.start : span.end] for span in answer.spans] == ["كريم", "تونس"]
    assert answer.counts == {"cut_at_sentence_end": 1}


def test_a_mention_of_blanks_is_counted(inference):
    with serving(lambda _: reply([element(4, 5), element(0, 4)])) as service:
        [answer] = inference(service.url).predict(["كريم هنا"])
    assert (answer.spans, answer.counts) == ([Span(0, 4, "PER", 0.5)], {"empty": 1})


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply([element(0, 99)]), "gave the offsets 0-99 in 7 code points"),
        (reply([element(2, 2)]), "gave the offsets 2-2"),
        (reply([element(0, 4, None, entity="B-PER")]), "gave a mention without entity_group"),
        (reply({"error": "loading"}), "gave no token classification"),
        (Reply(b"<html>"), "gave no token classification"),
        (Reply(b"broken", status=500), "answers HTTP 500"),
    ],
)
def test_an_answer_that_is_none_costs_its_own_text_only(inference, answer, message):
    with serving(lambda asked: answer if "سيئ" in asked.json["inputs"] else pipeline(asked)) as service:
        documents = [Document(name, text, ()) for name, text in (("a", "كريم"), ("b", "نص سيئ."), ("c", "تونس هنا"))]
        found = predict(inference(service.url), documents)
        assert [len(row.spans) for row in found] == [1, 0, 1]
        assert message in str(found[1].error)
        assert len(service.asked) == 3


@pytest.mark.parametrize(
    "fault", [Reply(status=429, headers={"Retry-After": "0"}), Reply(status=503), Reply(fault="cut")]
)
def test_a_model_that_is_still_loading_is_asked_again(inference, fault):
    with serving(pipeline, fault) as service:
        assert len(inference(service.url).predict(["كريم"])[0].spans) == 1
        assert len(service.asked) == 2


def test_a_model_that_does_not_answer_is_given_up(inference):
    with serving(lambda _: Reply(fault="silent")) as service:
        with pytest.raises(DataError, match=r"did not answer within 0\.3 seconds$"):
            inference(service.url, timeout="0.3").predict(["كريم"])
        assert len(service.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_would_be_refused_for_every_text_ends_a_run(inference, status):
    with (
        serving(lambda _: Reply(b"{}", status=status)) as service,
        pytest.raises(UsageError, match=f"HTTP {status}") as e,
    ):
        predict(inference(f"{service.url}/ner?token=secret"), [Document("a", "كريم", ())])
    assert "secret" not in str(e.value)


def test_the_hubs_token_goes_to_nobody_else(inference, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "mine")
    with serving(lambda asked: Reply(asked.headers.get("authorization", "").encode(), status=400)) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "127.0.0.1")
        from huggingface_hub.utils import close_session

        close_session()  # the client reads the proxies when it is made
        try:
            for options in ({}, {"token_env": "MY_TOKEN"}):
                with pytest.raises(DataError, match="HTTP 400"):
                    inference("http://ner.invalid/x", tries="1", **options).predict(["كريم"])
        finally:
            close_session()
    assert [asked.headers["authorization"] for asked in proxy.asked] == ["", "Bearer mine"]


def test_it_is_described_without_secrets(inference):
    description = inference("https://example.org/ner?key=secret", aggregation="first", words="50").describe()
    version = description.pop("huggingface_hub")
    assert re.fullmatch(r"\d+\.\d+.*", version)
    assert description == {
        "name": "hf-inference:https://example.org/ner",
        "endpoint": "https://example.org/ner",
        "aggregation": "first",
        "words": "50",
    }
    assert inference("some/model").describe()["name"] == "hf-inference:some/model"


def test_a_target_that_can_be_no_model_is_refused(inference):
    with pytest.raises(UsageError, match="hf-inference:a/b/c: is no id of a model"):
        inference("a/b/c")
    with pytest.raises(UsageError, match="user or a password"):
        inference("https://me:secret@example.org/ner")
