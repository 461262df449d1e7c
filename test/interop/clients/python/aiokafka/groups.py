"""Steps about consumer groups."""

import asyncio

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from interop import BOOTSTRAP, GROUP_PARTITIONS, WAIT_S, check, check_equal, named, numbered
from records import produce, produce_values, take

ROUND = 400


async def wait_until(what, question):
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                answer = question()
                if await answer if asyncio.iscoroutine(answer) else answer:
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"waited in vain until {what}") from None


class Member(ConsumerRebalanceListener):
    """A member of a group that reads in a task of its own."""

    def __init__(self, group, **settings):
        self.values = []
        self.assignments = 0
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=BOOTSTRAP,
            group_id=named(group),
            auto_offset_reset="earliest",
            heartbeat_interval_ms=500,
            **settings,
        )
        self._consumer.subscribe([named("group")], listener=self)
        self._task = None

    async def on_partitions_revoked(self, revoked):
        pass

    async def on_partitions_assigned(self, assigned):
        self.assignments += 1

    @property
    def partitions(self):
        return frozenset(p.partition for p in self._consumer.assignment())

    async def start(self):
        await self._consumer.start()
        self._task = asyncio.create_task(self._loop())

    async def _loop(self):
        async for record in self._consumer:
            self.values.append(record.value)

    async def stop(self):
        """Commits, leaves the group (unless the member is static) and ends."""
        self._task.cancel()
        await asyncio.wait_for(self._consumer.stop(), WAIT_S)


async def wait_for_all(member):
    await wait_until("the first member has all", lambda: len(member.partitions) == GROUP_PARTITIONS)


async def wait_for_halves(first, second):
    await wait_until(
        "each has half",
        lambda: len(first.partitions) == GROUP_PARTITIONS // 2
        and len(first.partitions | second.partitions) == GROUP_PARTITIONS,
    )


class GroupShare:
    """Two members share a topic of four partitions, then one of them leaves."""

    def __init__(self):
        self._members = []
        self._rounds = 0

    async def share(self):
        first = await self._join()
        await wait_for_all(first)
        await wait_for_halves(first, await self._join())
        await self._produce_round()
        check_equal(len(first.values), ROUND // 2, "records of the first member")

    async def take_over(self):
        check(len(self._members) == 2, "group-share did not get far enough")
        first, second = self._members
        await second.stop()
        await wait_for_all(first)
        await self._produce_round()
        await first.stop()

    async def _join(self):
        member = Member("share")
        self._members.append(member)
        await member.start()
        return member

    async def _produce_round(self):
        await produce(
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

        await wait_until("all records arrive", lambda: len(everything()) >= self._rounds * ROUND)
        check_equal(len(everything()), self._rounds * ROUND, "records")
        check_equal(len(set(everything())), self._rounds * ROUND, "distinct records")


async def static_membership():
    """A static member that returns under its name gets its partitions back without a rebalance."""
    first = Member("static", group_instance_id="one")
    second = Member("static", group_instance_id="two")
    returned = Member("static", group_instance_id="two")
    await first.start()
    await wait_for_all(first)
    await second.start()
    await wait_for_halves(first, second)
    await wait_until("the listener was told", lambda: first.assignments == 2)
    assignments, before = first.assignments, second.partitions
    await second.stop()
    await returned.start()
    await wait_until("the second member is back", lambda: returned.partitions == before)
    await asyncio.sleep(1.5)
    check_equal(first.assignments, assignments, "assignments of the first member")
    await first.stop()
    await returned.stop()


async def commit_resume():
    topic = named("commit")
    values = numbered("commit", 1000)
    await produce_values(topic, values)
    first = await read_and_commit(topic, 500)
    check_equal(first[:500], values[:500], "first half")
    check_equal(await read_and_commit(topic, 1000), values[500:], "second half")


async def read_and_commit(topic, offset):
    partition = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=BOOTSTRAP,
        group_id=named("commit"),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    async with consumer:
        records = await take(consumer, 500)
        await consumer.commit({partition: OffsetAndMetadata(offset, "half-way")})
        check_equal(await consumer.committed(partition), offset, "committed")
    return [record.value for record in records]
