"""Attributes that are created on first use, once, however many threads ask for them. What is created doesn't belong here.

`functools.cached_property` has no lock since Python 3.12, so two threads could open two stores. It's right for objects of one request.
"""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

_T = TypeVar("_T")


class created_once(cached_property[_T]):
    """A `cached_property` whose function runs once per object. It may use others of the same object, as long as they don't use it."""

    def __init__(self, func: Callable[[Any], _T]) -> None:
        super().__init__(func)
        self._guard = threading.RLock()

    if not TYPE_CHECKING:  # the type is that of cached_property

        def __get__(self, instance, owner=None):
            """Return the value, created if it doesn't exist yet."""
            if instance is None or self.attrname in vars(instance):
                return super().__get__(instance, owner)
            with self._guard:
                return super().__get__(instance, owner)
