"""aiokafka: protocol code of its own in Python, with older API versions than others choose."""

import asyncio
import logging
import time

import groups
import records
from administration import Administration
from interop import CODECS, IS_CROSS_READ, report_failure, report_ok, unsupported

STEP_TIMEOUT_S = 60


async def step(name, run, *arguments):
    """Runs one step and reports it: it fails when it raises or takes too long."""
    started = time.monotonic()
    try:
        await asyncio.wait_for(run(*arguments), STEP_TIMEOUT_S)
        report_ok(name, started)
    except Exception as error:
        report_failure(name, error)


async def scenario():
    async with Administration() as administration:
        await step("create-topic", administration.create_topics)
        await step("auto-create-topic", records.auto_create)
        await step("acks", records.acks)
        for codec in CODECS:
            await step(f"roundtrip-{codec}", records.round_trip, codec)
        await step("headers", records.headers)
        await step("idempotent", records.idempotent)
        share = groups.GroupShare()
        await step("group-share", share.share)
        await step("group-takeover", share.take_over)
        await step("group-static", groups.static_membership)
        await step("commit-resume", groups.commit_resume)
        await step("offset-bounds", records.offset_bounds)
        await step("seek-time", records.seek_time)
        await step("describe-cluster", administration.describe_cluster)
        await step("describe-topics", administration.describe_topics)
        await step("create-partitions", administration.create_partitions)
        await step("describe-configs", administration.describe_configs)
        await step("alter-configs-legacy", administration.alter_configs)
        await step("describe-group", administration.group)
        await step("list-groups", administration.list_groups)
        await step("list-group-offsets", administration.list_group_offsets)
        await step("delete-records", administration.delete_records)
        await step("delete-topic", administration.delete_topic)
    unsupported("no cooperative assignor", "group-cooperative")
    unsupported("covered by offset-bounds and seek-time", "list-offsets")
    unsupported("asked by the client itself, not shown to its user", "api-versions")
    unsupported(
        "no such call",
        "list-config-resources",
        "alter-configs-incremental",
        "alter-group-offsets",
        "delete-group-offsets",
        "delete-group",
        "describe-log-dirs",
        "describe-producers",
        "elect-leaders",
        "list-reassignments",
    )


logging.basicConfig(level=logging.WARNING)
asyncio.run(step("cross-read", records.cross_read) if IS_CROSS_READ else scenario())
