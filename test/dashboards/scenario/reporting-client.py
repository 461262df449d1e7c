"""A producer and a consumer of librdkafka that tell the broker how they do (KIP-714), until their input ends."""

import sys
import threading

from confluent_kafka import Consumer, Producer

bootstrap = sys.argv[1]
ended = threading.Event()


def produce() -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "client.id": "ledger", "log_level": 3})
    while not ended.wait(0.2):
        producer.produce("orders", b"one more")
        producer.poll(0)
    producer.flush(5)


def consume() -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "client.id": "ledger-reader",
            "log_level": 3,
            "group.id": "ledger",
            "auto.offset.reset": "earliest",
            "auto.commit.interval.ms": 500,
        }
    )
    consumer.subscribe(["orders"])
    while not ended.is_set():
        consumer.poll(0.2)
    consumer.close()


threads = [threading.Thread(target=produce), threading.Thread(target=consume)]
for thread in threads:
    thread.start()
sys.stdin.read()
ended.set()
for thread in threads:
    thread.join()
