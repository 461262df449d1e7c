import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { ApiVersionsRequest } from '../../protocol/index.ts'
import { BenchError } from '../client/bench-error.ts'
import type { Address } from '../client/connections.ts'
import { encodeFrame } from '../client/request.ts'
import type { ConnectionsLoad } from '../loads/load.ts'
import { readTreeMemory } from '../measure/tree-memory.ts'
import type { Outcome } from './measurement.ts'
import type { RunContext } from './run-context.ts'
import { sleep } from './run-context.ts'

/** As many at a time as a listener's backlog takes without dropping any. */
const OPENED_AT_ONCE = 100
const ANSWER_TIMEOUT_MS = 10_000

/** Opens the connections, lets each introduce itself as clients do, and looks at the memory again. */
export async function runConnections(
  load: ConnectionsLoad,
  { address, pid, limits }: RunContext,
): Promise<Outcome> {
  const count = Math.max(Math.round(load.connections * limits.scale), OPENED_AT_ONCE)
  if (pid === null) throw new BenchError('the memory of a broker elsewhere cannot be seen')
  const sockets: Socket[] = []
  try {
    await introduce(address)
    await sleep(limits.warmupMs)
    const before = readTreeMemory(pid)
    while (sockets.length < count) {
      const opening = Array.from({ length: OPENED_AT_ONCE }, () => introduce(address))
      sockets.push(...(await Promise.all(opening)))
    }
    await sleep(limits.measureMs)
    const after = readTreeMemory(pid)
    const closed = sockets.filter((socket) => socket.destroyed || socket.readableEnded).length
    if (closed > 0) throw new BenchError(`the broker closed ${closed} of ${count} connections`)
    const growthBytes = after.residentBytes - before.residentBytes
    return {
      seconds: limits.measureMs / 1000,
      brokerResidentBytes: after.residentBytes,
      figures: { 'memory growth MB': growthBytes / 1e6 },
      detail: `${sockets.length} connections`,
    }
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

/** A connection that has asked for the API versions and has its answer. */
function introduce({ host, port }: Address): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')))
    socket.once('error', reject)
    socket.once('connect', () => socket.write(encodeFrame(ApiVersionsRequest, 0, {})))
    socket.once('data', () => {
      socket.setTimeout(0)
      socket.resume()
      resolve(socket)
    })
  })
}
