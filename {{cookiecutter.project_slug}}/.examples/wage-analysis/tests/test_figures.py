"""The figures: what they say is true, nothing collides, and the files are what they claim."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import cache
from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from {{ cookiecutter.package_name }}.analysis.questions import ask
from {{ cookiecutter.package_name }}.analysis.selection import MANAGEMENT, PRODUCTION, TECHNOLOGY
from {{ cookiecutter.package_name }}.data.preprocessing import preprocess_wage_data
from {{ cookiecutter.package_name }}.visualization import comparisons, figures
from {{ cookiecutter.package_name }}.visualization.gallery import draw_all
from {{ cookiecutter.package_name }}.visualization.style import (
    WIDTH,
    house_style,
    money,
    save,
    shorten,
    text_width,
    wrap,
)

GROUPS = {"management": MANAGEMENT, "production": PRODUCTION, "technology": TECHNOLOGY}
COMPARED = ("management_vs_production", "employment_vs_wage", "tech_vs_nontech")
NAMES = ("areas", "wage_by_group", *COMPARED, "missing")


@pytest.fixture(scope="module")
def answers(wages):
    return ask(wages, GROUPS)


@pytest.fixture(scope="module")
def real(wages, answers):
    return draw_all(wages, answers, GROUPS, 0.95)


@pytest.fixture(scope="module")
def made_up(metropolitan):
    frame = preprocess_wage_data(metropolitan)
    return draw_all(frame, ask(frame, GROUPS), GROUPS, 0.95)


@pytest.fixture(params=["real", "made_up"])
def drawings(request):
    return request.getfixturevalue(request.param)


@cache
def texts(figure):
    """Return what is written in a figure, with where it stands in pixels of a 700-pixel screen."""
    canvas = FigureCanvasAgg(figure)
    with house_style():
        canvas.draw()
    hidden = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for place, tick in zip(axis.get_ticklocs(), axis.get_major_ticks(), strict=False):
                if not low <= place <= high:
                    hidden |= {tick.label1, tick.label2}
    written = [t for t in figure.findobj(Text) if t.get_visible() and t not in hidden]
    return {t: t.get_window_extent(canvas.get_renderer()) for t in written if t.get_text().strip()}


def result(answers, name, scope, low, high):
    """Return a result with another difference and two-way interval."""
    found = answers.test(name, scope)
    two_way = replace(found.interval_two_way, low=low, high=high)
    estimates = {**found.estimates, "difference": (low + high) / 2}
    return replace(found, interval_two_way=two_way, estimates=estimates)


def test_titles_say_the_answer(real):
    assert {name: drawing.title for name, drawing in real.items()} == {
        "areas": "District of Columbia pays most, $111k a year on average, Puerto Rico least, "
        "$39k; 6 of 54 ranks are certain",
        "wage_by_group": "Management pays most, $127k at the median, and Food Preparation and "
        "Serving Related least, $33k; wages spread widest in Legal, 5.1 to 1",
        "management_vs_production": "Management is paid $73k a year more than production; the "
        "article's 5 titles against 6 could not settle that",
        "employment_vs_wage": "How many jobs a cell has says next to nothing about its wage "
        "(r = -0.03); it may well be chance",
        "tech_vs_nontech": "Computer and mathematical cells are paid $22k to $41k a year more "
        "than all others",
        "missing": "1.9 % of the rows hide their mean annual wage, 3.5 % their employment; 92 of "
        "the hidden wages are among the highest",
    }


def test_titles_are_true_of_other_data(made_up, metropolitan):
    frame = preprocess_wage_data(metropolitan)
    totals = frame[frame["O_GROUP"] == "total"].set_index("AREA_TITLE")["A_MEAN"]
    first, last = totals.idxmax(), totals.idxmin()
    said = made_up["areas"].title
    assert said.startswith(f"{first} pays most, {money(totals[first])} a year on average, {last} ")
    assert "none of 300 ranks is certain" in said
    assert len(made_up["areas"].figure.axes[0].get_yticklabels()) == 50
    assert made_up["tech_vs_nontech"].title.endswith("is not settled")
    assert made_up["missing"].title.startswith("0.0 % of the rows hide")


def test_alternative_text_says_the_finding_with_numbers(real):
    said = {name: drawing.alt for name, drawing in real.items()}
    assert "Washington $83k (rank 3–4). Lowest: Puerto Rico $39k (rank 54)" in said["areas"]
    assert "Median $65k" in said["areas"]
    assert "Legal $107k ($53k to $267k)" in said["wage_by_group"]
    assert "$72,794 more" in said["management_vs_production"]
    assert "$510" in said["management_vs_production"] or "$500" in said["management_vs_production"]
    assert "-0.073 to 0.013" in said["employment_vs_wage"]
    assert "$21,800 to $40,700" in said["tech_vs_nontech"]
    assert "TOT_EMP, EMP_PRSE, JOBS_1000, LOC_QUOTIENT: ** 3.5 %." in said["missing"]


@pytest.mark.parametrize(
    ("article", "detailed", "title"),
    [
        ((1e3, 9e3), (2e3, 8e3), "Management is paid $5k a year more than production; the article's"
         " rows agree"),
        ((1e3, 9e3), (-8e3, -2e3), "Management is paid $5k a year less than production; the "
         "article's rows say the reverse"),
        ((1e3, 9e3), (-1e3, 5e3), "Whether management or production is paid more is not settled"),
    ],
)  # fmt: skip
def test_title_follows_the_intervals(wages, answers, article, detailed, title):
    name = "management_vs_production"
    results = {
        "article": result(answers, name, "article", *article),
        "detailed": result(answers, name, "detailed", *detailed),
    }
    drawn = comparisons.management_vs_production(wages, results, MANAGEMENT, PRODUCTION)
    assert drawn.title == title


def test_other_relations_are_named(wages, answers):
    pearson = {s: answers.test("employment_wage_pearson", s) for s in ("article", "detailed")}
    none = {"interval": None, "interval_two_way": None, "effect_size": None}
    why = dict.fromkeys(none, "made up")
    strong = replace(pearson["detailed"], statistic=0.5, reasons=why, **none)
    fit = answers.test("employment_wage_regression")
    drawn = comparisons.employment_vs_wage(wages, {**pearson, "detailed": strong}, fit)
    assert drawn.title.startswith("Cells with more jobs tend to have higher wages (r = 0.50)")


def test_missing_shows_unknown_marks_and_full_columns(workbook):
    frame = preprocess_wage_data(workbook({"A_MEAN": "n/a", "H_MEAN": "*"}, {"OCC_CODE": "x"}))
    drawn = figures.missing(frame)
    assert drawn.title == "50.0 % of the rows hide their mean annual wage, 0.0 % their employment"
    assert "A_MEAN: n/a 50.0 %." in drawn.alt
    assert "PCT_TOTAL" not in drawn.alt


@pytest.mark.parametrize("name", NAMES)
def test_nothing_collides_or_leaves_the_figure(drawings, name):
    figure = drawings[name].figure
    placed = texts(figure)
    wide, high = figure.bbox.width, figure.bbox.height
    for text, box in placed.items():
        assert (box.x0 >= 0, box.x1 <= wide, box.y0 >= 0, box.y1 <= high) == (True,) * 4, text
    for (one, box), (two, other) in combinations(placed.items(), 2):
        across = min(box.x1, other.x1) - max(box.x0, other.x0)
        along = min(box.y1, other.y1) - max(box.y0, other.y0)
        assert across <= 0 or along <= 1.5, (one, two)


@pytest.mark.parametrize("name", NAMES)
def test_text_is_readable_at_700_pixels(drawings, name):
    figure = drawings[name].figure
    assert figure.bbox.width == pytest.approx(700)
    smallest = min(text.get_fontsize() for text in texts(figure))
    assert smallest * 100 / 72 >= 10  # points at 100 dots to the inch


@pytest.mark.parametrize("name", NAMES)
def test_axes_have_a_unit(real, name):
    written = " ".join(text.get_text() for text in texts(real[name].figure))
    assert any(unit in written for unit in ("US$", "percent of the rows"))


def saved(drawing, folder):
    save(drawing.figure, folder / "figure.png", folder / "figure.svg")
    return (folder / "figure.png").read_bytes(), (folder / "figure.svg").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_files_are_png_and_svg(real, tmp_path, name):
    png, svg = saved(real[name], tmp_path)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 2 * 700
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert len(svg) < 300_000
    assert b"dc:date" not in svg
    assert b"<text" not in svg  # letters are paths, so no font is needed to read it


def test_equal_data_give_equal_files(made_up, metropolitan, tmp_path):
    frame = preprocess_wage_data(metropolitan)
    again = draw_all(frame, ask(frame, GROUPS), GROUPS, 0.95)
    for name in ("wage_by_group", "employment_vs_wage"):
        assert saved(again[name], tmp_path) == saved(made_up[name], tmp_path)


def test_settings_of_matplotlib_are_left_alone(answers):
    before = dict(mpl.rcParams)
    figures.areas(answers.areas)
    assert dict(mpl.rcParams) == before


def test_money():
    amounts = (0, 949, 9_540, 73_831.7, 999_600, 1_250_000, -510, -9_100, -0.4)
    said = ["$0", "$949", "$9.5k", "$74k", "$1.0m", "$1.2m", "-$510", "-$9.1k", "$0"]
    assert [money(amount) for amount in amounts] == said


def test_text_fits():
    lines = wrap("Wages and words " * 20, 8.4)
    assert len(lines) > 1
    assert all(text_width(line, 8.4) < WIDTH for line in lines)
    assert shorten("short", 2.0) == "short"
    cut = shorten("San Francisco-Oakland-Fremont, CA Metropolitan Area", 1.5)
    assert cut.endswith("…")
    assert 1.2 < text_width(cut) <= 1.5
