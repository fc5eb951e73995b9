"""Currencies: what money is counted in, and those that are known by their codes from the start."""

from __future__ import annotations

from msgspec import Struct

from nautilus_live.model.enums import CurrencyType
from nautilus_live.model.fixed_point import MAX_PRECISION, unit_of

CURRENCIES: dict[str, Currency] = {}


class Currency(Struct, frozen=True, eq=False, gc=False, array_like=True):
    """A currency: its code, and the decimal places its amounts are kept with. Equal by code.

    Raises:
        ValueError: if the code is empty or has spaces, or the precision is not within 0 to 16.

    """

    code: str
    precision: int
    iso4217: int = 0
    name: str = ""
    currency_type: CurrencyType = CurrencyType.FIAT

    def __post_init__(self) -> None:
        code = self.code
        if not code.isalnum() and (not code or not code.isprintable() or " " in code):
            raise ValueError(f"a currency code must be printable text without spaces, was {code!r}")
        if not 0 <= self.precision <= MAX_PRECISION:
            unit_of(self.precision)

    @staticmethod
    def from_str(code: str, strict: bool = False) -> Currency:
        """Return the registered currency, or a crypto currency of 8 places under that code.

        Raises:
            ValueError: if the code is not registered and `strict` is set.

        """
        found = CURRENCIES.get(code)
        if found is None:
            if strict:
                raise ValueError(f"currency code must be a registered one, was {code!r}")
            found = Currency(code, 8, 0, code, CurrencyType.CRYPTO)
        return found

    @staticmethod
    def from_internal_map(code: str) -> Currency | None:
        """Return the registered currency of that code, None if there is none."""
        return CURRENCIES.get(code)

    @staticmethod
    def is_fiat(code: str) -> bool:
        """Return whether a registered currency is a state's."""
        found = CURRENCIES.get(code)
        return found is not None and found.currency_type is CurrencyType.FIAT

    @staticmethod
    def is_crypto(code: str) -> bool:
        """Return whether a registered currency is a crypto currency."""
        found = CURRENCIES.get(code)
        return found is not None and found.currency_type is CurrencyType.CRYPTO

    @staticmethod
    def register(currency: Currency, overwrite: bool = False) -> None:
        """Make `currency` known by its code; an existing one stays unless `overwrite`."""
        if overwrite or currency.code not in CURRENCIES:
            CURRENCIES[currency.code] = currency

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Currency) and other.code == self.code)

    # Spelled out: the `__ne__` of a msgspec struct would compare identities.
    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.code)

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:
        about = f"precision={self.precision}, iso4217={self.iso4217}, name='{self.name}'"
        return f"Currency(code='{self.code}', {about}, currency_type={self.currency_type.name})"


for _code, _precision, _iso, _name in (
    ("USD", 2, 840, "United States dollar"),
    ("EUR", 2, 978, "Euro"),
    ("GBP", 2, 826, "British pound"),
    ("JPY", 0, 392, "Japanese yen"),
    ("AUD", 2, 36, "Australian dollar"),
    ("CAD", 2, 124, "Canadian dollar"),
    ("CHF", 2, 756, "Swiss franc"),
    ("NZD", 2, 554, "New Zealand dollar"),
    ("CNH", 2, 0, "Offshore renminbi"),
    ("HKD", 2, 344, "Hong Kong dollar"),
    ("SGD", 2, 702, "Singapore dollar"),
    ("SEK", 2, 752, "Swedish krona"),
    ("NOK", 2, 578, "Norwegian krone"),
    ("MXN", 2, 484, "Mexican peso"),
    ("ZAR", 2, 710, "South African rand"),
    ("TRY", 2, 949, "Turkish lira"),
    ("INR", 2, 356, "Indian rupee"),
    ("KRW", 0, 410, "South Korean won"),
    ("BRL", 2, 986, "Brazilian real"),
    ("CNY", 2, 156, "Renminbi"),
    ("CZK", 2, 203, "Czech koruna"),
    ("DKK", 2, 208, "Danish krone"),
    ("HUF", 2, 348, "Hungarian forint"),
    ("ILS", 2, 376, "Israeli shekel"),
    ("PLN", 2, 985, "Polish zloty"),
    ("RUB", 2, 643, "Russian rouble"),
    ("SAR", 2, 682, "Saudi riyal"),
    ("THB", 2, 764, "Thai baht"),
):
    Currency.register(Currency(_code, _precision, _iso, _name, CurrencyType.FIAT))
for _code, _precision, _name in (
    ("BTC", 8, "Bitcoin"),
    ("ETH", 8, "Ether"),
    ("USDT", 8, "Tether"),
    ("USDC", 8, "USD Coin"),
    ("BNB", 8, "BNB"),
    ("SOL", 8, "Solana"),
    ("XRP", 6, "XRP"),
    ("ADA", 6, "Cardano"),
    ("DOGE", 8, "Dogecoin"),
    ("LTC", 8, "Litecoin"),
    ("BUSD", 8, "Binance USD"),
    ("FDUSD", 8, "First Digital USD"),
    ("DOT", 8, "Polkadot"),
    ("LINK", 8, "Chainlink"),
    ("1INCH", 8, "1inch"),
    ("AAVE", 8, "Aave"),
    ("ACA", 8, "Acala"),
    ("ARB", 8, "Arbitrum"),
    ("AVAX", 8, "Avalanche"),
    ("BCH", 8, "Bitcoin Cash"),
    ("BIO", 8, "Bio"),
    ("BRZ", 8, "Brazilian Digital"),
    ("BSV", 8, "Bitcoin SV"),
    ("BTTC", 8, "BitTorrent Chain"),
    ("CRV", 8, "Curve"),
    ("DASH", 8, "Dash"),
    ("ENA", 8, "Ethena"),
    ("EOS", 8, "EOS"),
    ("ETHW", 8, "EthereumPoW"),
    ("EZ", 8, "EasyFi"),
    ("FTT", 8, "FTX Token"),
    ("HYPE", 8, "Hyperliquid"),
    ("JOE", 8, "JOE"),
    ("LUNA", 8, "Terra"),
    ("NBT", 8, "NanoByte"),
    ("PROVE", 8, "Succinct"),
    ("SUI", 8, "Sui"),
    ("TRX", 8, "TRON"),
    ("TRYB", 8, "BiLira"),
    ("TUSD", 8, "TrueUSD"),
    ("UNI", 8, "Uniswap"),
    ("USDC.e", 6, "USD Coin, bridged"),
    ("USDP", 8, "Pax Dollar"),
    ("VTC", 8, "Vertcoin"),
    ("WSB", 8, "WallStreetBets"),
    ("XBT", 8, "Bitcoin"),
    ("XEC", 8, "eCash"),
    ("XLM", 8, "Stellar"),
    ("XMR", 8, "Monero"),
    ("XTZ", 6, "Tezos"),
    ("ZEC", 8, "Zcash"),
):
    Currency.register(Currency(_code, _precision, 0, _name, CurrencyType.CRYPTO))
for _code, _iso, _name in (("XAU", 959, "Gold, a troy ounce"), ("XAG", 961, "Silver, a troy ounce")):
    Currency.register(Currency(_code, 2, _iso, _name, CurrencyType.COMMODITY_BACKED))
