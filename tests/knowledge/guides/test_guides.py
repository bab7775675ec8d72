"""The tables of life events and guides."""

from __future__ import annotations

from knowledge.curation import read_curated_folder, read_vocabulary_folder
from knowledge.guides import events, guides, words_around

NEEDED = {"birth", "death", "moving", "marriage", "used_vehicle", "eatery", "lost_wallet"}


def test_the_events_of_a_life_are_there() -> None:
    assert {event.key for event in events()} >= NEEDED


def test_every_procedure_they_name_is_one_that_a_bare_clone_knows() -> None:
    known = {record.code for record in (*read_curated_folder(), *read_vocabulary_folder())}
    named = {part.code for event in events() for part in event.parts} | {c for g in guides() for c in g.see}
    assert named <= known, sorted(named - known)


def test_keys_are_given_once_and_no_procedure_stands_twice_in_a_bundle() -> None:
    keys = [row.key for row in (*events(), *guides())]
    assert len(keys) == len(set(keys))
    for event in events():
        codes = [part.code for part in event.parts]
        assert len(codes) == len(set(codes))


def test_a_guide_names_no_figure_that_a_record_should_bring() -> None:
    for guide in guides():
        assert "đồng" not in guide.text and "ngày làm việc" not in guide.text


def test_words_around_an_event_are_single_words() -> None:
    assert all(len(word.split()) == 1 for word in words_around())
