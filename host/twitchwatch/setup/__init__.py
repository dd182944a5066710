"""The first run: the steps from the box to the first night, and which of them are done already."""
