"""Particles before a name: how many, where they begin, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.proclitics import with_proclitics

PARTICLES = ("و", "ف", "ب", "ل", "ك", "س")


@pytest.mark.parametrize(
    ("before", "taken"),
    [
        ("و", "و"),
        ("قال و", "و"),
        ("وب", "وب"),
        ("وَبِ", "وَبِ"),
        ("لـ", "لـ"),
        ("لـ«", "لـ«"),
        ("ب(", "ب("),
        ("«و", "و"),
        ("(2026)و", "و"),
        # Three particles are none; nor is a letter inside a word, a word of its own, or a particle not declared.
        ("وبك", ""),
        ("جو", ""),
        ("جـو", ""),
        ("جَو", ""),
        ("و ", ""),
        ("و\n", ""),
        ("ب.", ""),
        ("ال", ""),
        ("", ""),
    ],
)
def test_the_particles_right_before_a_name_are_found(before, taken):
    text = before + "ريفاد"
    assert text[with_proclitics(text, len(before), PARTICLES) : len(before)] == taken


def test_particles_of_several_letters_are_found_in_whatever_order_they_are_declared():
    assert with_proclitics("والريفاد", 3, ("و", "ال")) == 0
    assert with_proclitics("والريفاد", 3, ("ا", "ال", "و")) == 0
    assert with_proclitics("والريفاد", 1, ("و", "ال")) == 0


def test_a_particle_is_a_string_and_no_pattern():
    assert with_proclitics("a.b", 2, (".",)) == 2
    assert with_proclitics("Xبيت", 1, (".",)) == 1
    assert with_proclitics("وبيت", 1, ()) == 1


@given(text=st.text("وبلريف «»ـَ.", max_size=60), place=st.integers(0, 60))
def test_the_place_found_is_stable_and_never_behind(text, place):
    place = min(place, len(text))
    found = with_proclitics(text, place, PARTICLES)
    assert 0 <= found <= place
    assert not set(text[found:place]) - set("وبلف«»ـَ")
    assert text[found:place].count(" ") == 0
