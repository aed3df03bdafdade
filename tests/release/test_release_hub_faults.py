"""How long the Hub is asked again, and that no line about it holds a secret. Faults on the wire are in `hub/`."""

import json
import time

import httpx2
import pytest
from huggingface_hub import errors

from toolkit.errors import ConfigError, DataError, UsageError
from toolkit.release.hub.faults import (
    TRIES,
    ConflictError,
    MissingError,
    UnansweredError,
    fault,
    in_words,
    persistently,
)

TOKEN = "hf_abcdefghijklmnop"


@pytest.fixture
def waits(monkeypatch):
    """What would have been slept."""
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def failing(*failures):
    left = list(failures)

    def attempt():
        if left:
            raise left.pop(0)
        return "done"

    return attempt


def answered(status, url="https://hub/api/datasets/lab/news/commit/main", *, sent=None, message="", **headers):
    request = httpx2.Request("POST", url, headers=sent or {})
    response = httpx2.Response(status, request=request, headers=headers)
    return errors.HfHubHTTPError(f"{status} for {url}", response=response, server_message=message)


def test_a_busy_hub_is_asked_again_with_waits_that_double(waits):
    assert persistently(failing(*(UnansweredError("busy") for _ in range(TRIES - 1))), print) == "done"
    assert len(waits) == TRIES - 1
    for number, wait in enumerate(waits):
        assert 0.75 * 0.5 * 2**number <= wait <= 1.25 * 0.5 * 2**number


def test_it_waits_as_long_as_the_hub_asks_and_says_so(waits):
    said = []
    assert persistently(failing(UnansweredError("the Hub answers HTTP 429", wait=300.0)), said.append) == "done"
    assert waits == [300.0]
    assert said == ["the Hub answers HTTP 429; trying again in 300 seconds"]


@pytest.mark.parametrize(
    ("failures", "slept"),
    [
        ([UnansweredError("busy", wait=901.0)], 0),
        ([UnansweredError("busy", final=True)], 0),
        ([UnansweredError("busy", wait=0.0)] * TRIES, TRIES - 1),
        ([DataError("refused")], 0),
    ],
)
def test_it_gives_up(failures, slept, waits):
    with pytest.raises(type(failures[0])) as caught:
        persistently(failing(*failures), print)
    assert len(waits) == slept
    assert getattr(caught.value, "final", True)  # so that no loop around it begins again


AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (answered(401, sent=AUTHORIZED), ConfigError, "does not accept the token"),
        (answered(401), MissingError, "is not on the Hub, or not for everybody"),
        (answered(403, sent=AUTHORIZED, message=f"no rights for {TOKEN}"), ConfigError, "no rights for …"),
        (answered(404, **{"X-Error-Code": "RevisionNotFound"}), MissingError, "has no such revision"),
        (answered(404, **{"X-Error-Code": "EntryNotFound"}), MissingError, "has no such file"),
        (answered(404), MissingError, "is not on the Hub, or hidden"),
        (answered(409), ConflictError, "somebody else changed"),
        (answered(412), ConflictError, "somebody else changed"),
        (answered(400, message="bad"), DataError, "the Hub refuses this (HTTP 400): bad"),
        (answered(500), UnansweredError, "HTTP 500"),
        (httpx2.ReadTimeout("slow"), UnansweredError, "(ReadTimeout)"),
        (httpx2.RemoteProtocolError("cut"), UnansweredError, "(RemoteProtocolError)"),
        (json.JSONDecodeError("no", "{", 0), UnansweredError, "not JSON"),
        (ValueError("Invalid metadata in README.md.\n- license"), DataError, "the Hub refuses the card"),
        (errors.OfflineModeIsEnabled("off"), UnansweredError, "cannot be reached"),
        (errors.HFValidationError("x"), UsageError, "is no name of a repository"),
    ],
)
def test_every_fault_is_one_clear_line(error, kind, says):
    found = fault(error, "lab/news")
    assert isinstance(found, kind)
    line = str(found)
    assert says in line and "\n" not in line
    assert TOKEN not in line and "https://" not in line.replace("https://huggingface.co", "")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"RateLimit": '"api";r=0;t=55'}, 55.0),
        ({"RateLimit": '"api";r=3;t=55'}, None),
        ({"RateLimit": '"api";r=3;t=55', "Retry-After": "7"}, 7.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_that_of_the_answer(headers, wait):
    assert fault(answered(429, **headers), "lab/news").wait == wait


@pytest.mark.parametrize(
    ("url", "is_final"),
    [
        ("https://hub/api/datasets/lab/news/commit/main", False),
        ("https://hub/api/datasets/lab/news/tag/main", False),
        ("https://hub/api/datasets/lab/news/preupload/main", True),
        ("https://hub/datasets/lab/news.git/info/lfs/objects/batch", True),
        ("https://hub/api/datasets/lab/news/tree/main", True),
    ],
)
def test_what_the_library_repeats_itself_is_not_repeated_again(url, is_final):
    assert fault(answered(503, url), "lab/news").final is is_final


def test_the_cause_of_an_upload_that_failed_in_a_thread_is_told():
    wrapped = RuntimeError("Error while uploading 'a.parquet' to the Hub.")
    wrapped.__cause__ = answered(503)
    assert "HTTP 503" in str(fault(wrapped, "lab/news"))


def test_what_is_not_of_the_hub_comes_through():
    assert fault(KeyError("x"), "lab/news") is None
    with pytest.raises(ZeroDivisionError), in_words("lab/news"):
        raise ZeroDivisionError
    with pytest.raises(DataError), in_words("lab/news"):
        raise DataError("ours")
