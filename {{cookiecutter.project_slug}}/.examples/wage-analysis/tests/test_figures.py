"""The figures: what they say is true, nothing collides, and the files are what they claim."""

import xml.etree.ElementTree as ElementTree
from functools import cache
from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from {{ cookiecutter.package_name }}.analysis import captions
from {{ cookiecutter.package_name }}.analysis.statistics.number_formats import money
from {{ cookiecutter.package_name }}.data.preprocessing import preprocess_wage_data
from {{ cookiecutter.package_name }}.data.row_selection import Question, select
from {{ cookiecutter.package_name }}.engine.style import WIDTH, house_style, save
from {{ cookiecutter.package_name }}.settings import Groups
from {{ cookiecutter.package_name }}.visualization import comparisons, figures
from {{ cookiecutter.package_name }}.visualization.layout import shorten, text_width, wrap

COMPARED = ("management_vs_production", "employment_vs_wage", "tech_vs_nontech")
every_figure = pytest.mark.parametrize("name", ["areas", "wage_by_group", *COMPARED, "missing"])


@pytest.fixture(scope="module")
def real(wages, run):
    return figures.draw_all(wages, run.results, Groups())


@pytest.fixture(scope="module")
def crowded(made_up, other_run):
    return figures.draw_all(made_up, other_run.results, Groups())


@pytest.fixture(params=["real", "crowded"])
def drawn(request):
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


def test_titles_say_the_answer(run):
    assert {name: caption["title"] for name, caption in run.results["figures"].items()} == {
        "areas": "District of Columbia pays most, $111k a year on average, Puerto Rico least, "
        "$39k; 6 of 54 ranks are certain",
        "wage_by_group": "Management pays most, a median of $127k, and Food Preparation and "
        "Serving Related least, $33k; wages spread widest in Legal, 5.1 to 1",
        "management_vs_production": "Management is paid $73k a year more than production; the "
        "article's 5 titles against 6 could not settle that",
        "employment_vs_wage": "How many jobs a cell has says next to nothing about its wage "
        "(r\xa0=\xa0-0.03; its interval includes 0)",
        "tech_vs_nontech": "Computer and mathematical cells are paid $22k to $41k a year more "
        "than all others",
        "missing": "1.9 % of the rows hide their mean annual wage, 3.5 % their employment; 92 of "
        "the hidden wages are among the highest",
    }


def test_figures_and_titles_are_true_of_other_data(made_up, other_run, crowded):
    totals = made_up[made_up["O_GROUP"] == "total"].set_index("AREA_TITLE")["A_MEAN"]
    first, last = totals.idxmax(), totals.idxmin()
    said = {name: caption["title"] for name, caption in other_run.results["figures"].items()}
    paid = f"{first} pays most, {money(totals[first])} a year on average, {last} "
    assert said["areas"].startswith(paid)
    assert "none of 80 ranks is certain" in said["areas"]
    assert said["tech_vs_nontech"].endswith("is not settled")
    assert said["missing"].startswith("0.0 % of the rows hide")
    assert len(crowded["areas"].axes[0].get_yticklabels()) == 50
    for name, figure in crowded.items():
        heading = [text.get_text() for text in texts(figure) if text.get_fontsize() > 11]
        assert " ".join(heading) == said[name]


SAID = {  # in the alternative texts
    "areas": "Washington $83k (rank 3–4). Lowest: Puerto Rico $39k (rank 54), ",
    "wage_by_group": "Legal $107k ($53k to $267k)",
    "management_vs_production": "$500 less to $71,200 more",
    "employment_vs_wage": "-0.073 to 0.013",
    "tech_vs_nontech": "$21,800 to $40,700",
    "missing": "TOT_EMP, EMP_PRSE, JOBS_1000, LOC_QUOTIENT: ** 3.5 %.",
}


def test_alternative_text_says_the_finding_with_numbers(run):
    for name, caption in run.results["figures"].items():
        assert SAID[name] in caption["alt"]
    assert run.results["figures"]["areas"]["alt"].endswith("Median $65k.")


def test_title_follows_the_intervals(found):
    def title(low, high):
        changed = {}
        for scope, ends in {"article": (1e3, 9e3), "detailed": (low, high)}.items():
            item = found["management_vs_production"][scope]
            two_way = dict(zip(("low", "high"), ends, strict=True))
            estimates = {**item["estimates"], "difference": sum(ends) / 2}
            changed[scope] = {**item, "interval_two_way": two_way, "estimates": estimates}
        return captions.management_vs_production(changed)["title"]

    paid = "Management is paid $5k a year"
    assert title(2e3, 8e3) == f"{paid} more than production; the article's rows agree"
    assert title(-8e3, -2e3) == f"{paid} less than production; the article's rows say the reverse"
    assert title(-1e3, 5e3) == "Whether management or production is paid more is not settled"


def test_other_relations_are_named_and_drawn_without_intervals(found, wages):
    r, fit = found["employment_wage_pearson"], found["employment_wage_regression"]["detailed"]
    r["detailed"] = {**r["detailed"], "statistic": 0.5, "interval": None, "interval_two_way": None}
    title = captions.employment_vs_wage(r)["title"]
    more = "Cells with more jobs tend to have higher wages"
    assert title == f"{more} (r\xa0=\xa00.50; it has no interval)"
    drawn = comparisons.employment_vs_wage(title, r, fit, select(wages, Question()))
    said = " ".join(text.get_text() for text in texts(drawn))
    assert "all rows, clustered by area" in said
    assert "detailed rows, " not in said


def test_missing_shows_unknown_marks_and_full_columns(workbook):
    frame = preprocess_wage_data(workbook({"A_MEAN": "n/a", "H_MEAN": "*"}, {"OCC_CODE": "x"}))
    marks = captions.marks_by_column(frame, frame.attrs["source"]["coerced"])
    said = captions.missing(marks, len(frame))
    hidden = "50.0 % of the rows hide their mean annual wage, 0.0 % their employment"
    assert said["title"] == hidden
    assert "A_MEAN: n/a 50.0 %." in said["alt"]
    assert "PCT_TOTAL" not in said["alt"]
    written = {text.get_text().strip() for text in texts(figures.missing("Title", marks, 2))}
    assert {"Title", "n/a 50.0 %", "annual wage, mean  A_MEAN", "employment  TOT_EMP"} < written


@every_figure
def test_nothing_collides_and_all_is_readable_at_700_pixels(drawn, name):
    placed = texts(drawn[name])
    wide, high = drawn[name].bbox.width, drawn[name].bbox.height
    assert wide == pytest.approx(700)
    for text, box in placed.items():
        assert (box.x0 >= 0, box.x1 <= wide, box.y0 >= 0, box.y1 <= high) == (True,) * 4, text
        assert text.get_fontsize() * 100 / 72 >= 10  # at 100 dots to the inch
    for (one, box), (two, other) in combinations(placed.items(), 2):
        across = min(box.x1, other.x1) - max(box.x0, other.x0)
        along = min(box.y1, other.y1) - max(box.y0, other.y0)
        assert across <= 0 or along <= 1.5, (one, two)
    said = " ".join(text.get_text() for text in placed)
    assert "US$" in said or "percent of the rows" in said


@every_figure
def test_files_are_png_and_svg(run, name):
    png, svg = (run.read(f"reports/figures/{name}.{kind}") for kind in ("png", "svg"))
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 2 * 700
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert len(svg) < 300_000
    assert b"dc:date" not in svg
    assert b"<text" not in svg  # letters are paths, so no font is needed to read it


def test_equal_data_give_equal_files_and_no_setting_is_changed(run, real, tmp_path):
    before = dict(mpl.rcParams)
    for name in ("wage_by_group", "employment_vs_wage"):
        save(real[name], tmp_path / "figure.png")
        assert (tmp_path / "figure.png").read_bytes() == run.read(f"reports/figures/{name}.png")
    assert dict(mpl.rcParams) == before


def test_text_fits():
    lines = wrap("Wages and words " * 20, 8.4)
    assert len(lines) > 1
    assert all(text_width(line, 8.4) < WIDTH for line in lines)
    assert shorten("short", 2.0) == "short"
    cut = shorten("San Francisco-Oakland-Fremont, CA Metropolitan Area", 1.5)
    assert cut.endswith("…")
    assert 1.2 < text_width(cut) <= 1.5
