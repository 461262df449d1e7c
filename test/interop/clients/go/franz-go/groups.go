package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"glasslog.test/interop/interop"
)

const round = 400

// member is a member of a group that reads on a goroutine of its own.
type member struct {
	client   *kgo.Client
	mutex    sync.Mutex
	owned    map[int32]bool
	values   []string
	assigned int
	revoked  int
	ended    chan struct{}
	cancel   context.CancelFunc
}

func join(group string, options ...kgo.Opt) *member {
	m := &member{owned: map[int32]bool{}, ended: make(chan struct{})}
	all := append([]kgo.Opt{
		kgo.ConsumerGroup(interop.Named(group)),
		kgo.ConsumeTopics(interop.Named("group")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.HeartbeatInterval(500 * time.Millisecond),
		kgo.SessionTimeout(10 * time.Second),
		kgo.AutoCommitInterval(100 * time.Millisecond),
		kgo.OnPartitionsAssigned(m.onAssigned),
		kgo.OnPartitionsRevoked(m.onRevoked),
		kgo.OnPartitionsLost(m.onRevoked),
	}, options...)
	m.client = newClient(all...)
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	go m.loop(ctx)
	return m
}

func (m *member) onAssigned(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.assigned++
	for _, partition := range partitions[interop.Named("group")] {
		m.owned[partition] = true
	}
}

// onRevoked commits what was read, so that the next owner begins there.
func (m *member) onRevoked(ctx context.Context, client *kgo.Client, partitions map[string][]int32) {
	_ = client.CommitUncommittedOffsets(ctx)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, partition := range partitions[interop.Named("group")] {
		m.revoked++
		delete(m.owned, partition)
	}
}

func (m *member) loop(ctx context.Context) {
	defer close(m.ended)
	for ctx.Err() == nil {
		records := m.client.PollFetches(ctx).Records()
		m.mutex.Lock()
		m.values = append(m.values, valuesOf(records)...)
		m.mutex.Unlock()
	}
}

func (m *member) partitions() []int32 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var partitions []int32
	for partition := range m.owned {
		partitions = append(partitions, partition)
	}
	return interop.Sorted(partitions)
}

func (m *member) counts() (assigned, revoked int) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.assigned, m.revoked
}

func (m *member) read() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return append([]string{}, m.values...)
}

// stop commits, leaves the group (unless the member is static) and ends.
func (m *member) stop() {
	m.cancel()
	<-m.ended
	ctx, cancel := bounded()
	defer cancel()
	interop.Must(m.client.CommitUncommittedOffsets(ctx))
	m.client.Close()
}

func untilAll(first *member) {
	interop.Until("the first member has all", func() bool {
		return len(first.partitions()) == interop.GroupPartitions
	})
}

func untilHalves(first, second *member) {
	interop.Until("each has half", func() bool {
		union := map[int32]bool{}
		for _, partition := range append(first.partitions(), second.partitions()...) {
			union[partition] = true
		}
		return len(union) == interop.GroupPartitions && len(first.partitions()) == interop.GroupPartitions/2
	})
}

// groupShare is two members that share a topic of four partitions, until one of them leaves.
type groupShare struct {
	members []*member
	rounds  int
}

func (g *groupShare) share() error {
	first := join("share", kgo.Balancers(kgo.RangeBalancer()))
	g.members = append(g.members, first)
	untilAll(first)
	second := join("share", kgo.Balancers(kgo.RangeBalancer()))
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
	records := make([]*kgo.Record, round)
	for i := range records {
		records[i] = &kgo.Record{
			Topic:     interop.Named("group"),
			Partition: int32(i % interop.GroupPartitions),
			Value:     fmt.Appendf(nil, "%d-%d", g.rounds, i),
		}
	}
	produce(records)
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
		return join("static", kgo.InstanceID(name), kgo.Balancers(kgo.RangeBalancer()))
	}
	first := static("one")
	untilAll(first)
	second := static("two")
	untilHalves(first, second)
	before := second.partitions()
	assigned, _ := first.counts()
	second.stop()
	returned := static("two")
	interop.Until("the second member is back", func() bool { return len(returned.partitions()) == len(before) })
	interop.CheckEqual("partitions", returned.partitions(), before)
	time.Sleep(1500 * time.Millisecond)
	after, _ := first.counts()
	interop.CheckEqual("assignments of the first member", after, assigned)
	first.stop()
	returned.stop()
	return nil
}

// cooperative: the first member gives up only what the second one gets.
func cooperative() error {
	first := join("cooperative", kgo.Balancers(kgo.CooperativeStickyBalancer()))
	untilAll(first)
	second := join("cooperative", kgo.Balancers(kgo.CooperativeStickyBalancer()))
	untilHalves(first, second)
	_, revoked := first.counts()
	interop.CheckEqual("partitions taken from the first member", revoked, interop.GroupPartitions/2)
	second.stop()
	untilAll(first)
	first.stop()
	return nil
}

func commitResume() error {
	topic, values := interop.Named("commit"), interop.Numbered("commit", 1000)
	produce(toRecords(topic, values))
	interop.CheckEqual("first half", readAndCommit(topic, 500), values[:500])
	interop.CheckEqual("second half", readAndCommit(topic, 1000), values[500:])
	return nil
}

func readAndCommit(topic string, offset int64) []string {
	client := newClient(
		kgo.ConsumerGroup(interop.Named("commit")),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	)
	defer client.Close()
	values := valuesOf(take(client, 500))[:500]
	ctx, cancel := bounded()
	defer cancel()
	place := map[string]map[int32]kgo.EpochOffset{topic: {0: {Epoch: -1, Offset: offset}}}
	failed := error(nil)
	client.CommitOffsetsSync(ctx, place, onCommitted(&failed))
	interop.Must(failed)
	return values
}

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
