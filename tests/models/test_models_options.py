"""Options of a model: read once each, refused where nobody knows them."""

import pytest

from toolkit.errors import UsageError
from toolkit.models.options import Options


def test_options_are_read_with_their_types_and_told_as_in_effect():
    options = Options.parse(["batch_size=4", "threshold=0.5", "device=cpu"])
    assert options.integer("batch_size", 16) == 4
    assert options.number("threshold", 0.1) == 0.5
    assert options.text("device", "auto", choices=("auto", "cpu")) == "cpu"
    assert options.text("revision", "main") == "main"
    assert options.done() == {"batch_size": "4", "threshold": "0.5", "device": "cpu", "revision": "main"}


def test_a_value_may_hold_the_sign_again():
    assert Options.parse(["url=http://host/?a=b"]).text("url") == "http://host/?a=b"


@pytest.mark.parametrize(
    ("pairs", "message"),
    [(["revision"], "'revision' is no option"), (["=x"], "'=x' is no option"), (["a=1", "a=2"], "given twice")],
)
def test_what_is_no_option_is_refused(pairs, message):
    with pytest.raises(UsageError, match=message):
        Options.parse(pairs)


def test_an_option_that_nobody_reads_is_refused_with_the_nearest_name():
    options = Options.parse(["batchsize=4"])
    options.integer("batch_size", 16)
    with pytest.raises(UsageError, match="Did you mean batch_size"):
        options.done()


def test_a_model_that_knows_its_own_options_gets_those_that_nobody_else_read():
    options = Options({"timeout": "3", "size": "8"})
    options.number("timeout", 60)
    assert options.rest() == {"size": "8"} and options.rest() == {}
    assert options.done() == {"timeout": "3", "size": "8"}


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", ""])
def test_a_whole_number_must_be_one(value):
    with pytest.raises(UsageError, match="whole number of at least 1"):
        Options({"batch_size": value}).integer("batch_size", 16)


@pytest.mark.parametrize("value", ["nan", "inf", "-0.1", "much"])
def test_a_number_must_be_one(value):
    with pytest.raises(UsageError, match="a number of at least 0"):
        Options({"threshold": value}).number("threshold", 0.5)


def test_a_choice_must_be_among_those_there_are():
    with pytest.raises(UsageError, match="It can be first, simple"):
        Options({"aggregation": "max"}).text("aggregation", "first", choices=("first", "simple"))
