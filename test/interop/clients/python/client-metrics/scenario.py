"""Produces for a while and consumes for a while, so that librdkafka has something to report."""

import os
import time

from confluent_kafka import Consumer, Producer

BOOTSTRAP = os.environ["BOOTSTRAP"]
TOPIC = os.environ["TOPIC"]
CLIENT_ID = os.environ["CLIENT_ID"]
SECONDS = 4


def produce():
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "client.id": f"{CLIENT_ID}-producer"})
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        producer.produce(TOPIC, b"value")
        producer.poll(0.1)
    if producer.flush(20) > 0:
        raise RuntimeError("not delivered")


def consume():
    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "client.id": f"{CLIENT_ID}-consumer",
            "group.id": CLIENT_ID,
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([TOPIC])
    end = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < end or count == 0:
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            count += 1
        if time.monotonic() > end + 20:
            raise RuntimeError("nothing came")
    consumer.close()


produce()
consume()
