// Package interop has what the Go clients share: what the runner tells them, the line protocol of
// their answers, and the records that all clients of the suite write.
package interop

import (
	"bytes"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	Wait                = 30 * time.Second
	stepTimeout         = 60 * time.Second
	RoundTripPartitions = 3
	GroupPartitions     = 4
)

var (
	Bootstrap   = os.Getenv("INTEROP_BOOTSTRAP")
	prefix      = os.Getenv("INTEROP_PREFIX")
	Records     = number("INTEROP_RECORDS")
	IsCrossRead = os.Getenv("INTEROP_MODE") == "cross-read"
	// BaseTime is the timestamp of record 0 in milliseconds; record i is i milliseconds later.
	BaseTime = int64(number("INTEROP_BASE_TIME_MS"))
)

// Codecs are named as Kafka's compression.type names them.
var Codecs = []string{"none", "gzip", "snappy", "lz4", "zstd"}

// ScenarioTopics are the topics of the scenario and their partition counts.
var ScenarioTopics = map[string]int32{
	"roundtrip.none":   RoundTripPartitions,
	"roundtrip.gzip":   RoundTripPartitions,
	"roundtrip.snappy": RoundTripPartitions,
	"roundtrip.lz4":    RoundTripPartitions,
	"roundtrip.zstd":   RoundTripPartitions,
	"acks":             1,
	"headers":          1,
	"idempotent":       1,
	"group":            GroupPartitions,
	"commit":           1,
	"bounds":           1,
	"seek":             1,
	"admin":            2,
}

func number(name string) int {
	value, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	return value
}

// Named is the name of a topic or group of this client's own.
func Named(suffix string) string { return prefix + "." + suffix }

// Step runs one step and reports it: it fails when it returns an error, panics or takes too long.
func Step(name string, run func() error) {
	start := time.Now()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if cause := recover(); cause != nil {
				done <- fmt.Errorf("panic: %v", cause)
			}
		}()
		done <- run()
	}()
	select {
	case err := <-done:
		if err == nil {
			fmt.Printf("STEP %s ok %d ms\n", name, time.Since(start).Milliseconds())
			return
		}
		fmt.Printf("STEP %s fail %s\n", name, strings.Join(strings.Fields(err.Error()), " "))
	case <-time.After(stepTimeout):
		fmt.Printf("STEP %s fail not done after %v\n", name, stepTimeout)
	}
}

// Unsupported reports steps that the client has no call for.
func Unsupported(reason string, names ...string) {
	for _, name := range names {
		fmt.Printf("STEP %s unsupported %s\n", name, reason)
	}
}

// Check panics when the condition does not hold; Step turns that into a failure.
func Check(condition bool, format string, arguments ...any) {
	if !condition {
		panic(fmt.Sprintf(format, arguments...))
	}
}

// CheckEqual panics when two values print differently.
func CheckEqual(what string, actual, expected any) {
	a, e := fmt.Sprint(actual), fmt.Sprint(expected)
	Check(a == e, "%s: expected %s, got %s", what, e, a)
}

// Must panics on an error.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// Get panics on an error and otherwise returns the value.
func Get[T any](value T, err error) T {
	Must(err)
	return value
}

// Until repeats a question until it is answered with true.
func Until(what string, question func() bool) {
	deadline := time.Now().Add(Wait)
	for !question() {
		Check(time.Now().Before(deadline), "waited in vain until %s", what)
		time.Sleep(50 * time.Millisecond)
	}
}

// TopicsToCrossRead are topics that other clients wrote, with their message format.
func TopicsToCrossRead() map[string]int {
	topics := map[string]int{}
	for _, entry := range strings.Split(os.Getenv("INTEROP_TOPICS"), ",") {
		topic, format, _ := strings.Cut(entry, "=")
		topics[topic] = Get(strconv.Atoi(format))
	}
	return topics
}

// Numbered returns TEXT-0, TEXT-1, ...
func Numbered(text string, count int) []string {
	values := make([]string, count)
	for i := range values {
		values[i] = fmt.Sprintf("%s-%d", text, i)
	}
	return values
}

// Header is a record header.
type Header struct {
	Key   string
	Value []byte
}

// Key of record number i.
func Key(i int) []byte {
	if i%10 == 0 {
		return nil
	}
	return fmt.Appendf(nil, "key-%d", i%97)
}

// Value of record number i: never nil together with the key, as some clients refuse that.
func Value(i int) []byte {
	if i%20 == 5 {
		return nil
	}
	return fmt.Appendf(nil, "value-é-%d-%s", i, strings.Repeat("x", i*7%200))
}

// Headers of record number i.
func Headers(i int) []Header {
	headers := []Header{{"i", []byte(strconv.Itoa(i))}}
	if i%5 == 0 {
		headers = append(headers, Header{"empty", []byte{}})
	}
	return headers
}

// ReadRecord is a record as a client read it.
type ReadRecord struct {
	Partition int32
	Offset    int64
	Key       []byte
	Value     []byte
	Timestamp time.Time
	Headers   []Header
}

// CheckRoundTrip checks a whole round-trip topic: content, order within partitions, and count. The
// format is the message format of the writer: 0 has no timestamps, 1 no headers, 2 has both.
func CheckRoundTrip(topic string, format int, records []ReadRecord) {
	next := make([]int64, RoundTripPartitions)
	for _, record := range records {
		where := fmt.Sprintf("%s-%d@%d", topic, record.Partition, record.Offset)
		CheckEqual(where+": next offset", record.Offset, next[record.Partition])
		next[record.Partition]++
		i := int(record.Offset)*RoundTripPartitions + int(record.Partition)
		checkBytes(where+": key", record.Key, Key(i))
		checkBytes(where+": value", record.Value, Value(i))
		if format >= 1 {
			CheckEqual(where+": timestamp", record.Timestamp.UnixMilli(), BaseTime+int64(i))
		}
		if format >= 2 {
			CheckEqual(where+": headers", record.Headers, Headers(i))
		}
	}
	CheckEqual(topic+": records", len(records), Records)
}

func checkBytes(what string, actual, expected []byte) {
	same := bytes.Equal(actual, expected) && (actual == nil) == (expected == nil)
	Check(same, "%s: expected %q, got %q", what, expected, actual)
}

// Sorted returns the numbers in order.
func Sorted(numbers []int32) []int32 {
	sorted := append([]int32{}, numbers...)
	sort.Slice(sorted, func(a, b int) bool { return sorted[a] < sorted[b] })
	return sorted
}
