"""Strategies: components that place orders.

A strategy gives commands (`order_commands`) and hears what became of them. What it keeps of its orders by itself, where
its settings say so, is apart: dates (`gtd`), links of orders (`contingencies`), leaving the market (`market_exit`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from nautilus_live.config.strategy import StrategyConfig
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.enums import ComponentState, OmsType
from nautilus_live.model.events import OrderRejected
from nautilus_live.model.identifiers import ClientId, ClientOrderId, InstrumentId, StrategyId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.trading.component import Handlers
from nautilus_live.trading.contingencies import Contingencies
from nautilus_live.trading.gtd import GtdExpiries
from nautilus_live.trading.market_exit import MarketExit
from nautilus_live.trading.order_commands import OrderCommands
from nautilus_live.trading.order_factory import OrderFactory
from nautilus_live.trading.services import Services
from nautilus_live.trading.strategy_callbacks import ORDER_EVENTS, POSITION_EVENTS, StrategyCallbacks
from nautilus_live.trading.strategy_ids import strategy_id_from

RUNNING = ComponentState.RUNNING


class Strategy(StrategyCallbacks, OrderCommands):
    """Subclass it and override callbacks: `on_start`, `on_quote_tick`, `on_order_filled`, ...

    Args:
        config: the settings; subclass `StrategyConfig` to add your own.

    """

    def __init__(self, config: Any = None) -> None:
        config = StrategyConfig() if config is None else config
        super().__init__(config)
        self.order_id_tag: str | None = config.order_id_tag
        self.oms_type: OmsType = config.oms_type or OmsType.UNSPECIFIED
        self.external_order_claims: list[InstrumentId] = list(config.external_order_claims or ())
        self._order_factory_: OrderFactory | None = None
        self._gtd_: GtdExpiries | None = None
        self._contingencies_: Contingencies | None = None
        self._exit_ = MarketExit(self, self._begin_exit_, self._end_exit_)
        self.use_uuid_client_order_ids: bool = config.use_uuid_client_order_ids
        self.use_hyphens_in_client_order_ids: bool = config.use_hyphens_in_client_order_ids
        self.manage_contingent_orders: bool = config.manage_contingent_orders
        self.manage_gtd_expiry: bool = config.manage_gtd_expiry
        self._logs_commands_ = bool(config.log_commands)
        self._assign_id_(strategy_id_from(type(self).__name__, config))

    @property
    def order_factory(self) -> OrderFactory:
        """Makes this strategy's orders."""
        if self._order_factory_ is None:
            raise self._unregistered_("order_factory")
        return self._order_factory_

    def register(self, services: Services) -> None:
        """Become part of a node. The trader calls it when the strategy is added.

        Raises:
            ProgrammerError: if the strategy has no tag yet, or is part of a node already.

        """
        if not isinstance(self._id_, StrategyId):
            raise ProgrammerError(f"{self._id_}: a strategy must have an order_id_tag when it is registered, had none")
        self._register_(services)
        self._order_factory_ = OrderFactory(
            services.trader_id,
            self._id_,
            services.time,
            services.event_ids,
            use_uuid_client_order_ids=self._config.use_uuid_client_order_ids,
            use_hyphens_in_client_order_ids=self._config.use_hyphens_in_client_order_ids,
            uuid_source=services.uuid_source,
            is_taken=services.is_order_id_taken,
        )
        if self._config.manage_gtd_expiry:
            self._gtd_ = GtdExpiries(self)
            self._minds_submits_ = True
        if self._config.manage_contingent_orders:
            self._contingencies_ = Contingencies(self)
            self._links_orders_ = True
        services.msgbus.subscribe(f"events.order.{self._id_}", self.handle_event)
        services.msgbus.subscribe(f"events.position.{self._id_}", self.handle_event)

    def modify_orders(
        self,
        updates: Iterable[tuple[Order | ClientOrderId, Quantity | None, Price | None, Price | None]],
        client_id: ClientId | None = None,
        params: dict[str, Any] | None = None,
    ) -> None:
        """Change several orders: of each the quantity, price and trigger price; what is None stays.

        Each is changed by a command of its own, as no venue here takes several in one. One that is not known is logged
        and left out.
        """
        for which, quantity, price, trigger_price in updates:
            order = self.cache.order(which) if isinstance(which, ClientOrderId) else which
            if order is None:
                self._log.warning("%s: not known, nothing to modify", which)
                continue
            self.modify_order(order, quantity, price, trigger_price, client_id, params)

    # -- leaving the market --------------------------------------------------------------------------------------------

    def market_exit(self) -> None:
        """Cancel all orders and close all positions of this strategy; see `trading.market_exit`."""
        self._active_("market_exit")
        self._exit_.begin()

    def is_exiting(self) -> bool:
        """Return whether the market is being left."""
        return self._exit_.is_active

    def on_market_exit(self) -> None:
        """Called when the market begins to be left."""

    def post_market_exit(self) -> None:
        """Called when the market was left, or that was given up."""

    def _begin_exit_(self) -> None:
        self._minds_submits_ = True
        self._guarded_(self.on_market_exit)

    def _end_exit_(self) -> None:
        self._minds_submits_ = self.manage_gtd_expiry
        self._guarded_(self.post_market_exit)

    def stop(self) -> None:
        """Stop: `on_stop`, then STOPPED; with `manage_stop` once the market is left."""
        if self._config.manage_stop and self._state_ is RUNNING:
            self._exit_.begin(super().stop)
        else:
            super().stop()

    def leave_market(self, then: Callable[[], object]) -> bool:
        """Begin to leave the market before a stop, with `manage_stop`; returns whether `then` will be called."""
        if not (self._config.manage_stop and self._state_ is RUNNING):
            return False
        self._exit_.begin(then)
        return True

    # -- ids and dates -------------------------------------------------------------------------------------------------

    def change_id(self, strategy_id: StrategyId) -> None:
        """Take another id, before the strategy is part of a node.

        Raises:
            ProgrammerError: if it is part of one already.

        """
        if self._services_ is not None:
            raise ProgrammerError(f"{self._id_}: the id can be changed before the strategy is registered, was already")
        self.order_id_tag = None
        self._assign_id_(strategy_id)

    def change_order_id_tag(self, order_id_tag: str) -> None:
        """Take another tag, before the strategy is part of a node.

        Raises:
            ProgrammerError: if it is part of one already.

        """
        name = str(self._id_).partition("-")[0]
        self.change_id(StrategyId(f"{name}-{order_id_tag}"))

    def cancel_gtd_expiry(self, order: Order) -> None:
        """Let the date of an order pass, with `manage_gtd_expiry`: the strategy does not cancel it any more."""
        if self._gtd_ is not None:
            self._gtd_.forget(order)

    # -- machinery -----------------------------------------------------------------------------------------------------

    def _assign_id_(self, strategy_id: StrategyId | str) -> None:
        """Take the final id; a plain name waits for the trader to add a tag."""
        self._id_ = strategy_id
        self._log.rename(str(strategy_id))
        if isinstance(strategy_id, StrategyId) and self.order_id_tag is None:
            self.order_id_tag = strategy_id.get_tag()

    def _begin_(self, callback: Any) -> None:
        for manager in (self._gtd_, self._contingencies_):
            if manager is not None:
                manager.restore(self.cache.orders_open(strategy_id=self._id_))
        # The engine makes position events only for those who listen, and making them is a tenth of an order's work.
        handlers = self._resolve_handlers_()
        if not (any(handlers[event] for event in POSITION_EVENTS) or self._log.is_enabled_for(logging.INFO)):
            self._registered_("events").msgbus.unsubscribe(f"events.position.{self._id_}", self.handle_event)
        self._logs_commands_ = self._config.log_commands and self._log.is_enabled_for(logging.INFO)
        super()._begin_(callback)

    def _resolve_handlers_(self) -> Handlers:
        handlers = dict(super()._resolve_handlers_())
        written = self._written_below_(Strategy)
        own = tuple(one.on_order_event for one in (self._gtd_, self._contingencies_) if one is not None)
        for order_event, name in ORDER_EVENTS.items():
            logging_own = (self._log_rejection_,) if order_event is OrderRejected else ()
            callbacks = self._callbacks_((name, "on_order_event", "on_event"), written)
            handlers[order_event] = logging_own + own + callbacks
        for position_event, name in POSITION_EVENTS.items():
            handlers[position_event] = self._callbacks_((name, "on_position_event", "on_event"), written)
        return handlers

    def _on_submitted_(self, order: Order) -> None:
        self._exit_.on_submitted(order)
        if self._gtd_ is not None:
            self._gtd_.watch(order)

    def _why_not_(self, order: Order) -> str:
        return self._exit_.why_not(order)

    def _log_rejection_(self, event: OrderRejected) -> None:
        if event.due_post_only:
            log = self._log.warning if self._config.log_rejected_due_post_only_as_warning else self._log.error
            log("%s: refused, it would have taken liquidity: %s", event.client_order_id, event.reason)
