"""`hf-inference:ID|URL`: a token classification model behind Hugging Face's inference providers, or an endpoint.

The library there cuts long texts, and fuses names across line breaks. So it gets passages of whole sentences with plain
blanks in them, and a mention that it stretches over a sentence end is cut there.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

from toolkit.errors import DataError, UsageError
from toolkit.models.outcomes import Outcome, Outcomes, join
from toolkit.models.parallel import in_parallel
from toolkit.models.passages import passages
from toolkit.models.posting import checked_url, fault, is_loopback, shown, token_of
from toolkit.models.predictor import Answer, Request, Span
from toolkit.models.retrying import TRIES, BusyError, Persistence, SilentError
from toolkit.offsets import trim
from toolkit.tokens import sentences

# A word of Arabic is three to four pieces to most models, and many read no more than 512.
_WORDS = 100
_AGGREGATIONS = ("simple", "first", "average", "max")
_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
_OWN_HOSTS = ("huggingface.co", "huggingface.cloud")


class Inference:
    """A model that is reached by `client`, an InferenceClient, passage by passage."""

    def __init__(self, client: Any, target: str, aggregation: str, words: int, parallel: int, tries: int) -> None:
        self._client, self._aggregation, self._words, self._parallel = client, aggregation, words, parallel
        self._shown = shown(target) if "://" in target else target
        self._persistence = Persistence(tries)
        self._outcomes = Outcomes(self._ask)

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The mentions in each text. Raises what a passage of it comes to that the service does not answer."""
        return self._outcomes.predict(texts)

    def describe(self) -> dict[str, str]:
        """Model or address without its secrets, settings, and the version of the client."""
        import huggingface_hub

        return {
            "name": f"hf-inference:{self._shown}",
            "endpoint": self._shown,
            "aggregation": self._aggregation,
            "words": str(self._words),
            "huggingface_hub": huggingface_hub.__version__,
        }

    def _ask(self, texts: Sequence[str]) -> list[Outcome]:
        parts = [(place, *extent) for place, text in enumerate(texts) for extent in passages(text, self._words)]
        asked = [texts[place][start:end] for place, start, end in parts]
        found = in_parallel(self._passage, asked, self._parallel)
        rows = list(zip(parts, found, strict=True))
        return [join((start, answer) for (of, start, _), answer in rows if of == place) for place in range(len(texts))]

    def _passage(self, passage: str) -> Answer:
        # Whatever the blank is, the model shall see a blank; offsets stay.
        plain = "".join(" " if char.isspace() else char for char in passage)
        return _answer(passage, self._persistence.call(lambda: self._attempt(plain)), self._shown)

    def _attempt(self, text: str) -> Sequence[Any]:
        import httpx2
        from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError

        try:
            found = self._client.token_classification(text, aggregation_strategy=self._aggregation)
        except InferenceTimeoutError:
            raise SilentError(f"{self._shown} did not answer within {self._client.timeout:g} seconds") from None
        except HfHubHTTPError as error:
            said = error.server_message or ""
            raise fault(self._shown, error.response.status_code, error.response.headers, said) from None
        except httpx2.TransportError as error:
            raise BusyError(f"{self._shown} is not to be reached ({type(error).__name__})") from None
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            what = f"{self._shown} gave no token classification ({type(error).__name__}: {str(error)[:200]})"
            raise DataError(what) from None
        return cast("Sequence[Any]", found)


def _answer(passage: str, elements: Iterable[Any], where: str) -> Answer:
    """The spans of a passage, trimmed, and cut at sentence ends; DataError where they do not lie in it."""
    spans: list[Span] = []
    counts: Counter[str] = Counter()
    borders = sentences(passage)
    for element in elements:
        start, end, label = element.start, element.end, element.entity_group
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(passage):
            raise DataError(f"{where} gave the offsets {start}-{end} in {len(passage)} code points")
        if not isinstance(label, str):
            raise DataError(f"{where} gave a mention without entity_group", fix="It does not aggregate tokens.")
        inside = [(max(start, a), min(end, b)) for a, b in borders if a < end and start < b]
        pieces = [(a, b) for a, b in (trim(passage, *piece) for piece in inside) if a < b]
        counts["cut_at_sentence_end"] += len(pieces) > 1
        counts["empty"] += not pieces
        spans += [Span(a, b, label, element.score) for a, b in pieces]
    return Answer(spans, counts=+counts)


def load(request: Request) -> Inference:
    """The model; nothing is sent yet. The token is the one that the hub's own tools use, or that of `token_env`.

    That of the hub goes to Hugging Face and to this machine only. UsageError where the target is no model.
    """
    from huggingface_hub import InferenceClient

    options, target = request.options, request.target
    token = token_of(options.text("token_env"))
    timeout = options.number("timeout", 120.0, least=0.01)
    tries = options.integer("tries", TRIES)
    aggregation = options.text("aggregation", "simple", choices=_AGGREGATIONS)
    words, parallel = options.integer("words", _WORDS), options.integer("parallel", 4)
    is_own = True
    if target.startswith(("http://", "https://")):
        is_own = _is_own(checked_url(target))
    elif not _ID.fullmatch(target):
        raise UsageError("is no id of a model and no address", where=f"hf-inference:{target}", fix="Write OWNER/NAME.")
    # Without this the client would hand the hub's token to whoever the address belongs to.
    headers = None if is_own or token else {"authorization": ""}
    client = InferenceClient(target, provider="hf-inference", token=token, timeout=timeout, headers=headers)
    return Inference(client, target, aggregation, words, parallel, tries)


def _is_own(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    is_hub = any(host == own or host.endswith(f".{own}") for own in _OWN_HOSTS)
    return is_loopback(url) or (is_hub and url.startswith("https://"))
