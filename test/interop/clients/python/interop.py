"""What the runner tells a client, the line protocol of the answers, and the records all clients share."""

import os
import re
import sys
import time
import traceback

BOOTSTRAP = os.environ["INTEROP_BOOTSTRAP"]
PREFIX = os.environ["INTEROP_PREFIX"]
# Timestamp of record 0; record i is i milliseconds later.
BASE_TIME_MS = int(os.environ["INTEROP_BASE_TIME_MS"])
RECORDS = int(os.environ["INTEROP_RECORDS"])
IS_CROSS_READ = os.environ.get("INTEROP_MODE") == "cross-read"
WAIT_S = 30

ROUND_TRIP_PARTITIONS = 3
GROUP_PARTITIONS = 4
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
SCENARIO_TOPICS = {
    **{f"roundtrip.{codec}": ROUND_TRIP_PARTITIONS for codec in CODECS},
    "acks": 1,
    "headers": 1,
    "idempotent": 1,
    "group": GROUP_PARTITIONS,
    "commit": 1,
    "bounds": 1,
    "seek": 1,
    "admin": 2,
}


def named(suffix):
    """Name of a topic or group of this client's own."""
    return f"{PREFIX}.{suffix}"


def report_ok(name, started):
    print(f"STEP {name} ok {round((time.monotonic() - started) * 1000)} ms", flush=True)


def report_failure(name, error):
    traceback.print_exception(error, file=sys.stderr)
    detail = re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")[:500]
    print(f"STEP {name} fail {detail}", flush=True)


def step(name, run, *arguments):
    """Runs one step and reports it: it fails when it raises."""
    started = time.monotonic()
    try:
        run(*arguments)
        report_ok(name, started)
    except Exception as error:
        report_failure(name, error)


def unsupported(reason, *names):
    """Reports steps that the client has no call for."""
    for name in names:
        print(f"STEP {name} unsupported {reason}", flush=True)


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def check_equal(actual, expected, what):
    check(actual == expected, f"{what}: expected {expected!r}, got {actual!r}")


def topics_to_cross_read():
    """Topics that other clients wrote, with their message format."""
    for entry in os.environ["INTEROP_TOPICS"].split(","):
        topic, written_format = entry.split("=")
        yield topic, int(written_format)


def numbered(text, count):
    return [f"{text}-{i}".encode() for i in range(count)]


def expected_key(i):
    return None if i % 10 == 0 else f"key-{i % 97}".encode()


def expected_value(i):
    # Never None together with the key, as some clients refuse a record without both.
    return None if i % 20 == 5 else f"value-é-{i}-{'x' * (i * 7 % 200)}".encode()


def expected_headers(i):
    headers = [("i", str(i).encode())]
    return headers + [("empty", b"")] if i % 5 == 0 else headers


class RoundTripCheck:
    """Checks a whole round-trip topic, record by record: content, order within partitions, count.

    The format is the message format of the writer: 0 has no timestamps, 1 no headers, 2 has both.
    """

    def __init__(self, topic, written_format):
        self.topic = topic
        self.written_format = written_format
        self.next_offsets = [0] * ROUND_TRIP_PARTITIONS
        self.count = 0

    def add(self, partition, offset, key, value, timestamp_ms, headers):
        where = f"{self.topic}-{partition}@{offset}"
        check_equal(offset, self.next_offsets[partition], f"{where}: next offset")
        self.next_offsets[partition] = offset + 1
        i = offset * ROUND_TRIP_PARTITIONS + partition
        check_equal(key, expected_key(i), f"{where}: key")
        check_equal(value, expected_value(i), f"{where}: value")
        if self.written_format >= 1:
            check_equal(timestamp_ms, BASE_TIME_MS + i, f"{where}: timestamp")
        if self.written_format >= 2:
            check_equal(headers, expected_headers(i), f"{where}: headers")
        self.count += 1

    def finish(self):
        check_equal(self.count, RECORDS, f"{self.topic}: records")
