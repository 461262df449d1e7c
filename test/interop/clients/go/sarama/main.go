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
	interop.Step("create-topic", administration{admin}.createTopics)
	records()
	groups()
	topicAdministration(administration{admin})
	groupAdministration(administration{admin})
	interop.Unsupported("no cooperative assignor", "group-cooperative")
	interop.Unsupported("asked by the client itself, not shown to its user", "api-versions")
	interop.Unsupported("no such call", "list-config-resources", "describe-producers")
}

// since runs a step if the configured release has what it takes.
func since(release sarama.KafkaVersion, name string, run func() error) {
	if !version().IsAtLeast(release) {
		interop.Unsupported("came with "+release.String(), name)
		return
	}
	interop.Step(name, run)
}

func records() {
	for _, codec := range []string{"none", "gzip", "snappy", "lz4"} {
		interop.Step("roundtrip-"+codec, func() error { return roundTrip(codec) })
	}
	since(sarama.V2_1_0_0, "roundtrip-zstd", func() error { return roundTrip("zstd") })
	interop.Step("auto-create-topic", autoCreate)
	interop.Step("acks", acks)
	interop.Step("headers", headers)
	interop.Step("idempotent", idempotent)
	interop.Step("offset-bounds", bounds)
	interop.Step("seek-time", seekTime)
}

func groups() {
	share := &groupShare{}
	interop.Step("group-share", share.share)
	interop.Step("group-takeover", share.takeOver)
	since(sarama.V2_3_0_0, "group-static", staticMembership)
	interop.Step("commit-resume", commitResume)
}

func topicAdministration(a administration) {
	interop.Step("describe-cluster", a.describeCluster)
	interop.Step("describe-topics", a.describeTopics)
	since(sarama.V1_0_0_0, "create-partitions", a.createPartitions)
	interop.Step("describe-configs", a.describeConfigs)
	since(sarama.V2_3_0_0, "alter-configs-incremental", a.alterConfigs)
	interop.Step("alter-configs-legacy", a.replaceConfigs)
	interop.Step("list-offsets", a.listOffsets)
	interop.Step("delete-records", a.deleteRecords)
	since(sarama.V1_0_0_0, "describe-log-dirs", a.describeLogDirs)
	since(sarama.V2_4_0_0, "elect-leaders", a.electLeaders)
	since(sarama.V2_4_0_0, "list-reassignments", a.listReassignments)
	interop.Step("delete-topic", a.deleteTopic)
}

func groupAdministration(a administration) {
	interop.Step("describe-group", a.describeGroup)
	interop.Step("list-groups", a.listGroups)
	interop.Step("list-group-offsets", a.listGroupOffsets)
	interop.Step("alter-group-offsets", a.alterGroupOffsets)
	since(sarama.V2_4_0_0, "delete-group-offsets", a.deleteGroupOffsets)
	since(sarama.V1_1_0_0, "delete-group", a.deleteGroup)
}
