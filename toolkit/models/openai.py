"""`openai:MODEL`: a language model behind any endpoint that speaks OpenAI's chat completions.

It is asked for mentions and labels, never for offsets. What cannot be found in the text again is counted, not dropped.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.errors import DataError, UsageError
from toolkit.files import canonical_json, sha256
from toolkit.models.locate import locate
from toolkit.models.outcomes import Outcome, Outcomes, join
from toolkit.models.parallel import in_parallel
from toolkit.models.passages import passages
from toolkit.models.posting import Endpoint, checked_url, token_of
from toolkit.models.predictor import Answer, Request
from toolkit.models.prompt import SCHEMA_MODES, VERSION, mentions_in, messages, response_format
from toolkit.models.retrying import TRIES, Persistence

_OPENAI = "https://api.openai.com/v1"


class ChatModel:
    """A model at an endpoint, asked passage by passage; `settings` go into every request as they are."""

    def __init__(
        self,
        endpoint: Endpoint,
        settings: Mapping[str, Any],
        labels: Mapping[str, str],
        proclitics: Sequence[str],
        words: int,
        parallel: int,
    ) -> None:
        self._endpoint, self._settings, self._labels = endpoint, settings, labels
        self._proclitics, self._words, self._parallel = proclitics, words, parallel
        self._outcomes = Outcomes(self._ask)

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The mentions that were found again in each text; `unlocatable` counts the others."""
        return self._outcomes.predict(texts)

    def describe(self) -> dict[str, str]:
        """Model, endpoint without its secrets, settings, and the version and digest of the prompt."""
        prompt = sha256(canonical_json([messages(self._labels, ""), self._settings]))[:16]
        plain = {key: str(value) for key, value in self._settings.items() if key not in ("model", "response_format")}
        form = self._settings.get("response_format", {"type": "none"})
        return {
            "name": f"openai:{self._settings['model']}",
            "endpoint": self._endpoint.shown,
            "prompt": VERSION,
            "prompt_digest": prompt,
            "schema": form["type"],
            "words": str(self._words),
            **plain,
        }

    def _ask(self, texts: Sequence[str]) -> list[Outcome]:
        parts = [(place, *extent) for place, text in enumerate(texts) for extent in passages(text, self._words)]
        asked = [texts[place][start:end] for place, start, end in parts]
        found = in_parallel(self._passage, asked, self._parallel)
        rows = list(zip(parts, found, strict=True))
        return [join((start, answer) for (of, start, _), answer in rows if of == place) for place in range(len(texts))]

    def _passage(self, passage: str) -> Answer:
        """The answer for a passage. DataError where the model's cannot be read or was cut off."""
        body = {**self._settings, "messages": messages(self._labels, passage)}
        reply = self._endpoint.post(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
        located = locate(passage, mentions_in(_content(reply, self._endpoint.shown)), self._proclitics)
        spans = [span for span in located if span is not None]
        return Answer(spans, counts={"unlocatable": len(located) - len(spans)})


def load(request: Request) -> ChatModel:
    """The model; nothing is sent yet. UsageError where the address is none, or there are no labels to ask for."""
    if not request.labels:
        raise UsageError("there are no labels to ask a language model for", fix="Declare them in configs/labels.yaml.")
    options = request.options
    url = options.text("base_url", os.environ.get("OPENAI_BASE_URL") or _OPENAI)
    key_env = options.text("key_env", "OPENAI_API_KEY")
    # A server of one's own may want no key.
    needs_key = url.rstrip("/") == _OPENAI or key_env != "OPENAI_API_KEY" or bool(os.environ.get(key_env))
    timeout = options.number("timeout", 120.0, least=0.01)
    persistence = Persistence(options.integer("tries", TRIES))
    settings: dict[str, Any] = {"model": request.target}
    if (temperature := options.text("temperature", "0")) != "none":
        settings["temperature"] = _number("temperature", temperature)
    for name in ("seed", "max_tokens"):
        if value := options.text(name):
            settings[name] = int(_number(name, value))
    settings |= response_format(options.text("schema", "json_schema", choices=SCHEMA_MODES), request.labels)
    words = options.integer("words", 200)
    parallel = options.integer("parallel", 4)
    address = f"{checked_url(url).rstrip('/')}/chat/completions"
    endpoint = Endpoint(address, token_of(key_env if needs_key else ""), timeout, persistence)
    return ChatModel(endpoint, settings, request.labels, request.training.schema.proclitics, words, parallel)


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < 2**53 or (name != "temperature" and not number.is_integer()):
        raise UsageError(f"the option {name} is {value!r}", fix="It is a number of at least 0.")
    return number


def _content(reply: bytes, where: str) -> str:
    """What the model wrote. DataError where the reply is none of a chat, was refused, or cut off."""
    try:
        choice = json.loads(reply)["choices"][0]
        message = choice["message"]
        content = message["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise DataError(f"{where} gave no chat completion: {reply[:200].decode('utf-8', 'replace')!r}") from None
    if choice.get("finish_reason") == "length":
        raise DataError("the answer was cut off", fix="Give more max_tokens, or fewer words at a time.")
    if message.get("refusal") or not isinstance(content, str):
        said = message.get("refusal") or f"content is {type(content).__name__}"
        raise DataError(f"the model refused to answer: {str(said)[:200]!r}")
    return content
