"""The drawing room: pure functions (data, width, height) -> Cells, and the canvas that shows them."""
