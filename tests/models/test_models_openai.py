"""A language model's endpoint on loopback, strict about what it is asked, and what becomes of its answers."""

import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback_services import Reply, serving

from toolkit.document import Document
from toolkit.errors import DataError, UsageError
from toolkit.evaluation.predictions.predict import predict
from toolkit.models.openai import load
from toolkit.models.options import Options
from toolkit.models.predictor import Request, Span, Training
from toolkit.models.prompt import mentions_in
from toolkit.project import CrfSettings

LABELS = {"PER": "people by name", "GPE": "places with a government"}
KEY = "sk-very-secret"
NAMES = {"كريم": "PER", "سلمى": "PER", "تونس": "GPE"}


@pytest.fixture
def chat(schema, tmp_path, monkeypatch):
    """A function that loads the adapter for an endpoint."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    training = Training(list, schema, CrfSettings(), tmp_path, "digest")

    def load_chat(url, labels=LABELS, **options):
        return load(Request("tiny-1", training, labels, Options({"base_url": f"{url}/v1", **options})))

    return load_chat


def completion(content, **choice):
    body = {"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"} | choice]}
    return Reply(json.dumps(body, ensure_ascii=False).encode())


def mentions(*pairs):
    return json.dumps({"mentions": [{"text": text, "label": label} for text, label in pairs]}, ensure_ascii=False)


def names_of(passage):
    """What a perfect model says of a passage."""
    return [(name, NAMES[name]) for name in re.findall("|".join(NAMES), passage)]


def model_of(schema_mode="json_schema"):
    """A perfect model that refuses whatever is not a proper request."""

    def answer(asked):
        body = asked.json
        wrong = []
        if asked.path != "/v1/chat/completions" or asked.headers.get("authorization") != f"Bearer {KEY}":
            wrong.append("path or key")
        if asked.headers["content-type"] != "application/json" or body["model"] != "tiny-1" or body["temperature"] != 0:
            wrong.append("settings")
        task, passage = body["messages"]
        if (task["role"], passage["role"]) != ("system", "user"):
            wrong.append("roles")
        if any(f"{label}: {meaning}" not in task["content"] for label, meaning in LABELS.items()):
            wrong.append("labels")
        if "offset" in task["content"]:
            wrong.append("offsets")
        said = mentions(*names_of(passage["content"]))
        form = body.get("response_format")
        if schema_mode == "json_schema":
            strict = form["json_schema"]
            jsonschema.Draft202012Validator.check_schema(strict["schema"])
            jsonschema.validate(json.loads(said), strict["schema"])
            labels = strict["schema"]["properties"]["mentions"]["items"]["properties"]["label"]["enum"]
            if form["type"] != "json_schema" or strict["strict"] is not True or labels != list(LABELS):
                wrong.append("schema")
        elif form != ({"type": "json_object"} if schema_mode == "json_object" else None):
            wrong.append("response_format")
        return Reply(f"bad request: {wrong}".encode(), status=400) if wrong else completion(said)

    return answer


TEXT = "سافر كريم من تونس.\nثم عاد كريم إلى تونس مع سلمى.\n\nلا اسم هنا."


def found_in(answer, text):
    return [(text[span.start : span.end], span.label) for span in answer.spans]


@pytest.mark.parametrize("mode", ["json_schema", "json_object", "none"])
@pytest.mark.parametrize("words", ["1000", "5", "1"])
def test_mentions_are_found_at_their_own_places_whatever_the_window(chat, mode, words):
    with serving(model_of(mode)) as service:
        [answer] = chat(service.url, schema=mode, words=words).predict([TEXT])
    assert found_in(answer, TEXT) == names_of(TEXT)
    assert [span.start for span in answer.spans] == [m.start() for m in re.finditer("|".join(NAMES), TEXT)]
    assert answer.counts == {} and answer.seen is None


def test_passages_are_whole_sentences_and_together_the_whole_text(chat):
    with serving(model_of()) as service:
        chat(service.url, words="6", parallel="1").predict([TEXT])
        asked = [request.json["messages"][1]["content"] for request in service.asked]
    assert asked == ["سافر كريم من تونس.", "ثم عاد كريم إلى تونس مع", "سلمى.\n\nلا اسم هنا."]


def test_mentions_that_are_not_in_the_text_are_counted(chat):
    said = mentions(("كَريم", "PER"), ("غائب", "PER"), ("كريم", "PER"), ("كريم", "PER"), ("", "PER"))
    with serving(lambda _: completion(said)) as service:
        [answer] = chat(service.url).predict(["جاء كريم ثم كريم"])
    assert answer.spans == [Span(4, 8, "PER"), Span(12, 16, "PER")]
    assert answer.counts == {"unlocatable": 3}


def test_a_label_that_was_not_asked_for_is_left_to_the_scores(chat):
    with serving(lambda _: completion(mentions(("كريم", "HUMAN")))) as service:
        assert chat(service.url).predict(["كريم"])[0].spans == [Span(0, 4, "HUMAN")]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (completion("I will not."), "the answer holds no list of mentions: 'I will not.'"),
        (completion('{"mentions": [{"text": "كريم"}]}'), "the answer holds a mention without text and label"),
        (completion("[" * 100_000), "the answer holds no list of mentions"),
        (completion('{"mentions": [', finish_reason="length"), "the answer was cut off. Give more max_tokens"),
        (completion(None), "the model refused to answer"),
        (completion(None, message={"content": None, "refusal": "no\nnames"}), "the model refused to answer: 'no"),
        (Reply(b"<html>"), "gave no chat completion: '<html>'"),
        (Reply(b'{"choices": []}'), "gave no chat completion"),
        (Reply(b"\xff"), "gave no chat completion"),
        (Reply(b"context too long", status=400), "answers HTTP 400: context too long"),
    ],
)
def test_an_answer_that_cannot_be_read_costs_its_own_text_only(chat, reply, message):
    perfect = model_of()

    def answer(asked):
        return reply if "سيئ" in asked.json["messages"][1]["content"] else perfect(asked)

    with serving(answer) as service:
        documents = [Document(name, text, ()) for name, text in (("a", "كريم"), ("b", "نص سيئ"), ("c", "سلمى هنا"))]
        found = predict(chat(service.url), documents)
        assert [len(row.spans) for row in found] == [1, 0, 1]
        assert message in str(found[1].error) and "\n" not in str(found[1].error)
        assert len(service.asked) == 3  # nothing is paid for twice


@pytest.mark.parametrize(
    "fault", [Reply(status=429, headers={"Retry-After": "0.01"}), Reply(status=503), Reply(fault="cut")]
)
def test_an_endpoint_that_is_busy_is_asked_again(chat, fault):
    with serving(model_of(), fault) as service:
        assert found_in(chat(service.url).predict(["كريم"])[0], "كريم") == [("كريم", "PER")]
        assert len(service.asked) == 2


def test_an_endpoint_that_hangs_is_given_up(chat):
    with (
        serving(lambda _: Reply(fault="silent")) as service,
        pytest.raises(DataError, match=r"did not answer within 0\.3 seconds$"),
    ):
        chat(service.url, timeout="0.3").predict(["كريم"])


def test_a_wrong_key_or_model_ends_the_run_and_the_key_is_not_told(chat):
    with serving(lambda _: Reply(f"wrong key {KEY}".encode(), status=401)) as service:
        with pytest.raises(UsageError, match="does not accept the key") as caught:
            predict(chat(service.url), [Document("a", "كريم", ())])
        assert KEY not in str(caught.value)


def test_settings_go_into_the_request_and_the_description(chat):
    with serving(lambda _: completion(mentions())) as service:
        model = chat(service.url, seed="7", max_tokens="900", temperature="none", schema="json_object")
        model.predict(["كريم"])
        body = service.asked[0].json
        assert (body["seed"], body["max_tokens"], "temperature" in body) == (7, 900, False)
        description = model.describe()
    assert description.pop("prompt_digest") and description == {
        "name": "openai:tiny-1",
        "endpoint": f"{service.url}/v1/chat/completions",
        "prompt": "tawsim-mentions/1",
        "schema": "json_object",
        "words": "200",
        "seed": "7",
        "max_tokens": "900",
    }


def test_other_labels_are_another_prompt(chat):
    first = chat("http://127.0.0.1:1").describe()
    other = chat("http://127.0.0.1:1", labels={**LABELS, "PER": "persons"}).describe()
    assert first["prompt_digest"] != other["prompt_digest"]
    assert first == chat("http://127.0.0.1:1").describe()


def test_a_server_of_ones_own_may_want_no_key(chat, monkeypatch, schema, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with serving(lambda _: completion(mentions())) as service:
        chat(service.url).predict(["كريم"])
        monkeypatch.setenv("OPENAI_BASE_URL", f"{service.url}/v1/")
        training = Training(list, schema, CrfSettings(), tmp_path, "digest")
        load(Request("tiny-1", training, LABELS, Options())).predict(["كريم"])
        assert [asked.path for asked in service.asked] == ["/v1/chat/completions"] * 2
        assert not any("authorization" in asked.headers for asked in service.asked)
    with pytest.raises(UsageError, match="OTHER_KEY is not set"):
        chat(service.url, key_env="OTHER_KEY")


def test_openai_itself_wants_a_key_and_somebody_must_say_what_to_ask_for(chat, monkeypatch, schema, tmp_path):
    monkeypatch.delenv("OPENAI_API_KEY")
    training = Training(list, schema, CrfSettings(), tmp_path, "digest")
    with pytest.raises(UsageError, match="OPENAI_API_KEY is not set"):
        load(Request("tiny-1", training, LABELS, Options()))
    with pytest.raises(UsageError, match="no labels to ask"):
        chat("http://127.0.0.1:1", labels={})


@pytest.mark.parametrize(
    "options", [{"seed": "x"}, {"max_tokens": "1.5"}, {"temperature": "-1"}, {"schema": "xml"}, {"words": "0"}]
)
def test_settings_that_are_none_are_refused(chat, options):
    with pytest.raises(UsageError, match=f"the option {next(iter(options))} is"):
        chat("http://127.0.0.1:1", **options)


@given(st.lists(st.tuples(st.text(), st.text())), st.sampled_from(["", "```json\n", "Sure! Here: "]))
def test_mentions_are_read_back_from_whatever_stands_around_them(pairs, before):
    assert mentions_in(before + mentions(*pairs) + ("\n```" if before else "")) == pairs
