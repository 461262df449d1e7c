import type { ScramMechanism } from '../control/index.ts'

/** SCRAM mechanisms by their number on the wire (KIP-554). */
export const SCRAM_CODES: ReadonlyMap<number, ScramMechanism> = new Map([
  [1, 'SCRAM-SHA-256'],
  [2, 'SCRAM-SHA-512'],
])
