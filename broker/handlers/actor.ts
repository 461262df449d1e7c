import type { Actor } from '../control/index.ts'
import type { RequestContext } from './handler.ts'

/** Who sent a request, as the history records it. */
export function actorOf(context: RequestContext): Actor {
  const { connection, clientId } = context
  return {
    ...connection.identity,
    door: 'kafka',
    source: {
      ip: connection.address,
      listener: connection.listener,
      ...(clientId === null ? {} : { clientId }),
      ...(connection.softwareName === 'unknown'
        ? {}
        : { software: `${connection.softwareName} ${connection.softwareVersion}` }),
    },
  }
}
