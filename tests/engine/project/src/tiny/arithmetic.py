"""What the stages compute."""


def multiplied(numbers: list[int], factor: int) -> list[int]:
    """Return the numbers, each times `factor`."""
    return [factor * number for number in numbers]
