"""Steps about consumer groups."""

import threading
import time

from confluent_kafka import TopicPartition

from interop import GROUP_PARTITIONS, WAIT_S, check, check_equal, named, numbered
from records import new_consumer, produce, produce_values, take

ROUND = 400


def wait_until(what, question):
    deadline = time.monotonic() + WAIT_S
    while not question():
        check(time.monotonic() < deadline, f"waited in vain until {what}")
        time.sleep(0.05)


class Member:
    """A member of a group on a thread of its own."""

    def __init__(self, group, **settings):
        self.values = []
        self.partitions = frozenset()
        self.assignments = 0
        self.revoked = 0
        self._stopping = threading.Event()
        self._consumer = new_consumer(group, **{"enable.auto.commit": True, **settings})
        self._consumer.subscribe(
            [named("group")], on_assign=self._on_assign, on_revoke=self._on_revoke
        )
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def _on_assign(self, _consumer, _partitions):
        self.assignments += 1

    def _on_revoke(self, _consumer, partitions):
        self.revoked += len(partitions)

    def _loop(self):
        while not self._stopping.is_set():
            for message in self._consumer.consume(100, 0.1):
                if message.error() is None:
                    self.values.append(message.value())
            self.partitions = frozenset(p.partition for p in self._consumer.assignment())
        self._consumer.close()

    def stop(self):
        """Commits, leaves the group (unless the member is static) and ends."""
        self._stopping.set()
        self._thread.join(WAIT_S)
        check(not self._thread.is_alive(), "the member did not close in time")


def wait_for_all(member):
    wait_until("the first member has all", lambda: len(member.partitions) == GROUP_PARTITIONS)


def wait_for_halves(first, second):
    wait_until(
        "each has half",
        lambda: len(first.partitions) == GROUP_PARTITIONS // 2
        and len(first.partitions | second.partitions) == GROUP_PARTITIONS,
    )


class GroupShare:
    """Two members share a topic of four partitions, then one of them leaves."""

    def __init__(self):
        self._members = []
        self._rounds = 0

    def share(self):
        first = self._join()
        wait_for_all(first)
        wait_for_halves(first, self._join())
        self._produce_round()
        check_equal(len(first.values), ROUND // 2, "records of the first member")

    def take_over(self):
        check(len(self._members) == 2, "group-share did not get far enough")
        first, second = self._members
        second.stop()
        wait_for_all(first)
        self._produce_round()
        first.stop()

    def _join(self):
        member = Member("share")
        self._members.append(member)
        return member

    def _produce_round(self):
        produce(
            {
                "topic": named("group"),
                "partition": i % GROUP_PARTITIONS,
                "value": f"{self._rounds}-{i}".encode(),
            }
            for i in range(ROUND)
        )
        self._rounds += 1

        def everything():
            return [value for member in self._members for value in member.values]

        wait_until("all records arrive", lambda: len(everything()) >= self._rounds * ROUND)
        check_equal(len(everything()), self._rounds * ROUND, "records")
        check_equal(len(set(everything())), self._rounds * ROUND, "distinct records")


def static_membership():
    """A static member that returns under its name gets its partitions back without a rebalance."""
    first = Member("static", **{"group.instance.id": "one"})
    wait_for_all(first)
    second = Member("static", **{"group.instance.id": "two"})
    wait_for_halves(first, second)
    assignments, before = first.assignments, second.partitions
    second.stop()
    returned = Member("static", **{"group.instance.id": "two"})
    wait_until("the second member is back", lambda: returned.partitions == before)
    time.sleep(1.5)
    check_equal(first.assignments, assignments, "assignments of the first member")
    first.stop()
    returned.stop()


def cooperative():
    """The first member gives up only what the second one gets."""
    settings = {"partition.assignment.strategy": "cooperative-sticky"}
    first = Member("cooperative", **settings)
    wait_for_all(first)
    second = Member("cooperative", **settings)
    wait_for_halves(first, second)
    check_equal(first.revoked, GROUP_PARTITIONS // 2, "partitions taken from the first member")
    second.stop()
    wait_for_all(first)
    check_equal(first.revoked, GROUP_PARTITIONS // 2, "partitions taken from the first member")
    first.stop()


def commit_resume():
    topic = named("commit")
    values = numbered("commit", 1000)
    produce_values(topic, values)
    check_equal(read_and_commit(topic, 500), values[:500], "first half")
    check_equal(read_and_commit(topic, 1000), values[500:], "second half")


def read_and_commit(topic, offset):
    consumer = new_consumer("commit")
    consumer.subscribe([topic])
    messages = take(consumer, 500)
    place = TopicPartition(topic, 0, offset, metadata="half-way")
    consumer.commit(offsets=[place], asynchronous=False)
    committed = consumer.committed([TopicPartition(topic, 0)], WAIT_S)[0]
    check_equal((committed.offset, committed.metadata), (offset, "half-way"), "committed")
    consumer.close()
    return [message.value() for message in messages]
