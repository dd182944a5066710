"""The pictures of hardware/: drawn by this script, in SVG, so that a wire is changed in a line."""
