"""A proxyless client: grpcio as an xDS client, certificates and bootstrap by `treaty agent`.

usage: proxyless.py STUBS_FOLDER        (GRPC_XDS_BOOTSTRAP names the bootstrap file)
"""

import sys

sys.path.insert(0, sys.argv[1])

import grpc  # noqa: E402
import grpc.experimental  # noqa: E402
from google.rpc import error_details_pb2  # noqa: E402
from grpc_status import rpc_status  # noqa: E402
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc  # noqa: E402

# No fallback: without the mesh's certificates there is no connection.
fallback = grpc.ssl_channel_credentials()
channel = grpc.secure_channel("xds:///shop.catalog.v1.Catalog", grpc.xds_channel_credentials(fallback))
catalog = catalog_pb2_grpc.CatalogStub(channel)

page = catalog.ListProducts(catalog_pb2.ListProductsRequest(page_size=3), timeout=30, wait_for_ready=True)
assert len(page.products) == 3, page

try:
    catalog.UpdateProduct(catalog_pb2.UpdateProductRequest(), timeout=10)
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.PERMISSION_DENIED, (error.code(), error.details())
    info = error_details_pb2.ErrorInfo()
    [detail for detail in rpc_status.from_call(error).details if detail.Unpack(info)]
    assert (info.domain, info.reason) == ("treaty", "CALLER_NOT_ALLOWED"), info
    assert info.metadata["caller"].endswith("/ns/shop/sa/reports") or info.metadata["caller"] == "shop/reports", info
    assert "catalog.proto:" in info.metadata["origin"], info
else:
    raise AssertionError("shop/reports may not update products, and did")
print("python without a proxy: all as promised", flush=True)
# Stays an xDS client until it is let go.
sys.stdin.read()
