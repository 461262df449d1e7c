import type { HistoryRecord, Json, Resource } from '../../../audit/index.ts'
import { resourceKey } from '../../../audit/index.ts'

/** A resource as the history's last word about it. */
export interface ModelEntry {
  readonly resource: Resource
  readonly value: Json
  readonly seq: number
}

/** An object of JSON whose members are looked at one by one. */
export type Members = { readonly [name: string]: Json | undefined }

/**
 * What a cluster must look like after the operations so far: the reference that the broker is
 * compared with. It is changed by nothing but `put`, and knows no broker.
 */
export class Model {
  readonly #entries = new Map<string, ModelEntry>()

  /** The same state, which can be changed without this one. */
  copy(): Model {
    const copy = new Model()
    for (const [key, entry] of this.#entries) copy.#entries.set(key, entry)
    return copy
  }

  /** The resource from now on; null when it is gone. */
  put(resource: Resource, value: Json, seq: number): void {
    const key = resourceKey(resource)
    if (value === null) this.#entries.delete(key)
    else this.#entries.set(key, { resource, value, seq })
  }

  get(key: string): ModelEntry | undefined {
    return this.#entries.get(key)
  }

  /** Null when there is none, as `before` of a record is. */
  valueOf(resource: Resource): Json {
    return this.#entries.get(resourceKey(resource))?.value ?? null
  }

  entries(): Iterable<readonly [string, ModelEntry]> {
    return this.#entries
  }

  *ofKind(kind: string): Generator<Members> {
    for (const { resource, value } of this.#entries.values()) {
      if (resource.kind === kind) yield value as Members
    }
  }

  named(kind: string, name: string): Members | undefined {
    for (const value of this.ofKind(kind)) if (value.name === name) return value
    return undefined
  }

  liveTopics(): readonly Members[] {
    return [...this.ofKind('topic')].filter(({ deletedAtMs }) => deletedAtMs === undefined)
  }

  deletedTopics(): readonly Members[] {
    return [...this.ofKind('topic')].filter(({ deletedAtMs }) => deletedAtMs !== undefined)
  }

  liveTopic(name: string): Members | undefined {
    return this.liveTopics().find((topic) => topic.name === name)
  }

  /** What is set for all brokers and for this one, as one. */
  brokerConfigs(): Readonly<Record<string, string>> {
    const of = (name: string): object => {
      const value = this.valueOf({ kind: 'broker-config', name, id: null }) as Members | null
      return (value?.configs as object | undefined) ?? {}
    }
    return { ...of(''), ...of('1') } as Readonly<Record<string, string>>
  }
}

/** Whether a record says that its resource is another from now on. */
export function changes({ outcome, after }: HistoryRecord): boolean {
  return outcome.code === 'NONE' || after !== null
}
