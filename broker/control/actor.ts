import type { Door, Actor as RecordedActor, Source } from '../../audit/index.ts'

/** Who asks, from where, through which door. Goes into the record as it is. */
export interface Actor extends RecordedActor {
  readonly door: Door
  readonly source: Source
}
