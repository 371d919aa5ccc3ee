"""Findings that speak for fraud or abuse: a code, points, and one sentence with the figures. Pure arithmetic.

A finding never denies anything. Points are permille of "a person should look"; several are combined as a
noisy or, so that they add up without ever passing 1,000. Tails are those of chance: an account like its peers
gets points for its rate once in a hundred cases at most, if the model of its peers holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import exp, lgamma, log, log1p, log10

WHOLE = 1_000
_LEAST_RARE = 0.01
_POINTS_RARE, _POINTS_A_DECADE = 250, 200
_MOST = 850
"""Of one finding: above every ceiling of the shipped policy, so that a plain one is enough"""
_AGAIN = 150
"""More for each time that the same was seen before"""
_FEWEST_PEERS = 5
_FEWEST_ABOVE = 3.0
_LEAST_SHAPE, _MOST_SHAPE = 0.5, 50.0
_TRIMMED_SHARE = 0.05
_MOST_IN_A_CLUSTER = 12
_SHARE_NEAR_BY_CHANCE = 0.06
_FEWEST_NEAR = 3
NEAR_BASIS_POINTS = 9_500
_BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class FraudFinding:
    """What speaks for fraud, with its points in permille and what it was compared to."""

    code: str
    points: int
    sentence: str
    against: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Order lines that an account bought, and those it asked to return, over the same half year."""

    bought: int
    returned: int


@dataclass(frozen=True, slots=True)
class Peers:
    """How often the accounts of a tier return: `rate` of lines, `shape` says how alike they are.

    The rates of accounts follow a gamma distribution with that mean and shape, so that their returns are
    negative binomial: who honestly returns much is not told apart from chance as with a Poisson model.
    """

    accounts: int
    rate: float
    shape: float

    @classmethod
    def of(cls, others: Sequence[Counted]) -> "Peers | None":
        """By moments, without the twentieth that returns most; `None` for fewer than five, or no return."""
        ranked = sorted(others, key=lambda one: one.returned / one.bought)
        kept = ranked[: len(ranked) - int(len(ranked) * _TRIMMED_SHARE)]
        returned, bought = sum(one.returned for one in kept), sum(one.bought for one in kept)
        if len(kept) < _FEWEST_PEERS or not returned:
            return None
        rate = returned / bought
        apart = sum((one.returned - one.bought * rate) ** 2 - one.bought * rate for one in kept)
        spread = max(apart, 0.0) / sum((one.bought * rate) ** 2 for one in kept)
        shape = 1 / spread if spread else _MOST_SHAPE
        return cls(len(others), rate, min(max(shape, _LEAST_SHAPE), _MOST_SHAPE))

    def tail(self, counted: Counted, accounts: int = 1) -> float:
        """The chance that so many accounts like the peers return as much as this, or more."""
        mean, shape = counted.bought * self.rate, self.shape * accounts
        return negative_binomial_tail(counted.returned, mean, shape)


def negative_binomial_tail(count: int, mean: float, shape: float) -> float:
    """P(X >= count) of a gamma-mixed Poisson with that mean and shape."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    less = 0.0
    for at in range(count):
        less += exp(
            lgamma(shape + at)
            - lgamma(shape)
            - lgamma(at + 1)
            + shape * log(shape / (shape + mean))
            + at * log(mean / (shape + mean))
        )
    return max(1.0 - less, 0.0)


def binomial_tail(hits: int, n: int, share: float) -> float:
    """P(X >= hits) of n independent tries with that chance each."""
    chosen = (
        lgamma(n + 1) - lgamma(at + 1) - lgamma(n - at + 1) + at * log(share) + (n - at) * log1p(-share)
        for at in range(hits, n + 1)
    )
    return min(sum(map(exp, chosen)), 1.0)


def points_for(tail: float, most: int) -> int:
    """250 points for one in a hundred, 200 more for each factor of ten, up to `most`; else none."""
    if tail > _LEAST_RARE:
        return 0
    decades = -log10(max(tail, 1e-12)) + log10(_LEAST_RARE)
    return min(_POINTS_RARE + int(_POINTS_A_DECADE * decades), most)


def combined(findings: Iterable[FraudFinding]) -> int:
    """Noisy or: each finding takes its share of what is left to the whole. Rounded down, in exact numbers."""
    left = Fraction(1)
    for one in findings:
        left *= Fraction(WHOLE - one.points, WHOLE)
    return int(WHOLE * (1 - left))


def return_rate(own: Counted, peers: Peers, tier: str) -> FraudFinding | None:
    """More lines asked back than the peers' habit explains."""
    expected = own.bought * peers.rate
    points = points_for(peers.tail(own), _MOST)
    if not points or own.returned - expected < _FEWEST_ABOVE:
        return None
    return FraudFinding(
        "RETURN-RATE",
        points,
        f"Asked to return {own.returned} of {own.bought} order lines of half a year; accounts like it return "
        f"{expected:.1f} of so many.",
        f"{peers.accounts} other {tier} accounts",
    )


def cluster(own: Counted, others: Sequence[Counted], peers: Peers, shared: str) -> FraudFinding | None:
    """Accounts with something in common that return much together; what they share alone is no finding."""
    accounts = len(others) + 1
    together = Counted(
        own.bought + sum(one.bought for one in others), own.returned + sum(one.returned for one in others)
    )
    points = points_for(peers.tail(together, accounts), _MOST)
    is_several = own.returned > 0 and any(one.returned for one in others)
    above = together.returned - together.bought * peers.rate
    if not points or not is_several or accounts > _MOST_IN_A_CLUSTER or above < _FEWEST_ABOVE:
        return None
    return FraudFinding(
        "CLUSTER",
        points,
        f"{accounts} accounts have the same {shared} and together asked to return {together.returned} of "
        f"{together.bought} order lines; {together.bought * peers.rate:.1f} would be usual.",
        f"{peers.accounts} other accounts of the tier",
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    """A former request to return the same serial."""

    serial: str
    same_account: bool
    same_line: bool
    let_in: bool
    closed: bool
    on: date


def serial_seen(earlier: Sequence[Earlier], *, sold_on_this_line: bool) -> FraudFinding | None:
    """The serial was asked back before; not for one that came back then and was sold again."""
    graded = [(_points_of(one, sold_on_this_line=sold_on_this_line), one) for one in earlier]
    points, worst = max(graded, key=lambda pair: pair[0], default=(0, None))
    if worst is None or not points:
        return None
    whose = "by this account" if worst.same_account else "by another account"
    became = "and was made good then" if worst.closed else "and was let in" if worst.let_in else "already"
    return FraudFinding(
        "SERIAL-SEEN",
        points,
        f"Serial {worst.serial} was asked back {whose} on {worst.on.isoformat()} {became}.",
        "every serial asked back before",
    )


def _points_of(one: Earlier, *, sold_on_this_line: bool) -> int:
    if one.same_account and one.same_line:
        return _MOST if one.closed else 0
    if one.closed and sold_on_this_line:
        return 0
    if one.same_account:
        return 450
    return _MOST if one.let_in else 450


@dataclass(frozen=True, slots=True)
class Delivery:
    """What carrier and ERP tell of a delivery: `delivered_on`, and the last scan where there is one."""

    delivered_on: date | None
    last_scan: str | None


_TROUBLE = {"exception", "refused"}


def not_as_carrier_says(
    reason: str, deliveries: Sequence[Delivery], today: date, times_before: int = 0
) -> FraudFinding | None:
    """Missing, though every delivery arrived; damaged, though the carrier scanned it and noted nothing."""
    if not deliveries or any(one.delivered_on is None or one.last_scan in _TROUBLE for one in deliveries):
        return None
    last = max(one.delivered_on for one in deliveries if one.delivered_on)
    if reason == "late_or_missing":
        return FraudFinding(
            "CARRIER-SAYS",
            _repeated(350, times_before),
            f"Said to be missing; delivered on {last.isoformat()}, {(today - last).days} days before. This "
            f"account said so of {times_before} other requests in half a year.",
            f"{len(deliveries)} deliveries of the order line",
        )
    if reason == "damaged_in_transit" and all(one.last_scan for one in deliveries):
        return FraudFinding(
            "CARRIER-SAYS",
            120,
            f"Said to be damaged on the way; the carrier noted no damage up to {last.isoformat()}.",
            "the carrier's last scan of each delivery",
        )
    return None


def near(amount_minor: int, limit_minor: int) -> bool:
    """Whether an amount lies in the last twentieth under a limit."""
    return NEAR_BASIS_POINTS * limit_minor <= amount_minor * _BASIS_POINTS <= limit_minor * _BASIS_POINTS


def under_limits(times: int, requests: int, limit: str, share: str) -> FraudFinding | None:
    """Requests just under a limit, more often than amounts fall there by chance."""
    if times < _FEWEST_NEAR:
        return None
    points = points_for(binomial_tail(times, requests, _SHARE_NEAR_BY_CHANCE), _MOST)
    if not points:
        return None
    return FraudFinding(
        "UNDER-LIMIT",
        points,
        f"{times} of {requests} requests of half a year lie within 5 % under a limit; this one is {share} of "
        f"the {limit}.",
        f"chance: {_SHARE_NEAR_BY_CHANCE:.0%} of amounts",
    )


def _repeated(points: int, times: int) -> int:
    return min(points + times * _AGAIN, _MOST)


def photo_seen(*, same_account: bool, bits_apart: int | None, day: date, times: int) -> FraudFinding:
    """A photo that came with another request, to the byte (`bits_apart` is None) or to the eye."""
    whose = "this account" if same_account else "another account"
    looks = (
        "The very photo"
        if bits_apart is None
        else f"A photo that looks like it ({bits_apart} of 64 bits apart)"
    )
    return FraudFinding(
        "PHOTO-SEEN",
        _repeated(350, times - 1) if same_account else _MOST,
        f"{looks} came with {times} other requests, first with one of {whose} on {day.isoformat()}.",
        "every photo sent before",
    )
