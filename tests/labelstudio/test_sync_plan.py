"""The pure parts of sync: the plan of a push, line ends on the way there and back, and what a pull decides."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.annotation import Annotation, Region, Task
from toolkit.corpus.standoff import strip
from toolkit.errors import ConfigError, DataError
from toolkit.files import sha256, to_json
from toolkit.labelstudio.reading.template import labelling_config
from toolkit.labelstudio.sync.plan import Action, Offer, RemoteTask, plan_steps, removed_uses, same_config, uses
from toolkit.labelstudio.sync.reconciling import Local, Verdict, reconcile
from toolkit.labelstudio.sync.state import Known
from toolkit.labelstudio.sync.wire import accounts_of, as_kept, as_sent, check_id, task_data
from toolkit.native import to_native
from toolkit.offsets import lf_to_stored, stored_to_lf
from toolkit.project import Annotator, LabelStudioSettings, Tags
from toolkit.schema import EntityType, RelationType, Schema

TEXT = "وصل كريم إلى طنجة."
WHO = Annotator(kind="person", description="composed for a test")


def uuid(number: int) -> str:
    return str(UUID(int=number, version=4))


def article(name: str = "a-1", text: str = TEXT, *annotations: Annotation, **data: object) -> Task:
    return Task(name, text, sha256(text.encode()), len(text), data, annotations)


def marked(number: int, end: int = 3, who: str = "sara") -> Annotation:
    return Annotation(uuid(number), who, (Region("r", 0, end, ("PER",), TEXT[:end]),))


def remote(task: Task, number: int = 1, work: str = "", **more: object) -> RemoteTask:
    return RemoteTask(number, {**task_data(task, "text"), **more}, work)


def planned(task: Task, *there: RemoteTask, gone: frozenset[str] = frozenset(), recreate: bool = False):
    steps, findings = plan_steps([task], {task.article_id: there}, set(gone), "text", recreate=recreate)
    return steps[0].action, [finding.code for finding in findings]


def test_each_article_gets_the_step_that_it_needs():
    task = article()
    assert planned(task) == (Action.CREATE, [])
    assert planned(task, remote(task)) == (Action.UNCHANGED, [])
    assert planned(task, remote(task, desk="أخبار")) == (Action.UNCHANGED, [])
    assert planned(article(event="زيارة"), remote(task)) == (Action.DATA, [])
    assert planned(task, RemoteTask(1, {"article_id": "a-1", "text": TEXT}, "")) == (Action.DATA, [])
    assert planned(article(text="ثم عاد."), remote(task)) == (Action.TEXT, [])
    assert planned(article(text="ثم عاد."), remote(task, work="annotations: 2")) == (Action.CONFLICT, ["text-changed"])
    assert planned(task, gone=frozenset({"a-1"})) == (Action.GONE, ["remote-gone"])
    assert planned(task, gone=frozenset({"a-1"}), recreate=True) == (Action.CREATE, [])
    assert planned(task, remote(task), remote(task, 2)) == (Action.UNCHANGED, ["remote-duplicate"])


def test_a_plan_of_what_was_sent_finds_nothing_to_do():
    crlf = article(text="سطر\r\nآخر")
    sent = as_sent(crlf)
    assert (sent.text, planned(sent, remote(sent))) == ("سطر\nآخر", (Action.UNCHANGED, []))


def test_the_text_is_sent_under_the_key_that_the_configuration_shows():
    assert task_data(article(event="زيارة"), "body") == {
        "article_id": "a-1",
        "body": TEXT,
        "event": "زيارة",
        "length": len(TEXT),
        "sha256": sha256(TEXT.encode()),
    }


def schema(*labels: str, relations: tuple[str, ...] = ()) -> Schema:
    return Schema(entities={name: EntityType() for name in labels}, relations={n: RelationType() for n in relations})


def test_a_configuration_is_the_same_but_for_blanks():
    config = labelling_config(schema("PER", "GPE"), Tags())
    assert same_config(config, config.replace("\n", " \n  "))
    assert not same_config(config, labelling_config(schema("PER"), Tags()))
    assert not same_config("<View>", config)


def test_what_annotations_use_and_a_configuration_lacks_is_counted():
    full = Offer.of(labelling_config(schema("PER", "GPE", relations=("VISITED",)), Tags()))
    less = Offer.of(labelling_config(schema("PER"), Tags()))
    assert (less.lacks(full), full.lacks(less)) == (True, False)
    span = {"type": "labels", "from_name": "label", "value": {"labels": ["GPE"]}}
    choice = {"type": "choices", "from_name": "topic", "value": {"choices": ["x"]}}
    link = {"type": "relation", "labels": ["VISITED"]}
    task = {"annotations": [{"result": [span, link, choice]}], "drafts": [{"result": [span]}, {"result": None}]}
    assert removed_uses(less, uses([task])) == ["label GPE (2)", "relation VISITED (1)", "tag topic (1)"]
    assert removed_uses(full, uses([task])) == ["tag topic (1)"]


@given(st.text("ab\r\n 😀َ", max_size=30), st.data())
def test_offsets_come_back_from_lf_unless_they_lie_inside_a_line_end(text, data):
    offset = data.draw(st.integers(0, len(text)))
    lf = text.replace("\r\n", "\n")
    there = stored_to_lf(text, offset)
    inside = 0 < offset < len(text) and text[offset - 1 : offset + 1] == "\r\n"
    assert text[: offset - inside].replace("\r\n", "\n") == lf[:there]
    assert lf_to_stored(text, there) == offset - inside


@given(st.text("اب\r\n 😀", min_size=1, max_size=40), st.data())
def test_an_article_comes_back_as_it_was_sent(text, data):
    places = [i for i in range(len(text) + 1) if text[max(0, i - 1) : i + 1] != "\r\n" or i == 0]
    start, end = sorted(data.draw(st.tuples(st.sampled_from(places), st.sampled_from(places))))
    task = article("a-1", text, Annotation(uuid(1), "sara", (Region("r", start, end, ("PER",), text[start:end]),)))
    sent = as_sent(task)
    region = sent.annotations[0].regions[0]
    assert sent.text is not None
    assert sent.text[region.start : region.end] == region.text == text[start:end].replace("\r\n", "\n")
    assert as_kept(sent, text) == task
    assert as_kept(sent, None) == sent


def test_annotators_need_an_account_and_ids_have_to_be_uuids():
    settings = LabelStudioSettings(title="t", annotators={"sara": WHO, "omar": WHO}, accounts={1: "sara", 4: "sara"})
    assert accounts_of(settings, {"sara"}, {1, 2, 4}) == {"sara": 1}
    assert accounts_of(settings, {"sara"}, {2, 4}) == {"sara": 4}
    with pytest.raises(ConfigError, match="omar"):
        accounts_of(settings, {"sara", "omar"}, {1})
    check_id(marked(1), "a-1")
    for wrong in ("u-1", uuid(1).upper().replace("0", "A"), uuid(1).replace("-", "")):
        with pytest.raises(DataError, match="no UUID"):
            check_id(Annotation(wrong, "sara"), "a-1")


HERE = Path("a-1.json")


def bytes_of(task: Task) -> bytes:
    return to_json(to_native(task)).encode()


def decided(there: Task, ours: Task, *, base: Task | None = None, known: Known | None = None, bare: bool = False):
    """What a pull decides where the last pull left `base`."""
    how = strip if bare else None
    local = Local(HERE, bytes_of(strip(ours) if bare else ours), how, ours.text)
    bases = {sha256(bytes_of(strip(base) if bare else base))} if base else set()
    return reconcile(there, local, HERE, how, bases, known or Known("a-1"))


@pytest.mark.parametrize("bare", [False, True])
def test_what_changed_on_one_side_is_taken_and_on_both_is_a_conflict(bare):
    old, theirs, ours = (article("a-1", TEXT, marked(1, end)) for end in (3, 8, 12))
    seen = decided(old, old, base=old, bare=bare)
    assert seen.verdict is Verdict.UNCHANGED
    known = Known("a-1", "", seen.remote, list(seen.annotations))
    taken = decided(theirs, old, base=old, known=known, bare=bare)
    assert (taken.verdict, taken.content) == (Verdict.WRITTEN, bytes_of(strip(theirs) if bare else theirs))
    assert decided(old, ours, base=old, known=known, bare=bare).verdict is Verdict.OURS
    both = decided(theirs, ours, base=old, known=known, bare=bare)
    assert (both.verdict, both.content) == (Verdict.CONFLICT, taken.content)
    assert uuid(1) in both.findings[-1].message
    assert decided(theirs, theirs, base=old, known=known, bare=bare).verdict is Verdict.UNCHANGED


def test_deleted_annotations_go_and_those_that_only_we_have_stay():
    ours = article("a-1", TEXT, marked(1), marked(2, who="omar"))
    there = article("a-1", TEXT)
    known = Known("a-1", "", "before", [uuid(1)])
    outcome = decided(there, ours, base=ours, known=known)
    assert outcome.content == bytes_of(article("a-1", TEXT, marked(2, who="omar")))
    assert [finding.code for finding in outcome.findings] == ["annotation-deleted"]
    assert reconcile(there, Local(HERE, bytes_of(ours), None, TEXT), HERE, None, set(), known, [uuid(1)]).verdict is (
        Verdict.UNCHANGED
    )


def test_another_text_and_a_file_that_is_none_are_held_back():
    other = decided(article(text="ثم عاد."), article())
    assert (other.verdict, other.findings[0].code) == (Verdict.HELD_BACK, "article-clash")
    for content in (b"{", b"[]"):
        broken = reconcile(article(), Local(HERE, content, None, None), HERE, None, set(), Known("a-1"))
        assert (broken.verdict, broken.findings[0].code) == (Verdict.HELD_BACK, "existing-file")
    nowhere = reconcile(article(), None, None, None, set(), Known("a-1"))
    assert (nowhere.verdict, nowhere.findings[0].code) == (Verdict.HELD_BACK, "article-new")
