"""Registries: entries by name, in the order of registration."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from dashboard.core.registry import Registry, UnknownEntry
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.paths import ROOT


@dataclass(frozen=True)
class Fruit:
    """The smallest possible entry."""

    name: str


def build_registry(*names: str) -> Registry[Fruit]:
    """Return a registry of fruits."""
    registry = Registry[Fruit]("fruit")
    for name in names:
        registry.register(Fruit(name))
    return registry


def test_entries_keep_the_order_of_registration() -> None:
    """Names and entries come in the order in which they were registered, not sorted."""
    registry = build_registry("pear", "apple")
    assert registry.names() == ("pear", "apple")
    assert list(registry) == [Fruit("pear"), Fruit("apple")]
    assert len(registry) == 2


def test_an_entry_is_found_by_its_name() -> None:
    """Looking up a name returns its entry."""
    registry = build_registry("pear", "apple")
    assert registry["apple"] == Fruit("apple")
    assert "apple" in registry
    assert "plum" not in registry


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    """The error says which names exist."""
    with pytest.raises(UnknownEntry, match=r"There is no fruit “plum”; registered: pear, apple\."):
        build_registry("pear", "apple")["plum"]


def test_a_name_is_registered_only_once() -> None:
    """A second entry of the same name is refused."""
    with pytest.raises(ValueError, match=r"The fruit “pear” is already registered\."):
        build_registry("pear").register(Fruit("pear"))


def test_an_entry_can_be_registered_for_a_while() -> None:
    """After the block the registry is as it was."""
    registry = build_registry("pear")
    with registry.registered(Fruit("plum")) as plum:
        assert registry["plum"] is plum
        assert registry.names() == ("pear", "plum")
    assert registry.names() == ("pear",)


@pytest.mark.parametrize(
    "question",
    ["demo:aster-air", "https://x.com/nasa", *(pytest.param(name, marks=ONLY_IN_FAULTS) for name in ("nasa", "harbour.example"))],
)
def test_a_question_is_parsed_whatever_was_imported(question: str) -> None:
    """Networks and methods are registered with the first use, so that a notebook needs one import."""
    program = f"from dashboard.core.query import Query; print(Query.parse({{'users': [{question!r}], 'method': ['vader']}}).users[0])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.strip() == question.removeprefix("https://x.com/")


def test_built_in_entries_come_first() -> None:
    """An entry that is registered before anybody has used the registry comes after those that it names a module for."""
    program = (
        "from dashboard.core.networks import NETWORKS, Network\n"
        "NETWORKS.register(type('Toy', (Network,), {'name': 'toy'})())\n"
        "print(*NETWORKS.names())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == ["x", "bluesky", "mastodon", "demo", "file", "toy"]
