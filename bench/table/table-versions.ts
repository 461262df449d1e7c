/** What the table fetches from Maven beside Apache Kafka, pinned. */
export const tableVersions = {
  /** `org.apache.rocketmq:rocketmq-broker`, with the client that it brings along. */
  rocketmq: '5.5.0',
  /** `com.rabbitmq:amqp-client`. */
  rabbitmqClient: '5.35.0',
  /** `com.rabbitmq:stream-client`. */
  rabbitmqStreamClient: '1.11.0',
} as const
