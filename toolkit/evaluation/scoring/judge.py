"""One document: gold beside prediction, in every view, as counts that can be added up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.evaluation.predictions.sentences import Sentences
from toolkit.evaluation.scoring.clitics import clitic_counts
from toolkit.evaluation.scoring.counts import Counts, LabelCounts
from toolkit.evaluation.scoring.coverage import seen_characters
from toolkit.evaluation.scoring.diagnosis import Error, find_errors
from toolkit.evaluation.scoring.label_maps import Scheme
from toolkit.evaluation.scoring.matching import Match, match
from toolkit.evaluation.scoring.relations import RelationCounts, count_relations
from toolkit.evaluation.scoring.scores import CALLS, collapse, count_rows
from toolkit.evaluation.scoring.sides import Side, gold_side, mapped_tags, predicted_side, tagged_side
from toolkit.evaluation.scoring.strata import KnownMentions, by_length, by_nesting, by_novelty
from toolkit.evaluation.scoring.views import InvalidTags, Row, WordView, project, project_tags, spans_of_tags
from toolkit.flat import Loss

# The mode of seqeval that reads tags as a policy on invalid ones does; on valid tags both modes agree.
MODES: Mapping[InvalidTags, str] = {"conlleval": "default", "discard": "strict", "raise": "strict"}


@dataclass(frozen=True, slots=True)
class Rules:
    """How documents are judged. `known` are the mentions of training, None where they are not known.

    With `gold_entities` the model was given the gold mentions and predicted relations alone.
    """

    scheme: Scheme
    invalid_tags: InvalidTags = "conlleval"
    known: KnownMentions | None = None
    gold_entities: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What scoring needs of a document. `rows` are collapsed, for seqeval, and `modes` their counts in its modes."""

    id: str
    collection: str
    characters: int
    seen: int
    is_predicted: bool
    rows: tuple[Row, ...]
    modes: Mapping[str, LabelCounts]
    views: Mapping[str, LabelCounts]
    matched: Match
    errors: tuple[Error, ...]
    lengths: Mapping[str, Counts]
    nesting: Mapping[str, Counts]
    novelty: Mapping[str, Counts]
    relations: RelationCounts
    gives_relations: bool
    sides: Mapping[str, Side]
    losses: Mapping[str, Counter[Loss]]
    joined: int
    unopened: int
    counts: Mapping[str, int]


def judge(document: Document, prediction: Prediction | None, rules: Rules) -> Judged:
    """A document's gold and prediction, mapped, cleaned and projected alike; None is a document without a prediction.

    DataError on tags that the policy refuses, and where the gold mentions were given and the prediction has others.
    """
    found = prediction or Prediction(document.id)
    schema, text = rules.scheme.schema, document.text
    gold = gold_side(document, rules.scheme)
    predicted, view = _projected(document, found, gold, rules)
    is_predicted = prediction is not None and prediction.error is None
    matched = match(gold.spans, predicted.spans)
    if rules.gold_entities and is_predicted:
        _check_given(document.id, matched)
    rows = collapse(view.rows)
    # A layer of spans is valid IOB2, on which the modes of seqeval agree.
    modes = count_rows(rows) if view.layers is None else dict.fromkeys(CALLS, _exact(match(*view.layers)))
    char = _exact(matched)
    symmetric = [name for name, relation in schema.relations.items() if relation.symmetric]
    return Judged(
        id=document.id,
        collection=str(document.meta.get("collection", "")),
        characters=len(text),
        seen=seen_characters(document, prediction),
        is_predicted=is_predicted,
        rows=tuple(rows),
        modes=modes,
        views={
            "word": modes[MODES[rules.invalid_tags]],
            "char": char,
            "clitic": clitic_counts(text, matched, char, schema.proclitics),
        },
        matched=matched,
        errors=find_errors(text, matched, schema.proclitics),
        lengths=by_length(text, matched),
        nesting=by_nesting(matched),
        novelty={} if rules.known is None else by_novelty(text, matched, rules.known),
        relations=count_relations(gold.relations, predicted.relations, symmetric),
        gives_relations=found.relations is not None,
        sides={"gold": gold, "prediction": predicted},
        losses={"gold": view.gold_losses, "prediction": view.predicted_losses},
        joined=view.joined,
        unopened=view.unopened,
        counts=found.counts,
    )


def _projected(document: Document, found: Prediction, gold: Side, rules: Rules) -> tuple[Side, WordView]:
    """The predicted side and the word view: of a model's tags where it gave tags, of its spans else."""
    policy = rules.scheme.schema.flat_layer
    if found.tags is None:
        side = predicted_side(document, found, rules.scheme)
        return side, project(document, gold.spans, side.spans, policy)
    split = Sentences.of(document)
    tags = mapped_tags(found.tags, rules.scheme)
    spans = spans_of_tags(split, tags, rules.invalid_tags, document.id)
    side = tagged_side(document, found, spans, rules.scheme)
    return side, project_tags(split, gold.spans, tags, policy)


def _check_given(name: str, matched: Match) -> None:
    if matched.missed or matched.spurious:
        what = (
            f"the model was not given the gold mentions of document {name}: {len(matched.missed)} of them are not "
            f"predicted, and {len(matched.spurious)} predicted ones are not gold's"
        )
        raise DataError(what, fix="Predict relations for the dataset's own mentions, or leave --gold-entities out.")


def _exact(matched: Match) -> dict[str, Counts]:
    """The counts of the exact view by label."""
    right, missed, spurious = (Counter(label for _, _, label in side) for side in matched)
    labels = sorted(right.keys() | missed.keys() | spurious.keys())
    return {
        label: Counts(right[label], right[label] + spurious[label], right[label] + missed[label]) for label in labels
    }
