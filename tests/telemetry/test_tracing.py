"""Traces: which headers are trusted, and that work in threads belongs to its request."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.telemetry.tracing import Trace, current_trace, start_trace, use_trace

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{ID}-{SPAN}-01"
NEW = "a new one"
W3C = {
    GOOD: Trace(ID, SPAN, True),
    f" \t{GOOD}\t": Trace(ID, SPAN, True),
    f"00-{ID}-{SPAN}-00": Trace(ID, SPAN, False),
    f"00-{ID}-{SPAN}-03": Trace(ID, SPAN, True),
    f"cc-{ID}-{SPAN}-01": Trace(ID, SPAN, True),
    f"cc-{ID}-{SPAN}-01-what-the-future-says": Trace(ID, SPAN, True),
    f"cc-{ID}-{SPAN}-01what": NEW,
    f"00-{ID}-{SPAN}-01-more": NEW,
    f"00-{ID}-{SPAN}-01-": NEW,
    f"ff-{ID}-{SPAN}-01": NEW,
    f"00-{'0' * 32}-{SPAN}-01": NEW,
    f"00-{ID}-{'0' * 16}-01": NEW,
    f"00-{ID.upper()}-{SPAN}-01": NEW,
    f"00-{ID[:-1]}-{SPAN}-01": NEW,
    f"00-{ID}-{SPAN}-1": NEW,
    f"00-{ID}-{SPAN}": NEW,
    f"{GOOD},{GOOD}": NEW,
    f"{GOOD}\n": NEW,
    f"cc-{ID}-{SPAN}-01-{'x' * 500}": NEW,
    "": NEW,
    "00-٣" + GOOD[4:]: NEW,
}
GOOGLES = {
    f"{ID}/67667974448284343;o=1": Trace(ID, f"{67667974448284343:016x}", True),
    f"{ID}/1;o=0": Trace(ID, f"{1:016x}", False),
    f"{ID}/1": Trace(ID, f"{1:016x}", False),
    f"{ID};o=1": Trace(ID, "", True),
    f"{ID.upper()}": Trace(ID, "", False),
    f"{ID}/0;o=1": Trace(ID, "", True),
    f"{ID}/{2**64}": NEW,
    f"{ID}/{'9' * 21}": NEW,
    f"{'0' * 32}/1;o=1": NEW,
    f"{ID}/1;o=2": NEW,
    f"{ID}/-1;o=1": NEW,
    f"{ID}/1;o=1;drop table": NEW,
    f'{ID}"}}': NEW,
    "x" * 100_000: NEW,
}


@pytest.mark.parametrize(("header", "expected"), W3C.items())
def test_traceparent_is_parsed_as_w3c_specifies(header: str, expected: Trace | str) -> None:
    """Version 00 is strict, later versions are parsed leniently, and anything else is ignored."""
    trace = start_trace(header)
    assert (trace if trace.id == ID else NEW) == expected


@pytest.mark.parametrize(("header", "expected"), GOOGLES.items())
def test_googles_header_is_parsed(header: str, expected: Trace | str) -> None:
    """Its span is decimal there and hexadecimal here, and values out of range are ignored."""
    trace = start_trace("", header)
    assert (trace if trace.id == ID else NEW) == expected


def test_w3cs_header_takes_precedence() -> None:
    """If it is invalid, the other one counts."""
    other = f"{'a' * 32}/1;o=1"
    assert start_trace(GOOD, other).id == ID
    assert start_trace("nonsense", other).id == "a" * 32


def test_a_request_without_a_trace_gets_its_own() -> None:
    """Two requests get two traces of the usual form."""
    first, second = start_trace(), start_trace()
    assert len(first.id) == 32
    assert first.id != second.id
    assert first.span_id == ""
    assert first.sampled is False


@given(st.text(), st.text())
def test_any_headers_give_a_valid_trace(traceparent: str, googles: str) -> None:
    """It has 32 lower-case hexadecimal digits."""
    assert set(start_trace(traceparent, googles).id) <= set("0123456789abcdef")


def test_work_in_threads_keeps_its_trace() -> None:
    """A pooled thread works for several requests, each time with that request's trace."""
    first, second = start_trace(), start_trace()
    with ThreadPoolExecutor(1) as pool:
        with use_trace(first):
            one = pool.submit(copy_context().run, current_trace)
        with use_trace(second):
            two = pool.submit(copy_context().run, current_trace)
        outside = pool.submit(current_trace)
        assert one.result() == first
        assert two.result() == second
        assert outside.result() is None
        assert current_trace() is None
