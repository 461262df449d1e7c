package main

import (
	"os"
	"time"

	"github.com/IBM/sarama"

	"glasslog.test/interop/interop"
)

var codecs = map[string]sarama.CompressionCodec{
	"none":   sarama.CompressionNone,
	"gzip":   sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy,
	"lz4":    sarama.CompressionLZ4,
	"zstd":   sarama.CompressionZSTD,
}

var brokers = []string{interop.Bootstrap}

// version is the release whose API versions and message format sarama uses.
func version() sarama.KafkaVersion {
	if release := os.Getenv("SARAMA_RELEASE"); release != "" {
		return interop.Get(sarama.ParseKafkaVersion(release))
	}
	return sarama.MaxVersion
}

func newConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = version()
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.Return.Successes = true
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	config.Consumer.Group.Session.Timeout = 10 * time.Second
	// Closing waits for the fetch under way, which at the end of a topic waits for more.
	config.Consumer.MaxWaitTime = 50 * time.Millisecond
	config.Consumer.Offsets.AutoCommit.Interval = 100 * time.Millisecond
	return config
}

// produce sends messages through the asynchronous producer and waits until every one is delivered.
func produce(config *sarama.Config, messages []*sarama.ProducerMessage) {
	producer := interop.Get(sarama.NewAsyncProducer(brokers, config))
	go func() {
		for _, message := range messages {
			producer.Input() <- message
		}
	}()
	deadline := time.After(interop.Wait)
	for range messages {
		select {
		case <-producer.Successes():
		case failure := <-producer.Errors():
			interop.Must(failure.Err)
		case <-deadline:
			panic("records not delivered in time")
		}
	}
	interop.Must(producer.Close())
}

func toMessages(topic string, values []string) []*sarama.ProducerMessage {
	messages := make([]*sarama.ProducerMessage, len(values))
	for i, value := range values {
		messages[i] = &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(value)}
	}
	return messages
}

func encoder(bytes []byte) sarama.Encoder {
	if bytes == nil {
		return nil
	}
	return sarama.ByteEncoder(bytes)
}

// readPartition reads count messages from an offset on.
func readPartition(
	consumer sarama.Consumer, topic string, partition int32, offset int64, count int,
) []*sarama.ConsumerMessage {
	reader := interop.Get(consumer.ConsumePartition(topic, partition, offset))
	defer func() { interop.Must(reader.Close()) }()
	deadline := time.After(interop.Wait)
	var messages []*sarama.ConsumerMessage
	for len(messages) < count {
		select {
		case message := <-reader.Messages():
			messages = append(messages, message)
		case failure := <-reader.Errors():
			interop.Must(failure.Err)
		case <-deadline:
			interop.Check(false, "%s-%d: only %d of %d records came", topic, partition, len(messages), count)
		}
	}
	return messages
}

func readFrom(topic string, offset int64, count int) []*sarama.ConsumerMessage {
	consumer := interop.Get(sarama.NewConsumer(brokers, newConfig()))
	defer func() { interop.Must(consumer.Close()) }()
	return readPartition(consumer, topic, 0, offset, count)
}

func valuesOf(messages []*sarama.ConsumerMessage) []string {
	values := make([]string, len(messages))
	for i, message := range messages {
		values[i] = string(message.Value)
	}
	return values
}

func readValues(topic string, count int) []string {
	return valuesOf(readFrom(topic, sarama.OffsetOldest, count))
}

func toHeaders(headers []interop.Header) []sarama.RecordHeader {
	converted := make([]sarama.RecordHeader, len(headers))
	for i, header := range headers {
		converted[i] = sarama.RecordHeader{Key: []byte(header.Key), Value: header.Value}
	}
	return converted
}

func fromHeaders(headers []*sarama.RecordHeader) []interop.Header {
	converted := make([]interop.Header, len(headers))
	for i, header := range headers {
		converted[i] = interop.Header{Key: string(header.Key), Value: header.Value}
	}
	return converted
}

func roundTrip(codec string) error {
	topic := interop.Named("roundtrip." + codec)
	messages := make([]*sarama.ProducerMessage, interop.Records)
	for i := range messages {
		messages[i] = &sarama.ProducerMessage{
			Topic:     topic,
			Partition: int32(i % interop.RoundTripPartitions),
			Key:       encoder(interop.Key(i)),
			Value:     encoder(interop.Value(i)),
			Headers:   toHeaders(interop.Headers(i)),
			Timestamp: time.UnixMilli(interop.BaseTime + int64(i)),
		}
	}
	config := newConfig()
	config.Producer.Compression = codecs[codec]
	config.Producer.Flush.Frequency = 5 * time.Millisecond
	produce(config, messages)
	for i, message := range messages {
		interop.CheckEqual("offset", message.Offset, i/interop.RoundTripPartitions)
	}
	verify(topic, 2)
	return nil
}

func verify(topic string, format int) {
	client := interop.Get(sarama.NewClient(brokers, newConfig()))
	defer func() { interop.Must(client.Close()) }()
	consumer := interop.Get(sarama.NewConsumerFromClient(client))
	defer func() { interop.Must(consumer.Close()) }()
	var read []interop.ReadRecord
	for partition := range int32(interop.RoundTripPartitions) {
		end := interop.Get(client.GetOffset(topic, partition, sarama.OffsetNewest))
		for _, message := range readPartition(consumer, topic, partition, sarama.OffsetOldest, int(end)) {
			read = append(read, interop.ReadRecord{
				Partition: message.Partition,
				Offset:    message.Offset,
				Key:       message.Key,
				Value:     message.Value,
				Timestamp: message.Timestamp,
				Headers:   fromHeaders(message.Headers),
			})
		}
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
	produce(newConfig(), toMessages(topic, values))
	interop.CheckEqual("values", readValues(topic, 10), values)
	return nil
}

func acks() error {
	topic := interop.Named("acks")
	var expected []string
	for _, level := range []sarama.RequiredAcks{sarama.NoResponse, sarama.WaitForLocal, sarama.WaitForAll} {
		values := interop.Numbered(string('b'+rune(level)), 100)
		config := newConfig()
		config.Producer.RequiredAcks = level
		produce(config, toMessages(topic, values))
		expected = append(expected, values...)
	}
	interop.CheckEqual("values in order", readValues(topic, len(expected)), expected)
	return nil
}

func headers() error {
	topic := interop.Named("headers")
	rich := []interop.Header{
		{Key: "a", Value: []byte("1")},
		{Key: "a", Value: []byte("2")},
		{Key: "b", Value: []byte{}},
		{Key: "c", Value: nil},
		{Key: "bin", Value: []byte{0, 0xff, 0x80}},
	}
	only := []interop.Header{{Key: "only", Value: []byte("é")}}
	produce(newConfig(), []*sarama.ProducerMessage{
		{Topic: topic, Key: encoder([]byte("k")), Value: encoder([]byte("v")), Headers: toHeaders(rich)},
		{Topic: topic, Key: encoder([]byte{}), Value: encoder([]byte{})},
		{Topic: topic, Headers: toHeaders(only)},
	})
	read := readFrom(topic, sarama.OffsetOldest, 3)
	interop.CheckEqual("headers of the first", fromHeaders(read[0].Headers), rich)
	interop.Check(read[1].Key != nil && read[1].Value != nil, "empty key and value came back as null")
	interop.CheckEqual("headers of the second", len(read[1].Headers), 0)
	interop.Check(read[2].Key == nil && read[2].Value == nil, "null key and value came back as something else")
	interop.CheckEqual("headers of the third", fromHeaders(read[2].Headers), only)
	return nil
}

func idempotent() error {
	topic, values := interop.Named("idempotent"), interop.Numbered("once", 5000)
	config := newConfig()
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1
	config.Producer.Flush.MaxMessages = 20
	produce(config, toMessages(topic, values))
	interop.CheckEqual("values in order", readValues(topic, len(values)), values)
	return nil
}

func seekTime() error {
	topic, values := interop.Named("seek"), interop.Numbered("seek", 1000)
	timeOf := func(i int) int64 { return interop.BaseTime + int64(i)*10 }
	messages := toMessages(topic, values)
	for i, message := range messages {
		message.Timestamp = time.UnixMilli(timeOf(i))
	}
	produce(newConfig(), messages)
	client := interop.Get(sarama.NewClient(brokers, newConfig()))
	defer func() { interop.Must(client.Close()) }()
	at := func(timeMs int64) int64 { return interop.Get(client.GetOffset(topic, 0, timeMs)) }
	interop.CheckEqual("before all", at(timeOf(0)-1), 0)
	interop.CheckEqual("at 500", at(timeOf(500)), 500)
	interop.CheckEqual("after 500", at(timeOf(500)+1), 501)
	interop.CheckEqual("nothing is that young", at(timeOf(1000)), -1)
	interop.CheckEqual("from there on", valuesOf(readFrom(topic, at(timeOf(700)), 300)), values[700:])
	return nil
}

func bounds() error {
	topic := interop.Named("bounds")
	produce(newConfig(), toMessages(topic, interop.Numbered("bounds", 25)))
	client := interop.Get(sarama.NewClient(brokers, newConfig()))
	defer func() { interop.Must(client.Close()) }()
	interop.CheckEqual("earliest", interop.Get(client.GetOffset(topic, 0, sarama.OffsetOldest)), 0)
	interop.CheckEqual("latest", interop.Get(client.GetOffset(topic, 0, sarama.OffsetNewest)), 25)
	return nil
}
