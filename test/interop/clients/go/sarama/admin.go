package main

import (
	"context"
	"errors"
	"time"

	"github.com/IBM/sarama"

	"glasslog.test/interop/interop"
)

func expect(err error, expected ...error) {
	for _, candidate := range expected {
		if errors.Is(err, candidate) {
			return
		}
	}
	interop.Check(false, "expected %v, got %v", expected, err)
}

type administration struct{ admin sarama.ClusterAdmin }

func (a administration) createTopics() error {
	for suffix, partitions := range interop.ScenarioTopics {
		detail := &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}
		interop.Must(a.admin.CreateTopic(interop.Named(suffix), detail, false))
	}
	again := &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}
	expect(a.admin.CreateTopic(interop.Named("acks"), again, false), sarama.ErrTopicAlreadyExists)
	interop.Until("all are listed", func() bool {
		listed := interop.Get(a.admin.ListTopics())
		for suffix, partitions := range interop.ScenarioTopics {
			if listed[interop.Named(suffix)].NumPartitions != partitions {
				return false
			}
		}
		return true
	})
	return nil
}

func (a administration) describeCluster() error {
	brokers, controller, err := a.admin.DescribeCluster()
	interop.Must(err)
	interop.CheckEqual("brokers", len(brokers), 1)
	interop.CheckEqual("controller", controller, brokers[0].ID())
	return nil
}

func (a administration) describeTopics() error {
	topics := interop.Get(a.admin.DescribeTopics([]string{interop.Named("group"), interop.Named("nobody-made")}))
	for _, topic := range topics {
		if topic.Name == interop.Named("nobody-made") {
			interop.CheckEqual("error", topic.Err, sarama.ErrUnknownTopicOrPartition)
			continue
		}
		interop.CheckEqual("partitions", len(topic.Partitions), interop.GroupPartitions)
		for _, partition := range topic.Partitions {
			interop.CheckEqual("replicas", partition.Replicas, []int32{partition.Leader})
			interop.CheckEqual("in-sync replicas", partition.Isr, []int32{partition.Leader})
		}
	}
	interop.CheckEqual("answers", len(topics), 2)
	return nil
}

func (a administration) createPartitions() error {
	topic := interop.Named("admin")
	interop.Must(a.admin.CreatePartitions(topic, 5, nil, false))
	interop.Until("five partitions", func() bool {
		return len(interop.Get(a.admin.DescribeTopics([]string{topic}))[0].Partitions) == 5
	})
	expect(a.admin.CreatePartitions(topic, 2, nil, false), sarama.ErrInvalidPartitions)
	return nil
}

func (a administration) config(name string) string {
	resource := sarama.ConfigResource{
		Type:        sarama.TopicResource,
		Name:        interop.Named("admin"),
		ConfigNames: []string{name},
	}
	for _, entry := range interop.Get(a.admin.DescribeConfig(resource)) {
		if entry.Name == name {
			return entry.Value
		}
	}
	return ""
}

func (a administration) describeConfigs() error {
	interop.CheckEqual("cleanup.policy", a.config("cleanup.policy"), "delete")
	interop.Check(a.config("retention.ms") != "", "retention.ms is not described")
	return nil
}

func (a administration) alterConfigs() error {
	change := func(operation sarama.IncrementalAlterConfigsOperation, name string, value *string) error {
		entries := map[string]sarama.IncrementalAlterConfigsEntry{name: {Operation: operation, Value: value}}
		return a.admin.IncrementalAlterConfig(sarama.TopicResource, interop.Named("admin"), entries, false)
	}
	text := func(value string) *string { return &value }
	interop.Must(change(sarama.IncrementalAlterConfigsOperationSet, "retention.ms", text("7200000")))
	interop.Must(change(sarama.IncrementalAlterConfigsOperationSet, "max.message.bytes", text("400000")))
	interop.Must(change(sarama.IncrementalAlterConfigsOperationDelete, "retention.ms", nil))
	interop.Until("one is back to its default", func() bool { return a.config("retention.ms") == "604800000" })
	interop.CheckEqual("the other one", a.config("max.message.bytes"), "400000")
	err := change(sarama.IncrementalAlterConfigsOperationSet, "retention.ms", text("soon"))
	expect(err, sarama.ErrInvalidConfig, sarama.ErrInvalidRequest)
	return nil
}

func (a administration) replaceConfigs() error {
	replace := func(entries map[string]string) error {
		pointers := map[string]*string{}
		for name, value := range entries {
			pointers[name] = &value
		}
		return a.admin.AlterConfig(sarama.TopicResource, interop.Named("admin"), pointers, false)
	}
	interop.Must(replace(map[string]string{"retention.ms": "7200000", "max.message.bytes": "500000"}))
	interop.Until("both are set", func() bool {
		return a.config("retention.ms") == "7200000" && a.config("max.message.bytes") == "500000"
	})
	interop.Must(replace(map[string]string{"retention.ms": "3600000"}))
	interop.Until("one is set, the other back to its default", func() bool {
		return a.config("retention.ms") == "3600000" && a.config("max.message.bytes") != "500000"
	})
	err := replace(map[string]string{"retention.ms": "soon"})
	expect(err, sarama.ErrInvalidConfig, sarama.ErrInvalidRequest)
	return nil
}

// tenReader reads ten messages, commits them, and stays until it is told to leave.
type tenReader struct {
	seen chan struct{}
}

func (r *tenReader) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (r *tenReader) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (r *tenReader) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		session.MarkMessage(message, "")
		if message.Offset == 9 {
			session.Commit()
			close(r.seen)
		}
	}
	return nil
}

// describeGroup looks at a group with one member, and then without.
func (a administration) describeGroup() error {
	name := interop.Named("administered")
	produce(newConfig(), toMessages(name, interop.Numbered("group", 10)))
	group := interop.Get(sarama.NewConsumerGroup(brokers, name, newConfig()))
	ctx, cancel := context.WithCancel(context.Background())
	reader := &tenReader{seen: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- group.Consume(ctx, []string{name}, reader) }()
	select {
	case <-reader.seen:
	case <-time.After(interop.Wait):
		panic("the member has not read everything in time")
	}
	described := interop.Get(a.admin.DescribeConsumerGroups([]string{name}))[0]
	interop.CheckEqual("state", described.State, "Stable")
	interop.CheckEqual("members", len(described.Members), 1)
	for _, only := range described.Members {
		assignment := interop.Get(only.GetMemberAssignment())
		interop.CheckEqual("assignment", assignment.Topics, map[string][]int32{name: {0}})
	}
	if version().IsAtLeast(sarama.V1_1_0_0) {
		expect(a.admin.DeleteConsumerGroup(name), sarama.ErrNonEmptyGroup)
	}
	cancel()
	interop.Must(<-ended)
	interop.Must(group.Close())
	interop.Until("it is empty", func() bool {
		return interop.Get(a.admin.DescribeConsumerGroups([]string{name}))[0].State == "Empty"
	})
	return nil
}

func (a administration) listGroups() error {
	interop.CheckEqual("protocol type", interop.Get(a.admin.ListConsumerGroups())[interop.Named("administered")], "consumer")
	return nil
}

func (a administration) committed() int64 {
	name := interop.Named("administered")
	response := interop.Get(a.admin.ListConsumerGroupOffsets(name, map[string][]int32{name: {0}}))
	return response.GetBlock(name, 0).Offset
}

func (a administration) listGroupOffsets() error {
	interop.CheckEqual("committed offset", a.committed(), 10)
	return nil
}

func (a administration) move() {
	name := interop.Named("administered")
	place := map[string]map[int32]sarama.OffsetAndMetadata{name: {0: {Offset: 3, LeaderEpoch: -1}}}
	interop.Get(a.admin.AlterConsumerGroupOffsets(name, place, nil))
}

func (a administration) alterGroupOffsets() error {
	a.move()
	interop.CheckEqual("moved offset", a.committed(), 3)
	return nil
}

func (a administration) deleteGroupOffsets() error {
	name := interop.Named("administered")
	interop.Must(a.admin.DeleteConsumerGroupOffset(name, name, 0))
	interop.CheckEqual("committed offset", a.committed(), -1)
	return nil
}

func (a administration) deleteGroup() error {
	// Without members and offsets the group may be gone already, so it gets an offset again.
	a.move()
	name := interop.Named("administered")
	interop.Must(a.admin.DeleteConsumerGroup(name))
	expect(a.admin.DeleteConsumerGroup(name), sarama.ErrGroupIDNotFound)
	return nil
}

func (a administration) listOffsets() error {
	topic := interop.Named("list-offsets")
	for _, age := range []int64{0, 10, 20, 90, 30} {
		timestamp := time.UnixMilli(interop.BaseTime + age)
		produce(newConfig(), []*sarama.ProducerMessage{{Topic: topic, Timestamp: timestamp}})
	}
	check := func(time, expected int64) {
		found := interop.Get(a.admin.ListOffsets(map[string]map[int32]int64{topic: {0: time}}, nil))
		interop.CheckEqual("offset", found[topic][0].Offset, expected)
	}
	check(sarama.OffsetOldest, 0)
	check(sarama.OffsetNewest, 5)
	check(interop.BaseTime+15, 2)
	return nil
}

func (a administration) deleteRecords() error {
	topic := interop.Named("delete-records")
	produce(newConfig(), toMessages(topic, interop.Numbered("doomed", 100)))
	interop.Must(a.admin.DeleteRecords(topic, map[int32]int64{0: 40}))
	interop.CheckEqual("first value left", readValues(topic, 60)[0], "doomed-40")
	return nil
}

func (a administration) describeLogDirs() error {
	_, broker, err := a.admin.DescribeCluster()
	interop.Must(err)
	for _, directory := range interop.Get(a.admin.DescribeLogDirs([]int32{broker}))[broker] {
		for _, topic := range directory.Topics {
			if topic.Topic == interop.Named("bounds") && topic.Partitions[0].Size > 0 {
				return nil
			}
		}
	}
	return errors.New("no size is known")
}

func (a administration) electLeaders() error {
	topic := interop.Named("admin")
	results := interop.Get(a.admin.ElectLeaders(sarama.PreferredElection, map[string][]int32{topic: {0}}))
	answer := results[topic][0].ErrorCode
	// 84 is ELECTION_NOT_NEEDED, which is right, as the one broker leads already.
	interop.Check(answer == sarama.ErrNoError || int16(answer) == 84, "election: %v", answer)
	return nil
}

func (a administration) listReassignments() error {
	status := interop.Get(a.admin.ListPartitionReassignments(interop.Named("admin"), []int32{0}))
	interop.CheckEqual("reassignments", len(status), 0)
	return nil
}

func (a administration) deleteTopic() error {
	topic := interop.Named("short-lived")
	detail := &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}
	interop.Must(a.admin.CreateTopic(topic, detail, false))
	produce(newConfig(), toMessages(topic, interop.Numbered("before", 3)))
	interop.Must(a.admin.DeleteTopic(topic))
	interop.Until("it is gone", func() bool {
		_, exists := interop.Get(a.admin.ListTopics())[topic]
		return !exists
	})
	expect(a.admin.DeleteTopic(topic), sarama.ErrUnknownTopicOrPartition)
	interop.Until("it can be created again", func() bool { return a.admin.CreateTopic(topic, detail, false) == nil })
	produce(newConfig(), toMessages(topic, interop.Numbered("after", 2)))
	interop.CheckEqual("values of the new topic", readValues(topic, 2), interop.Numbered("after", 2))
	return nil
}
