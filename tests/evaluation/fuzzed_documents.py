"""Documents and predictions drawn at random, whose words and sentences are known by construction."""

from dataclasses import dataclass
from random import Random

from toolkit.document import Document, Entity
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.models.predictor import Span

WORDS = ["قال", "وسام", "مدينة", "النهر", "خبر", "مصنع", "شتاء", "بحر"]
LABELS = ["PER", "ORG", "GPE", "NORP"]
UNKNOWN = "MISC-X"


@dataclass(frozen=True)
class Fuzzed:
    """A document; the tags of its sentences, gold ones made with it; tags of a model, valid or not."""

    document: Document
    gold: list[list[str]]
    tags: list[list[str]]


def fuzzed(random: Random, number: int) -> Fuzzed:
    """A document of no to four sentences, its gold spans, and random tags that often are no valid IOB2."""
    text, entities, gold, tags = "", [], [], []
    for _ in range(random.choice([0, 1, 1, 2, 3, 4])):
        words = [random.choice(WORDS) for _ in range(random.randint(1, 12))]
        starts = []
        for word in words:
            starts.append(len(text))
            text += word + " "
        text = text[:-1] + "\n"
        row = ["O"] * len(words)
        place = random.randint(0, 3)
        while place < len(words):
            last = min(len(words), place + random.randint(1, 3))
            label = random.choice(LABELS)
            row[place:last] = [f"B-{label}"] + [f"I-{label}"] * (last - place - 1)
            end = starts[last - 1] + len(words[last - 1])
            entities.append(Entity(starts[place], end, label, f"e{len(entities)}"))
            place = last + random.randint(0, 4)
        gold.append(row)
        tags.append(_noise(random, row))
    document = Document(f"doc-{number:04d}", text, tuple(entities), (), {"collection": random.choice(["a", "b"])})
    return Fuzzed(document, gold, tags)


def _noise(random: Random, row: list[str]) -> list[str]:
    """Some tags of the gold row, others at random."""
    some = ["O", *(f"{prefix}-{label}" for prefix in "BI" for label in [*LABELS, UNKNOWN])]
    share = random.choice([0.0, 0.2, 1.0])
    return [random.choice(some) if random.random() < share else tag for tag in row]


def tagged(case: Fuzzed) -> Prediction:
    """The tags as a prediction, as a CoNLL file would give them."""
    return Prediction(case.document.id, tags=tuple(tuple(row) for row in case.tags))


def random_spans(random: Random, document: Document) -> list[Span]:
    """Gold spans with some left out, relabelled, moved, doubled, nested or drawn across sentence ends."""
    spans = []
    for entity in document.entities:
        match random.randint(0, 5):
            case 0:
                continue
            case 1:
                spans.append(Span(entity.start, entity.end, random.choice([*LABELS, "TITLE", UNKNOWN])))
            case 2:
                end = random.randint(entity.start + 1, len(document.text))
                end = entity.start + len(document.text[entity.start : end].rstrip())
                spans.append(Span(entity.start, end, entity.label))
            case 3:
                spans += [Span(entity.start, entity.end, entity.label)] * 2
            case _:
                spans.append(Span(entity.start, entity.end, entity.label))
    return spans
