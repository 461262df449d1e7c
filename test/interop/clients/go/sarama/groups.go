package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"glasslog.test/interop/interop"
)

const round = 400

// member is a member of a group that reads on a goroutine of its own.
type member struct {
	group    sarama.ConsumerGroup
	mutex    sync.Mutex
	owned    []int32
	values   []string
	sessions int
	ended    chan struct{}
	cancel   context.CancelFunc
}

func join(group string, change func(*sarama.Config)) *member {
	config := newConfig()
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyRange()}
	if change != nil {
		change(config)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{
		group:  interop.Get(sarama.NewConsumerGroup(brokers, interop.Named(group), config)),
		ended:  make(chan struct{}),
		cancel: cancel,
	}
	go func() {
		defer close(m.ended)
		for ctx.Err() == nil {
			if err := m.group.Consume(ctx, []string{interop.Named("group")}, m); err != nil {
				return
			}
		}
	}()
	return m
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.owned = interop.Sorted(session.Claims()[interop.Named("group")])
	m.sessions++
	return nil
}

func (m *member) Cleanup(session sarama.ConsumerGroupSession) error {
	session.Commit()
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.owned = nil
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.mutex.Lock()
		m.values = append(m.values, string(message.Value))
		m.mutex.Unlock()
		session.MarkMessage(message, "")
	}
	return nil
}

func (m *member) partitions() []int32 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return append([]int32{}, m.owned...)
}

func (m *member) read() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return append([]string{}, m.values...)
}

func (m *member) sessionCount() int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.sessions
}

// stop commits, leaves the group (unless the member is static) and ends.
func (m *member) stop() {
	m.cancel()
	<-m.ended
	interop.Must(m.group.Close())
}

func untilAll(first *member) {
	interop.Until("the first member has all", func() bool {
		return len(first.partitions()) == interop.GroupPartitions
	})
}

func untilHalves(first, second *member) {
	interop.Until("each has half", func() bool {
		return len(first.partitions()) == interop.GroupPartitions/2 &&
			len(second.partitions()) == interop.GroupPartitions/2
	})
	union := interop.Sorted(append(first.partitions(), second.partitions()...))
	interop.CheckEqual("partitions of both", union, []int32{0, 1, 2, 3})
}

// groupShare is two members that share a topic of four partitions, until one of them leaves.
type groupShare struct {
	members []*member
	rounds  int
}

func (g *groupShare) share() error {
	first := join("share", nil)
	g.members = append(g.members, first)
	untilAll(first)
	second := join("share", nil)
	g.members = append(g.members, second)
	untilHalves(first, second)
	g.produceRound()
	interop.CheckEqual("records of the first member", len(first.read()), round/2)
	return nil
}

func (g *groupShare) takeOver() error {
	interop.Check(len(g.members) == 2, "group-share did not get far enough")
	g.members[1].stop()
	untilAll(g.members[0])
	g.produceRound()
	g.members[0].stop()
	return nil
}

func (g *groupShare) produceRound() {
	messages := make([]*sarama.ProducerMessage, round)
	for i := range messages {
		messages[i] = &sarama.ProducerMessage{
			Topic:     interop.Named("group"),
			Partition: int32(i % interop.GroupPartitions),
			Value:     sarama.StringEncoder(fmt.Sprintf("%d-%d", g.rounds, i)),
		}
	}
	produce(newConfig(), messages)
	g.rounds++
	all := func() []string {
		var values []string
		for _, m := range g.members {
			values = append(values, m.read()...)
		}
		return values
	}
	interop.Until("all records arrive", func() bool { return len(all()) >= g.rounds*round })
	distinct := map[string]bool{}
	for _, value := range all() {
		interop.Check(!distinct[value], "twice: %s", value)
		distinct[value] = true
	}
	interop.CheckEqual("distinct records", len(distinct), g.rounds*round)
}

// staticMembership: a static member that returns gets its partitions back without a rebalance.
func staticMembership() error {
	static := func(name string) *member {
		return join("static", func(config *sarama.Config) { config.Consumer.Group.InstanceId = name })
	}
	first := static("one")
	untilAll(first)
	second := static("two")
	untilHalves(first, second)
	before, sessions := second.partitions(), first.sessionCount()
	second.stop()
	returned := static("two")
	interop.Until("the second member is back", func() bool { return len(returned.partitions()) == len(before) })
	interop.CheckEqual("partitions", returned.partitions(), before)
	time.Sleep(1500 * time.Millisecond)
	interop.CheckEqual("sessions of the first member", first.sessionCount(), sessions)
	first.stop()
	returned.stop()
	return nil
}

func commitResume() error {
	topic, values := interop.Named("commit"), interop.Numbered("commit", 1000)
	produce(newConfig(), toMessages(topic, values))
	interop.CheckEqual("first half", readAndCommit(topic, 500), values[:500])
	interop.CheckEqual("second half", readAndCommit(topic, 1000), values[500:])
	return nil
}

// halfReader reads 500 messages and marks a place.
type halfReader struct {
	offset int64
	values []string
	done   context.CancelFunc
}

func (h *halfReader) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (h *halfReader) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (h *halfReader) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		if h.values = append(h.values, string(message.Value)); len(h.values) == 500 {
			session.MarkOffset(claim.Topic(), claim.Partition(), h.offset, "half-way")
			session.Commit()
			h.done()
			return nil
		}
	}
	return nil
}

func readAndCommit(topic string, offset int64) []string {
	config := newConfig()
	config.Consumer.Offsets.AutoCommit.Enable = false
	group := interop.Get(sarama.NewConsumerGroup(brokers, interop.Named("commit"), config))
	ctx, cancel := context.WithTimeout(context.Background(), interop.Wait)
	reader := &halfReader{offset: offset, done: cancel}
	interop.Must(group.Consume(ctx, []string{topic}, reader))
	interop.Must(group.Close())
	return reader.values
}
