import type { ErrorName } from '../../protocol/index.ts'
import type { Actor, ControlPlane } from '../control/index.ts'

/** A producer id that nobody has had, or why there is none. */
export type NextProducerId =
  | { readonly kind: 'id'; readonly producerId: bigint }
  | { readonly kind: 'refused'; readonly error: string; readonly message: string | null }

/** Hands out producer ids, each once. */
export interface ProducerIds {
  next(actor: Actor): Promise<NextProducerId>
}

/**
 * Ids come from blocks that the control plane hands out, each recorded, so that no id is used twice
 * even after a crash; the rest of a block is then lost, which does no harm.
 */
export function createProducerIds(control: ControlPlane): ProducerIds {
  return new BlockProducerIds(control)
}

const NO_ERROR: ErrorName = 'NONE'

class BlockProducerIds implements ProducerIds {
  readonly #control: ControlPlane
  #nextId = 0n
  #left = 0
  /** The block being fetched; everybody who finds none waits for the same one. */
  #fetching: Promise<NextProducerId | null> | undefined

  constructor(control: ControlPlane) {
    this.#control = control
  }

  async next(actor: Actor): Promise<NextProducerId> {
    while (this.#left === 0) {
      this.#fetching ??= this.#fetchBlock(actor).finally(() => {
        this.#fetching = undefined
      })
      const refusal = await this.#fetching
      if (refusal) return refusal
    }
    this.#left--
    const producerId = this.#nextId
    this.#nextId++
    return { kind: 'id', producerId }
  }

  /** Null when there is a block now. */
  async #fetchBlock(actor: Actor): Promise<NextProducerId | null> {
    const [outcome] = await this.#control.execute([{ kind: 'producer-ids.allocate' }], actor)
    if (outcome?.error !== NO_ERROR || !outcome.after) {
      const error = outcome?.error ?? 'UNKNOWN_SERVER_ERROR'
      return { kind: 'refused', error, message: outcome?.message ?? null }
    }
    this.#nextId = outcome.after.firstProducerId
    this.#left = outcome.after.count
    return null
  }
}
