"""Steps that write records and read them back."""

import functools
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from interop import (
    BASE_TIME_MS,
    BOOTSTRAP,
    RECORDS,
    ROUND_TRIP_PARTITIONS,
    WAIT_S,
    RoundTripCheck,
    check,
    check_equal,
    expected_headers,
    expected_key,
    expected_value,
    named,
    numbered,
    topics_to_cross_read,
)


def produce(records, **settings):
    """Sends records, each a dict of arguments of Producer.produce; every one must be delivered."""
    failures = []

    def delivered(error, _message):
        if error is not None:
            failures.append(error)

    producer = Producer({"bootstrap.servers": BOOTSTRAP, "acks": "all", **settings})
    for record in records:
        while True:
            try:
                producer.produce(**record, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    check_equal(producer.flush(WAIT_S), 0, "records not delivered in time")
    check(not failures, f"not delivered: {failures[:1]}")


def produce_values(topic, values, **settings):
    produce(({"topic": topic, "partition": 0, "value": value} for value in values), **settings)


def new_consumer(group, **settings):
    return Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": named(group),
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "heartbeat.interval.ms": 500,
            "session.timeout.ms": 10000,
            **settings,
        }
    )


def take(consumer, count):
    """Reads until `count` records came."""
    messages = []
    deadline = time.monotonic() + WAIT_S
    while len(messages) < count:
        check(time.monotonic() < deadline, f"only {len(messages)} of {count} records came")
        for message in consumer.consume(count - len(messages), 0.2):
            check(message.error() is None, f"consumer error: {message.error()}")
            messages.append(message)
    return messages


@functools.cache
def reader():
    """The one consumer that reads whole topics: closing one for each takes longer than reading."""
    return new_consumer("reader")


def read_all(topic, partitions, count):
    """Reads partitions 0 to `partitions` from the beginning, and sees that nothing more comes."""
    reader().assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(partitions)])
    messages = take(reader(), count)
    check(reader().poll(0.1) is None, "more records than expected")
    reader().unassign()
    return messages


def read_values(topic, count):
    return [message.value() for message in read_all(topic, 1, count)]


def round_trip(codec):
    topic = named(f"roundtrip.{codec}")
    records = (
        {
            "topic": topic,
            "partition": i % ROUND_TRIP_PARTITIONS,
            "key": expected_key(i),
            "value": expected_value(i),
            "headers": expected_headers(i),
            "timestamp": BASE_TIME_MS + i,
        }
        for i in range(RECORDS)
    )
    produce(records, **{"compression.type": codec, "linger.ms": 5})
    verify(topic, 2)


def verify(topic, written_format):
    round_trip_check = RoundTripCheck(topic, written_format)
    for message in read_all(topic, ROUND_TRIP_PARTITIONS, RECORDS):
        round_trip_check.add(
            message.partition(),
            message.offset(),
            message.key(),
            message.value(),
            message.timestamp()[1],
            message.headers(),
        )
    round_trip_check.finish()


def cross_read():
    for topic, written_format in topics_to_cross_read():
        verify(topic, written_format)


def auto_create():
    produce_values(named("auto"), numbered("auto", 10))
    check_equal(read_values(named("auto"), 10), numbered("auto", 10), "values")


def acks():
    expected = []
    for level in ("0", "1", "all"):
        values = numbered(f"acks-{level}", 100)
        produce_values(named("acks"), values, acks=level)
        expected += values
    check_equal(read_values(named("acks"), len(expected)), expected, "values in order")


def headers():
    topic = named("headers")
    rich = [("a", b"1"), ("a", b"2"), ("b", b""), ("c", None), ("bin", b"\x00\xff\x80")]
    only = [("only", "é".encode())]
    produce(
        [
            {"topic": topic, "key": b"k", "value": b"v", "headers": rich},
            {"topic": topic, "key": b"", "value": b""},
            {"topic": topic, "headers": only},
        ]
    )
    first, second, third = read_all(topic, 1, 3)
    check_equal(first.headers(), rich, "headers of the first")
    check_equal((second.key(), second.value(), second.headers()), (b"", b"", None), "the second")
    check_equal((third.key(), third.value(), third.headers()), (None, None, only), "the third")


def idempotent():
    values = numbered("once", 5000)
    # Small batches, so that many are in flight and a sequence number goes wrong if any can.
    settings = {"enable.idempotence": True, "batch.num.messages": 20, "linger.ms": 0}
    produce_values(named("idempotent"), values, **settings)
    check_equal(read_values(named("idempotent"), len(values)), values, "values in order")


def offset_bounds():
    topic = named("bounds")
    produce_values(topic, numbered("bounds", 25))
    consumer = new_consumer("bounds")
    check_equal(consumer.get_watermark_offsets(TopicPartition(topic, 0), WAIT_S), (0, 25), "bounds")
    consumer.close()


def seek_time():
    topic = named("seek")

    def time_of(i):
        return BASE_TIME_MS + i * 10

    values = numbered("seek", 1000)
    produce(
        {"topic": topic, "partition": 0, "value": value, "timestamp": time_of(i)}
        for i, value in enumerate(values)
    )
    consumer = new_consumer("seek")

    def offset_at(time_ms):
        return consumer.offsets_for_times([TopicPartition(topic, 0, time_ms)], WAIT_S)[0].offset

    check_equal(offset_at(time_of(0) - 1), 0, "before all")
    check_equal(offset_at(time_of(500)), 500, "at 500")
    check_equal(offset_at(time_of(500) + 1), 501, "after 500")
    check(offset_at(time_of(1000)) < 0, "nothing is that young")
    consumer.assign([TopicPartition(topic, 0, offset_at(time_of(700)))])
    check_equal([message.value() for message in take(consumer, 300)], values[700:], "from there on")
    consumer.close()
