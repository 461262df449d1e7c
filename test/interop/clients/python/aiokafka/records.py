"""Steps that write records and read them back."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from interop import (
    BASE_TIME_MS,
    BOOTSTRAP,
    RECORDS,
    ROUND_TRIP_PARTITIONS,
    WAIT_S,
    RoundTripCheck,
    check_equal,
    expected_headers,
    expected_key,
    expected_value,
    named,
    numbered,
    topics_to_cross_read,
)


async def produce(records, **settings):
    """Sends records, each a dict of arguments of AIOKafkaProducer.send; waits for every delivery."""
    async with AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, **{"acks": "all", **settings}) as producer:
        deliveries = [await producer.send(**record) for record in records]
        return await asyncio.wait_for(asyncio.gather(*deliveries), WAIT_S)


async def produce_values(topic, values, **settings):
    await produce(({"topic": topic, "partition": 0, "value": value} for value in values), **settings)


async def take(consumer, count):
    """Reads until `count` records came."""
    records = []
    async with asyncio.timeout(WAIT_S):
        while len(records) < count:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records += batch
    return records


async def read_all(topic, partitions, count):
    """Reads partitions 0 to `partitions` from the beginning, and sees that nothing more comes."""
    consumer = AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, partition) for partition in range(partitions)])
        await consumer.seek_to_beginning()
        records = await take(consumer, count)
        check_equal(await consumer.getmany(timeout_ms=100), {}, "records after the last")
        return records
    finally:
        await consumer.stop()


async def read_values(topic, count):
    return [record.value for record in await read_all(topic, 1, count)]


async def round_trip(codec):
    topic = named(f"roundtrip.{codec}")
    records = (
        {
            "topic": topic,
            "partition": i % ROUND_TRIP_PARTITIONS,
            "key": expected_key(i),
            "value": expected_value(i),
            "headers": expected_headers(i),
            "timestamp_ms": BASE_TIME_MS + i,
        }
        for i in range(RECORDS)
    )
    deliveries = await produce(records, compression_type=None if codec == "none" else codec)
    for i, delivery in enumerate(deliveries):
        check_equal(delivery.offset, i // ROUND_TRIP_PARTITIONS, f"offset of record {i}")
    await verify(topic, 2)


async def verify(topic, written_format):
    check = RoundTripCheck(topic, written_format)
    for record in await read_all(topic, ROUND_TRIP_PARTITIONS, RECORDS):
        check.add(
            record.partition,
            record.offset,
            record.key,
            record.value,
            record.timestamp,
            list(record.headers),
        )
    check.finish()


async def cross_read():
    for topic, written_format in topics_to_cross_read():
        await verify(topic, written_format)


async def auto_create():
    await produce_values(named("auto"), numbered("auto", 10))
    check_equal(await read_values(named("auto"), 10), numbered("auto", 10), "values")


async def acks():
    expected = []
    for level in (0, 1, "all"):
        values = numbered(f"acks-{level}", 100)
        await produce_values(named("acks"), values, acks=level)
        expected += values
    check_equal(await read_values(named("acks"), len(expected)), expected, "values in order")


async def headers():
    topic = named("headers")
    rich = [("a", b"1"), ("a", b"2"), ("b", b""), ("bin", b"\x00\xff\x80")]
    only = [("only", "é".encode())]
    await produce(
        [
            {"topic": topic, "key": b"k", "value": b"v", "headers": rich},
            {"topic": topic, "key": b"", "value": b""},
            # aiokafka refuses a record whose key and value are both null.
            {"topic": topic, "key": b"k", "value": None, "headers": only},
        ]
    )
    first, second, third = await read_all(topic, 1, 3)
    check_equal(list(first.headers), rich, "headers of the first")
    check_equal((second.key, second.value, list(second.headers)), (b"", b"", []), "the second")
    check_equal((third.value, list(third.headers)), (None, only), "the third")


async def idempotent():
    values = numbered("once", 5000)
    # Small batches, so that a sequence number goes wrong if any can.
    await produce_values(named("idempotent"), values, enable_idempotence=True, max_batch_size=500)
    check_equal(await read_values(named("idempotent"), len(values)), values, "values in order")


async def offset_bounds():
    partition = TopicPartition(named("bounds"), 0)
    await produce_values(partition.topic, numbered("bounds", 25))
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP) as consumer:
        check_equal(await consumer.beginning_offsets([partition]), {partition: 0}, "earliest")
        check_equal(await consumer.end_offsets([partition]), {partition: 25}, "latest")


async def seek_time():
    partition = TopicPartition(named("seek"), 0)

    def time_of(i):
        return BASE_TIME_MS + i * 10

    values = numbered("seek", 1000)
    await produce(
        {"topic": partition.topic, "partition": 0, "value": value, "timestamp_ms": time_of(i)}
        for i, value in enumerate(values)
    )
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP) as consumer:

        async def find(time_ms):
            return (await consumer.offsets_for_times({partition: time_ms}))[partition]

        check_equal((await find(time_of(0) - 1)).offset, 0, "before all")
        check_equal((await find(time_of(500))).offset, 500, "at 500")
        found = await find(time_of(500) + 1)
        check_equal((found.offset, found.timestamp), (501, time_of(501)), "after 500")
        check_equal(await find(time_of(1000)), None, "nothing is that young")
        consumer.assign([partition])
        consumer.seek(partition, (await find(time_of(700))).offset)
        rest = [record.value for record in await take(consumer, 300)]
        check_equal(rest, values[700:], "from there on")
