"""Time: sensor clock to UTC, and UTC to local time."""
