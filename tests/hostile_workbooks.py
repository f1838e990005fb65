"""Read damaged and hostile raw files with the project's own reader; run with a project's Python.

Run as `python hostile_workbooks.py FOLDER XLS`. Each file is a clear line or a table that accounts
for all its rows, in bounded memory and time; the last line counts both, as JSON. What is neither
ends the script with a traceback that names the file.
"""

import io
import json
import random
import resource
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook
from us_wage_analysis.data.preprocessing import COLUMNS, read_wages
from us_wage_analysis.data.validation import validate_wages
from us_wage_analysis.engine import ProjectError

GIGABYTE, SECONDS = 2**30, 30
SHIPPED = Path("data/raw/state_M2025_dl.xlsx")
ODD = [True, -1, 0, 1e308, "1e999", "nan", "-", "#REF!", "=1/0", "١٢٣", "1,2,3", " ", "☃" * 300]
ODD += [date(2025, 5, 1), datetime(1899, 12, 30), time(3, 4), "00-0000", "11-1011 ", None, 10**15]
Cases = Iterator[tuple[str, bytes]]


def saved(rows: list[list[object]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("t")
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_member(content: bytes, name: str, new: bytes | None) -> bytes:
    """Return an archive in which one member has other content, or is missing."""
    changed = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(changed, "w", ZIP_DEFLATED) as archive:
        for member in old.namelist():
            if member != name or new is not None:
                archive.writestr(member, old.read(member) if new is None or member != name else new)
    return changed.getvalue()


def damaged(kind: str, content: bytes, rnd: random.Random, flips: int, step: int = 1024) -> Cases:
    for end in range(0, len(content), step):
        yield f"{kind} cut at {end}", content[:end]
    for i in range(flips):
        spoilt = bytearray(content)
        for _ in range(rnd.choice([1, 5, 50, 1000])):
            spoilt[rnd.randrange(len(spoilt))] = rnd.randrange(256)
        yield f"{kind} with bytes changed, {i}", bytes(spoilt)
    for size in (0, 1, 10, 1_000, 100_000):
        yield f"{kind}, then {size} random bytes", content[:8] + rnd.randbytes(size)


def archives(content: bytes, rnd: random.Random) -> Cases:
    with ZipFile(io.BytesIO(content)) as archive:
        members = archive.namelist()
        texts = [archive.read(name) for name in members]
    for name in members:
        others = {"missing": None, "empty": b"", "random": rnd.randbytes(3_000), "text": b"<a/>"}
        others |= {f"as {other}": text for other, text in zip(members, texts, strict=True)}
        for how, new in others.items():
            yield f"{name} {how}", with_member(content, name, new)


def sheets(content: bytes) -> Cases:
    """Yield sheets that say more than they hold, and entities that grow when they are read."""
    name = "xl/worksheets/sheet1.xml"
    with ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read(name).decode()
    head, body = sheet.split("<sheetData>")
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>'
    outside = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a11 SYSTEM "file:///etc/passwd">]>'
    bare = sheet.removeprefix('<?xml version="1.0"?>')
    for what, start in (("a bomb", bomb), ("a file outside", outside)):
        text = start + bare.replace("<t>Guam</t>", "<t>&a11;</t>")
        yield f"entities: {what}", with_member(content, name, text.encode())
    for extent in ("A1:AF1048576", "A1:XFD1048576", "A1:ZZZZ99999999", "B2", ":"):
        said = f'{head.partition("<dimension")[0]}<dimension ref="{extent}"/><sheetData>{body}'
        yield f"a sheet that declares {extent}", with_member(content, name, said.encode())
    for row in ("1048576", "99999999999", "0", "-1", "x"):
        yield (
            f"a row numbered {row}",
            with_member(content, name, sheet.replace('<row r="9"', f'<row r="{row}"').encode()),
        )
    cells = '</sheetData><mergeCells><mergeCell ref="A1:AF400"/></mergeCells>'
    merged = sheet.replace("</sheetData>", cells)
    yield "merged cells", with_member(content, name, merged.encode())
    yield "a member that unpacks to 3 GB", bomb_of(content, name, 3 * GIGABYTE)


def bomb_of(content: bytes, name: str, size: int) -> bytes:
    changed, block = io.BytesIO(), bytes(2**24)
    with ZipFile(io.BytesIO(content)) as old, ZipFile(changed, "w", ZIP_DEFLATED) as archive:
        for member in old.namelist():
            with archive.open(member, "w", force_zip64=True) as file:
                if member == name:
                    for _ in range(size // len(block)):
                        file.write(block)
                else:
                    file.write(old.read(member))
    return changed.getvalue()


def tables(rows: list[list[object]], rnd: random.Random) -> Cases:
    for i, odd in enumerate(ODD):
        for column in range(0, len(COLUMNS), 5):
            changed = [list(row) for row in rows[:12]]
            changed[rnd.randrange(1, 12)][(column + i) % len(COLUMNS)] = odd
            yield f"{odd!r} under {COLUMNS[(column + i) % len(COLUMNS)]}", saved(changed)
    dates = [date(2025, 5, day) for day in range(1, 14)]
    yield "dates in all wages", saved([rows[0], *(row[:17] + dates for row in rows[1:])])
    more = [f"more {i}" for i in range(10_000)]
    yield (
        "10,000 columns more",
        saved([rows[0] + more, *(row + [1.0] * 10_000 for row in rows[1:9])]),
    )
    yield "one row of 16,000 columns", saved([[f"c{i}" for i in range(16_000)]])
    yield "the header alone", saved(rows[:1])
    yield "every row twice", saved(rows + rows[1:])
    yield "columns turned round", saved([row[::-1] for row in rows])
    for i in range(20):
        shuffled = [list(row) for row in rows]
        column = [row[i + 11] for row in shuffled[1:]]
        rnd.shuffle(column)
        for row, value in zip(shuffled[1:], column, strict=True):
            row[i + 11] = value
        yield f"{COLUMNS[i + 11]} sorted apart", saved(shuffled)


def outcome(path: Path) -> str:
    try:
        wages, rejected = read_wages(path)
        validate_wages(wages)
    except ProjectError as error:
        said = str(error)
        if "\n" in said or len(said) > 3_000:
            raise ValueError(f"not one clear line: {said}") from error
        return "refused"
    assert wages.attrs["source"]["rows_read"] == len(wages) + len(rejected)
    return "accepted"


def main(folder: Path, xls: Path) -> None:
    rnd = random.Random(0)
    rows = [[*row] for row in load_workbook(SHIPPED, read_only=True).worksheets[0].values]
    rows = [rows[0], *(row for row in rows if row[0] == "66")]
    text = "\n".join(",".join(f'"{"" if v is None else v}"' for v in row) for row in rows).encode()
    xlsx = saved(rows)
    wages, _ = read_wages(write(folder, xlsx))
    wages.to_parquet(folder / "small.parquet")
    cases = [
        *damaged("xlsx", xlsx, rnd, 60),
        *damaged("xls", xls.read_bytes(), rnd, 12, 32 * 1024),
        *damaged("csv", text, rnd, 50),
        *damaged("Parquet", (folder / "small.parquet").read_bytes(), rnd, 100),
        *damaged("zip", with_member(xlsx, "[Content_Types].xml", None), rnd, 20),
    ]
    counts = Counter[str]()
    for named in (cases, archives(xlsx, rnd), sheets(xlsx), tables(rows, rnd)):
        for name, content in named:
            print(name, flush=True)
            path = write(folder, content)
            signal.alarm(SECONDS)
            counts[outcome(path)] += 1
            signal.alarm(0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert peak < 1.5 * GIGABYTE, peak
    print(json.dumps(counts))


def write(folder: Path, content: bytes) -> Path:
    path = folder / "raw.bin"
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    warnings.simplefilter("error")
    resource.setrlimit(resource.RLIMIT_AS, (6 * GIGABYTE, 6 * GIGABYTE))
    main(Path(sys.argv[1]), Path(sys.argv[2]))
