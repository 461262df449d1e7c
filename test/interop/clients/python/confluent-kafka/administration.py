"""Steps of the admin client."""

import time

from confluent_kafka import (
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    ElectionType,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from groups import wait_until
from interop import BASE_TIME_MS, BOOTSTRAP, SCENARIO_TOPICS, WAIT_S, check, check_equal, named, numbered
from records import new_consumer, produce, produce_values, read_values, take

admin = AdminClient({"bootstrap.servers": BOOTSTRAP})


def each(futures):
    """Waits for all results of a call that answers a dict of futures."""
    return {key: future.result(WAIT_S) for key, future in futures.items()}


def only(futures):
    """The one result of a call about one thing."""
    return next(iter(each(futures).values()))


def expect_failure(codes, run):
    try:
        run()
    except KafkaException as error:
        check(error.args[0].code() in codes, f"expected {codes}, got {error.args[0]}")
        return
    raise AssertionError(f"expected {codes}, but the call succeeded")


def create_topics():
    topics = [NewTopic(named(suffix), count, 1) for suffix, count in SCENARIO_TOPICS.items()]
    each(admin.create_topics(topics))
    again = [NewTopic(named("acks"), 1, 1)]
    expect_failure([KafkaError.TOPIC_ALREADY_EXISTS], lambda: each(admin.create_topics(again)))
    wanted = {topic.topic for topic in topics}
    wait_until("all are listed", lambda: wanted <= set(admin.list_topics(timeout=WAIT_S).topics))


def describe_cluster():
    cluster = admin.describe_cluster().result(WAIT_S)
    check_equal(len(cluster.nodes), 1, "brokers")
    check_equal(cluster.controller.id, cluster.nodes[0].id, "controller")
    check(cluster.cluster_id, "cluster id is empty")


def describe_topics():
    description = only(admin.describe_topics(TopicCollection([named("group")])))
    check_equal([p.id for p in description.partitions], [0, 1, 2, 3], "partitions")
    for partition in description.partitions:
        check_equal([node.id for node in partition.replicas], [partition.leader.id], "replicas")
        check_equal([node.id for node in partition.isr], [partition.leader.id], "in-sync replicas")
    expect_failure(
        [KafkaError.UNKNOWN_TOPIC_OR_PART],
        lambda: only(admin.describe_topics(TopicCollection([named("nobody-made")]))),
    )


def create_partitions():
    def grow(count):
        each(admin.create_partitions([NewPartitions(named("admin"), count)]))

    grow(5)
    wait_until(
        "five partitions",
        lambda: len(admin.list_topics(named("admin"), WAIT_S).topics[named("admin")].partitions) == 5,
    )
    expect_failure([KafkaError.INVALID_PARTITIONS], lambda: grow(2))


def config(name):
    resource = ConfigResource(ResourceType.TOPIC, named("admin"))
    return only(admin.describe_configs([resource]))[name].value


def describe_configs():
    check_equal(config("cleanup.policy"), "delete", "cleanup.policy")
    check(config("retention.ms"), "retention.ms is described")
    broker = admin.describe_cluster().result(WAIT_S).nodes[0].id_string
    configs = only(admin.describe_configs([ConfigResource(ResourceType.BROKER, broker)]))
    check("auto.create.topics.enable" in configs, "auto.create.topics.enable is described")


INVALID = [KafkaError.INVALID_CONFIG, KafkaError.INVALID_REQUEST]


def alter_configs_legacy():
    def replace(entries):
        each(admin.alter_configs([ConfigResource(ResourceType.TOPIC, named("admin"), set_config=entries)]))

    replace({"retention.ms": "7200000", "max.message.bytes": "500000"})
    wait_until(
        "both are set",
        lambda: (config("retention.ms"), config("max.message.bytes")) == ("7200000", "500000"),
    )
    replace({"retention.ms": "3600000"})
    wait_until(
        "one is set, the other back to its default",
        lambda: config("retention.ms") == "3600000" and config("max.message.bytes") != "500000",
    )
    expect_failure(INVALID, lambda: replace({"retention.ms": "soon"}))


def alter_configs_incremental():
    def change(operation, name, value=None):
        entry = ConfigEntry(name, value, incremental_operation=operation)
        resource = ConfigResource(ResourceType.TOPIC, named("admin"), incremental_configs=[entry])
        each(admin.incremental_alter_configs([resource]))

    change(AlterConfigOpType.SET, "retention.ms", "7200000")
    change(AlterConfigOpType.SET, "max.message.bytes", "400000")
    change(AlterConfigOpType.DELETE, "retention.ms")
    wait_until("one is back to its default", lambda: config("retention.ms") == "604800000")
    check_equal(config("max.message.bytes"), "400000", "the other one")
    change(AlterConfigOpType.APPEND, "cleanup.policy", "compact")
    wait_until("appended", lambda: config("cleanup.policy") == "delete,compact")
    change(AlterConfigOpType.SUBTRACT, "cleanup.policy", "compact")
    wait_until("subtracted", lambda: config("cleanup.policy") == "delete")
    expect_failure(INVALID, lambda: change(AlterConfigOpType.SET, "retention.ms", "soon"))


class GroupAdmin:
    """A group with committed offsets, seen while it has a member and after."""

    group = named("administered")
    topic = named("administered")

    def describe(self):
        produce_values(self.topic, numbered("group", 10))
        consumer = new_consumer("administered")
        consumer.subscribe([self.topic])
        take(consumer, 10)
        consumer.commit(asynchronous=False)
        description = self._description()
        check_equal(description.state, ConsumerGroupState.STABLE, "state")
        check_equal(description.partition_assignor, "range", "assignor")
        check_equal(len(description.members), 1, "members")
        assigned = description.members[0].assignment.topic_partitions
        check_equal([(p.topic, p.partition) for p in assigned], [(self.topic, 0)], "assignment")
        expect_failure([KafkaError.NON_EMPTY_GROUP], self._delete)
        consumer.close()
        wait_until("it is empty", lambda: self._description().state == ConsumerGroupState.EMPTY)

    def _description(self):
        return only(admin.describe_consumer_groups([self.group]))

    def _delete(self):
        each(admin.delete_consumer_groups([self.group]))

    def list(self):
        listed = admin.list_consumer_groups().result(WAIT_S)
        check_equal(listed.errors, [], "errors")
        check(self.group in [group.group_id for group in listed.valid], "it is not listed")

    def _committed(self):
        request = [ConsumerGroupTopicPartitions(self.group, [TopicPartition(self.topic, 0)])]
        return only(admin.list_consumer_group_offsets(request)).topic_partitions[0].offset

    def list_offsets(self):
        check_equal(self._committed(), 10, "committed offset")

    def alter_offsets(self):
        place = TopicPartition(self.topic, 0, 3)
        each(admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(self.group, [place])]))
        check_equal(self._committed(), 3, "moved offset")

    def delete(self):
        self._delete()
        expect_failure([KafkaError.GROUP_ID_NOT_FOUND], self._delete)


def list_offsets():
    topic = named("list-offsets")
    for age in (0, 10, 20, 90, 30):
        produce([{"topic": topic, "partition": 0, "value": b"v", "timestamp": BASE_TIME_MS + age}])

    def offset_at(spec):
        return only(admin.list_offsets({TopicPartition(topic, 0): spec})).offset

    check_equal(offset_at(OffsetSpec.earliest()), 0, "earliest")
    check_equal(offset_at(OffsetSpec.latest()), 5, "latest")
    check_equal(offset_at(OffsetSpec.for_timestamp(BASE_TIME_MS + 15)), 2, "by time")
    check_equal(offset_at(OffsetSpec.max_timestamp()), 3, "largest timestamp")


def delete_records():
    topic = named("delete-records")
    produce_values(topic, numbered("doomed", 100))
    deleted = only(admin.delete_records([TopicPartition(topic, 0, 40)]))
    check_equal(deleted.low_watermark, 40, "low watermark")
    check_equal(read_values(topic, 60)[0], b"doomed-40", "first value left")


def elect_leaders():
    known = TopicPartition(named("admin"), 0)
    results = admin.elect_leaders(ElectionType.PREFERRED, [known]).result(WAIT_S)
    error = results[known]
    done = error is None or error.code() in (KafkaError.NO_ERROR, KafkaError.ELECTION_NOT_NEEDED)
    check(done, f"election: {error}")


def delete_topic():
    topic = named("short-lived")
    each(admin.create_topics([NewTopic(topic, 1, 1)]))
    produce_values(topic, numbered("before", 3))
    each(admin.delete_topics([topic]))
    wait_until("it is gone", lambda: topic not in admin.list_topics(timeout=WAIT_S).topics)
    expect_failure([KafkaError.UNKNOWN_TOPIC_OR_PART], lambda: each(admin.delete_topics([topic])))
    time.sleep(0.2)
    each(admin.create_topics([NewTopic(topic, 1, 1)]))
    produce_values(topic, numbered("after", 2))
    check_equal(read_values(topic, 2), numbered("after", 2), "values of the new topic")
