"""Registries: entries by name, in the order of registration."""

from dataclasses import dataclass

import pytest

from dashboard.core.registry import Registry, UnknownEntry


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
