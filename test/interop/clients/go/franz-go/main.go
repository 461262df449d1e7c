// franz-go: speaks the newest version of every API that a broker advertises.
package main

import (
	"glasslog.test/interop/interop"
)

func main() {
	if interop.IsCrossRead {
		interop.Step("cross-read", crossRead)
		return
	}
	admin := newAdmin()
	defer admin.Close()
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
	interop.Step("group-cooperative", cooperative)
	interop.Step("commit-resume", commitResume)
	interop.Step("offset-bounds", administration.bounds)
	interop.Step("seek-time", seekTime)
	interop.Step("api-versions", administration.apiVersions)
	interop.Step("describe-cluster", administration.describeCluster)
	interop.Step("describe-topics", administration.describeTopics)
	interop.Step("create-partitions", administration.createPartitions)
	interop.Step("describe-configs", administration.describeConfigs)
	interop.Step("list-config-resources", administration.listConfigResources)
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
	interop.Step("describe-producers", administration.describeProducers)
	interop.Step("elect-leaders", administration.electLeaders)
	interop.Step("list-reassignments", administration.listReassignments)
	interop.Step("delete-topic", administration.deleteTopic)
}
