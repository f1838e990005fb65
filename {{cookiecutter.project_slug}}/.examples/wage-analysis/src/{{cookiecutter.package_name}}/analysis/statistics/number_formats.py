"""How numbers and intervals are said: in conclusions, figures and the report alike."""

from collections.abc import Callable
from dataclasses import dataclass

from .results import Interval, Item, TwoWayInterval

FEW_CLUSTERS = 40  # with fewer, clustered intervals are known to come out too narrow
LESS_MORE = ("less", "more")


def money(amount: float, _position: object = None) -> str:
    """Return US$ as axes and labels say them.

    >>> money(73831.7), money(9540), money(-510), money(0), money(1_250_000)
    ('$74k', '$9.5k', '-$510', '$0', '$1.2m')
    """
    size = abs(amount)
    if size >= 999_500:
        text = f"{size / 1e6:.1f}m"
    elif size >= 9950:
        text = f"{size / 1e3:.0f}k"
    else:
        text = f"{round(size / 1e3, 1):g}k" if size >= 999.5 else f"{size:.0f}"
    return f"{'-' if amount < 0 and text != '0' else ''}${text}"


def dollars(amount: float, step: int = 1) -> str:
    """Return US$ as text, rounded to a multiple of `step`.

    >>> dollars(72794.46), dollars(72794.46, step=100), dollars(-510.08)
    ('$72,794', '$72,800', '-$510')
    """
    rounded = step * round(amount / step)
    return f"{'-' if rounded < 0 else ''}${abs(rounded):,}"


def more_or_less(difference: float, step: int = 1, words: tuple[str, str] = LESS_MORE) -> str:
    """Return a signed amount of US$ in words.

    >>> more_or_less(-510.08, step=100), more_or_less(31275.8, 100, ("below", "above"))
    ('$500 less', '$31,300 above')
    """
    step = step if abs(difference) >= step else 1  # a small amount must not become $0
    return f"{dollars(abs(difference), step)} {words[difference >= 0]}"


def p_text(p: float | None, log10_p: float | None = None) -> str:
    """Return a p-value as text, never "p = 0"; `log10_p` decides where it is given.

    >>> p_text(0.1738), p_text(2e-38), p_text(0.0), p_text(None)
    ('p = 0.17', 'p < 0.001', 'p < 0.001', 'no p')
    """
    if p is None:
        return "no p"
    p = p if log10_p is None else 10**log10_p
    if p < 0.001:
        return "p < 0.001"
    return "p > 0.99" if p > 0.99 else f"p = {p:.2g}"


def ratio_text(ratio: float) -> str:
    """Return a ratio as text.

    >>> ratio_text(0.93627), ratio_text(2.4088), ratio_text(0.0123)
    ('0.94', '2.4', '0.012')
    """
    if ratio < 0.1:
        return f"{ratio:.2g}"
    return f"{ratio:.2f}" if ratio < 1.995 else f"{ratio:,.1f}"


def share_text(share: float) -> str:
    """Return a share as percent, with as many digits as it deserves.

    >>> share_text(0.352), share_text(0.00089), share_text(0.9999), share_text(0.0)
    ('35 %', '0.09 %', 'more than 99 %', '0 %')
    """
    percent = 100 * share
    if 0 < percent < 0.95:
        return "less than 0.001 %" if percent < 0.001 else f"{percent:.1g} %"
    return "more than 99 %" if 99.5 <= percent < 100 else f"{percent:.0f} %"


def number_text(value: float) -> str:
    """Return a number of any size as text.

    >>> number_text(72794.46), number_text(-0.0299558)
    ('72,794', '-0.03')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def interval_text(interval: Item | None, form: Callable[[float], str] = number_text) -> str:
    """Return both ends of an interval, ``none`` for None."""
    return f"{form(interval['low'])} to {form(interval['high'])}" if interval else "none"


def ranks_text(area: Item, to: str = "–") -> str:
    """Return the ranks that an area of results.json can claim: ``2``, or ``3–4``."""
    return to.join(dict.fromkeys(str(area[end]) for end in ("rank_low", "rank_high")))


def sentence_start(text: str) -> str:
    """Return `text` with its first letter in upper case."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Leaning:
    """The interval that a sentence leans on, what it allows for, and a caution ("" for none)."""

    low: float
    high: float
    level: float
    how: str
    caution: str

    @property
    def includes_zero(self) -> bool:
        """Whether "no difference" lies inside the interval."""
        return self.low <= 0 <= self.high

    @property
    def name(self) -> str:
        """Its name, such as "95 % interval"."""
        return f"{100 * self.level:g} % interval"

    def ends(self, words: tuple[str, str] = LESS_MORE, step: int = 100) -> str:
        """Return both ends in US$, with a direction for each where they differ."""
        low, high = (more_or_less(end, step, words) for end in (self.low, self.high))
        if self.low < 0 <= self.high:
            return f"{low} to {high}"
        near, far = (low, high) if self.low >= 0 else (high, low)
        return f"{near.split()[0]} to {far}"

    def clause(self, doubt: str, words: tuple[str, str] = LESS_MORE) -> str:
        """Return what follows a difference in US$: how sure it is, or that `doubt` remains."""
        if self.includes_zero:
            reach = f"{self.how}, the {self.name} reaches from {self.ends(words)}"
            return f", but, {reach}, so {doubt}{self.caution}"
        return f" ({self.name} {self.ends(words)}, {self.how}{self.caution})"


def lean_on(interval: Interval, two_way: TwoWayInterval | None, level: float) -> Leaning:
    """Return the two-way interval to lean on or, where there is none, the published one."""
    if two_way is None:
        how = "taking the rows as independent, which they hardly are"
        return Leaning(interval.low, interval.high, level, how, "")
    clusters = round(two_way.df) + 1
    few = f"; resting on only {clusters} areas or occupations, this interval is likely too narrow"
    how = "allowing for shared areas and occupations"
    return Leaning(two_way.low, two_way.high, level, how, few if clusters < FEW_CLUSTERS else "")
