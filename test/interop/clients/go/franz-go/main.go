// franz-go: speaks the newest version of every API that a broker advertises, or on demand the newest
// that a given release had.
package main

import (
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"glasslog.test/interop/interop"
)

func main() {
	if interop.IsCrossRead {
		interop.Step("cross-read", crossRead)
		return
	}
	admin := newAdmin()
	defer admin.Close()
	interop.Step("create-topic", administration{admin}.createTopics)
	records()
	groups()
	clusterAdministration(administration{admin})
	groupAdministration(administration{admin})
}

// knows says whether the release, if one is given, had this version of an API.
func knows(api kmsg.Key, version int16) bool {
	if release == "" {
		return true
	}
	newest, exists := kversion.FromString(release).LookupMaxKeyVersion(api.Int16())
	return exists && newest >= version
}

// since runs a step if the release had this version of its API.
func since(api kmsg.Key, version int16, name string, run func() error) {
	if knows(api, version) {
		interop.Step(name, run)
	} else {
		interop.Unsupported("not in "+release, name)
	}
}

func records() {
	for _, codec := range []string{"none", "gzip", "snappy", "lz4"} {
		interop.Step("roundtrip-"+codec, func() error { return roundTrip(codec) })
	}
	since(kmsg.Produce, 7, "roundtrip-zstd", func() error { return roundTrip("zstd") })
	interop.Step("auto-create-topic", autoCreate)
	interop.Step("acks", acks)
	interop.Step("headers", headers)
	interop.Step("idempotent", idempotent)
	interop.Step("seek-time", seekTime)
}

func groups() {
	share := &groupShare{}
	interop.Step("group-share", share.share)
	interop.Step("group-takeover", share.takeOver)
	since(kmsg.JoinGroup, 5, "group-static", staticMembership)
	interop.Step("group-cooperative", cooperative)
	interop.Step("commit-resume", commitResume)
}

func clusterAdministration(a administration) {
	interop.Step("offset-bounds", a.bounds)
	interop.Step("api-versions", a.apiVersions)
	interop.Step("describe-cluster", a.describeCluster)
	interop.Step("describe-topics", a.describeTopics)
	interop.Step("create-partitions", a.createPartitions)
	interop.Step("describe-configs", a.describeConfigs)
	since(kmsg.ListConfigResources, 1, "list-config-resources", a.listConfigResources)
	since(kmsg.IncrementalAlterConfigs, 0, "alter-configs-incremental", a.alterConfigs)
	interop.Step("alter-configs-legacy", a.replaceConfigs)
	since(kmsg.ListOffsets, 7, "list-offsets", a.listOffsets)
	interop.Step("delete-records", a.deleteRecords)
	interop.Step("describe-log-dirs", a.describeLogDirs)
	since(kmsg.DescribeProducers, 0, "describe-producers", a.describeProducers)
	since(kmsg.ElectLeaders, 0, "elect-leaders", a.electLeaders)
	since(kmsg.ListPartitionReassignments, 0, "list-reassignments", a.listReassignments)
	interop.Step("delete-topic", a.deleteTopic)
}

func groupAdministration(a administration) {
	interop.Step("describe-group", a.describeGroup)
	interop.Step("list-groups", a.listGroups)
	interop.Step("list-group-offsets", a.listGroupOffsets)
	interop.Step("alter-group-offsets", a.alterGroupOffsets)
	since(kmsg.OffsetDelete, 0, "delete-group-offsets", a.deleteGroupOffsets)
	since(kmsg.DeleteGroups, 0, "delete-group", a.deleteGroup)
}
