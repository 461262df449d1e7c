import { Kafka, logLevel } from 'kafkajs'

/**
 * The topics of the scenario with their partition counts. Clients with an admin API create them in
 * `create-topic`; for the others the runner does it. Each name gets the client's own prefix.
 */
const scenarioTopics: Readonly<Record<string, number>> = {
  'roundtrip.none': 3,
  'roundtrip.gzip': 3,
  'roundtrip.snappy': 3,
  'roundtrip.lz4': 3,
  'roundtrip.zstd': 3,
  acks: 1,
  headers: 1,
  idempotent: 1,
  group: 4,
  commit: 1,
  bounds: 1,
  seek: 1,
  admin: 2,
}

/** The codecs by the names that Kafka's `compression.type` gives them. */
export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** Creates the scenario's topics for a client that has no way to create them. */
export async function createScenarioTopics(bootstrap: string, prefix: string): Promise<void> {
  const kafka = new Kafka({
    clientId: 'interop-runner',
    brokers: [bootstrap],
    logLevel: logLevel.ERROR,
  })
  const admin = kafka.admin()
  await admin.connect()
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: Object.entries(scenarioTopics).map(([suffix, numPartitions]) => ({
        topic: `${prefix}.${suffix}`,
        numPartitions,
        replicationFactor: 1,
      })),
    })
  } finally {
    await admin.disconnect()
  }
}
