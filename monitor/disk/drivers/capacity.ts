import type { DiskBroker } from '../broker-port.ts'
import { inBytes } from '../step.ts'
import type { ExpansionDriver } from './driver.ts'

/** Raises how much the broker may use of the volume that it has: never above what the file system has free. */
export function createCapacityDriver(broker: DiskBroker): ExpansionDriver {
  return {
    name: 'capacity',
    scales: 'limit',
    async bounds({ limitBytes, usedBytes, freeBytes }) {
      return { scaledBytes: limitBytes, largestBytes: usedBytes + freeBytes }
    },
    async expand(action) {
      const { to } = action.step
      await broker.setLimit(to, action)
      return { kind: 'asked', detail: `the broker may use ${inBytes(to)}` }
    },
  }
}
