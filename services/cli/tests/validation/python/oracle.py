"""Judges messages by Python's protovalidate: oracle.py SET.binpb < requests > answers, both JSON lines.

Requests and answers are those of `treaty contract validate --batch`.
"""

import base64
import json
import sys

import protovalidate
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
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


def judge(validator, message_class, encoded):
    try:
        message = message_class.FromString(encoded)
    except DecodeError as error:
        return {"runtime_error": f"malformed: {error}"}
    try:
        found = validator.collect_violations(message)
    except protovalidate.CompilationError as error:
        return {"compilation_error": str(error)}
    except protovalidate.EvaluationError as error:
        return {"runtime_error": str(error)}
    except TypeError as error:
        # Texts of proto2 that are no UTF-8 are bytes in Python, which the runtime does not expect.
        return {"runtime_error": f"malformed: {error}"}
    return {"violations": [json.loads(violation.proto.to_json()) for violation in found]}


def main():
    class_of = classes(sys.argv[1])
    validator = protovalidate.Validator()
    for line in sys.stdin:
        request = json.loads(line)
        answer = judge(validator, class_of(request["type"]), base64.b64decode(request["bytes"]))
        print(json.dumps(answer))


main()
