"""A foreign client: grpcio with generated stubs, through the gateway. Exits 0 when all is as promised.

usage: gateway.py ADDRESS CA_FILE STUBS_FOLDER
"""

import sys
import threading
import uuid

address, ca, stubs = sys.argv[1:4]
sys.path.insert(0, stubs)

import grpc  # noqa: E402
from buf.validate import validate_pb2  # noqa: E402
from google.rpc import error_details_pb2  # noqa: E402
from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: E402
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # noqa: E402
from grpc_status import rpc_status  # noqa: E402
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc  # noqa: E402
from shop.inventory.v1 import inventory_pb2, inventory_pb2_grpc  # noqa: E402
from shop.orders.v1 import orders_pb2, orders_pb2_grpc  # noqa: E402

TIMEOUT = 10


def refused(call, code):
    """The failure of `call`, which must be `code`."""
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()} instead of {code}: {error.details()}"
        return error
    raise AssertionError(f"a call succeeded that should fail with {code}")


def detail(error, kind):
    """The first detail of a type."""
    for any_detail in rpc_status.from_call(error).details:
        if any_detail.Is(kind.DESCRIPTOR):
            message = kind()
            any_detail.Unpack(message)
            return message
    raise AssertionError(f"no {kind.DESCRIPTOR.full_name} in {rpc_status.from_call(error)}")


def order_of(product, quantity):
    customer = orders_pb2.Customer(email="ada@example.com", display_name="Ada", address="12 St James's Square")
    return orders_pb2.Order(customer=customer, lines=[orders_pb2.OrderLine(product=product, quantity=quantity)])


def main(channel):
    catalog = catalog_pb2_grpc.CatalogStub(channel)
    inventory = inventory_pb2_grpc.InventoryStub(channel)
    orders = orders_pb2_grpc.OrdersStub(channel)

    # Unary, page by page.
    names, token = [], ""
    while True:
        page = catalog.ListProducts(catalog_pb2.ListProductsRequest(page_size=7, page_token=token), timeout=TIMEOUT)
        names += [product.name for product in page.products]
        token = page.next_page_token
        if not token:
            break
    assert len(names) == len(set(names)) >= 30, names

    # Idempotent by request id.
    request = orders_pb2.PlaceOrderRequest(request_id=str(uuid.uuid4()), order=order_of(names[0], 2))
    first = orders.PlaceOrder(request, timeout=TIMEOUT)
    again = orders.PlaceOrder(request, timeout=TIMEOUT)
    assert first == again and first.state == orders_pb2.Order.CONFIRMED, (first, again)
    price = catalog.GetProduct(catalog_pb2.GetProductRequest(name=names[0]), timeout=TIMEOUT).price
    assert first.lines[0].unit_price == price
    total = 2 * (price.units * 10**9 + price.nanos)
    assert (first.total.units, first.total.nanos) == divmod(total, 10**9), first.total

    # Server streaming: the first message is the order as it stands.
    watch = orders.WatchOrder(orders_pb2.WatchOrderRequest(name=first.name), timeout=TIMEOUT)
    assert next(watch).order.name == first.name
    watch.cancel()
    refused(lambda: next(watch), grpc.StatusCode.CANCELLED)

    # Client streaming.
    before = inventory.GetStockItem(
        inventory_pb2.GetStockItemRequest(name=names[1].replace("products/", "stockItems/")), timeout=TIMEOUT
    )
    parcels = [
        inventory_pb2.DeliverStockRequest(product=names[1], quantity=quantity) for quantity in (1, 2, 3)
    ]
    parcels[0].request_id = str(uuid.uuid4())
    summary = inventory.DeliverStock(iter(parcels), timeout=TIMEOUT)
    assert (summary.parcels, summary.quantity) == (3, 6), summary
    after = inventory.GetStockItem(inventory_pb2.GetStockItemRequest(name=before.name), timeout=TIMEOUT)
    assert after.available == before.available + 6, (before, after)

    # Bidirectional: what is watched changes while the stream runs.
    first_seen, second_seen = threading.Event(), threading.Event()

    def interest():
        yield inventory_pb2.WatchStockRequest(add=[names[0]])
        first_seen.wait(TIMEOUT)
        yield inventory_pb2.WatchStockRequest(add=[names[1]], remove=[names[0]])
        second_seen.wait(TIMEOUT)

    seen = []
    for answer in inventory.WatchStock(interest(), timeout=TIMEOUT):
        seen.append(answer.stock_item.product)
        first_seen.set()
        if answer.stock_item.product == names[1]:
            second_seen.set()
    assert seen[0] == names[0] and names[1] in seen, seen

    # The application's own errors arrive untouched, details included.
    error = refused(lambda: orders.PlaceOrder(orders_pb2.PlaceOrderRequest(order=order_of("products/unobtainium", 1)),
                                              timeout=TIMEOUT), grpc.StatusCode.NOT_FOUND)
    assert detail(error, error_details_pb2.ResourceInfo).resource_name == "products/unobtainium"
    stock = inventory.GetStockItem(
        inventory_pb2.GetStockItemRequest(name=names[2].replace("products/", "stockItems/")), timeout=TIMEOUT
    )
    if stock.available < 1000:
        error = refused(lambda: orders.PlaceOrder(
            orders_pb2.PlaceOrderRequest(order=order_of(names[2], stock.available + 1)), timeout=TIMEOUT),
            grpc.StatusCode.FAILED_PRECONDITION)
        violation = detail(error, error_details_pb2.PreconditionFailure).violations[0]
        assert names[2] in violation.subject, violation
        assert str(stock.available) in violation.description, violation

    # What breaks rules of the contract reaches no handler. The standard error details say what is wrong and where.
    error = refused(lambda: orders.PlaceOrder(orders_pb2.PlaceOrderRequest(order=order_of("espresso", 0)), timeout=TIMEOUT),
                    grpc.StatusCode.INVALID_ARGUMENT)
    fields = [violation.field for violation in detail(error, error_details_pb2.BadRequest).field_violations]
    assert fields == ["order.lines[0].product", "order.lines[0].quantity"], fields
    violations = detail(error, validate_pb2.Violations).violations
    assert [violation.rule_id for violation in violations] == ["string.pattern", "int32.gte_lte"], violations
    assert violations[1].field.elements[1].index == 0, violations
    info = detail(error, error_details_pb2.ErrorInfo)
    assert (info.domain, info.reason) == ("treaty", "VALIDATION"), info
    assert info.metadata["origin"].startswith("shop/orders/v1/orders.proto:"), info

    # The mesh's own errors name themselves.
    error = refused(lambda: catalog.UpdateProduct(catalog_pb2.UpdateProductRequest(), timeout=TIMEOUT),
                    grpc.StatusCode.UNIMPLEMENTED)
    info = detail(error, error_details_pb2.ErrorInfo)
    assert (info.domain, info.reason) == ("treaty", "METHOD_NOT_PUBLIC"), info
    assert "shop.catalog.v1.Catalog/UpdateProduct" in error.details(), error.details()
    unknown = channel.unary_unary("/shop.catalog.v1.Catalog/Nonsense")
    error = refused(lambda: unknown(b"", timeout=TIMEOUT), grpc.StatusCode.UNIMPLEMENTED)
    assert detail(error, error_details_pb2.ErrorInfo).reason == "METHOD_UNKNOWN"

    # Health and reflection, by the official stubs.
    health = health_pb2_grpc.HealthStub(channel)
    for service in ("", "shop.orders.v1.Orders"):
        status = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=TIMEOUT).status
        assert status == health_pb2.HealthCheckResponse.SERVING, (service, status)
    reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
    answers = reflection.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]),
                                              timeout=TIMEOUT)
    listed = {service.name for service in next(answers).list_services_response.service}
    assert not list(answers), "one answer to one question"
    assert {"shop.catalog.v1.Catalog", "shop.inventory.v1.Inventory", "shop.orders.v1.Orders"} <= listed, listed


with open(ca, "rb") as file:
    credentials = grpc.ssl_channel_credentials(file.read())
# All streams have ended and the channel is closed before the interpreter goes: grpcio's destructors take locks, and
# a thread that ended with the interpreter gives none back.
with grpc.secure_channel(address, credentials) as channel:
    main(channel)
print("python through the gateway: all as promised")
