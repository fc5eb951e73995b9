"""What greeks become when the market is not where it is: another price, another volatility, less time.

May know: the model. Pure. An option is priced anew at the volatility that it had, with what is added to it.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from nautilus_live.model.black_scholes import DAYS_PER_YEAR, black_scholes_greeks
from nautilus_live.model.greeks_data import GreeksData

ROUNDING_DAYS = 1e-6
"""By how much a shock of whole days, given in years, may miss them."""


class Shocks(NamedTuple):
    """What is added to the underlying's price and to the volatility, and taken off the time left (years)."""

    spot: float = 0.0
    vol: float = 0.0
    time_to_expiry: float = 0.0

    def applied(self, base: GreeksData) -> GreeksData:
        """Return greeks after the shocks; a volatility, and the time left, fall no further than to 0.

        Raises:
            ValueError: if the price of an option's underlying falls to 0 or below.

        """
        spot = base.underlying_price + self.spot
        if not base.expiry or not any(self):
            return replace(base, underlying_price=spot)
        years = max(0.0, base.expiry_in_years - self.time_to_expiry)
        vol = max(0.0, base.vol + self.vol)
        found = black_scholes_greeks(
            spot, base.interest_rate, base.cost_of_carry, vol, base.is_call, base.strike, years
        )
        days = int(years * DAYS_PER_YEAR + ROUNDING_DAYS)
        return replace(base, underlying_price=spot, expiry_in_years=years, expiry_in_days=days, **found._asdict())
