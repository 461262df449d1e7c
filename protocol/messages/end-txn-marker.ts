import type { TypeOf } from '../schema/index.ts'
import { data, int32, versions } from '../schema/index.ts'

/**
 * Value of the control record that ends a transaction in a partition. Its key says commit or abort.
 */
export const EndTxnMarker = data('EndTxnMarker', versions('0'), {
  /** Epoch of the transaction coordinator, which fences older ones. */
  coordinatorEpoch: int32(),
})
export interface EndTxnMarker extends TypeOf<typeof EndTxnMarker> {}
