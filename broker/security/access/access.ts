import type { AclOperation, AclResourceType } from '../../control/index.ts'
import { CLUSTER_RESOURCE_NAME } from '../../control/index.ts'
import type { OperationBits } from './operation-bits.ts'
import { EVERY_OPERATION, OPERATIONS_ON } from './operation-bits.ts'
import type { RequesterRules, RuleIndex } from './rule-index.ts'
import { hasBit } from './rule-index.ts'

/** What one requester may do, for as long as the rules are as they are. Answers are remembered. */
export interface Access {
  may(operation: AclOperation, type: AclResourceType, name: string): boolean
  /** Whether there is, or could be, a resource of the type on which the operation is allowed. */
  mayOnAny(operation: AclOperation, type: AclResourceType): boolean
  /** For the authorized-operations fields: those that the type knows and the requester may do. */
  operationsOn(type: AclResourceType, name: string): OperationBits
}

/** What somebody may do who may do everything. */
export const fullAccess: Access = {
  may: () => true,
  mayOnAny: () => true,
  operationsOn: (type) => OPERATIONS_ON[type],
}

/** What somebody may do while nobody is let in. */
export const noAccess: Access = {
  may: () => false,
  mayOnAny: () => false,
  operationsOn: () => 0,
}

/** Names whose answers are remembered, by requester and type; a client may ask for any. */
const MAX_REMEMBERED = 10_000

/** A name that no rule is likely to be for: what is allowed on it is allowed by default. */
const UNLIKELY_NAME = 'hardcode'

/** What rules let one requester do. */
export class RuledAccess implements Access {
  readonly #own: RequesterRules
  readonly #all: RuleIndex
  readonly #isOpenByDefault: boolean
  readonly #remembered = new Map<AclResourceType, Map<string, OperationBits>>()

  constructor(own: RequesterRules, all: RuleIndex, isOpenByDefault: boolean) {
    this.#own = own
    this.#all = all
    this.#isOpenByDefault = isOpenByDefault
  }

  may(operation: AclOperation, type: AclResourceType, name: string): boolean {
    return hasBit(this.#bits(type, name), operation)
  }

  mayOnAny(operation: AclOperation, type: AclResourceType): boolean {
    const name = type === 'CLUSTER' ? CLUSTER_RESOURCE_NAME : UNLIKELY_NAME
    return this.may(operation, type, name) || this.#own.mayOnAny(operation, type)
  }

  operationsOn(type: AclResourceType, name: string): OperationBits {
    return this.#bits(type, name) & OPERATIONS_ON[type]
  }

  #bits(type: AclResourceType, name: string): OperationBits {
    let names = this.#remembered.get(type)
    if (!names) {
      names = new Map()
      this.#remembered.set(type, names)
    }
    let bits = names.get(name)
    if (bits === undefined) {
      bits = this.#compute(type, name)
      if (names.size >= MAX_REMEMBERED) names.clear()
      names.set(name, bits)
    }
    return bits
  }

  #compute(type: AclResourceType, name: string): OperationBits {
    if (this.#isOpenByDefault && !this.#all.knows(type, name)) return EVERY_OPERATION
    return this.#own.operationsOn(type, name)
  }
}
