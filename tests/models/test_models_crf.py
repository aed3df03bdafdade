"""`baseline:crf` trained on a few composed sentences."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from marked_text import marked

from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.models.crf import Crf, load
from toolkit.models.features import lexicon_hits, sentence_features
from toolkit.models.lexicon import Match
from toolkit.models.options import Options
from toolkit.models.predictor import Request, Training
from toolkit.project import CrfSettings
from toolkit.schema import Schema

pytest.importorskip("pycrfsuite")

SENTENCES = [
    "وصل {PER سامي الحداد} إلى {GPE تونس} أمس.",
    "وصلت {PER نورا الزين} إلى {GPE بغداد} أمس.",
    "عاد {PER كريم العطار} من {GPE حلب} مساء.",
    "عادت {PER هدى الكاتب} من {GPE صيدا} مساء.",
    "قال {PER سامي الحداد} إن الطقس جميل.",
    "قالت {PER نورا الزين} إن السوق مزدحم.",
    "سافر {PER كريم العطار} و{PER هدى الكاتب} إلى {GPE تونس} أمس.",
    "سافرت {PER نورا الزين} من {GPE بغداد} إلى {GPE حلب}.",
    "كان السوق مزدحما مساء أمس.",
    "إن الطقس جميل في هذا الموسم.",
    "وصل القطار إلى {GPE صيدا} مساء.",
    "رحب ب{PER سامي الحداد} جمهور كبير في {GPE حلب}.",
]


def training(schema: Schema, cache: Path, documents: Sequence[Document] | None = None, digest: str = "d1") -> Training:
    if documents is None:
        documents = [marked(f"n{number:02d}", text) for number, text in enumerate(SENTENCES)]
    given = tuple(documents)
    return Training(lambda: given, schema, CrfSettings(c1=0.0, c2=0.1, max_iterations=60), cache, digest)


def load_for(training: Training) -> Crf:
    return load(Request("crf", training, {}, Options()))


def named(text: str, spans: Sequence[object]) -> list[tuple[str, str]]:
    return [(s.label, text[s.start : s.end]) for s in spans]  # type: ignore[attr-defined]


def test_it_finds_known_names_and_unknown_ones_in_known_places(schema: Schema, tmp_path: Path) -> None:
    model = load_for(training(schema, tmp_path))
    texts = ["وصل سامي الحداد إلى بغداد أمس.", "وصل فارس الغامدي إلى الرباط أمس."]
    known, unknown = model.predict(texts)
    assert named(texts[0], known) == [("PER", "سامي الحداد"), ("GPE", "بغداد")]
    assert named(texts[1], unknown) == [("PER", "فارس الغامدي"), ("GPE", "الرباط")]


def test_proclitics_stay_outside_known_names_and_names_found_in_the_same_text(schema: Schema, tmp_path: Path) -> None:
    text = "سافر كريم العطار ونورا الزين إلى تونس أمس.\nوصل فارس الغامدي إلى الرباط أمس.\nرحب بفارس الغامدي جمهور."
    found = named(text, load_for(training(schema, tmp_path)).predict([text])[0])
    assert ("PER", "نورا الزين") in found
    assert found.count(("PER", "فارس الغامدي")) == 2


def test_training_twice_gives_the_same_model(schema: Schema, tmp_path: Path) -> None:
    documents = [marked(f"n{number:02d}", text) for number, text in enumerate(SENTENCES)]
    load_for(training(schema, tmp_path / "one", documents))
    load_for(training(schema, tmp_path / "two", documents[::-1]))
    files = [sorted(path for path in (tmp_path / name).rglob("*") if path.is_file()) for name in ("one", "two")]
    assert [path.name for path in files[0]] == ["lexicon.json", "model.crfsuite"]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]


def test_a_trained_model_is_kept_and_read_back(schema: Schema, tmp_path: Path) -> None:
    text = "وصل سامي الحداد إلى بغداد أمس."
    first = load_for(training(schema, tmp_path)).predict([text])

    def must_not_be_read() -> Sequence[Document]:
        raise AssertionError("the train split was read again")

    kept = training(schema, tmp_path)
    again = load_for(Training(must_not_be_read, schema, kept.crf, tmp_path, kept.digest))
    assert again.predict([text]) == first
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_another_dataset_trains_another_model(schema: Schema, tmp_path: Path) -> None:
    load_for(training(schema, tmp_path))
    load_for(training(schema, tmp_path, digest="d2"))
    assert len(list((tmp_path / "models").iterdir())) == 2


@pytest.mark.parametrize("documents", [[], [marked("a", "لا أسماء في هذا النص.")]])
def test_nothing_to_learn_from_is_refused_and_leaves_nothing(
    schema: Schema, tmp_path: Path, documents: list[Document]
) -> None:
    with pytest.raises(DataError, match="the train split has"):
        load_for(training(schema, tmp_path, documents))
    assert not list(tmp_path.rglob("*"))


def test_a_text_without_words_has_no_spans(schema: Schema, tmp_path: Path) -> None:
    assert load_for(training(schema, tmp_path)).predict(["", " \n"]) == [[], []]


def test_a_hidden_word_tells_its_neighbours_its_shape_only() -> None:
    shown = sentence_features(["قال", "سامي"], ("و",), ["", "B-PER"])
    hidden = sentence_features(["قال", "سامي"], ("و",), ["", "B-PER"], hidden=[1])
    assert "1:key=سامي" in shown[0] and "hit=B-PER" in shown[1]
    assert [feature for feature in hidden[0] if feature.startswith("1:")] == ["1:shape=a"]
    assert set(hidden[1]) < set(shown[1])


def test_the_longest_match_names_the_words_it_covers() -> None:
    matches = [Match(0, 1, 0, 3, "GPE"), Match(0, 2, 0, 7, "ORG"), Match(1, 2, 4, 7, "NORP")]
    assert lexicon_hits(matches, 3) == ["B-ORG", "I-ORG", ""]
