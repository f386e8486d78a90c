# SPDX-License-Identifier: MIT
"""Zebra stripes over what is as bright as `level` or brighter, as cameras show overexposure; a threshold, a pattern, and no loop.

    python3 configs/jobs/zebra.py in.png out.png --format planes --params '{"level": 200}'
"""
import numpy


def setup(config):
    """Once in each worker: where the stripes are."""
    rows, columns = numpy.indices((config["height"], config["width"]), sparse=True)
    return (rows + columns) // 8 % 2 == 0


def process(frame, params, info):
    luma = frame[0]
    luma[(luma >= params["level"]) & info.state] = 16


if __name__ == "__main__":
    import quadrant
    quadrant.main(process, setup)
