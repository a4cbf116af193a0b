"""Small distortions of images, so that a network sees no image twice. B images of H x W pixels."""

from __future__ import annotations

import numpy as np

from algorithms.contract import Floats32


def distorted(images: Floats32, shift: float, slant: float, rng: np.random.Generator) -> Floats32:
    """Every image where a random affine map moves it: output pixel p shows what lies at A p + t, p from the middle.

    A = 1 + uniform in ±slant for each of its four entries: turned, stretched and slanted at once; t is uniform in
    ±shift times the height or width. Between pixels the four around are mixed; outside is 0. [B, H, W] → [B, H, W]

    Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to Visual Document
    Analysis" (2003), section 2.
    """
    count, height, width = images.shape
    size = np.array([[height], [width]], np.float32)
    middle = (size - 1) / 2
    p = np.indices((height, width)).reshape(2, -1) - middle  # [2, H·W]
    a = np.eye(2) + rng.uniform(-slant, slant, (count, 2, 2))
    t = rng.uniform(-shift, shift, (count, 2, 1)) * size
    at = a.astype(np.float32) @ p.astype(np.float32) + (t + middle + 1).astype(np.float32)  # [B, 2, H·W], in the frame
    framed = np.pad(images, ((0, 0), (1, 2), (1, 2)))  # what lies beyond the frame is 0 as the frame is
    np.clip(at, 0, size + 1, out=at)
    whole = np.floor(at)
    dy, dx = (at - whole).swapaxes(0, 1)  # [B, H·W] each
    b, (y, x) = np.arange(count)[:, None], whole.astype(np.intp).swapaxes(0, 1)
    above = framed[b, y, x] * (1 - dx) + framed[b, y, x + 1] * dx
    below = framed[b, y + 1, x] * (1 - dx) + framed[b, y + 1, x + 1] * dx
    mixed: Floats32 = above * (1 - dy) + below * dy
    return mixed.reshape(images.shape)
