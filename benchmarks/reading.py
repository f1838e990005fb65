"""Time `preprocess_wage_data` and the article's way of reading in turn, in one process.

Run as `python reading.py WORKBOOK PAIRS` with a project's Python; prints one JSON list of pairs
of seconds, ours first.
"""

import json
import sys
import time
from collections.abc import Callable

import article
from us_wage_analysis.data.preprocessing import preprocess_wage_data


def seconds(function: Callable[[str], object], path: str) -> float:
    """Return how long one call takes; the result is freed before the next."""
    start = time.perf_counter()
    function(path)
    return time.perf_counter() - start


if __name__ == "__main__":
    workbook, pairs = sys.argv[1], int(sys.argv[2])
    preprocess_wage_data(workbook)
    both = (preprocess_wage_data, article.read)
    print(json.dumps([[seconds(read, workbook) for read in both] for _ in range(pairs)]))
