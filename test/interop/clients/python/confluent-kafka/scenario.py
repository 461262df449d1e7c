"""confluent-kafka: the newest librdkafka, with the admin calls that kcat does not show."""

import administration
import groups
import records
from interop import CODECS, IS_CROSS_READ, step, unsupported


def scenario():
    step("create-topic", administration.create_topics)
    step("auto-create-topic", records.auto_create)
    step("acks", records.acks)
    for codec in CODECS:
        step(f"roundtrip-{codec}", records.round_trip, codec)
    step("headers", records.headers)
    step("idempotent", records.idempotent)
    share = groups.GroupShare()
    step("group-share", share.share)
    step("group-takeover", share.take_over)
    step("group-static", groups.static_membership)
    step("group-cooperative", groups.cooperative)
    step("commit-resume", groups.commit_resume)
    step("offset-bounds", records.offset_bounds)
    step("seek-time", records.seek_time)
    step("describe-cluster", administration.describe_cluster)
    step("describe-topics", administration.describe_topics)
    step("create-partitions", administration.create_partitions)
    step("describe-configs", administration.describe_configs)
    step("alter-configs-legacy", administration.alter_configs_legacy)
    step("alter-configs-incremental", administration.alter_configs_incremental)
    group = administration.GroupAdmin()
    step("describe-group", group.describe)
    step("list-groups", group.list)
    step("list-group-offsets", group.list_offsets)
    step("alter-group-offsets", group.alter_offsets)
    step("delete-group", group.delete)
    step("list-offsets", administration.list_offsets)
    step("delete-records", administration.delete_records)
    step("elect-leaders", administration.elect_leaders)
    step("delete-topic", administration.delete_topic)
    unsupported("asked by the client itself, not shown to its user", "api-versions")
    unsupported(
        "no such call",
        "list-config-resources",
        "delete-group-offsets",
        "describe-log-dirs",
        "describe-producers",
        "list-reassignments",
    )


if IS_CROSS_READ:
    step("cross-read", records.cross_read)
else:
    scenario()
