import type { Resource } from '../../../audit/index.ts'
import type { AllocateProducerIds } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'

/** How many ids one record hands out; what a crash leaves of a block is never used. */
export const PRODUCER_ID_BLOCK = 1000

const LAST_PRODUCER_ID = 0x7fff_ffff_ffff_ffffn

export function decideAllocateProducerIds(state: FoldedState): Decision<AllocateProducerIds> {
  const resource: Resource = { kind: 'producer-ids', name: 'producer-ids', id: null }
  const first = state.nextProducerId
  const next = first + BigInt(PRODUCER_ID_BLOCK)
  if (next > LAST_PRODUCER_ID) {
    return refuse('UNKNOWN_SERVER_ERROR', 'All producer ids have been handed out.', resource)
  }
  return {
    error: 'NONE',
    resource,
    before: { nextProducerId: String(first) },
    after: { nextProducerId: String(next) },
    reversal: 'none',
    result: { firstProducerId: first, count: PRODUCER_ID_BLOCK },
  }
}
