from nautilus_live.model.enums import OrderStatus
from tests.core.conftest import order_in


def test_every_status_can_be_reached_the_ordinary_way() -> None:
    for status in OrderStatus:
        assert order_in(status).status is status
