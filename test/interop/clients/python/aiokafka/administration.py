"""Steps of the admin client, most of whose answers are the protocol's responses as they are."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidPartitionsError, TopicAlreadyExistsError

from groups import wait_until
from interop import BOOTSTRAP, SCENARIO_TOPICS, check, check_equal, named, numbered
from records import produce_values, read_values, take

INVALID_REQUEST = 42
INVALID_CONFIG = 40
UNKNOWN_TOPIC_OR_PARTITION = 3


class Administration:
    def __init__(self):
        self._admin = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)

    async def __aenter__(self):
        await self._admin.start()
        return self

    async def __aexit__(self, *_):
        await self._admin.close()

    async def create_topics(self):
        topics = [NewTopic(named(suffix), count, 1) for suffix, count in SCENARIO_TOPICS.items()]
        created = (await self._admin.create_topics(topics)).to_object()
        check_equal([topic["error_code"] for topic in created["topic_errors"]], [0] * len(topics), "errors")
        again = (await self._admin.create_topics([NewTopic(named("acks"), 1, 1)])).to_object()
        check_equal(again["topic_errors"][0]["error_code"], TopicAlreadyExistsError.errno, "error")
        wanted = {topic.name for topic in topics}

        async def listed():
            return wanted <= set(await self._admin.list_topics())

        await wait_until("all are listed", listed)

    async def describe_cluster(self):
        cluster = await self._admin.describe_cluster()
        check_equal(len(cluster["brokers"]), 1, "brokers")
        check_equal(cluster["controller_id"], cluster["brokers"][0]["node_id"], "controller")
        check(cluster["cluster_id"], "cluster id is empty")

    async def describe_topics(self):
        (topic,) = await self._admin.describe_topics([named("group")])
        check_equal(sorted(p["partition"] for p in topic["partitions"]), [0, 1, 2, 3], "partitions")
        for partition in topic["partitions"]:
            check_equal(partition["replicas"], [partition["leader"]], "replicas")
            check_equal(partition["isr"], [partition["leader"]], "in-sync replicas")

    async def create_partitions(self):
        async def grow(count):
            await self._admin.create_partitions({named("admin"): NewPartitions(count)})

        await grow(5)

        async def grown():
            (topic,) = await self._admin.describe_topics([named("admin")])
            return len(topic["partitions"]) == 5

        await wait_until("five partitions", grown)
        try:
            await grow(2)
            raise AssertionError("fewer partitions were accepted")
        except InvalidPartitionsError:
            pass

    async def _config(self, name):
        resource = ConfigResource(ConfigResourceType.TOPIC, named("admin"))
        (response,) = await self._admin.describe_configs([resource])
        entries = response.to_object()["resources"][0]["config_entries"]
        return {entry["config_names"]: entry["config_value"] for entry in entries}.get(name)

    async def describe_configs(self):
        check_equal(await self._config("cleanup.policy"), "delete", "cleanup.policy")
        check(await self._config("retention.ms"), "retention.ms is described")

    async def alter_configs(self):
        async def replace(configs):
            resource = ConfigResource(ConfigResourceType.TOPIC, named("admin"), configs)
            (response,) = await self._admin.alter_configs([resource])
            return response.to_object()["resources"][0]["error_code"]

        async def both():
            return await self._config("retention.ms"), await self._config("max.message.bytes")

        async def both_set():
            return await both() == ("7200000", "500000")

        async def one_set():
            retention, size = await both()
            return retention == "3600000" and size != "500000"

        check_equal(await replace({"retention.ms": "7200000", "max.message.bytes": "500000"}), 0, "error")
        await wait_until("both are set", both_set)
        check_equal(await replace({"retention.ms": "3600000"}), 0, "error")
        await wait_until("one is set, the other back to its default", one_set)
        error = await replace({"retention.ms": "soon"})
        check(error in (INVALID_CONFIG, INVALID_REQUEST), f"error {error}")

    async def group(self):
        """Describes a group with one member."""
        topic, group = named("administered"), named("administered")
        await produce_values(topic, numbered("group", 10))
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=BOOTSTRAP, group_id=group, auto_offset_reset="earliest"
        )
        async with consumer:
            await take(consumer, 10)
            await consumer.commit()
            (response,) = await self._admin.describe_consumer_groups([group])
            described = response.to_object()["groups"][0]
            check_equal(described["state"], "Stable", "state")
            check_equal(described["protocol"], "roundrobin", "assignor")
            check_equal(len(described["members"]), 1, "members")

    async def list_groups(self):
        groups = await self._admin.list_consumer_groups()
        check((named("administered"), "consumer") in [group[:2] for group in groups], "it is not listed")

    async def list_group_offsets(self):
        offsets = await self._admin.list_consumer_group_offsets(named("administered"))
        check_equal(offsets[TopicPartition(named("administered"), 0)].offset, 10, "committed offset")

    async def delete_records(self):
        partition = TopicPartition(named("delete-records"), 0)
        await produce_values(partition.topic, numbered("doomed", 100))
        deleted = await self._admin.delete_records({partition: RecordsToDelete(40)})
        check_equal(deleted, {partition: 40}, "low watermark")
        check_equal((await read_values(partition.topic, 60))[0], b"doomed-40", "first value left")

    async def delete_topic(self):
        topic = named("short-lived")
        await self._admin.create_topics([NewTopic(topic, 1, 1)])
        await produce_values(topic, numbered("before", 3))

        async def delete():
            answer = (await self._admin.delete_topics([topic])).to_object()
            return answer["topic_error_codes"][0]["error_code"]

        async def gone():
            return topic not in await self._admin.list_topics()

        async def recreated():
            answer = (await self._admin.create_topics([NewTopic(topic, 1, 1)])).to_object()
            return answer["topic_errors"][0]["error_code"] == 0

        check_equal(await delete(), 0, "error")
        await wait_until("it is gone", gone)
        check_equal(await delete(), UNKNOWN_TOPIC_OR_PARTITION, "error")
        await wait_until("it can be created again", recreated)
        await produce_values(topic, numbered("after", 2))
        check_equal(await read_values(topic, 2), numbered("after", 2), "values of the new topic")
