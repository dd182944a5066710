"""The GATT service: its layout is frozen, a new layout gets a new service UUID.

MicroPython sends no Service Changed indication, and hosts cache what they once discovered.
"""

SERVICE_UUID = "7c9e0001-5d1f-4b63-9a1e-52f0c3a8e4d1"
# Host to device: write, with or without response.
RX_UUID = "7c9e0002-5d1f-4b63-9a1e-52f0c3a8e4d1"
# Device to host: notify.
TX_UUID = "7c9e0003-5d1f-4b63-9a1e-52f0c3a8e4d1"
