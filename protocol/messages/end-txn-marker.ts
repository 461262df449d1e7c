import type { TypeOf } from '../schema/index.ts'
import { data, int32, versions } from '../schema/index.ts'

export const EndTxnMarker = data('EndTxnMarker', versions('0'), {
  coordinatorEpoch: int32(),
})
export interface EndTxnMarker extends TypeOf<typeof EndTxnMarker> {}
