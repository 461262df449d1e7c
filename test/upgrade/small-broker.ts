import type { Broker } from '../../broker/index.ts'
import { startBroker, workerJournalDevice } from '../../broker/index.ts'
import {
  openRealDisk,
  silentLogger,
  systemClock,
  systemRandom,
  systemTimers,
} from '../../kit/index.ts'

const KIB = 1024

/** A broker in this process whose files are small enough to be kept in the repository. */
export function startSmallBroker(dataDirectory: string): Promise<Broker> {
  return startBroker(
    {
      dataDirectory,
      host: '127.0.0.1',
      kafkaPort: 0,
      adminPort: 0,
      advertised: { host: null, port: null },
      rack: null,
      insecure: false,
      secretsKey: null,
      adminTlsKeystore: null,
      adminHostnames: [],
      overrides: { 'group.initial.rebalance.delay.ms': '0', 'offsets.topic.num.partitions': '2' },
      limits: { journalFileBytes: 64 * KIB, journalMaxFiles: 6, chunkBytes: 64 * KIB },
      onFailure: (error) => {
        throw error
      },
    },
    {
      disk: openRealDisk(),
      journalDevice: workerJournalDevice,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      logger: silentLogger,
    },
  )
}
