package main

import (
	"errors"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"glasslog.test/interop/interop"
)

func newAdmin() *kadm.Client { return kadm.NewClient(newClient()) }

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
