package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"glasslog.test/interop/interop"
)

func newAdmin() *kadm.Client { return kadm.NewClient(newClient()) }

// onCommitted stores the first error of a commit.
func onCommitted(failed *error) func(*kgo.Client, *kmsg.OffsetCommitRequest, *kmsg.OffsetCommitResponse, error) {
	return func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, response *kmsg.OffsetCommitResponse, err error) {
		if *failed = err; err != nil {
			return
		}
		for _, topic := range response.Topics {
			for _, partition := range topic.Partitions {
				if *failed == nil {
					*failed = kerr.ErrorForCode(partition.ErrorCode)
				}
			}
		}
	}
}

func expect(err error, expected ...error) {
	for _, candidate := range expected {
		if errors.Is(err, candidate) {
			return
		}
	}
	interop.Check(false, "expected %v, got %v", expected, err)
}

type administration struct{ admin *kadm.Client }

func (a administration) createTopics() error {
	ctx, cancel := bounded()
	defer cancel()
	for suffix, partitions := range interop.ScenarioTopics {
		interop.Must(interop.Get(a.admin.CreateTopic(ctx, partitions, 1, nil, interop.Named(suffix))).Err)
	}
	_, err := a.admin.CreateTopic(ctx, 1, 1, nil, interop.Named("acks"))
	expect(err, kerr.TopicAlreadyExists)
	interop.Until("all are listed", func() bool {
		topics := interop.Get(a.admin.ListTopics(ctx))
		for suffix := range interop.ScenarioTopics {
			if !topics.Has(interop.Named(suffix)) {
				return false
			}
		}
		return true
	})
	return nil
}

func (a administration) apiVersions() error {
	ctx, cancel := bounded()
	defer cancel()
	for _, broker := range interop.Get(a.admin.ApiVersions(ctx)) {
		interop.Must(broker.Err)
		_, newest, exists := broker.KeyVersions(kmsg.Produce.Int16())
		interop.Check(exists && newest >= 9, "Produce goes up to version %d", newest)
	}
	return nil
}

func (a administration) describeCluster() error {
	ctx, cancel := bounded()
	defer cancel()
	metadata := interop.Get(a.admin.BrokerMetadata(ctx))
	interop.CheckEqual("brokers", len(metadata.Brokers), 1)
	interop.CheckEqual("controller", metadata.Controller, metadata.Brokers[0].NodeID)
	interop.Check(metadata.Cluster != "", "cluster id is empty")
	return nil
}

func (a administration) describeTopics() error {
	ctx, cancel := bounded()
	defer cancel()
	details := interop.Get(a.admin.ListTopics(ctx, interop.Named("group"), interop.Named("nobody-made")))
	partitions := details[interop.Named("group")].Partitions
	interop.CheckEqual("partitions", partitions.Numbers(), []int32{0, 1, 2, 3})
	for _, partition := range partitions {
		interop.CheckEqual("replicas", partition.Replicas, []int32{partition.Leader})
		interop.CheckEqual("in-sync replicas", partition.ISR, []int32{partition.Leader})
	}
	expect(details[interop.Named("nobody-made")].Err, kerr.UnknownTopicOrPartition)
	return nil
}

func (a administration) createPartitions() error {
	ctx, cancel := bounded()
	defer cancel()
	topic := interop.Named("admin")
	interop.Must(interop.Get(a.admin.UpdatePartitions(ctx, 5, topic))[topic].Err)
	interop.Until("five partitions", func() bool {
		return len(interop.Get(a.admin.ListTopics(ctx, topic))[topic].Partitions) == 5
	})
	expect(interop.Get(a.admin.UpdatePartitions(ctx, 2, topic))[topic].Err, kerr.InvalidPartitions)
	return nil
}

func (a administration) config(name string) string {
	ctx, cancel := bounded()
	defer cancel()
	for _, resource := range interop.Get(a.admin.DescribeTopicConfigs(ctx, interop.Named("admin"))) {
		interop.Must(resource.Err)
		for _, config := range resource.Configs {
			if config.Key == name {
				return config.MaybeValue()
			}
		}
	}
	return ""
}

func (a administration) describeConfigs() error {
	ctx, cancel := bounded()
	defer cancel()
	interop.CheckEqual("cleanup.policy", a.config("cleanup.policy"), "delete")
	interop.Check(a.config("retention.ms") != "", "retention.ms is not described")
	broker := interop.Get(a.admin.BrokerMetadata(ctx)).Brokers[0].NodeID
	resource := interop.Get(a.admin.DescribeBrokerConfigs(ctx, broker))[0]
	interop.Must(resource.Err)
	interop.Check(len(resource.Configs) > 0, "the broker has no configs")
	return nil
}

func (a administration) listConfigResources() error {
	ctx, cancel := bounded()
	defer cancel()
	listed := interop.Get(a.admin.ListConfigResources(ctx, kadm.ConfigResourceTopic))
	interop.Must(listed.Err)
	if slices.Contains(listed.Names(), interop.Named("admin")) {
		return nil
	}
	return errors.New("the topic is not listed")
}

func (a administration) alterConfigs() error {
	ctx, cancel := bounded()
	defer cancel()
	change := func(op kadm.IncrementalOp, name, value string) error {
		config := kadm.AlterConfig{Op: op, Name: name, Value: &value}
		return interop.Get(a.admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{config}, interop.Named("admin")))[0].Err
	}
	interop.Must(change(kadm.SetConfig, "retention.ms", "7200000"))
	interop.Must(change(kadm.SetConfig, "max.message.bytes", "400000"))
	interop.Must(change(kadm.DeleteConfig, "retention.ms", ""))
	interop.Until("one is back to its default", func() bool { return a.config("retention.ms") == "604800000" })
	interop.CheckEqual("the other one", a.config("max.message.bytes"), "400000")
	interop.Must(change(kadm.AppendConfig, "cleanup.policy", "compact"))
	interop.Until("appended", func() bool { return a.config("cleanup.policy") == "delete,compact" })
	interop.Must(change(kadm.SubtractConfig, "cleanup.policy", "compact"))
	interop.Until("subtracted", func() bool { return a.config("cleanup.policy") == "delete" })
	expect(change(kadm.SetConfig, "retention.ms", "soon"), kerr.InvalidConfig, kerr.InvalidRequest)
	return nil
}

func (a administration) replaceConfigs() error {
	ctx, cancel := bounded()
	defer cancel()
	replace := func(configs ...kadm.AlterConfig) error {
		return interop.Get(a.admin.AlterTopicConfigsState(ctx, configs, interop.Named("admin")))[0].Err
	}
	config := func(name, value string) kadm.AlterConfig { return kadm.AlterConfig{Name: name, Value: &value} }
	interop.Must(replace(config("retention.ms", "7200000"), config("max.message.bytes", "500000")))
	interop.Until("both are set", func() bool {
		return a.config("retention.ms") == "7200000" && a.config("max.message.bytes") == "500000"
	})
	interop.Must(replace(config("retention.ms", "3600000")))
	interop.Until("one is set, the other back to its default", func() bool {
		return a.config("retention.ms") == "3600000" && a.config("max.message.bytes") != "500000"
	})
	expect(replace(config("retention.ms", "soon")), kerr.InvalidConfig, kerr.InvalidRequest)
	return nil
}

// describeGroup looks at a group with one member, and then without.
func (a administration) describeGroup() error {
	ctx, cancel := bounded()
	defer cancel()
	name := interop.Named("administered")
	produce(toRecords(name, interop.Numbered("group", 10)))
	client := newClient(
		kgo.ConsumerGroup(name),
		kgo.ConsumeTopics(name),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.Balancers(kgo.RangeBalancer()),
		kgo.DisableAutoCommit(),
	)
	take(client, 10)
	interop.Must(client.CommitUncommittedOffsets(ctx))
	group := interop.Get(a.admin.DescribeGroups(ctx, name))[name]
	interop.CheckEqual("state", group.State, "Stable")
	interop.CheckEqual("assignor", group.Protocol, "range")
	interop.CheckEqual("members", len(group.Members), 1)
	assigned := group.AssignedPartitions()
	interop.Check(assigned.Lookup(name, 0), "assignment: %v", assigned)
	if knows(kmsg.DeleteGroups, 0) {
		_, err := a.admin.DeleteGroup(ctx, name)
		expect(err, kerr.NonEmptyGroup)
	}
	client.Close()
	interop.Until("it is empty", func() bool {
		return interop.Get(a.admin.DescribeGroups(ctx, name))[name].State == "Empty"
	})
	return nil
}

func (a administration) listGroups() error {
	ctx, cancel := bounded()
	defer cancel()
	listed := interop.Get(a.admin.ListGroups(ctx))[interop.Named("administered")]
	interop.CheckEqual("protocol type", listed.ProtocolType, "consumer")
	return nil
}

func (a administration) committed() int64 {
	ctx, cancel := bounded()
	defer cancel()
	name := interop.Named("administered")
	offset, exists := interop.Get(a.admin.FetchOffsets(ctx, name)).Lookup(name, 0)
	if !exists {
		return -1
	}
	return offset.At
}

func (a administration) listGroupOffsets() error {
	interop.CheckEqual("committed offset", a.committed(), 10)
	return nil
}

func (a administration) commit(offset int64) {
	ctx, cancel := bounded()
	defer cancel()
	name := interop.Named("administered")
	offsets := kadm.Offsets{}
	offsets.AddOffset(name, 0, offset, -1)
	interop.Must(a.admin.CommitAllOffsets(ctx, name, offsets))
}

func (a administration) alterGroupOffsets() error {
	a.commit(3)
	interop.CheckEqual("moved offset", a.committed(), 3)
	return nil
}

func (a administration) deleteGroupOffsets() error {
	ctx, cancel := bounded()
	defer cancel()
	name := interop.Named("administered")
	partitions := kadm.TopicsSet{}
	partitions.Add(name, 0)
	interop.Must(interop.Get(a.admin.DeleteOffsets(ctx, name, partitions)).Error())
	interop.CheckEqual("committed offset", a.committed(), -1)
	return nil
}

func (a administration) deleteGroup() error {
	ctx, cancel := bounded()
	defer cancel()
	// Without members and offsets the group may be gone already, so it gets an offset again.
	a.commit(3)
	name := interop.Named("administered")
	interop.Must(interop.Get(a.admin.DeleteGroup(ctx, name)).Err)
	_, err := a.admin.DeleteGroup(ctx, name)
	expect(err, kerr.GroupIDNotFound)
	return nil
}

func offsetAt(topic string, timeMs int64) int64 {
	ctx, cancel := bounded()
	defer cancel()
	admin := newAdmin()
	defer admin.Close()
	offset, _ := interop.Get(admin.ListOffsetsAfterMilli(ctx, timeMs, topic)).Lookup(topic, 0)
	return offset.Offset
}

func (a administration) bounds() error {
	topic := interop.Named("bounds")
	produce(toRecords(topic, interop.Numbered("bounds", 25)))
	a.checkOffsets(topic, 0, 25)
	return nil
}

func (a administration) checkOffsets(topic string, earliest, latest int64) {
	ctx, cancel := bounded()
	defer cancel()
	start, _ := interop.Get(a.admin.ListStartOffsets(ctx, topic)).Lookup(topic, 0)
	end, _ := interop.Get(a.admin.ListEndOffsets(ctx, topic)).Lookup(topic, 0)
	interop.CheckEqual("earliest", start.Offset, earliest)
	interop.CheckEqual("latest", end.Offset, latest)
}

func (a administration) listOffsets() error {
	ctx, cancel := bounded()
	defer cancel()
	topic := interop.Named("list-offsets")
	for _, age := range []int64{0, 10, 20, 90, 30} {
		record := &kgo.Record{Topic: topic, Timestamp: time.UnixMilli(interop.BaseTime + age)}
		produce([]*kgo.Record{record})
	}
	a.checkOffsets(topic, 0, 5)
	interop.CheckEqual("by time", offsetAt(topic, interop.BaseTime+15), 2)
	// Where nothing is that young, franz-go answers with the end.
	interop.CheckEqual("by a time after all", offsetAt(topic, interop.BaseTime+91), 5)
	largest, _ := interop.Get(a.admin.ListMaxTimestampOffsets(ctx, topic)).Lookup(topic, 0)
	interop.CheckEqual("largest timestamp", largest.Offset, 3)
	return nil
}

func (a administration) deleteRecords() error {
	ctx, cancel := bounded()
	defer cancel()
	topic := interop.Named("delete-records")
	produce(toRecords(topic, interop.Numbered("doomed", 100)))
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, 40, -1)
	deleted, _ := interop.Get(a.admin.DeleteRecords(ctx, offsets)).Lookup(topic, 0)
	interop.Must(deleted.Err)
	interop.CheckEqual("low watermark", deleted.LowWatermark, 40)
	interop.CheckEqual("first value left", readValues(topic, 60)[0], "doomed-40")
	return nil
}

func (a administration) describeLogDirs() error {
	ctx, cancel := bounded()
	defer cancel()
	partitions := kadm.TopicsSet{}
	partitions.Add(interop.Named("bounds"), 0)
	described := interop.Get(a.admin.DescribeAllLogDirs(ctx, partitions))
	size := int64(0)
	for _, directories := range described {
		partition, _ := directories.LookupPartition(interop.Named("bounds"), 0)
		size += partition.Size
	}
	interop.Check(size > 0, "no size is known")
	return nil
}

func (a administration) describeProducers() error {
	ctx, cancel := bounded()
	defer cancel()
	topic := interop.Named("idempotent")
	partitions := kadm.TopicsSet{}
	partitions.Add(topic, 0)
	described := interop.Get(a.admin.DescribeProducers(ctx, partitions))
	for _, producer := range described[topic].Partitions[0].ActiveProducers {
		if producer.LastSequence == 4999 {
			return nil
		}
	}
	return errors.New("no producer whose last sequence number is 4999")
}

func (a administration) electLeaders() error {
	ctx, cancel := bounded()
	defer cancel()
	topic := interop.Named("admin")
	partitions := kadm.TopicsSet{}
	partitions.Add(topic, 0)
	err := interop.Get(a.admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, partitions))[topic][0].Err
	if err != nil {
		expect(err, kerr.ElectionNotNeeded)
	}
	return nil
}

func (a administration) listReassignments() error {
	ctx, cancel := bounded()
	defer cancel()
	partitions := kadm.TopicsSet{}
	partitions.Add(interop.Named("admin"), 0)
	interop.CheckEqual("reassignments", len(interop.Get(a.admin.ListPartitionReassignments(ctx, partitions))), 0)
	return nil
}

func (a administration) deleteTopic() error {
	ctx, cancel := bounded()
	defer cancel()
	topic := interop.Named("short-lived")
	interop.Must(interop.Get(a.admin.CreateTopic(ctx, 1, 1, nil, topic)).Err)
	produce(toRecords(topic, interop.Numbered("before", 3)))
	interop.Must(interop.Get(a.admin.DeleteTopic(ctx, topic)).Err)
	interop.Until("it is gone", func() bool { return !interop.Get(a.admin.ListTopics(ctx)).Has(topic) })
	_, err := a.admin.DeleteTopic(ctx, topic)
	expect(err, kerr.UnknownTopicOrPartition)
	interop.Until("it can be created again", func() bool {
		_, err := a.admin.CreateTopic(ctx, 1, 1, nil, topic)
		interop.Check(err == nil || strings.Contains(err.Error(), "TOPIC_ALREADY_EXISTS"), "%v", err)
		return err == nil
	})
	produce(toRecords(topic, interop.Numbered("after", 2)))
	interop.CheckEqual("values of the new topic", readValues(topic, 2), interop.Numbered("after", 2))
	return nil
}
