"""Pointers become indices, and loops that add several products add one: with the same results, or refused."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.shared.detector.cpython import ptr8, ptr32, uint
from twitchwatch.shared.detector.direct import direct

WORDS = st.lists(st.integers(-30000, 30000), min_size=24, max_size=24)
BYTES = st.lists(st.integers(0, 255), min_size=24, max_size=24)


class Address:
    """What a pointer is to viper: a place in memory."""

    def __init__(self, memory: array[int], at: int = 0) -> None:
        self._memory, self._at = memory, at

    def __add__(self, count: int) -> Address:
        assert count % self._memory.itemsize == 0
        return Address(self._memory, self._at + count // self._memory.itemsize)

    def __getitem__(self, place: int) -> int:
        return self._memory[self._at + place]

    def __setitem__(self, place: int, value: int) -> None:
        self._memory[self._at + place] = value


def as_on_the_board(kernel: Any) -> Callable[..., int]:
    """The kernel as it is written, its pointers being addresses."""
    return FunctionType(kernel.__code__, dict.fromkeys(("ptr8", "ptr32", "uint"), lambda address: address))


def each_rule(s: ptr32, h: ptr8, n: int) -> Any:
    w = s
    w[0] = n
    w = ptr32(uint(s) + 4 * (n + 1))
    w[0] = w[1] + 7
    w = ptr32(uint(w) + 8)
    w[n] = s[w[0] & 7] - 1
    g = ptr32(uint(w) + 4 * n)
    g[0] = g[1] + w[2]
    g = w
    k = ptr8(uint(h) + n)
    k = ptr8(uint(k) + 2)
    total = g[0] + k[h[1] & 3]
    for i in range(3):
        w = ptr32(uint(s) + 4 * (6 * i))
        while i < n:
            total += w[0] * k[1]
            w = ptr32(uint(w) + 4)
            i += 1
    return total


def sum_of_products(s: ptr32, h: ptr8, n: int) -> Any:
    w = ptr32(uint(s) + 4 * n)
    k = h
    a = 5
    b = 0
    i = 8
    while i:
        a = w[0] * k[0] + w[1] * k[1] + a
        b = w[8] * k[0] + w[8 + 1] * k[1] + b
        w = ptr32(uint(w) + 8)
        k = ptr8(uint(k) + 2)
        i -= 2
    return a - b


KERNELS = [(as_on_the_board(kernel), numba.njit(direct(kernel))) for kernel in (each_rule, sum_of_products)]


@given(WORDS, BYTES, st.integers(0, 5))
def test_each_rule_gives_what_the_board_computes(words: list[int], octets: list[int], n: int) -> None:
    for on_board, compiled in KERNELS:
        there, here, h = array("i", words), array("i", words), array("B", octets)
        assert on_board(Address(there), Address(h), n) == compiled(here, h, n)
        assert there == here


def two_arrays(s: ptr32, t: ptr32) -> Any:
    w = s
    w = t
    return w[0]


def another_pointers_array(s: ptr32, t: ptr32) -> Any:
    g = t
    w = s
    w = g
    return w[0]


def moved_before_it_is_set(s: ptr32) -> Any:
    s = ptr32(uint(s) + 4)
    return s[0]


def backwards(s: ptr32, n: int) -> Any:
    w = ptr32(uint(s) - 4 * n)
    return w[0]


def half_an_element(s: ptr32) -> Any:
    w = ptr32(uint(s) + 2)
    return w[0]


def bytes_not_elements(s: ptr32, n: int) -> Any:
    w = ptr32(uint(s) + n)
    return w[0]


def wrong_size(s: ptr32, n: int) -> Any:
    w = ptr8(uint(s) + n)
    return w[0]


def wrong_size_of_a_pointer(s: ptr32) -> Any:
    w = s
    w = ptr8(uint(w) + 1)
    return w[0]


def compared(s: ptr32, n: int) -> Any:
    w = s
    while w < n:
        w = ptr32(uint(w) + 4)
    return 0


def added_to(s: ptr32) -> Any:
    w = s
    w += 4
    return w[0]


def number_and_pointer(s: ptr32) -> Any:
    w = s
    n = w[0]
    w = 3
    return w + n


def given_to_a_function(s: ptr32) -> Any:
    w = s
    return len(w)


def read_at_once(s: ptr32) -> Any:
    return ptr32(uint(s) + 4)[0]


REFUSED = [
    (two_arrays, "w, which is set to s and to t"),
    (another_pointers_array, "w, which is set to s and to t"),
    (moved_before_it_is_set, "s, which moves before it is set to an array"),
    (backwards, "ptr32(uint(s) - 4 * n)"),
    (half_an_element, "ptr32(uint(s) + 2); write 4 * elements"),
    (bytes_not_elements, "ptr32(uint(s) + n); write 4 * elements"),
    (wrong_size, "ptr8(uint(s) + n)"),
    (wrong_size_of_a_pointer, "w = ptr8(uint(w) + 1)"),
    (compared, "w as a number or an argument"),
    (added_to, "w as a number or an argument"),
    (number_and_pointer, "w = 3"),
    (given_to_a_function, "w as a number or an argument"),
    (read_at_once, "ptr32(uint(s) + 4)"),
]


@pytest.mark.parametrize(("kernel", "what"), REFUSED)
def test_what_has_no_rule_is_refused(kernel: Any, what: str) -> None:
    with pytest.raises(NotImplementedError, match=re.escape(f"pointers.py has no rule for {what}")):
        direct(kernel)


def not_the_next_element(s: ptr32, i: int) -> Any:
    w = s
    a = 0
    while i:
        a = w[0] * w[0] + w[2] * w[2] + a
        w = ptr32(uint(w) + 8)
        i -= 2
    return a


def not_of_elements(s: ptr32, i: int) -> Any:
    w = s
    a = 0
    while i:
        a = w[0] * i + w[1] * i + a
        w = ptr32(uint(w) + 8)
        i -= 2
    return a


def sum_of_another(s: ptr32, i: int) -> Any:
    w = s
    a = 0
    b = 1
    while i:
        a = w[0] * w[0] + w[1] * w[1] + b
        w = ptr32(uint(w) + 8)
        i -= 2
    return a


def one_step_too_short(s: ptr32, i: int) -> Any:
    w = s
    a = 0
    while i:
        a = w[0] * w[0] + w[1] * w[1] + a
        w = ptr32(uint(w) + 4)
        i -= 2
    return a


def counted_by_one(s: ptr32, i: int) -> Any:
    w = s
    a = 0
    while i:
        a = w[0] * w[0] + w[1] * w[1] + a
        w = ptr32(uint(w) + 8)
        i -= 1
    return a


def something_else_too(s: ptr32, i: int) -> Any:
    w = s
    a = 0
    while i:
        a = w[0] * w[0] + w[1] * w[1] + a
        s[0] = a
        w = ptr32(uint(w) + 8)
        i -= 2
    return a


ODD_LOOPS = [
    (not_the_next_element, "a = w[0] * w[0] + w[2] * w[2] + a"),
    (not_of_elements, "a = w[0] * i + w[1] * i + a"),
    (sum_of_another, "a = w[0] * w[0] + w[1] * w[1] + b"),
    (one_step_too_short, "w = ptr32(uint(w) + 4)"),
    (counted_by_one, "i -= 1"),
    (something_else_too, "s[0] = a"),
]


@pytest.mark.parametrize(("kernel", "line"), ODD_LOOPS)
def test_a_loop_that_is_not_a_sum_of_products_is_refused(kernel: Any, line: str) -> None:
    wanted = f"pointers.py has no rule for {line} in a loop that adds 2 products in each turn"
    with pytest.raises(NotImplementedError, match=re.escape(wanted)):
        direct(kernel)
