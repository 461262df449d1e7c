package main

import (
	"context"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"

	"glasslog.test/interop/interop"
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

// release bounds the version of every API to the newest of that release; empty, only the broker does.
var release = os.Getenv("FRANZ_GO_RELEASE")

func newClient(options ...kgo.Opt) *kgo.Client {
	all := append([]kgo.Opt{
		kgo.SeedBrokers(interop.Bootstrap),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}, options...)
	if release != "" {
		all = append(all, kgo.MaxVersions(kversion.FromString(release)))
	}
	return interop.Get(kgo.NewClient(all...))
}

func bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), interop.Wait)
}

// produce sends records and waits until every one is delivered.
func produce(records []*kgo.Record, options ...kgo.Opt) kgo.ProduceResults {
	client := newClient(append(options, kgo.AllowAutoTopicCreation(), kgo.UnknownTopicRetries(10))...)
	defer client.Close()
	ctx, cancel := bounded()
	defer cancel()
	results := client.ProduceSync(ctx, records...)
	interop.Must(results.FirstErr())
	return results
}

func toRecords(topic string, values []string) []*kgo.Record {
	records := make([]*kgo.Record, len(values))
	for i, value := range values {
		records[i] = &kgo.Record{Topic: topic, Value: []byte(value)}
	}
	return records
}

// take reads until count records came.
func take(client *kgo.Client, count int) []*kgo.Record {
	ctx, cancel := bounded()
	defer cancel()
	var records []*kgo.Record
	for len(records) < count {
		fetches := client.PollFetches(ctx)
		interop.Must(ctx.Err())
		interop.Must(fetches.Err())
		records = append(records, fetches.Records()...)
	}
	return records
}

// readAll reads partitions 0 to `partitions` from the beginning and sees that nothing more comes.
func readAll(topic string, partitions int32, count int) []*kgo.Record {
	from := map[int32]kgo.Offset{}
	for partition := range partitions {
		from[partition] = kgo.NewOffset().AtStart()
	}
	client := newClient(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	defer client.Close()
	records := take(client, count)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	records = append(records, client.PollFetches(ctx).Records()...)
	interop.CheckEqual(topic+": records", len(records), count)
	return records
}

func readValues(topic string, count int) []string {
	return valuesOf(readAll(topic, 1, count))
}

func valuesOf(records []*kgo.Record) []string {
	values := make([]string, len(records))
	for i, record := range records {
		values[i] = string(record.Value)
	}
	return values
}

func toHeaders(headers []interop.Header) []kgo.RecordHeader {
	converted := make([]kgo.RecordHeader, len(headers))
	for i, header := range headers {
		converted[i] = kgo.RecordHeader{Key: header.Key, Value: header.Value}
	}
	return converted
}

func roundTrip(codec string) error {
	topic := interop.Named("roundtrip." + codec)
	records := make([]*kgo.Record, interop.Records)
	for i := range records {
		records[i] = &kgo.Record{
			Topic:     topic,
			Partition: int32(i % interop.RoundTripPartitions),
			Key:       interop.Key(i),
			Value:     interop.Value(i),
			Headers:   toHeaders(interop.Headers(i)),
			Timestamp: time.UnixMilli(interop.BaseTime + int64(i)),
		}
	}
	options := []kgo.Opt{kgo.ProducerBatchCompression(codecs[codec]), kgo.ProducerLinger(5 * time.Millisecond)}
	for _, result := range produce(records, options...) {
		record := result.Record
		i := int64(record.Timestamp.UnixMilli() - interop.BaseTime)
		interop.CheckEqual("offset", record.Offset, i/interop.RoundTripPartitions)
	}
	verify(topic, 2)
	return nil
}

func verify(topic string, format int) {
	var read []interop.ReadRecord
	for _, record := range readAll(topic, interop.RoundTripPartitions, interop.Records) {
		headers := make([]interop.Header, len(record.Headers))
		for i, header := range record.Headers {
			headers[i] = interop.Header{Key: header.Key, Value: header.Value}
		}
		read = append(read, interop.ReadRecord{
			Partition: record.Partition,
			Offset:    record.Offset,
			Key:       record.Key,
			Value:     record.Value,
			Timestamp: record.Timestamp,
			Headers:   headers,
		})
	}
	interop.CheckRoundTrip(topic, format, read)
}

func crossRead() error {
	for topic, format := range interop.TopicsToCrossRead() {
		verify(topic, format)
	}
	return nil
}

func autoCreate() error {
	topic, values := interop.Named("auto"), interop.Numbered("auto", 10)
	produce(toRecords(topic, values))
	interop.CheckEqual("values", readValues(topic, 10), values)
	return nil
}

func acks() error {
	topic := interop.Named("acks")
	var expected []string
	for name, level := range map[string]kgo.Acks{"0": kgo.NoAck(), "1": kgo.LeaderAck(), "all": kgo.AllISRAcks()} {
		values := interop.Numbered("acks-"+name, 100)
		produce(toRecords(topic, values), kgo.RequiredAcks(level), kgo.DisableIdempotentWrite())
		expected = append(expected, values...)
	}
	interop.CheckEqual("values in order", readValues(topic, len(expected)), expected)
	return nil
}

func headers() error {
	topic := interop.Named("headers")
	rich := toHeaders([]interop.Header{
		{Key: "a", Value: []byte("1")},
		{Key: "a", Value: []byte("2")},
		{Key: "b", Value: []byte{}},
		{Key: "c", Value: nil},
		{Key: "bin", Value: []byte{0, 0xff, 0x80}},
	})
	only := toHeaders([]interop.Header{{Key: "only", Value: []byte("é")}})
	produce([]*kgo.Record{
		{Topic: topic, Key: []byte("k"), Value: []byte("v"), Headers: rich},
		{Topic: topic, Key: []byte{}, Value: []byte{}},
		{Topic: topic, Headers: only},
	})
	read := readAll(topic, 1, 3)
	interop.CheckEqual("headers of the first", read[0].Headers, rich)
	interop.Check(read[0].Headers[3].Value == nil, "a null header value came back as something else")
	interop.Check(read[0].Headers[2].Value != nil, "an empty header value came back as null")
	interop.Check(read[1].Key != nil && read[1].Value != nil, "empty key and value came back as null")
	interop.CheckEqual("headers of the second", len(read[1].Headers), 0)
	interop.Check(read[2].Key == nil && read[2].Value == nil, "null key and value came back as something else")
	interop.CheckEqual("headers of the third", read[2].Headers, only)
	return nil
}

func idempotent() error {
	topic, values := interop.Named("idempotent"), interop.Numbered("once", 5000)
	// Small batches, so that many are in flight and a sequence number goes wrong if any can.
	produce(toRecords(topic, values), kgo.ProducerBatchMaxBytes(1024))
	interop.CheckEqual("values in order", readValues(topic, len(values)), values)
	return nil
}

func seekTime() error {
	topic, values := interop.Named("seek"), interop.Numbered("seek", 1000)
	timeOf := func(i int) int64 { return interop.BaseTime + int64(i)*10 }
	records := toRecords(topic, values)
	for i, record := range records {
		record.Timestamp = time.UnixMilli(timeOf(i))
	}
	produce(records)
	check := func(timeMs, expected int64) {
		interop.CheckEqual("offset by time", offsetAt(topic, timeMs), expected)
	}
	check(timeOf(0)-1, 0)
	check(timeOf(500), 500)
	check(timeOf(500)+1, 501)
	at := kgo.NewOffset().AfterMilli(timeOf(700))
	client := newClient(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: at}}))
	defer client.Close()
	interop.CheckEqual("from there on", valuesOf(take(client, 300)), values[700:])
	return nil
}
