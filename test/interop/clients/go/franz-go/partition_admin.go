package main

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"glasslog.test/interop/interop"
)

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
