"""Real child processes that answer, crash, hang and print rubbish."""

import json
import resource
import shlex
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from toolkit.document import Document
from toolkit.errors import UsageError
from toolkit.evaluation.predictions.predict import predict
from toolkit.models.command import Command, load
from toolkit.models.options import Options
from toolkit.models.predictor import Answer, Pair, Request, Span, Training
from toolkit.project import CrfSettings

HEAD = """
import json, os, sys, time
def say(row): print(json.dumps(row, ensure_ascii=False))
def good(q): return {"id": q["id"], "entities": [{"start": 0, "end": len(q["text"]), "label": "PER"}]}
"""
LOOP = """
for line in sys.stdin:
    q = json.loads(line)
"""


@pytest.fixture
def started(schema, tmp_path):
    """A function that starts a program from the body of its loop over questions."""
    programs: list[Command] = []

    def start(body, *, before="", loop=LOOP, more="", **options):
        script = tmp_path / "program.py"
        lines = textwrap.indent(textwrap.dedent(body).strip(), "    " if loop else "")
        script.write_text(HEAD + textwrap.dedent(before) + loop + lines + "\n", encoding="utf-8")
        training = Training(list, schema, CrfSettings(), tmp_path, "digest")
        target = shlex.join([sys.executable, str(script), *([more] if more else [])])
        programs.append(load(Request(target, training, {}, Options(options))))
        return programs[-1]

    yield start
    for program in programs:
        program.close()


def run(program, *texts):
    """What the harness makes of it: the number of spans, or the error, for each text."""
    documents = [Document(f"d{place}", text, ()) for place, text in enumerate(texts)]
    return [found.error if found.error is not None else len(found.spans) for found in predict(program, documents)]


GOOD = "say(good(q))"
BAD = "if 'سيئ' in q['text']:"


def test_a_program_answers_in_the_shape_of_a_predictions_file(started):
    program = started(
        """
        say({"id": q["id"], "sha256": "any", "entities": [
                {"start": 0, "end": 4, "label": "PER", "score": 0.5}, {"start": 5, "end": 9, "label": "GPE"}],
             "relations": [{"head": 0, "tail": 1, "label": "IN"}], "seen": [[0, 9]], "counts": {"cut": 2}})
        """
    )
    assert program.predict(["كريم تونس"]) == [
        Answer([Span(0, 4, "PER", 0.5), Span(5, 9, "GPE")], [Pair(0, 1, "IN")], [(0, 9)], {"cut": 2})
    ]


def test_the_key_may_be_spans_and_offsets_are_code_points(started):
    program = started("""say({"id": q["id"], "spans": [{"start": 0, "end": len(q["text"]), "label": "PER"}]})""")
    assert [answer.spans for answer in program.predict(["👍🏽كريم", "س"])] == [[Span(0, 6, "PER")], [Span(0, 1, "PER")]]


def test_the_program_is_started_once_and_asked_in_order(started):
    program = started("say(good(q) | {'counts': {'pid': os.getpid(), 'id': int(q['id'])}})")
    counts = [answer.counts for answer in (*program.predict(["ا", "ب"]), *program.predict(["ج"]))]
    assert len({count["pid"] for count in counts}) == 1
    assert [count["id"] for count in counts] == [0, 1, 2]


def test_texts_and_answers_larger_than_a_pipe_block_nobody(started):
    program = started(
        """
        sys.stderr.write("x" * 300000)
        say(good(q) | {"counts": {"x" * 400000: 1}})
        """,
        batch="4",
    )
    texts = [letter * 500_000 for letter in "ابجد"]
    assert [answer.spans for answer in program.predict(texts)] == [[Span(0, 500_000, "PER")]] * 4


@pytest.mark.parametrize("batch", ["1", "4"])
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("sys.exit('no\\nmore')", "the program ended with code 1 before it answered: no more"),
        ("os._exit(0)", "the program ended with code 0 before it answered"),
        ("os.kill(os.getpid(), 9)", "the program was killed by signal 9 (SIGKILL, perhaps for want of memory) before"),
        ("print('Loading…'); continue", "a line of the answer is not JSON: 'Loading…'"),
        ("say({'id': q['id'], 'entities': [], 'x': float('nan')}); continue", "(NaN is no number in it)"),
        ("sys.stdout.buffer.write(b'\\xff\\n'); sys.stdout.flush(); continue", "is not UTF-8 at byte 0: '\\\\xff'"),
        ("print('x' * 10_000_000); continue", "printed a line of more than 4,194,304 bytes"),
        ("print('[]'); continue", 'a line of the answer is no object with an "id"'),
        ("say({'id': 'another', 'entities': []}); continue", "the program answers for the id 'another', asked was "),
        ("say({'id': q['id'], 'error': 'too\\nhard'}); continue", "the model says: too hard"),
        ("say({'id': q['id'], 'entity': []}); continue", "the answer needs \"entities\", and has ['entity', 'id']"),
        ("say({'id': q['id'], 'entities': {}}); continue", "entities of the answer is {}, expected a list"),
        ("say({'id': q['id'], 'entities': [{'start': 0.5}]}); continue", "entities[0] of the answer is {'start': 0.5}"),
        ("say({'id': q['id'], 'entities': [], 'seen': [[1]]}); continue", "seen[0] of the answer is [1], expected"),
        ("say({'id': q['id'], 'entities': [], 'counts': {'a': -1}}); continue", "counts of the answer is no object"),
        (
            "say({'id': q['id'], 'entities': [{'start': 0, 'end': 99, 'label': 'PER'}]}); continue",
            "the model gave a span that is none: offsets 0-99",
        ),
    ],
)
def test_a_fault_costs_its_own_text_and_no_other(started, fault, message, batch):
    program = started(f"{BAD}\n    {fault}\n{GOOD}", batch=batch)
    first, bad, *rest = run(program, "نص اول طويل", "نص سيئ", "نص ثان", "نص ثالث")
    assert (first, rest) == (1, [1, 1])
    assert message in bad and "\n" not in bad


def test_a_program_that_hangs_is_killed_and_started_again(started):
    program = started(f"{BAD}\n    print('Loading', end=''); time.sleep(60)\n{GOOD}", timeout="1.5")
    message = "the program did not answer within 1.5 seconds and was killed; it had begun to print 'Loading'"
    assert run(program, "نص سيئ", "نص") == [message, 1]


def test_an_answer_that_comes_behind_garbage_is_not_taken_for_that_of_the_next_text(started):
    program = started(f"{BAD}\n    print('banner')\nsay(good(q))")
    assert run(program, "نص سيئ اول", "نص ثان", "نص ثا") == [
        "a line of the answer is not JSON: 'banner'",
        1,
        1,
    ]


def test_a_second_answer_for_a_text_is_told(started):
    program = started("say(good(q)); say(good(q)) if 'مرتين' in q['text'] else None")
    found = run(program, "نص مرتين", "نص ثان", "نص")
    assert (found[0], found[2]) == (1, 1)
    assert found[1] == "the program answers for the id '0', asked was 1"


def test_texts_are_asked_once_although_one_of_them_fails(started, tmp_path):
    log = tmp_path / "log"
    program = started(f"open({str(log)!r}, 'a').write(q['id'] + '\\n')\n{BAD}\n    sys.exit(3)\n{GOOD}")
    run(program, "نص اول طويل", "نص سيئ", "نص ثان", "نص ثالث")
    assert log.read_text().split() == ["0", "1", "2", "3"]


def test_a_program_that_always_crashes_is_started_five_times_and_no_more(started, tmp_path):
    log = tmp_path / "log"
    program = started("", before=f"open({str(log)!r}, 'a').write('x'); sys.exit('no weights')", loop="")
    found = run(program, *(f"نص {number}" for number in range(8)))
    assert log.read_text() == "x" * 5
    assert all("ended with code 1 before it answered: no weights" in error for error in found)
    assert sum("not asked: the program failed 5 times in a row" in error for error in found) == 3


def test_a_program_that_needs_more_memory_than_there_is_says_so_in_its_last_words(started):
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({2**28}, {2**28}))"
    program = started(f"{BAD}\n    x = [bytearray(2**24) for _ in range(10**6)]\n{GOOD}", before=limit)
    bad, good = run(program, "نص سيئ جدا", "نص")
    assert good == 1 and "MemoryError" in bad
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 2**28


def test_what_it_writes_to_stderr_comes_through(started, capfd):
    started(f"print('ماذا', file=sys.stderr)\n{GOOD}").predict(["ا"])
    assert "ماذا" in capfd.readouterr().err


def is_alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(pids, seconds=10.0):
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(is_alive, pids))


GRANDCHILD = "import subprocess; helper = subprocess.Popen(['sleep', '600'])"
PIDS = "say(good(q) | {'counts': {'own': os.getpid(), 'helper': helper.pid}})"


def test_a_closed_program_takes_its_own_children_with_it(started):
    program = started(PIDS, before=GRANDCHILD)
    pids = program.predict(["ا"])[0].counts.values()
    assert all(map(is_alive, pids))
    program.close()
    assert gone(pids)


def test_a_program_that_is_killed_for_its_silence_takes_its_own_children_with_it(started, tmp_path):
    log = tmp_path / "log"
    body = f"open({str(log)!r}, 'w').write(f'{{os.getpid()}} {{helper.pid}}')\ntime.sleep(60)"
    program = started(body, before=GRANDCHILD, timeout="1")
    assert run(program, "ا")[0].startswith("the program did not answer within 1 seconds")
    assert gone([int(pid) for pid in log.read_text().split()])


def test_a_program_that_ignores_its_end_dies_with_us_on_ctrl_c(tmp_path):
    log = tmp_path / "log"
    stubborn = tmp_path / "stubborn.py"
    stubborn.write_text(
        f"import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{GRANDCHILD}\n"
        f"open({str(log)!r}, 'w').write(f'{{os.getpid()}} {{helper.pid}}')\ntime.sleep(600)\n"
    )
    code = f"""
from toolkit.models.command import Command
Command([{sys.executable!r}, {str(stubborn)!r}], 600.0, 1, "").predict(["x"])
"""
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) as process:
        while not log.exists() or len(log.read_text().split()) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in process.communicate(timeout=20)[1]
    assert gone([int(pid) for pid in log.read_text().split()])


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/no/such/program x", "command:/no/such/program: cannot be started: no such file or directory"),
        ("'half", "the command cannot be read: No closing quotation"),
        ("''", "cannot be started"),
        (str(Path(__file__).parent), "cannot be started: permission denied"),
    ],
)
def test_what_cannot_be_started_is_told_at_once(schema, tmp_path, target, message):
    training = Training(list, schema, CrfSettings(), tmp_path, "digest")
    with pytest.raises(UsageError, match=message):
        load(Request(target, training, {}, Options()))


def test_it_is_no_shell(started):
    program = started(GOOD)
    with pytest.raises(UsageError, match="cannot be started"):
        Command(["echo hello; true"], 1, 1, "")
    assert len(program.predict(["ا"])) == 1


def test_another_script_is_another_model_and_no_argument_is_told(started, tmp_path):
    first = started(GOOD, revision="2").describe()
    assert first["name"] == f"command:{Path(sys.executable).name}" and first["revision"] == "2"
    assert str(tmp_path) not in json.dumps(first)
    assert started(GOOD, revision="2").describe() == first
    assert started(f"{GOOD}  # changed", revision="2").describe() != first


def test_a_model_that_was_trained_anew_is_another_model(started, tmp_path):
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    described = [started(GOOD, more=f"transformers:{folder}").describe()["digest"]]
    for content in ("weights", "other weights"):
        (folder / "model.bin").write_text(content)
        described.append(started(GOOD, more=f"transformers:{folder}").describe()["digest"])
    assert len(set(described)) == 3
    assert started(GOOD, more="transformers:OWNER/NAME").describe() != started(GOOD).describe()
