"""A service on loopback that speaks JSON lines, and the ways in which a service can fail."""

import json

import pytest
from loopback_services import Reply, json_lines, serving

from toolkit.document import Document
from toolkit.errors import DataError, UsageError
from toolkit.evaluation.predictions.predict import predict
from toolkit.models.http import load
from toolkit.models.options import Options
from toolkit.models.posting import is_loopback, shown
from toolkit.models.predictor import Answer, Pair, Request, Span, Training
from toolkit.models.registry import load_model
from toolkit.project import CrfSettings


@pytest.fixture
def training(schema, tmp_path):
    return Training(list, schema, CrfSettings(), tmp_path, "digest")


@pytest.fixture
def service_of(training):
    def load_service(target, **options):
        return load(Request(target, training, {}, Options(options)))

    return load_service


def questions(asked):
    """The rows of a request, which must be just as promised."""
    assert asked.path == "/ner" and asked.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in asked.body.splitlines()]
    assert all(row.keys() == {"id", "text"} for row in rows)
    return rows


def whole(row):
    return {"id": row["id"], "entities": [{"start": 0, "end": len(row["text"]), "label": "PER"}]}


def good(asked):
    return Reply(json_lines([whole(row) for row in questions(asked)]))


def texts_of(service):
    return [[row["text"] for row in questions(asked)] for asked in service.asked]


def test_a_batch_is_one_request_and_the_answers_may_come_in_any_order(service_of):
    def answer(asked):
        rows = [
            {
                "id": row["id"],
                "spans": [{"start": 0, "end": 2, "label": "PER"}, {"start": 2, "end": len(row["text"]), "label": "X"}],
                "relations": [{"head": 1, "tail": 0, "label": "IN", "score": 1}],
            }
            for row in questions(asked)
        ]
        return Reply(b"\n" + json_lines(rows[::-1]))

    with serving(answer) as service:
        found = service_of(f"{service.url}/ner").predict(["كريم", "سلمى هنا"])
        assert found == [
            Answer([Span(0, 2, "PER"), Span(2, end, "X")], [Pair(1, 0, "IN", 1)]) for end in (4, len("سلمى هنا"))
        ]
        assert texts_of(service) == [["كريم", "سلمى هنا"]]


def test_a_row_with_an_error_costs_its_own_text_only_and_nothing_is_asked_twice(service_of):
    def answer(asked):
        rows = [{"id": r["id"], "error": "too hard"} if r["text"] == "سيئ" else whole(r) for r in questions(asked)]
        return Reply(json_lines(rows))

    with serving(answer) as service:
        documents = [Document(name, text, ()) for name, text in (("a", "كريم"), ("b", "سيئ"), ("c", "سلمى"))]
        found = predict(service_of(f"{service.url}/ner"), documents)
        assert [row.error for row in found] == [None, "the model says: too hard", None]
        assert len(service.asked) == 1


def test_a_service_that_refuses_a_batch_is_asked_for_each_text_by_itself(service_of):
    def answer(asked):
        is_bad = any(row["text"] == "سيئ" for row in questions(asked))
        return Reply(b"cannot\nread this", status=422) if is_bad else good(asked)

    with serving(answer) as service:
        documents = [Document(name, text, ()) for name, text in (("a", "كريم"), ("b", "سيئ"))]
        found = predict(service_of(f"{service.url}/ner"), documents)
        assert [row.error for row in found] == [None, f"{service.url}/ner answers HTTP 422: cannot read this"]


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=429, headers={"Retry-After": "0"}),
        Reply(status=429, headers={"retry-after": "Mon, 01 Jan 2024 00:00:00 GMT"}),
        Reply(status=503),
        Reply(fault="cut"),
        Reply(b"{", fault="short"),
    ],
)
def test_a_service_that_is_busy_or_breaks_off_is_asked_again(service_of, fault):
    with serving(good, fault) as service:
        assert len(service_of(f"{service.url}/ner").predict(["كريم"])) == 1
        assert texts_of(service) == [["كريم"], ["كريم"]]


def test_it_waits_as_long_as_the_service_asks_for_but_not_for_ever(service_of):
    with serving(good, Reply(status=429, headers={"Retry-After": "3600"})) as service:
        with pytest.raises(DataError, match="answers HTTP 429; it asks to wait 3600 seconds"):
            service_of(f"{service.url}/ner").predict(["كريم"])
        assert len(service.asked) == 1


@pytest.mark.parametrize("fault", ["silent", "dripping"])
def test_a_service_that_does_not_come_to_an_end_is_given_up(service_of, fault):
    with serving(lambda _: Reply(fault=fault)) as service:
        with pytest.raises(DataError, match=r"did not answer within 0\.3 seconds$"):
            service_of(f"{service.url}/ner", timeout="0.3").predict(["كريم"])
        assert len(service.asked) == 1


def test_a_service_that_is_gone_is_not_asked_for_ever(service_of):
    with serving(lambda _: Reply(fault="cut")) as service:
        model = service_of(f"{service.url}/ner", tries="1")
        found = predict(model, [Document(f"d{n}", "كريم", ()) for n in range(10)])
        assert len(service.asked) == 4
        assert "broke the connection (ConnectionResetError)" in str(found[0].error)
        assert str(found[9].error).startswith("not asked: the service failed 4 times in a row, at last so: ")


def test_a_service_that_is_not_there_is_told(service_of):
    with serving(good) as service:
        url = service.url
    with pytest.raises(DataError, match=r"/ner is not to be reached: connection refused \(tried 2 times\)$"):
        service_of(f"{url}/ner", tries="2").predict(["كريم"])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "a line of the answer is not JSON: '<html>'"),
        (b'{"id": "0", "entities": [NaN]}', "(NaN is no number in it)"),
        (b'{"id": "0", "entities": []}', "gave 1 rows for 2 texts"),
        (b'{"id": "0", "entities": []}\n' * 2, "answers twice for the id '0'"),
        (b'{"id": "7", "entities": []}', "answers for the id '7'"),
        (b'{"id": "0", "x": "' + b"x" * 5_000_000 + b'"}', "has more than 4,194,304 bytes"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"", "gave 0 rows for 2 texts"),
    ],
)
def test_an_answer_that_is_none_is_told(service_of, body, message):
    with serving(lambda _: Reply(body)) as service:
        with pytest.raises(DataError) as caught:
            service_of(f"{service.url}/ner").predict(["كريم", "سلمى"])
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "does not accept the key"),
        (403, "does not accept the key"),
        (404, "knows no such path or model"),
        (302, "it has moved to http://elsewhere/x. Give that address"),
    ],
)
def test_what_would_be_refused_for_every_text_ends_the_run(service_of, status, message):
    reply = Reply(status=status, headers={"Location": "http://me:secret@elsewhere/x?key=secret"})
    with serving(lambda _: reply) as service:
        with pytest.raises(UsageError, match=message) as caught:
            predict(service_of(f"{service.url}/ner"), [Document("a", "كريم", ())])
        assert "secret" not in str(caught.value) and len(service.asked) == 1


def test_the_token_of_the_environment_is_sent_and_never_told(service_of, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "s3cret-token")

    def answer(asked):
        assert asked.headers["authorization"] == "Bearer s3cret-token"
        return Reply(asked.headers["authorization"].encode(), status=400)

    with serving(answer) as service:
        model = service_of(f"{service.url}/ner?key=s3cret-token", token_env="MY_TOKEN")
        with pytest.raises(DataError, match=r"answers HTTP 400: Bearer …") as caught:
            model.predict(["كريم"])
        assert service.asked[0].path == "/ner?key=s3cret-token"
        assert "s3cret" not in f"{caught.value}{model.describe()}"
    monkeypatch.delenv("MY_TOKEN")
    with pytest.raises(UsageError, match="MY_TOKEN is not set"):
        service_of("http://127.0.0.1/", token_env="MY_TOKEN")


def test_this_machine_is_never_asked_through_a_proxy(service_of, monkeypatch):
    with serving(lambda _: Reply(status=400)) as proxy, serving(good) as service:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert len(service_of(f"{service.url}/ner").predict(["كريم"])) == 1
        assert proxy.asked == []
        with pytest.raises(DataError, match="HTTP 400"):
            service_of("http://ner.invalid/ner").predict(["كريم"])
        assert [asked.path for asked in proxy.asked] == ["http://ner.invalid/ner"]


def test_a_model_is_named_by_its_address_with_or_without_its_kind(training):
    with serving(good) as service:
        host = service.url.removeprefix("http://")
        for name in (f"http:{service.url}/ner", f"{service.url}/ner", f"http:{host}/ner"):
            model = load_model(name, training)
            assert len(model.predict(["كريم"])) == 1
            assert model.describe()["name"] == f"http:{service.url}/ner"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://", "is no address"),
        ("http://host:port/", "is no address"),
        ("http://[::1/", "is no address"),
        ("http://ho st/", "is no address"),
        ("http://مضيف/", "is no address"),
        ("https://me:secret@host/", "holds a user or a password"),
    ],
)
def test_an_address_that_is_none_is_refused_without_telling_its_secrets(service_of, url, message):
    with pytest.raises(UsageError, match=message) as caught:
        service_of(url)
    assert "secret" not in str(caught.value)


def test_addresses_are_shown_without_secrets_and_loopback_is_known():
    assert shown("https://me:secret@host:8/path?key=secret#secret") == "https://host:8/path"
    here = ["http://localhost/", "http://127.8.0.1:80", "http://[::1]/x", "http://a.localhost"]
    assert all(map(is_loopback, here))
    assert not any(map(is_loopback, ["http://example.org", "http://10.0.0.1", "http://localhost.example.org"]))
