import { Type } from 'typebox'
import { abbreviate } from '../../../kit/index.ts'
import type { ConnectionInfo } from '../../network/index.ts'
import { onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import type { Position } from '../http/paging.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { closed, isoTime, nullable, oneOf, time, wholeNumber } from '../http/schema.ts'

const connection = closed(
  {
    id: wholeNumber('Counted since the start of the broker.'),
    listener: Type.String({ description: 'By which listener it came.' }),
    address: Type.String({ description: 'Address of the client.' }),
    principal: Type.String({ description: 'User:ANONYMOUS until somebody logs in.' }),
    mechanism: Type.String({ description: 'How the principal is known.' }),
    clientId: Type.String({ description: 'As the last request has it; empty before.' }),
    softwareName: Type.String({ description: 'As the client says; `unknown` if it does not.' }),
    softwareVersion: Type.String(),
    connectedAt: time('When it was accepted.'),
    bytesIn: wholeNumber('Bytes that came from the client.'),
    bytesOut: wholeNumber('Bytes of answers.'),
    requests: wholeNumber('Requests that came.'),
    requestsInFlight: wholeNumber('Those that are not answered yet.'),
    lastRequest: nullable(
      closed({ api: Type.String({ description: 'Its name.' }), at: time('When it came.') }),
    ),
    idleMs: wholeNumber('For how long no byte has come or gone.'),
  },
  { title: 'Connection' },
)

/** An id may have 32 KB, and a page a thousand of them. */
const MAX_CLIENT_ID_LENGTH = 249

const SORTS = ['connectedAt', 'bytesIn', 'bytesOut', 'requests', 'idle'] as const
type Sort = (typeof SORTS)[number]

const text = (description: string) => Type.Optional(Type.String({ maxLength: 1024, description }))

/** `/v1/connections`: who is connected by the Kafka protocol, with what, and what for. */
export const connectionsRoutes: AdminPlugin = (app, { broker, connections }) => {
  const { clock } = broker

  app.get(
    '/v1/connections',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'Connections of Kafka clients',
        description:
          'Those that are open now. Numbers grow while pages are read; a connection is on one page at most unless it moves in the order asked for.',
        operationId: 'listConnections',
        tags: ['Cluster'],
        querystring: closed({
          listener: text('Came by this listener.'),
          address: text('Came from this address.'),
          principal: text('`User:alice`, or `alice`.'),
          clientId: text('Calls itself so.'),
          software: text('Name of the client’s software.'),
          sort: Type.Optional(
            oneOf(SORTS, {
              default: 'connectedAt',
              description: 'The oldest first; by anything else the most first.',
            }),
          ),
          ...pageQuery,
        }),
        response: { 200: closed({ connections: Type.Array(connection), next: pageNext }) },
      },
    },
    async (request) => {
      const { sort = 'connectedAt' } = request.query
      const nowMs = clock.monotonicMs()
      const order = sort === 'connectedAt' ? 'ascending' : 'descending'
      const { items, next } = pageOf(
        matching(connections(), request.query),
        (one) => positionOf(one, sort, nowMs),
        request.query,
        order,
      )
      return { connections: items.map((one) => view(one, nowMs)), next }
    },
  )
}

interface ConnectionFilter {
  readonly listener?: string
  readonly address?: string
  readonly principal?: string
  readonly clientId?: string
  readonly software?: string
}

function* matching(
  all: Iterable<ConnectionInfo>,
  { listener, address, principal, clientId, software }: ConnectionFilter,
): Generator<ConnectionInfo> {
  for (const one of all) {
    if (listener !== undefined && one.listener !== listener) continue
    if (address !== undefined && one.address !== address) continue
    if (clientId !== undefined && one.clientId !== clientId) continue
    if (software !== undefined && one.softwareName !== software) continue
    const isTheirs = one.principal === principal || one.principal === `User:${principal}`
    if (principal === undefined || isTheirs) yield one
  }
}

function positionOf(one: ConnectionInfo, sort: Sort, nowMs: number): Position {
  const place = String(one.id).padStart(16, '0')
  switch (sort) {
    case 'connectedAt':
      return [one.openedAtMs, place]
    case 'idle':
      return [nowMs - one.lastActivityMonotonicMs, place]
    default:
      return [one[sort], place]
  }
}

function view(one: ConnectionInfo, nowMs: number) {
  const { lastApi, lastRequestAtMs } = one
  return {
    id: one.id,
    listener: one.listener,
    address: one.address,
    principal: one.principal,
    mechanism: one.identity.mechanism,
    clientId: abbreviate(one.clientId, MAX_CLIENT_ID_LENGTH),
    softwareName: one.softwareName,
    softwareVersion: one.softwareVersion,
    connectedAt: isoTime(one.openedAtMs),
    bytesIn: one.bytesIn,
    bytesOut: one.bytesOut,
    requests: one.requests,
    requestsInFlight: one.requestsInFlight,
    lastRequest: lastApi === null ? null : { api: lastApi, at: isoTime(lastRequestAtMs) },
    idleMs: Math.max(0, Math.round(nowMs - one.lastActivityMonotonicMs)),
  }
}
