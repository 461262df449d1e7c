/** What the side-by-side runs fetch from Maven, pinned. */
export const versions = {
  /** `org.apache.kafka:kafka_2.13` and `kafka-tools`. */
  kafka: '4.1.2',
  /** The logging binding, so that the broker's ready line reaches us. */
  slf4jSimple: '1.7.36',
  mavenDependencyPlugin: '3.8.1',
} as const
