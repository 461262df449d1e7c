/** The thread of a FarReader. It reads until it is terminated. */
import { workerData } from 'node:worker_threads'
import { FrameConnection } from '../../client/frame-connection.ts'
import { keepConsuming } from '../keep-consuming.ts'
import type { FarReaderSetup } from './far-reader-setup.ts'

const { address, topic, ranges } = workerData as FarReaderSetup
const connection = await FrameConnection.open(address)
const reading = keepConsuming({
  connection,
  topic,
  ranges,
  mayFetch: () => true,
  onRead: () => {},
})
await Promise.race([reading, connection.failed])
