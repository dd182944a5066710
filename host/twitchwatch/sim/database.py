"""The GATT database of a simulated board: values in buffers of fixed size, as MicroPython keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bumble import att, gatt
from bumble.core import UUID
from bumble.device import Connection
from bumble.gatt_server import Server

_DEFAULT_BYTES = 20  # MP_BLUETOOTH_DEFAULT_ATTR_LEN
_FLAG_READ = 0x02
_FLAGS_WRITE = 0x04 | 0x08  # without and with response
_Permissions = gatt.Characteristic.Permissions


class Declared(NamedTuple):
    """A characteristic or descriptor as the firmware declares it; `uuid` little-endian."""

    uuid: bytes
    flags: int
    descriptors: Sequence[Declared] = ()


@dataclass
class Attribute:
    """The value behind a handle."""

    size: int = _DEFAULT_BYTES
    append: bool = False
    value: bytes = b""
    bumble: Any = field(default=None, repr=False)

    def take(self, written: bytes) -> None:
        """Store what a central wrote; what exceeds the buffer is silently truncated."""
        self.value = ((self.value if self.append else b"") + written)[: self.size]


class Database:
    """What a central discovers: the access service with the device's name, and the registered services."""

    def __init__(
        self,
        server: Server,
        read: Callable[[Connection, Attribute], Awaitable[bytes]],
        write: Callable[[Connection, Attribute, bytes], Awaitable[None]],
        name: Callable[[], bytes],
    ) -> None:
        self._server = server
        self._read = read
        self._write = write
        self._name = name
        self.attributes: dict[int, Attribute] = {}

    def clear(self) -> None:
        """Remove everything except the access service."""
        self._server.attributes.clear()
        self._server.attributes_by_handle.clear()
        self._server.services.clear()
        self.attributes.clear()
        name: gatt.Characteristic[bytes] = gatt.Characteristic(
            gatt.GATT_DEVICE_NAME_CHARACTERISTIC,
            gatt.Characteristic.Properties.READ,
            _Permissions.READABLE,
            att.AttributeValue(read=lambda _: self._name()),
        )
        self._server.add_service(gatt.Service(gatt.GATT_GENERIC_ACCESS_SERVICE, [name]))

    def add(self, services: Sequence[tuple[bytes, Sequence[Declared]]]) -> list[int]:
        """Add services (UUID, characteristics); returns all value and descriptor handles, flat."""
        handles = []
        for uuid, characteristics in services:
            made = [self._characteristic(declared) for declared in characteristics]
            service = gatt.Service(UUID.from_bytes(uuid), [attribute.bumble for attribute, _ in made])
            self._server.add_service(service)
            for attribute, descriptors in made:
                for each in (attribute, *descriptors):
                    self.attributes[each.bumble.handle] = each
                    handles.append(each.bumble.handle)
        return handles

    def _characteristic(self, declared: Declared) -> tuple[Attribute, list[Attribute]]:
        descriptors = [self._descriptor(each) for each in declared.descriptors]
        attribute = Attribute()
        attribute.bumble = gatt.Characteristic(
            UUID.from_bytes(declared.uuid),
            gatt.Characteristic.Properties(declared.flags & 0xFF),
            _permissions(declared.flags),
            self._access(attribute),
            [descriptor.bumble for descriptor in descriptors],
        )
        return attribute, descriptors

    def _descriptor(self, declared: Declared) -> Attribute:
        attribute = Attribute()
        attribute.bumble = gatt.Descriptor(
            UUID.from_bytes(declared.uuid), _permissions(declared.flags), self._access(attribute)
        )
        return attribute

    def _access(self, attribute: Attribute) -> Any:
        return att.AttributeValue(
            read=lambda connection: self._read(connection, attribute),
            write=lambda connection, value: self._write(connection, attribute, value),
        )


def _permissions(flags: int) -> gatt.Characteristic.Permissions:
    allowed = _Permissions(0)
    if flags & _FLAG_READ:
        allowed |= _Permissions.READABLE
    if flags & _FLAGS_WRITE:
        allowed |= _Permissions.WRITEABLE
    return allowed
