"""A small project for the tests of the release room: composed texts with everything that makes offsets go wrong."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from toolkit.annotation import Annotation, Link, Region, Task
from toolkit.corpus.assemble import assemble
from toolkit.corpus.standoff import strip
from toolkit.files import sha256, to_json
from toolkit.findings import has_errors
from toolkit.native import to_native
from toolkit.project import Project
from toolkit.release.building.build import build

_MARK = re.compile(r"\{(?P<label>[A-Z]+)(?:#(?P<id>\w+))? |\}")


@dataclass(frozen=True)
class Built:
    """A dataset folder, the manifest that `build` returned, and the project it comes from."""

    folder: Path
    manifest: Mapping[str, Any]
    project: Project


def compose(
    article_id: str,
    markup: str,
    *links: str,
    also: Sequence[tuple[str, str]] = (),
    annotator: str = "draft-1",
    **data: str,
) -> Task:
    """A task from inline markup, `{LABEL#id words}`; links are `head LABEL tail [direction]`.

    `also` adds (labels, words) where the words stand first in the text: crossing spans, several labels on one.
    """
    text, regions = _parsed(markup)
    for number, (labels, words) in enumerate(also):
        start = text.index(words)
        regions.append(Region(f"x{number}", start, start + len(words), tuple(labels.split()), words))
    drawn = []
    for link in links:
        head, label, tail, *direction = link.split()
        drawn.append(Link(head, tail, direction[0] if direction else "right", (label,)))
    annotation = Annotation(f"{article_id}-{annotator}", annotator, tuple(regions), links=tuple(drawn))
    return Task(article_id, text, sha256(text.encode()), len(text), data, (annotation,))


def _parsed(markup: str) -> tuple[str, list[Region]]:
    text, last, opened, regions = "", 0, [], []
    for match in _MARK.finditer(markup):
        text += markup[last : match.start()]
        last = match.end()
        if match[0] == "}":
            start, label, name = opened.pop()
            regions.append(Region(name or f"m{len(regions)}", start, len(text), (label,), text[start:]))
        else:
            opened.append((len(text), match["label"], match["id"]))
    return text + markup[last:], regions


HARBOUR = compose(
    "harbour",
    "😀 زارت {PER#p1 سلمى الحدّاد} {FAC#f1 ميناء {GPE#g1 ريفاد}} {DATE صباح أمس}، و{GPE#g2 بورينا} لم تعلّق. "
    "👩\u200d👩\u200d👧\n"
    "\u200fقال {TITLE#t1 وزير الموانئ {NORP#n1 البوريني}} {PER#p2 رامي عوسج}: «لا جديد»! "
    "غادرت السفن ل{GPE#g3 كالدونا}.\n"
    "\n"
    "لا شيء هنا سوى الريح والموج… 🇸🇦\n"
    "في الميناء {GPE كالدونيا}{GPE دلمونيا} كلمة واحدة بسبب خطأ في الطباعة، وفيه Wi-Fi من شركة {ORG Blue 7}.",
    "p1 VISITED f1",
    "g1 LOCATED_IN f1 left",
    "p2 HOLDS_ROLE t1",
    "p2 WORKS_FOR n1",
    event="harbour-day",
)
TREATY = compose(
    "treaty",
    "وقعت {GPE#a كالدونا} و{GPE#b دلمونيا} {DOC#d اتفاقية مياه {LOC#l نهر السوسن}} في {DATE حزيران/يونيو ٢٠٢١}.\r\n"
    "عزفت {ORG#o فرقة يا ليل! يا عين} في {EVENT#e مهرجان\r\nالبحار} قرب سهل الغدران الشمالي الجديد. "
    "ثم عادت إلى {GPE#c ريفاد}ـ قبل الفجر\u200f.\r\n"
    "أُعلِن ذلك في وادي الرمان.",
    "a PARTY_TO d",
    "b PARTY_TO d",
    "b TIES_WITH a bi",
    "o LOCATED_IN c",
    also=[("LOC", "سهل الغدران الشمالي"), ("FAC", "الشمالي الجديد"), ("LOC GPE", "وادي الرمان"), ("PRODUCT", "\u200f")],
    source="نشرة النهر",
    language="ar",
)
MUSEUM = compose(
    "museum",
    "افتُتح {FAC متحف الأصداف} في {GPE وادينا} {DATE يوم السبت}. لم يحضر أحد من الضيوف.\nتصوير: {PER هدى زنبق}",
    event="museum-week",
)
CALM = compose("calm", "ليلة هادئة بلا أخبار تذكر.\nنامت المدينة باكرا.")
_SHARED = "باع تجار {LOC سوق الغزل} كل ما لديهم من القماش قبل حلول المساء بساعتين كاملتين."
MARKET = compose(
    "market-01",
    "{GPE#g السندبار} تستورد القطن من {GPE#h أرسانيا}، بحسب {ORG#o غرفة تجارة {GPE السندبار}}.\n" + _SHARED,
    "g TIES_WITH h",
)
MARKET_AGAIN = compose(
    "market-02", "نقلت صحيفة «{ORG#o المنوال}» {NORP#n الوادينية} الخبر كما هو.\n" + _SHARED, "o ORG_OF n"
)
SKIPPED = compose("skipped", "نص تركه من يوسمه.")
SKIPPED = replace(SKIPPED, annotations=(replace(SKIPPED.annotations[0], cancelled=True),))
WIRE = compose(
    "wire-01",
    "وصل {PER#p زاهر سنبل} إلى عاصمة {GPE#g قيروسيا} حاملا رسالة سرية 🕊\n"
    "استقبلته {TITLE#t رئيسة {ORG#o مجلس {NORP القيروسي} الأعلى}} {PER#q منى عقيق} عند مدرج المطار مساء أمس الأول.",
    "p VISITED g",
    "q HOLDS_ROLE t",
    "q HEAD_OF o",
    "q MET_WITH p",
    event="wire-visit",
)
WIRE_QUIET = compose(
    "wire-02", "تراجعت أسعار الحنطة للأسبوع الثالث على التوالي في {LOC سهول الغرب}، وقلق المزارعون كثيرا."
)

SPLITS = {
    "harbour": "train",
    "treaty": "train",
    "museum": "validation",
    "calm": "validation",
    "market-01": "test",
    "market-02": "test",
}
NEWS = (HARBOUR, TREATY, MUSEUM, CALM, MARKET, MARKET_AGAIN, SKIPPED)
WITHHELD = (WIRE, WIRE_QUIET)


def reviewed(task: Task) -> Task:
    """The task with a second annotator, who saw nothing, and the first one marked as ground truth."""
    first = replace(task.annotations[0], ground_truth=True)
    return replace(task, annotations=(first, Annotation(f"{task.article_id}-second", "reader-2")))


def without_links(tasks: Iterable[Task]) -> list[Task]:
    """The tasks without their relations."""
    return [replace(t, annotations=tuple(replace(a, links=()) for a in t.annotations)) for t in tasks]


def write_project(
    root: Path,
    repository: Path,
    *,
    news: Sequence[Task] = (reviewed(MUSEUM), *(task for task in NEWS if task is not MUSEUM)),
    withheld: Sequence[Task] = WITHHELD,
    splits: Mapping[str, str] | None = None,
    dataset: Mapping[str, Any] | None = None,
    labels: Mapping[str, Any] | None = None,
) -> Project:
    """A project with the configuration of this repository, edited, and annotation files written in the order given."""
    configs = {name: _config(repository, name) for name in ("dataset", "labels", "labelstudio", "evaluation")}
    folder = {"description": "Composed for tests.", "source": "composed", "license": "CC-BY-4.0"}
    configs["dataset"] |= {
        "version": "1.2.3",
        "collections": {"wire": {**folder, "text": "withheld", "split": "test"}, "news": folder},
        **(dataset or {}),
    }
    configs["labels"] |= labels or {}
    configs["labelstudio"]["annotators"] |= {"reader-2": {"kind": "person", "description": "Reads twice."}}
    configs["labelstudio"]["annotators"]["a-new-one"] = {"kind": "program", "description": "Has done nothing yet."}
    for name, content in configs.items():
        _write(root / "configs" / f"{name}.yaml", yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
    for collection, tasks in (("news", news), ("wire", [strip(task) for task in withheld])):
        (root / "annotations" / collection).mkdir(parents=True)
        for task in tasks:
            _write(root / "annotations" / collection / f"{task.article_id}.json", to_json(to_native(task)))
    here = {task.article_id for task in news}
    pinned = SPLITS if splits is None else splits
    _write(root / "annotations" / "splits.json", to_json({i: split for i, split in pinned.items() if i in here}))
    _write(root / "annotations" / "GUIDELINES.md", "# Guidelines of the test\n")
    _write(root / "annotations" / "CHANGELOG.md", "## 1.2.3\n\nأول نسخة.\n")
    _write(root / "DATASHEET.md", "# Datasheet of the test\n")
    return Project(root)


def write_copies(folder: Path, tasks: Iterable[Task] = WITHHELD) -> Path:
    """A reader's folder with the text of the withheld articles."""
    for task in tasks:
        _write(folder / f"{task.article_id}.txt", task.text or "")
    return folder


def build_project(project: Project, out: Path, folders: Sequence[Path] = ()) -> Built:
    """Builds a project that has no errors."""
    made = assemble(project, folders)
    assert not has_errors(made.findings), made.findings
    return Built(out, build(project, made, out), project)


def _config(repository: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((repository / "configs" / f"{name}.yaml").read_text("utf-8"))
    return content


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
