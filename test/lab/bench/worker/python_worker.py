"""Execution environments of a Python handler, with the protocol of the Node ones.

Warm: `python_worker.py HANDLER`, then requests on standard input. Cold: `python_worker.py HANDLER PAYLOAD`, one invocation.
"""

import importlib.util
import json
import os
import resource
import sys
import time

REPLIES = 3


def load_handler(path):
    specification = importlib.util.spec_from_file_location("function", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.handler


def reply(**fields):
    os.write(REPLIES, (json.dumps(fields) + "\n").encode())


def load_payload(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def cold(path, payload):
    event = load_payload(payload)
    start = time.perf_counter()
    load_handler(path)(event, None)
    sys.stdout.flush()
    reply(seconds=time.perf_counter() - start, cpuSeconds=time.process_time())


def warm(path):
    handler = load_handler(path)
    payloads = {}
    for line in sys.stdin:
        request = json.loads(line)
        payload = request["payload"]
        event = payloads.setdefault(payload, None) or load_payload(payload)
        payloads[payload] = event
        cpu, start = time.process_time(), time.perf_counter()
        for _ in range(request["batches"]):
            handler(event, None)
            sys.stdout.flush()
        reply(
            seconds=time.perf_counter() - start,
            cpuSeconds=time.process_time() - cpu,
            peakBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            failed=0,
        )


if len(sys.argv) > 2:
    cold(sys.argv[1], sys.argv[2])
else:
    warm(sys.argv[1])
