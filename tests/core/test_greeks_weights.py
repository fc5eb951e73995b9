"""Greeks in other units are slopes of the same value by other variables: each weight is checked by differences."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import pytest

from nautilus_live.core.greeks_weights import Weighting, Weights
from nautilus_live.model.identifiers import InstrumentId

X, INDEX, VIX = (InstrumentId.from_str(name) for name in ("AAPL.XNAS", "SPY.XNAS", "VIX.CBOE"))


def slopes(value: Callable[[float], float], at: float, step: float) -> tuple[float, float]:
    """Return first and second derivative of a function, by central differences."""
    up, here, down = value(at + step), value(at), value(at - step)
    return (up - down) / (2 * step), (up - 2 * here + down) / step**2


def weights(
    weighting: Weighting, price: float = 190.0, vol: float = 0.2, shocked: tuple[float, float] = (0, 0)
) -> Weights:
    return weighting.of(X, price + shocked[0], price, vol + shocked[1], vol, 40, 520.0, 13.0)


def cube(x: float) -> float:
    return x**3 / 1000


@pytest.mark.parametrize("beta", [0.5, 1.0, 1.7, -0.8])
@pytest.mark.parametrize("shock", [0.0, 3.0])
def test_delta_and_gamma_are_slopes_by_the_index(beta: float, shock: float) -> None:
    """With x = x0 + beta x0/I0 (I - I0), which is the line through today that beta says."""
    x, index = 190.0, 520.0
    moved = index + index / x * shock / beta

    def by_index(i: float) -> float:
        return cube(x + beta * x / index * (i - index))

    found = weights(Weighting(index_id=INDEX, betas={X: beta}), shocked=(shock, 0))

    delta, gamma = slopes(cube, x + shock, 1e-2)
    assert by_index(moved) == pytest.approx(cube(x + shock))
    if shock == 0:  # by the line; a return from elsewhere is one of another price
        assert found.applied(delta, gamma, 0.0)[:2] == pytest.approx(slopes(by_index, moved, 1e-2), rel=1e-4)
    assert found.price == pytest.approx(beta * (x + shock) / moved)


def test_per_cents_are_of_the_price_that_is_moved() -> None:
    def by_per_cent(move: float) -> float:
        return cube(190 * (1 + move / 100))

    delta, gamma = slopes(cube, 190.0, 1e-2)
    assert weights(Weighting(True)).applied(delta, gamma, 0.0)[:2] == pytest.approx(
        slopes(by_per_cent, 0.0, 1e-2), rel=1e-4
    )
    by_index = weights(Weighting(True, INDEX))
    assert by_index.price == pytest.approx(190 / 520 * 520 / 100)  # one per cent of the index is one of what follows it


@pytest.mark.parametrize(
    ("weighting", "weight"),
    [
        (Weighting(), 1.0),
        (Weighting(True), 0.2 / 100),
        (Weighting(vega_base_days=90), sqrt(90 / 40)),
        (Weighting(vol_index_id=VIX, vol_betas={X: 2.0}), 2.0 * 0.2 / 0.13),
        (Weighting(True, vol_index_id=VIX, vol_betas={X: 2.0}), 2.0 * 0.2 / 100),
        (Weighting(vol_index_id=VIX, vega_base_days=10), 0.2 / 0.13 / 2),
    ],
)
def test_vega_is_weighted_by_volatility_and_time(weighting: Weighting, weight: float) -> None:
    assert weights(weighting).vol == pytest.approx(weight)


def test_a_shock_of_volatility_moves_its_index() -> None:
    found = weights(Weighting(vol_index_id=VIX, vol_betas={X: 2.0}), shocked=(0, 0.05))

    assert found.vol == pytest.approx(2.0 * 0.25 / (0.13 + 0.13 / 0.2 * 0.05 / 2.0))


def test_what_does_not_follow_has_no_slope() -> None:
    assert weights(Weighting(index_id=INDEX, betas={X: 0.0}), shocked=(3, 0)).price == 0.0
    assert weights(Weighting(vol_index_id=VIX), vol=0.0).vol == 0.0
    assert weights(Weighting(vega_base_days=30))._replace(vol=1.0) == Weights()


@pytest.mark.parametrize("price", [None, 0.0, float("nan")])
def test_an_index_without_a_price_is_told(price: float | None) -> None:
    with pytest.raises(ValueError, match=r"the index SPY.XNAS must have a price above 0, was (None|0\.0|nan)"):
        Weighting(index_id=INDEX).of(X, 190, 190, 0.2, 0.2, 40, price, None)
