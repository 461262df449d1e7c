import type { ConnectionsLoad } from './load.ts'

export const connections: ConnectionsLoad = {
  kind: 'connections',
  name: 'connections',
  summary: '5,000 connections that asked for API versions and then say nothing: memory they take',
  isLong: true,
  connections: 5_000,
}
