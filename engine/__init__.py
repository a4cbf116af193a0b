"""Tape-based automatic differentiation on numpy; knows no reinforcement learning, no file, no screen.

Read in this order: `operations` (the table of derivatives), `tensor` (the tape that uses it), `gradcheck`,
then `layers`, `losses`, `distributions`, `optimisers`.
"""

import os

# A second BLAS thread gains nothing on networks of this size, loses much on a busy machine and changes the
# last bits of a product. OpenBLAS reads this when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

# glibc gives freed memory back beyond twice the largest block it has seen freed, and asks for it again, page
# by page, in the next update: half of the time at batch 2048. One block of 31 MiB, never touched, freed at
# once, makes it keep up to 62 MiB.
np.empty(31 << 20, np.uint8)
