"""`http:URL`: a service of yours. JSON lines are posted to it, and it answers with JSON lines.

A request has `{"id", "text"}` a line; the answer has one line of the shape of a predictions file for each, with the
same id, in any order: `{"id", "entities": [{"start", "end", "label"}]}`, or `{"id", "error"}`. Offsets are code points.
"""

from collections.abc import Sequence

from toolkit.errors import DataError
from toolkit.models.exchange import answer_of, question, quoted, record_of
from toolkit.models.outcomes import Outcome, Outcomes
from toolkit.models.posting import Endpoint, checked_url, token_of
from toolkit.models.predictor import Answer, Request
from toolkit.models.retrying import TRIES, Persistence

_JSON_LINES = "application/x-ndjson"


class Service:
    """A service, asked for a batch of texts in one request."""

    def __init__(self, endpoint: Endpoint, revision: str) -> None:
        self._endpoint, self._revision = endpoint, revision
        self._outcomes = Outcomes(self._ask)

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The answers of the service. Raises what a request comes to that it does not answer as it should."""
        return self._outcomes.predict(texts)

    def describe(self) -> dict[str, str]:
        """The address without its secrets, and the revision that the user names."""
        return {"name": f"http:{self._endpoint.shown}", "endpoint": self._endpoint.shown, "revision": self._revision}

    def _ask(self, texts: Sequence[str]) -> list[Outcome]:
        names = [str(place) for place in range(len(texts))]
        body = b"".join(question(name, text) for name, text in zip(names, texts, strict=True))
        found: dict[str, Outcome] = {}
        for line in self._endpoint.post(body, _JSON_LINES).splitlines():
            if not line.strip():
                continue
            record = record_of(line)
            name = record["id"]
            if name not in names or name in found:
                often = "twice " if name in found else ""
                raise DataError(f"{self._endpoint.shown} answers {often}for the id {quoted(name.encode())}")
            try:
                found[name] = answer_of(record)
            except DataError as error:
                found[name] = error
        lacking = DataError(f"{self._endpoint.shown} gave {len(found)} rows for {len(texts)} texts")
        return [found.get(name, lacking) for name in names]


def load(request: Request) -> Service:
    """The service; nothing is sent yet. UsageError where the address is none, or the token is not there."""
    options = request.options
    target = request.target
    url = checked_url(target if target.startswith(("http://", "https://")) else f"http://{target.lstrip('/')}")
    token = token_of(options.text("token_env"))
    timeout = options.number("timeout", 600.0, least=0.01)
    persistence = Persistence(options.integer("tries", TRIES))
    revision = options.text("revision")
    return Service(Endpoint(url, token, timeout, persistence), revision)
