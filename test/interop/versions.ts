/**
 * Every client, tool and helper that the interoperability suite fetches, pinned in this one place.
 * kcat is missing here because it comes from the machine's own package manager (see install.sh).
 */
export const versions = {
  /** Maven `org.apache.kafka:kafka-clients`, by the client's name in the roster. */
  javaClients: {
    'java-0.9': '0.9.0.1',
    'java-0.10': '0.10.2.2',
    'java-1.1': '1.1.1',
    'java-2.4': '2.4.1',
    'java-3.9': '3.9.2',
    'java-4.1': '4.1.2',
  },
  /** Maven `org.apache.kafka:kafka_2.13` and `kafka-tools`: command-line tools and reference broker. */
  kafkaTools: { 'tools-3.9': '3.9.2', 'tools-4.1': '4.1.2' },
  /** Maven `org.slf4j:slf4j-simple`: the Java clients log warnings through it to standard error. */
  slf4jSimple: '1.7.36',
  /** Maven's own plugin that copies an artifact with its dependencies into a directory. */
  mavenDependencyPlugin: '3.8.1',
  /** PyPI packages, installed into one virtual environment. */
  python: {
    'confluent-kafka': '2.16.1',
    aiokafka: '0.14.0',
    cramjam: '2.14.0',
  },
  /** Go modules of the one module that holds both Go clients. */
  go: {
    'github.com/twmb/franz-go': 'v1.22.2',
    'github.com/twmb/franz-go/pkg/kadm': 'v1.19.0',
    'github.com/IBM/sarama': 'v1.61.1',
    'github.com/xdg-go/scram': 'v1.1.2',
  },
} as const
