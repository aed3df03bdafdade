"""push --review and pull --review against a real Label Studio: what a reviewer sees, and what becomes of it."""

import json
import random
from dataclasses import replace

import pyarrow.parquet
import pytest
from between import losing, serving
from labelling_page import mark, open_task, submit
from playwright.sync_api import expect
from sync_project import OTHER, TEXT, Kills, Sync, article, region

from toolkit.annotation import Annotation, Link, Task
from toolkit.corpus.standoff import strip
from toolkit.files import parse_json
from toolkit.labelstudio.sync.review import AGREED
from toolkit.native import Reader

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]
SENT = TEXT.replace("\r\n", "\n")
LATE = "ثم عادت سلمى"


@pytest.fixture
def review(sync: Sync) -> Sync:
    """A project where the lead is a third person, lina, who reviews what sara and omar did."""
    path = sync.folder / "configs" / "labelstudio.yaml"
    settings = json.loads(path.read_text("utf-8"))
    settings["annotators"]["lina"] = settings["annotators"]["sara"]
    settings["accounts"] = {
        sync.studio.lead: "lina",
        sync.studio.user("sara"): "sara",
        sync.studio.user("omar"): "omar",
    }
    path.write_text(json.dumps(settings), encoding="utf-8")
    return sync


def both(sync: Sync) -> tuple[Annotation, Annotation]:
    """Two annotations of TEXT: the same person, town and relation; another town is only sara's, a late name omar's."""
    person, town = region(TEXT, "p", "سلمى الراوي", "PER"), region(TEXT, "g", "كولانة", "GPE")
    link = Link("p", "g", "right", ("VISITED",))
    sara = Annotation(sync.uuid(1), "sara", (person, town, region(TEXT, "t", "طنجة", "GPE")), links=(link,))
    at = TEXT.index(LATE) + len("ثم عادت ")
    again = replace(region(TEXT, "n", "سلمى", "PER"), start=at, end=at + 4)
    own = tuple(replace(part, id=f"o{part.id}") for part in (person, town, again))
    return sara, Annotation(sync.uuid(2), "omar", own, links=(Link("og", "op", "left", ("VISITED",)),))


def project_number(sync: Sync) -> int:
    found = sync.studio.json("GET", f"/api/projects/?title={sync.title}")["results"]
    (number,) = [project["id"] for project in found if project["title"] == f"{sync.title} – review"]
    return number


def tasks(sync: Sync) -> list[dict]:
    """The tasks of the review project, with their predictions in full."""
    exported = json.loads(sync.studio.export(project_number(sync)))
    return [sync.studio.json("GET", f"/api/tasks/{found['id']}") for found in exported]


def task(sync: Sync) -> dict:
    """The only task of the review project."""
    (found,) = tasks(sync)
    return found


def versions(found: dict) -> dict[str, list[str]]:
    """The mentions of each prediction, read off the text that the server has."""
    text = found["data"]["text"]
    named = {}
    for prediction in found["predictions"]:
        assert prediction["model_version"] not in named
        spans = [item["value"] for item in prediction["result"] if item["type"] == "labels"]
        named[prediction["model_version"]] = [text[span["start"] : span["end"]] for span in spans]
    return named


def answer(sync: Sync, who: str = "lina", **more: object) -> int:
    """A review by API: what all agree on, as it stands."""
    found = task(sync)
    (agreed,) = [one["result"] for one in found["predictions"] if one["model_version"] == AGREED]
    users = {"lina": sync.studio.lead, "sara": sync.studio.user("sara"), "omar": sync.studio.user("omar")}
    body = {"result": agreed, "completed_by": users[who], **more}
    return sync.studio.json("POST", f"/api/tasks/{found['id']}/annotations/", body)["id"]


def stored(sync: Sync, name: str = "visit-1") -> Task:
    found = Reader(name).task(parse_json(sync.files()[name], name))
    assert found is not None
    return found


def truths(found: Task) -> list[Annotation]:
    return [annotation for annotation in found.annotations if annotation.ground_truth]


def test_a_reviewer_finds_what_is_agreed_and_everybody_s_version_and_it_becomes_gold(
    review: Sync, page, schema, repository, tmp_path
):
    (review.folder / "configs" / "labels.yaml").write_text(
        (repository / "configs" / "labels.yaml").read_text("utf-8"), "utf-8"
    )
    first, second = both(review)
    review.write(article("visit-1", TEXT, first, second))
    review.write(article("other-1", OTHER, Annotation(review.uuid(3), "sara")))
    done = review.ok("push", "--review")
    assert "open: 1 of 2 articles" in done.err
    assert "created 1, changed 0, versions sent 3, removed 0" in done.out
    found = task(review)
    assert versions(found) == {
        "sara": ["سلمى الراوي", "كولانة", "طنجة"],
        "omar": ["سلمى الراوي", "كولانة", "سلمى"],
        AGREED: ["سلمى الراوي", "كولانة"],
    }
    assert review.run("validate", review.folder / "annotations").code == 1

    open_task(page, review.studio, project_number(review), found["id"])
    rows = page.locator(".lsf-outliner-item")
    expect(rows).to_have_count(2)
    expect(page.locator("svg.relations-overlay > g")).to_have_count(1)
    for name in ("sara", "omar", AGREED):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    mark(page, schema.entities["GPE"].hotkey, "طنجة")
    expect(rows).to_have_count(3)
    page.screenshot(path=tmp_path / "review.png")
    submit(page)

    before = stored(review).annotations
    assert review.ok("pull", "--review").out == "pulled: written 1\n"
    after = stored(review)
    assert [a for a in after.annotations if not a.ground_truth] == list(before)
    (truth,) = truths(after)
    assert (truth.annotator, truth.adjudicates) == ("lina", tuple(sorted((first.id, second.id))))
    places = {TEXT[r.start : r.end]: r.origin for r in truth.regions}
    assert places == {"سلمى الراوي": "prediction", "كولانة": "prediction", "طنجة": "manual"}
    by_id = {r.id: r.text for r in truth.regions}
    assert [(by_id[link.head], link.labels, by_id[link.tail]) for link in truth.links] == [
        ("سلمى الراوي", ("VISITED",), "كولانة")
    ]

    files = review.files()
    assert review.ok("pull", "--review").out == "pulled: unchanged 1\n"
    review.drop_state()
    assert review.ok("pull", "--review").out == "pulled: unchanged 1\n"
    assert review.files() == files
    checked = review.ok("validate", review.folder / "annotations")
    assert (checked.out, "no findings" in checked.err) == ("", True)
    assert "open: 0 of 2 articles" in review.ok("push", "--review").err
    (review.folder / "annotations" / "closed").mkdir()
    review.ok("build", "--out", tmp_path / "built")
    built = [
        row for path in (tmp_path / "built").rglob("*.parquet") for row in pyarrow.parquet.read_table(path).to_pylist()
    ]
    rules = {row["id"]: row["meta"]["gold_rule"] for row in built if "gold_rule" in (row.get("meta") or {})}
    assert rules == {"visit-1": "ground_truth", "other-1": "single"}


def test_sending_twice_sends_nothing_twice_even_without_the_state(review: Sync):
    review.write(article("visit-1", TEXT, *both(review)))
    done = review.ok("push", "--review", "--dry-run")
    assert ("create: 1 (visit-1)" in done.err, "versions to send: 3" in done.err) == (True, True)
    assert review.studio.json("GET", f"/api/projects/?title={review.title}")["results"] == []
    review.ok("push", "--review")
    before = task(review)
    nothing = "created 0, changed 0, versions sent 0, removed 0"
    assert nothing in review.ok("push", "--review").out
    review.drop_state()
    assert nothing in review.ok("push", "--review").out
    assert task(review)["predictions"] == before["predictions"]
    assert review.studio.json("GET", f"/api/projects/{project_number(review)}")["model_version"] == AGREED
    assert review.run("pull").code == 2, "the annotators' project is another one"


def test_what_a_killed_run_left_out_is_sent_and_what_it_left_over_is_removed(review: Sync):
    review.write(article("visit-1", TEXT, *both(review)))
    review.ok("push", "--review")
    found = task(review)
    one, other = (prediction["id"] for prediction in found["predictions"][:2])
    review.studio.call("DELETE", f"/api/predictions/{one}/")
    double = next(prediction for prediction in found["predictions"] if prediction["id"] == other)
    copy = {"task": found["id"], "model_version": double["model_version"], "result": double["result"]}
    review.studio.json("POST", "/api/predictions/", copy)
    review.studio.json("PATCH", f"/api/projects/{project_number(review)}/", {"model_version": ""})
    assert "versions sent 1, removed 1" in review.ok("push", "--review").out
    assert versions(task(review)) == versions(found)
    assert review.studio.json("GET", f"/api/projects/{project_number(review)}")["model_version"] == AGREED


def test_answers_that_a_gateway_loses_make_nothing_twice(review: Sync, monkeypatch):
    for module in ("push", "sending", "locating"):
        monkeypatch.setattr(f"toolkit.labelstudio.sync.{module}.PAUSES", (0.05, 0.1, 0.2))
    first, second = both(review)
    path = review.write(article("visit-1", TEXT, first, second))
    handle, lost = losing(review.studio.url)
    with serving(handle) as url:
        monkeypatch.setenv("LABEL_STUDIO_URL", url)
        assert "created 1, changed 0, versions sent 3" in review.ok("push", "--review").out
        review.write(article("visit-1", TEXT, first, replace(second, regions=second.regions[:2])))
        assert "created 0, changed 1, versions sent 1, removed 1" in review.ok("push", "--review").out
        assert sorted(versions(task(review))) == [AGREED, "omar", "sara"]
        answer(review)
        assert review.ok("pull", "--review").out == "pulled: written 1\n"
    assert {"POST", "PATCH", "DELETE"} <= {entry.split()[0] for entry in lost}
    assert len(truths(stored(review))) == 1
    assert path.is_file()


def test_a_run_killed_at_any_moment_is_completed_by_the_next(review: Sync):
    dice = random.Random(7)
    count, kills = 0, Kills(review, ("push", "--review"))
    kills.attempt(60)
    while kills.done < 6:
        count += 1
        first, second = (replace(work, id=review.uuid(100 * count + n)) for n, work in enumerate(both(review)))
        review.write(article(f"visit-{count}", TEXT, first, second))
        kills.attempt(dice.uniform(0.5, 1))
    review.ok("push", "--review")
    # What the server was still saving when its sender was killed is seen, and removed, at the latest now.
    review.ok("push", "--review")
    assert "created 0, changed 0, versions sent 0, removed 0" in review.ok("push", "--review").out
    assert sorted(len(found["predictions"]) for found in tasks(review)) == [3] * count
    for found in tasks(review):
        body = {"result": [], "completed_by": review.studio.lead}
        review.studio.json("POST", f"/api/tasks/{found['id']}/annotations/", body)
    pulls = Kills(review, ("pull", "--review"), usual=kills.usual)
    for _ in range(4):
        pulls.attempt(dice.uniform(0.5, 1))
    review.ok("pull", "--review")
    assert review.ok("pull", "--review").out == f"pulled: unchanged {count}\n"
    assert [len(truths(stored(review, name))) for name in review.files()] == [1] * count


def test_a_changed_version_replaces_the_earlier_one_until_a_reviewer_has_begun(review: Sync):
    first, second = both(review)
    review.write(article("visit-1", TEXT, first, second))
    review.ok("push", "--review")
    shorter = replace(second, regions=second.regions[:2])
    review.write(article("visit-1", TEXT, first, shorter))
    assert "created 0, changed 1, versions sent 1, removed 1" in review.ok("push", "--review").out
    found = task(review)
    assert versions(found)["omar"] == ["سلمى الراوي", "كولانة"]

    review.studio.call(
        "POST", f"/api/tasks/{found['id']}/drafts?project={project_number(review)}", {"result": [], "lead_time": 1}
    )
    review.write(article("visit-1", TEXT, first, second))
    done = review.ok("push", "--review")
    assert "warning[review-outdated] visit-1" in done.out
    assert "changed 0, versions sent 0, removed 0" in done.out
    now = task(review)
    assert (now["data"], now["predictions"]) == (found["data"], found["predictions"])


def test_changed_annotations_are_told_when_their_review_comes_back(review: Sync):
    first, second = both(review)
    review.write(article("visit-1", TEXT, first, second))
    review.ok("push", "--review")
    answer(review)
    third = Annotation(review.uuid(3), "lina", first.regions[:1])
    review.write(article("visit-1", TEXT, replace(second, regions=second.regions[:2]), third))
    done = review.ok("pull", "--review")
    assert "warning[review-outdated]" in done.out
    told = f"{first.id} is gone; omar's ({second.id}) differs; lina's ({third.id}) is new"
    assert told in done.out
    assert truths(stored(review))[0].adjudicates == tuple(sorted((first.id, second.id)))
    checked = review.run("validate", review.folder / "annotations")
    assert checked.out.count("warning[adjudicates-unknown]") == 1


def test_of_two_reviews_the_one_marked_on_the_server_counts(review: Sync):
    review.write(article("visit-1", TEXT, *both(review)))
    review.ok("push", "--review")
    numbers = [answer(review, "lina"), answer(review, "omar")]
    before = review.files()
    done = review.run("pull", "--review")
    assert (done.code, review.files()) == (1, before)
    assert "error[review-several]" in done.out
    assert ("by lina (" in done.out, ", omar (" in done.out) == (True, True)
    review.studio.json("PATCH", f"/api/annotations/{numbers[1]}/", {"ground_truth": True})
    assert review.ok("pull", "--review").out == "pulled: written 1\n"
    assert [truth.annotator for truth in truths(stored(review))] == ["omar"]


def test_a_skipped_review_and_a_draft_are_no_ground_truth(review: Sync):
    review.write(article("visit-1", TEXT, *both(review)))
    review.ok("push", "--review")
    before = review.files()
    number = answer(review, was_cancelled=True)
    done = review.ok("pull", "--review")
    assert "note[review-skipped] visit-1: lina skipped the review" in done.out
    review.studio.call("DELETE", f"/api/annotations/{number}/")
    place = f"/api/tasks/{task(review)['id']}/drafts?project={project_number(review)}"
    review.studio.call("POST", place, {"result": [], "lead_time": 1})
    done = review.ok("pull", "--review")
    assert "drafts that nobody submitted, not pulled: 1: visit-1 (1)" in done.err
    assert review.files() == before


def test_a_review_that_goes_on_is_followed_unless_its_ground_truth_changed_here(review: Sync):
    review.write(article("visit-1", TEXT, *both(review)))
    review.ok("push", "--review")
    number = answer(review)
    assert "would pull: written 1" in review.ok("pull", "--review", "--dry-run").out
    assert truths(stored(review)) == []
    review.ok("pull", "--review")
    result = task(review)["annotations"][0]["result"]
    review.studio.json("PATCH", f"/api/annotations/{number}/", {"result": result[:1]})
    assert review.ok("pull", "--review").out == "pulled: written 1\n"
    now = stored(review)
    (truth,) = truths(now)
    assert len(truth.regions) == 1
    others = tuple(annotation for annotation in now.annotations if annotation.id != truth.id)

    mine = replace(truth, regions=(*truth.regions, region(TEXT, "x", "طنجة", "GPE")))
    path = review.write(replace(now, annotations=(*others, mine)))
    ours = path.read_bytes()
    assert review.ok("pull", "--review").out == "pulled: changed here only 1\n"
    review.studio.json("PATCH", f"/api/annotations/{number}/", {"result": result[:2]})
    done = review.run("pull", "--review")
    assert (done.code, path.read_bytes()) == (1, ours)
    assert "error[conflict]" in done.out
    review.write(replace(now, annotations=others))
    assert review.ok("pull", "--review").out == "pulled: written 1\n"
    assert len(truths(stored(review))[0].regions) == 2
    review.studio.call("DELETE", f"/api/annotations/{number}/")
    assert "warning[review-gone] visit-1" in review.ok("pull", "--review").out


def test_another_ground_truth_in_the_file_is_an_error_and_stays(review: Sync):
    first, second = both(review)
    review.write(article("visit-1", TEXT, first, second))
    review.ok("push", "--review")
    answer(review)
    review.write(article("visit-1", TEXT, first, replace(second, ground_truth=True)))
    before = review.files()
    done = review.run("pull", "--review")
    assert (done.code, review.files()) == (1, before)
    assert f"error[ground-truth-several] {review.folder}" in done.out
    assert f"{second.id} by omar" in done.out


def test_a_withheld_article_is_reviewed_and_comes_back_without_a_word_of_it(review: Sync, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "kept-1.txt").write_bytes(TEXT.encode())
    review.write(strip(article("kept-1", TEXT, *both(review))), "closed")
    assert "note[text-withheld] kept-1" in review.ok("push", "--review").out
    assert "created 1" in review.ok("push", "--review", "--articles", folder).out
    assert versions(task(review))[AGREED] == ["سلمى الراوي", "كولانة"]
    answer(review)
    done = review.ok("pull", "--review", "--articles", folder)
    assert done.out == "pulled: written 1\n"
    files = review.files()
    assert not any(word in files["kept-1"].decode() for word in TEXT.split())
    assert review.ok("pull", "--review", "--articles", folder).out == "pulled: unchanged 1\n"
    (truth,) = truths(stored(review, "kept-1"))
    spans = [(r.start, r.end) for r in truth.regions]
    assert [TEXT[start:end] for start, end in spans] == ["سلمى الراوي", "كولانة"]
    checked = review.ok("validate", review.folder / "annotations", "--articles", folder)
    assert (checked.out, "no findings" in checked.err) == ("", True)


def test_the_annotators_project_gives_ground_truth_back_with_its_provenance(review: Sync):
    first, second = both(review)
    review.write(article("visit-1", TEXT, first, second))
    review.ok("push", "--annotations")
    review.ok("push", "--review")
    answer(review)
    review.ok("pull", "--review")
    before = review.files()
    done = review.ok("push", "--annotations")
    assert "annotations sent 1" in done.out
    assert review.ok("pull", "--full").out == "pulled: unchanged 1\n"
    assert review.files() == before
    main = [
        p
        for p in review.studio.json("GET", f"/api/projects/?title={review.title}")["results"]
        if p["title"] == review.title
    ]
    exported = json.loads(review.studio.export(main[0]["id"]))[0]["annotations"]
    (number,) = [one["id"] for one in exported if one["ground_truth"]]
    review.studio.json("PATCH", f"/api/annotations/{number}/", {"result": exported[0]["result"]})
    assert review.ok("pull").out == "pulled: written 1\n"
    (truth,) = truths(stored(review))
    assert truth.adjudicates == tuple(sorted((first.id, second.id)))


@pytest.mark.parametrize(
    "arguments",
    [
        ("push", "--review", "--annotations"),
        ("push", "--review", "--predictions", "p.jsonl"),
        ("push", "--review", "new.txt"),
        ("pull", "--review", "--full"),
        ("pull", "--review", "--collection", "open"),
    ],
)
def test_review_goes_alone(review: Sync, arguments):
    done = review.run(*arguments)
    assert done.code == 2
    assert "--review goes without" in done.err


def test_a_review_needs_a_project_of_its_own_and_a_rule_that_takes_it(review: Sync):
    review.write(article("visit-1", TEXT, *both(review)))
    review.ok("push")
    done = review.run("pull", "--review")
    assert (done.code, "tawsim push --review" in done.err) == (2, True)
    done = review.run("push", "--review", "--server-project", review.number)
    assert (done.code, "is the annotators'" in done.err) == (2, True)
    settings = review.folder / "configs" / "dataset.yaml"
    settings.write_text(settings.read_text("utf-8") + "gold: [majority, ground_truth]\n", "utf-8")
    done = review.run("push", "--review")
    assert (done.code, "Put ground_truth before majority and first" in done.err) == (2, True)
