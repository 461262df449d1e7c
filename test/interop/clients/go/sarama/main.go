// sarama: the older Go client, which chooses API versions by a configured release.
package main

import (
	"github.com/IBM/sarama"

	"glasslog.test/interop/interop"
)

func main() {
	if interop.IsCrossRead {
		interop.Step("cross-read", crossRead)
		return
	}
	admin := interop.Get(sarama.NewClusterAdmin(brokers, newConfig()))
	defer func() { _ = admin.Close() }()
	administration := administration{admin}
	interop.Step("create-topic", administration.createTopics)
	interop.Step("auto-create-topic", autoCreate)
	interop.Step("acks", acks)
	for _, codec := range interop.Codecs {
		interop.Step("roundtrip-"+codec, func() error { return roundTrip(codec) })
	}
	interop.Step("headers", headers)
	interop.Step("idempotent", idempotent)
	share := &groupShare{}
	interop.Step("group-share", share.share)
	interop.Step("group-takeover", share.takeOver)
	interop.Step("group-static", staticMembership)
	interop.Step("commit-resume", commitResume)
	interop.Step("offset-bounds", bounds)
	interop.Step("seek-time", seekTime)
	interop.Step("describe-cluster", administration.describeCluster)
	interop.Step("describe-topics", administration.describeTopics)
	interop.Step("create-partitions", administration.createPartitions)
	interop.Step("describe-configs", administration.describeConfigs)
	interop.Step("alter-configs-incremental", administration.alterConfigs)
	interop.Step("alter-configs-legacy", administration.replaceConfigs)
	interop.Step("describe-group", administration.describeGroup)
	interop.Step("list-groups", administration.listGroups)
	interop.Step("list-group-offsets", administration.listGroupOffsets)
	interop.Step("alter-group-offsets", administration.alterGroupOffsets)
	interop.Step("delete-group-offsets", administration.deleteGroupOffsets)
	interop.Step("delete-group", administration.deleteGroup)
	interop.Step("list-offsets", administration.listOffsets)
	interop.Step("delete-records", administration.deleteRecords)
	interop.Step("describe-log-dirs", administration.describeLogDirs)
	interop.Step("elect-leaders", administration.electLeaders)
	interop.Step("list-reassignments", administration.listReassignments)
	interop.Step("delete-topic", administration.deleteTopic)
	interop.Unsupported("no cooperative assignor", "group-cooperative")
	interop.Unsupported("asked by the client itself, not shown to its user", "api-versions")
	interop.Unsupported("no such call", "list-config-resources", "describe-producers")
}
