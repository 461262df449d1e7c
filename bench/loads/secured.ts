import type { SecuredLoad } from './load.ts'
import { produce1k } from './produce-1k.ts'

const { partitions, batch, producers } = produce1k
const common = { kind: 'secured', partitions, batch, producers, rounds: 3 } as const

export const tls: SecuredLoad = {
  ...common,
  name: 'tls',
  summary: 'produce-1k over TLS and without, in turn',
  secured: 'tls',
}

export const acls: SecuredLoad = {
  ...common,
  name: 'acls',
  summary: 'produce-1k checked against 1,000 ACLs and not checked, in turn',
  secured: 'acls',
}
