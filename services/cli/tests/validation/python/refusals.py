"""Asks a mock of the contract for what it refuses, with long values: refusals.py ADDRESS.

gRPC's C core takes 16 KiB of metadata at most, and from 8 KiB on drops calls as it pleases: every refusal must come through
whole, each time.
"""

import sys

import grpc
from google.rpc import error_details_pb2, status_pb2


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def delimited(number, value):
    return bytes([number << 3 | 2]) + varint(len(value)) + value


def entry(key):
    return delimited(1, delimited(1, key))


def refused(channel, request):
    """How many violations are told in the details, and the `ErrorInfo`."""
    call = channel.unary_unary("/t.v1.Till/Sort", lambda sent: sent, lambda received: received)
    try:
        call(request, timeout=30)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, (error.code(), error.details()[:200])
        assert error.details().startswith("t.v1.Long breaks "), error.details()
        metadata = dict(error.trailing_metadata())
        status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
        told, info = error_details_pb2.BadRequest(), error_details_pb2.ErrorInfo()
        assert status.details[0].Unpack(info) and status.details[1].Unpack(told), status
        assert status.details[2].type_url.endswith("/buf.validate.Violations"), status
        return len(told.field_violations), info
    raise AssertionError("it was not refused")


def main():
    texts = [b"k", b"k" * 2000, b"k" * 100_000, "é".encode() * 2500, b'"\n%' * 1000]
    with grpc.insecure_channel(sys.argv[1]) as channel:
        for text in texts:
            for _ in range(5):
                told, info = refused(channel, entry(text))
                assert (told, info.reason, info.metadata["violations"]) == (1, "VALIDATION", "1"), info
                told, info = refused(channel, delimited(2, text) * 30)
                assert told >= 4 and info.metadata["violations"] == "30", (told, info)
                assert info.metadata["violations_in_details"] == str(told), (told, info)
    print("all came through")


main()
