"""Lesson 5: copy this file to `tests/` of the project; `make test` runs it with the others."""

import os
import subprocess
import sys

import numpy as np
from sklearn.datasets import load_digits

from digits_classification.exercises import lesson_5


def test_exercise_1_noise_scores_like_a_guess():
    """And real digits score as they did."""
    images, digits = load_digits(return_X_y=True)
    images = images[:, (images > 0).mean(axis=0) > 0.01]  # others are empty in a whole fold
    random = np.random.default_rng(1)
    rows = random.permutation(len(digits))[:100]
    noise = random.normal(size=(100, 5000))
    assert lesson_5.honest_score(noise, digits[rows]) < 0.25
    assert lesson_5.honest_score(images, digits) > 0.95


def test_exercise_2_a_row_keeps_its_part():
    """The share is about right, another seed parts otherwise, another process does not."""
    rows = [f"row {i}".encode() for i in range(5000)]
    parts = [lesson_5.is_test(row, 0, 0.2) for row in rows]
    assert 0.18 < np.mean(parts) < 0.22
    assert parts != [lesson_5.is_test(row, 1, 0.2) for row in rows]
    assert parts[:10] == [lesson_5.is_test(row, 0, 0.2) for row in rows[:10]]
    more = [lesson_5.is_test(row, 0, 0.3) for row in rows]
    assert all(late for late, early in zip(more, parts, strict=True) if early)
    code = (
        "from digits_classification.exercises.lesson_5 import is_test; "
        "print([is_test(f'row {i}'.encode(), 0, 0.2) for i in range(5000)])"
    )
    for seed in ("1", "2"):
        variables = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code]
        said = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
        assert said.stdout.strip() == str(parts)


def test_exercise_3_no_class_pays_for_the_others():
    """A better accuracy does not excuse a class that got worse."""
    truth = np.repeat([0, 1, 2], 100)
    old, new = truth.copy(), truth.copy()
    old[:20] = 2  # 80 of 100 zeros
    new[100:103] = 0  # 97 of 100 ones, and everything else right
    assert (new == truth).mean() > (old == truth).mean()
    assert lesson_5.may_replace(truth, old, new, 0.02) == (False, [1])
    assert lesson_5.may_replace(truth, old, new, 0.05) == (True, [])
    assert lesson_5.may_replace(truth, new, old, 0.05) == (False, [0])
