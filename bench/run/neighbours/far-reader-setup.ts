import type { Address } from '../../client/connections.ts'
import type { ReadRange } from '../keep-consuming.ts'

/** What a FarReader tells its thread. */
export interface FarReaderSetup {
  readonly address: Address
  readonly topic: string
  readonly ranges: readonly ReadRange[]
}
