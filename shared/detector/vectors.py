"""Numbers of three axes at once, for Numba: a type of 32-bit lanes, and the functions on it.

lanes.py puts calls of them into a kernel.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, models, register_model

_WIDTH = 4
"""Three axes, and an unused one: processors have no vectors of three."""

_INT = ir.IntType(32)
_VECTOR = ir.VectorType(_INT, _WIDTH)


class _Lanes(types.Type):
    """One int32 an axis."""


_LANES = _Lanes("Lanes")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    """What it is to LLVM."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call]


def _vector(builder: Any, kind: Any, value: Any) -> Any:
    """The value as a vector; a number is the same for every axis."""
    if isinstance(kind, _Lanes):
        return value
    value = builder.trunc(value, _INT) if value.type.width > _INT.width else builder.zext(value, _INT)
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, _INT(0))
    return builder.shuffle_vector(one, one, ir.Constant(_VECTOR, None))


def _function(build: Callable[..., Any], count: int) -> Any:
    """A function of `count` numbers or vectors that gives a vector."""

    def typed(*arguments: Any) -> Any:
        kinds = [types.unliteral(kind) for kind in arguments]  # type: ignore[no-untyped-call]

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            pairs = zip(signature.args, values, strict=True)
            return build(builder, *[_vector(builder, kind, value) for kind, value in pairs])

        return _LANES(*kinds), generate

    # Numba counts the parameters.
    if count == 1:
        return intrinsic(lambda typing, a: typed(a))
    if count == 2:
        return intrinsic(lambda typing, a, b: typed(a, b))
    return intrinsic(lambda typing, a, b, c: typed(a, b, c))


def operation(name: str) -> Any:
    """What LLVM calls by that name, of two numbers or vectors."""
    return _function(lambda builder, a, b: getattr(builder, name)(a, b), 2)


def comparison(how: str) -> Any:
    """All bits of those axes for which it is true."""
    return _function(lambda builder, a, b: builder.sext(builder.icmp_signed(how, a, b), _VECTOR), 2)


def _chosen(builder: Any, where: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.icmp_signed("!=", where, ir.Constant(_VECTOR, None)), a, b)


spread = _function(lambda builder, a: a, 1)
"""A vector as it is, a number for every axis."""

choose = _function(_chosen, 3)
"""Where the first has bits the second, elsewhere the third."""


@intrinsic
def load(typing: Any, array: Any, start: Any, step: Any) -> Any:
    """array[start], [start + step] and [start + 2 step]."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        vector = ir.Constant(_VECTOR, None)
        at = values[1]
        for axis in range(3):
            value = builder.load(builder.gep(data, [at]))
            # Unsigned if it is narrower, as to viper.
            value = builder.zext(value, _INT) if value.type.width < _INT.width else value
            vector = builder.insert_element(vector, value, _INT(axis))
            at = builder.add(at, values[2])
        return vector

    return _LANES(array, types.intp, types.intp), generate


@intrinsic
def store(typing: Any, array: Any, start: Any, step: Any, vector: Any) -> Any:
    """The reverse of `load`, into int32."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        at = values[1]
        for axis in range(3):
            builder.store(builder.extract_element(values[3], _INT(axis)), builder.gep(data, [at]))
            at = builder.add(at, values[2])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, vector), generate


@intrinsic
def summed(typing: Any, vector: Any) -> Any:
    """The sum over the three axes."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        a, b, c = (builder.extract_element(values[0], _INT(axis)) for axis in range(3))
        return builder.sext(builder.add(builder.add(a, b), c), ir.IntType(64))

    return types.int64(vector), generate


def _address(context: Any, builder: Any, kind: Any, values: Any) -> Any:
    data = context.make_array(kind)(context, builder, values[0]).data
    return builder.gep(data, [values[1]])


@intrinsic
def peek(typing: Any, array: Any, index: Any) -> Any:
    """array[index], without asking whether the index is negative: no kernel has one."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        value = builder.load(_address(context, builder, signature.args[0], values))
        widen = builder.zext if value.type.width < _INT.width else builder.sext
        return widen(value, ir.IntType(64))

    return types.int64(array, types.intp), generate


@intrinsic
def poke(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """array[index] = value, the same."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _address(context, builder, signature.args[0], values)
        builder.store(builder.trunc(values[2], ir.IntType(signature.args[0].dtype.bitwidth)), place)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), generate
