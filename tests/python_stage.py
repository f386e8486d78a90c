# SPDX-License-Identifier: MIT
"""For stage_contract_test: a function that reads its neighbours in time and changes what it was given."""
import numpy


def process(frame, params, info):
    planes = frame if isinstance(frame, list) else [frame]
    for number, plane in enumerate(planes):
        for neighbour in info.past + info.future:
            other = neighbour[number] if isinstance(neighbour, list) else neighbour
            numpy.maximum(plane, other[::-1], out=plane)
            other[:] = 0  # theirs to spoil: nobody else sees it
    return None
