"""Traces: which headers are believed, and that work in threads belongs to the request that began it."""

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
def test_traceparent_is_read_as_w3c_says(header: str, expected: Trace | str) -> None:
    """Version 00 strictly, later versions by what is known of them, anything else not at all."""
    trace = start_trace(header)
    assert (trace if trace.id == ID else NEW) == expected


@pytest.mark.parametrize(("header", "expected"), GOOGLES.items())
def test_googles_header_is_read(header: str, expected: Trace | str) -> None:
    """The span is decimal there and sixteen hexadecimal digits here; what is out of bounds is no trace."""
    trace = start_trace("", header)
    assert (trace if trace.id == ID else NEW) == expected


def test_w3cs_header_comes_first() -> None:
    """With both the exact one counts; if that is none, the other."""
    other = f"{'a' * 32}/1;o=1"
    assert start_trace(GOOD, other).id == ID
    assert start_trace("nonsense", other).id == "a" * 32


def test_a_request_without_a_trace_has_one_of_its_own() -> None:
    """Two requests have two, of the form that others have."""
    first, second = start_trace(), start_trace()
    assert len(first.id) == 32
    assert first.id != second.id
    assert first.span_id == ""
    assert first.sampled is False


@given(st.text(), st.text())
def test_nothing_breaks_it(traceparent: str, googles: str) -> None:
    """Whatever the headers say, there is a trace of 32 small hexadecimal digits."""
    assert set(start_trace(traceparent, googles).id) <= set("0123456789abcdef")


def test_work_in_threads_keeps_its_trace() -> None:
    """A thread of a pool works for one request after another, each time within that request's trace."""
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
