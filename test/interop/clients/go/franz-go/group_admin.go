package main

import (
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"glasslog.test/interop/interop"
)

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
