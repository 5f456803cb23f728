"""Compiled routes that all applications of a process of tests share, because each test has an application of its own."""

from types import FunctionType
from typing import Any, ClassVar

from werkzeug.routing import Rule


class SharedRule(Rule):
    """A route whose functions that build its URL are compiled once per text and defaults.

    This replaces a private method of Werkzeug. If it's renamed, the tests are only slower.
    """

    _builders: ClassVar[dict[object, Any]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        key = (self.rule, str(self._trace), str(self.defaults), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        assert isinstance(self._builders[key], FunctionType)  # not bound to the route that was compiled first
        return self._builders[key]
