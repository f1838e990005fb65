"""Time `preprocess_wage_data` against the article's way of reading, and on more rows.

Run as `python reading.py WORKBOOK PAIRS` with a project's Python; prints four JSON lists of pairs,
ours first: MB (each in a process of its own), seconds, microseconds a row of 5 times as many rows
against one of the workbook's own, then of 25 times as many.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

WHO = ("ours", "the article's")
SHEET = "xl/worksheets/sheet1.xml"
TIMES = (5, 25)


def reader(who: str) -> Callable[[str], object]:
    """Return what reads; only its own libraries are imported."""
    if who == "ours":
        from us_wage_analysis.data.preprocessing import preprocess_wage_data

        return preprocess_wage_data
    from article import read

    return read


def seconds(who: str, path: str) -> float:
    """Return how long one call takes; the result is freed before the next."""
    read, start = reader(who), time.perf_counter()
    read(path)
    return time.perf_counter() - start


def megabytes(who: str, path: str) -> float:
    """Return the peak memory of a process that reads once."""
    started = subprocess.Popen([sys.executable, __file__, path, who])
    _, status, used = os.wait4(started.pid, 0)
    assert status == 0
    return used.ru_maxrss / 1000


def enlarge(workbook: str, times: int, larger: Path) -> int:
    """Write the rows so many times, each time as other areas; return how many they are."""
    with ZipFile(workbook) as archive, ZipFile(larger, "w", ZIP_DEFLATED, compresslevel=1) as out:
        for name in archive.namelist():
            if name != SHEET:
                out.writestr(name, archive.read(name))
        head, *rows = re.split(r"(?=<row )", archive.read(SHEET).decode())
        header, foot = rows.pop(0), rows[-1].partition("</sheetData>")[2]
        areas: dict[str, int] = {}
        kept = []
        for row in rows:
            text = re.sub(r' r="([A-Z]*)\d+"', r' r="\1@"', row.partition("</sheetData>")[0])
            begins, found, rest = text.partition('<c r="A@" t="s"><v>')
            assert found, "the first column is no text"
            area, end, rest = rest.partition("</v></c>")
            where = areas.setdefault(area, len(areas))
            kept.append((begins + '<c r="A@"><v>', where, end + rest))
        number = count(2)
        with out.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write((re.sub("<dimension[^>]*>", "", head) + header).encode())
            for n in range(times):
                lines = (f"{a}{10_000 + 100 * n + where}{b}" for a, where, b in kept)
                sheet.write("".join(x.replace("@", str(next(number))) for x in lines).encode())
            sheet.write(f"</sheetData>{foot}".encode())
    return times * len(kept)


def a_row(workbook: str, times: int, pairs: int) -> list[tuple[float, float]]:
    """Return microseconds a row of a larger workbook, and of one of the same rows once."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = {str(Path(folder) / f"{n}.xlsx"): n for n in (times, 1)}
        rows = {path: enlarge(workbook, n, Path(path)) for path, n in sizes.items()}
        large, small = rows
        return [
            (1e6 * seconds("ours", large) / rows[large], 1e6 * seconds("ours", small) / rows[small])
            for _ in range(pairs)
        ]


if __name__ == "__main__":
    workbook, what = sys.argv[1:]
    if what in WHO:
        reader(what)(workbook)
        sys.exit()
    pairs = int(what)  # memory first: a process begins as large as the one that starts it
    print(json.dumps([[megabytes(who, workbook) for who in WHO] for _ in range(pairs)]))
    seconds("ours", workbook)
    print(json.dumps([[seconds(who, workbook) for who in WHO] for _ in range(pairs)]))
    for times in TIMES:
        print(json.dumps(a_row(workbook, times, pairs)))
