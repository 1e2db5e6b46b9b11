"""Writes and reads messages: runtime.py OLD.binpb NEW.binpb < requests > answers, both JSON lines.

A request: {"type", "writer": 0 or 1, "bytes" in hex or "text", "json", "lenient"}. What is in bytes is read and
written again by its writer first. An answer: {"written", "read"}, or {"written", "error"}, or {"unwritable"}.
"""

import json
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError


def classes(path):
    """A function from full names to the message classes of a descriptor set."""
    with open(path, "rb") as file:
        files = {file.name: file for file in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file}
    pool = descriptor_pool.DescriptorPool()

    def add(name):
        if (file := files.pop(name, None)) is not None:
            for imported in file.dependency:
                add(imported)
            pool.Add(file)

    for name in list(files):
        add(name)
    return lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def scalar(field, value):
    if field.type in (field.TYPE_GROUP, field.TYPE_MESSAGE):
        return message(value)
    if field.type in (field.TYPE_FLOAT, field.TYPE_DOUBLE):
        return {"f": repr(float(value))}
    if field.type in (field.TYPE_STRING, field.TYPE_BYTES):
        return {"b": (value.encode() if isinstance(value, str) else value).hex()}
    return {"n": str(int(value))}


def node(field, value):
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        key, of = entry.fields_by_number[1], entry.fields_by_number[2]
        return {"e": [{"m": [[1, scalar(key, at)], [2, scalar(of, value[at])]]} for at in value]}
    if field.is_repeated:
        return {"l": [scalar(field, element) for element in value]}
    return scalar(field, value)


def message(value):
    return {"m": [[field.number, node(field, inner)] for field, inner in value.ListFields()]}


def judge(of, request):
    writer, reader = of[request["writer"]](request["type"]), of[1 - request["writer"]](request["type"])
    try:
        if "text" in request:
            text = request["text"]
            written = json_format.Parse(text, writer())
        else:
            written = writer.FromString(bytes.fromhex(request["bytes"]))
            text = json_format.MessageToJson(written) if request["json"] else None
    except (DecodeError, json_format.Error, ValueError) as error:
        return {"unwritable": str(error)}
    answer = {"written": message(written)}
    try:
        if request["json"]:
            read = json_format.Parse(text, reader(), ignore_unknown_fields=request["lenient"])
        else:
            read = reader.FromString(written.SerializeToString())
        if not read.IsInitialized():
            return answer | {"error": "required: " + ", ".join(read.FindInitializationErrors())}
        return answer | {"read": message(read)}
    except (DecodeError, json_format.Error, ValueError, TypeError) as error:
        return answer | {"error": str(error)}


def main():
    of = [classes(sys.argv[1]), classes(sys.argv[2])]
    for line in sys.stdin:
        print(json.dumps(judge(of, json.loads(line))), flush=True)


main()
