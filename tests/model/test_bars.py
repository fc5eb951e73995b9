"""Bar types are names that read back as what they were; bars keep their prices in order."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.bars import Bar, BarSpecification, BarType
from nautilus_live.model.enums import AggregationSource, BarAggregation, PriceType
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity

BTCUSDT = InstrumentId.from_str("BTCUSDT-PERP.SIM")
STEPS = {BarAggregation.MONTH: (1, 2, 3, 4, 6), BarAggregation.HOUR: (1, 2, 3, 4, 6, 8, 12)}


@st.composite
def specifications(draw: st.DrawFn) -> BarSpecification:
    aggregation = draw(st.sampled_from(list(BarAggregation)))
    return BarSpecification(
        draw(st.sampled_from(STEPS.get(aggregation, (1, 5, 10)))), aggregation, draw(st.sampled_from(list(PriceType)))
    )


@given(specifications(), st.sampled_from(list(AggregationSource)))
def test_a_bar_type_reads_back_as_what_it_was(spec: BarSpecification, source: AggregationSource) -> None:
    bar_type = BarType(BTCUSDT, spec, source)
    assert BarType.from_str(str(bar_type)) == bar_type
    assert BarSpecification.from_str(str(spec)) == spec


@given(specifications(), specifications(), st.sampled_from(list(AggregationSource)))
def test_a_composite_bar_type_names_what_it_is_made_of(
    spec: BarSpecification, inner: BarSpecification, source: AggregationSource
) -> None:
    made = BarType.new_composite(BTCUSDT, spec, AggregationSource.INTERNAL, inner.step, inner.aggregation, source)
    assert BarType.from_str(str(made)) == made
    assert made.is_composite()
    assert not made.standard().is_composite()
    component = made.composite()
    assert (component.spec.step, component.spec.aggregation) == (inner.step, inner.aggregation)
    assert component.spec.price_type is spec.price_type
    assert component.aggregation_source is source


def test_a_standard_bar_type_is_its_own_component() -> None:
    bar_type = BarType.from_str("BTCUSDT-PERP.SIM-5-MINUTE-LAST-EXTERNAL")
    assert bar_type.instrument_id == BTCUSDT
    assert bar_type.composite() is bar_type
    assert bar_type.standard() is bar_type
    assert bar_type.is_externally_aggregated()
    assert not bar_type.is_internally_aggregated()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("BTCUSDT.SIM-5-MINUTE-LAST", "INSTRUMENT-STEP-AGGREGATION-PRICE-SOURCE"),
        ("BTCUSDT.SIM-x-MINUTE-LAST-EXTERNAL", "step must be a positive whole number, was 'x'"),
        ("BTCUSDT.SIM-5-MINUT-LAST-EXTERNAL", "MINUTE"),
        ("BTCUSDT.SIM-5-MINUTE-LOST-EXTERNAL", "MID, LAST"),
        ("BTCUSDT.SIM-5-MINUTE-LAST-OURS", "EXTERNAL or INTERNAL, was 'OURS'"),
        ("BTCUSDT.SIM-5-MINUTE-LAST-INTERNAL@1-MINUTE", "STEP-AGGREGATION-SOURCE"),
        ("BTCUSDT.SIM-5-MINUTE-LAST-EXTERNAL@1-MINUTE-EXTERNAL", "must be INTERNAL"),
        ("BTCUSDT.SIM-7-MINUTE-LAST-EXTERNAL", "one of [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30], was 7"),
        ("BTCUSDT.SIM-0-TICK-LAST-EXTERNAL", "must be positive, was 0"),
    ],
)
def test_a_wrong_bar_type_is_refused_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        BarType.from_str(text)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(milliseconds=250), "250-MILLISECOND-LAST"),
        (timedelta(seconds=30), "30-SECOND-LAST"),
        (timedelta(minutes=15), "15-MINUTE-LAST"),
        (timedelta(hours=4), "4-HOUR-LAST"),
        (timedelta(days=1), "1-DAY-LAST"),
        (timedelta(weeks=1), "1-WEEK-LAST"),
    ],
)
def test_a_specification_is_made_from_a_length_of_time(length: timedelta, text: str) -> None:
    spec = BarSpecification.from_timedelta(length, PriceType.LAST)
    assert str(spec) == text
    assert spec.timedelta == length


def test_bars_that_time_does_not_complete_have_no_length() -> None:
    for aggregation in (BarAggregation.TICK, BarAggregation.MONTH, BarAggregation.YEAR):
        with pytest.raises(ValueError, match="no fixed length"):
            BarSpecification(1, aggregation, PriceType.LAST).get_interval_ns()


@given(specifications())
def test_every_aggregation_is_of_one_kind_renko_of_none(spec: BarSpecification) -> None:
    kinds = [spec.is_time_aggregated(), spec.is_threshold_aggregated(), spec.is_information_aggregated()]
    assert sum(kinds) == (spec.aggregation is not BarAggregation.RENKO)


def bar(*prices: str) -> Bar:
    open_, high, low, close = (Price.from_str(price) for price in prices)
    bar_type = BarType.from_str("BTCUSDT-PERP.SIM-1-MINUTE-LAST-EXTERNAL")
    return Bar(bar_type, open_, high, low, close, Quantity.from_str("3.5"), 1, 2)


def test_a_bar_knows_its_instrument_and_whether_anything_moved() -> None:
    assert bar("1.0", "1.0", "1.0", "1.0").is_single_price()
    assert not bar("1.0", "1.1", "0.9", "1.0").is_single_price()
    assert bar("1.0", "1.1", "0.9", "1.0").instrument_id == BTCUSDT


@pytest.mark.parametrize("prices", [("1.0", "0.9", "0.8", "0.9"), ("1.0", "1.1", "1.05", "1.1"), ("1", "2", "1", "3")])
def test_a_bar_with_prices_outside_its_range_is_refused(prices: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="between its low and its high"):
        bar(*prices)


def test_a_bar_survives_encoding() -> None:
    made = bar("1.0", "1.1", "0.9", "1.0")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Bar) == made
