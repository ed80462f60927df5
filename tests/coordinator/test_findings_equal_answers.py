"""What the console finds in a manifest is what a coordinator says to it, word for word, and at the token to blame."""

import json

import pytest

from marble_core.manifest.check import check_manifest
from tests.fakes.api_driver import ApiDriver
from tests.fakes.corpus import Sample, samples
from tests.fakes.simulated_directory import SimulatedDirectory

CORPUS = list(samples())


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    """The message of the coordinator to each manifest, empty where it was taken: the real one, new after each of those."""
    said = {}
    left = iter(CORPUS)
    sample = next(left, None)
    while sample is not None:
        with ApiDriver(SimulatedDirectory()) as driver:
            while sample is not None:
                reply = driver.call("POST", "/manifest", sample.raw)
                assert reply.status in {200, 400}
                said[sample.text] = "" if reply.status == 200 else reply.json["message"]
                before, sample = sample, next(left, None)
                if not said[before.text]:
                    assert driver.world.state == 3
                    break
                assert driver.world.state == 2
    return said


def test_the_corpus_is_large_and_has_both_kinds(answers):
    accepted = sum(not said for said in answers.values())
    assert len(answers) >= 500
    assert min(accepted, len(answers) - accepted) >= 100


def test_the_verdict_and_its_words_are_the_coordinators(answers):
    for sample in CORPUS:
        refusal = check_manifest(sample.raw).refusal
        assert (refusal.message if refusal else "") == answers[sample.text], sample.name


def test_each_refusal_is_at_the_token_to_blame(answers):
    for sample in CORPUS:
        refusal = check_manifest(sample.raw).refusal
        if refusal is not None:
            assert refusal.span is not None, sample.name
            start, end = refusal.span.start.offset, refusal.span.end.offset
            assert is_to_blame(sample, start, end, answers[sample.text]), f"{sample.name}: {start} to {end}"
            assert (refusal.span.start.line, refusal.span.start.column) == line_and_column(sample.text, start)


def is_to_blame(sample: Sample, start: int, end: int, answer: str) -> bool:
    """The token is what was bent; or it names what the bend took away, and the coordinator names that too."""
    if sample.damaged_at is not None:
        return start == sample.damaged_at
    place = sample.nearest
    if place.start <= start and end <= place.end:
        return True
    token = sample.text[start:end]
    if token.startswith("{{"):
        return "template" in answer
    names = {str(path[-1]) for path, at in sample.places.items() if path and start in {at.start, at.value}}
    if token.startswith('"'):
        names.add(json.loads(token))
    return any(name in answer for name in names)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
