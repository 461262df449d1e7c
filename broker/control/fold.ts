import type { HistoryRecord, Json, JsonObject } from '../../audit/index.ts'
import { HistoryError } from '../../audit/index.ts'
import { AUDIT_TOPIC } from './audit-topic.ts'
import type { FoldedState } from './folded-state.ts'
import type { OpenPurge, Topic } from './port.ts'

/** What a record is about: the part of the state that its `after` replaces. */
export type ResourceKind = 'cluster' | 'topic' | 'broker-config' | 'producer-ids' | 'records'

/**
 * Applies one record: its `after` is the resource from now on. Pure but for `state`, and the only
 * way in which state changes. Throws a HistoryError for what this program does not understand.
 */
export function applyRecord(state: FoldedState, record: HistoryRecord): void {
  if (record.outcome.code === 'NONE' || record.after !== null) applyAfter(state, record)
  state.setSeq(record.seq)
}

function applyAfter(state: FoldedState, record: HistoryRecord): void {
  const { resource, after } = record
  // The kinds that this program wrote or knows of; the default catches the others.
  switch (resource.kind as ResourceKind) {
    case 'cluster':
      state.setClusterId(textOf(objectOf(after, record), 'clusterId', record))
      state.putTopic({ ...AUDIT_TOPIC, createdAtMs: Date.parse(record.recordedAt) })
      return
    case 'topic':
      if (after === null) state.removeTopic(resource.id ?? '')
      else state.putTopic(topicFromJson(after, record))
      return
    case 'broker-config':
      state.setBrokerConfigs(resource.name, textsOf(objectOf(after, record), 'configs', record))
      return
    case 'producer-ids':
      state.setNextProducerId(BigInt(textOf(objectOf(after, record), 'nextProducerId', record)))
      return
    case 'records':
      applyPurge(state, objectOf(after, record), record)
      return
    default:
      throw new HistoryError(
        `record ${record.seq} is about a ${JSON.stringify(resource.kind)}, which this program does not know`,
      )
  }
}

/** A purge is open from the record of its intent until the record of its outcome. */
function applyPurge(state: FoldedState, after: JsonObject, record: HistoryRecord): void {
  const intent = numberOf(after, 'intent', record)
  if (after.phase !== 'intent') {
    state.closePurge(intent)
    return
  }
  const purge: OpenPurge = {
    intent,
    name: record.resource.name,
    topicId: textOf(after, 'topicId', record),
    partition: numberOf(after, 'partition', record),
    offset: numberOf(after, 'offset', record),
  }
  state.openPurge(purge)
}

/** A topic as its records carry it. */
export function topicToJson(topic: Topic): JsonObject {
  const { quota, ...rest } = topic
  return { ...rest, configs: { ...topic.configs }, ...(quota ? { quota: { ...quota } } : {}) }
}

function topicFromJson(value: Json, record: HistoryRecord): Topic {
  const json = objectOf(value, record)
  return {
    id: textOf(json, 'id', record),
    name: textOf(json, 'name', record),
    partitionCount: numberOf(json, 'partitionCount', record),
    configs: textsOf(json, 'configs', record),
    internal: json.internal === true,
    createdAtMs: numberOf(json, 'createdAtMs', record),
  }
}

function objectOf(value: Json | undefined, record: HistoryRecord): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(record, 'its after is not an object')
  }
  return value as JsonObject
}

function textOf(json: JsonObject, name: string, record: HistoryRecord): string {
  const value = json[name]
  if (typeof value !== 'string') throw wrong(record, `after.${name} is not a text`)
  return value
}

function numberOf(json: JsonObject, name: string, record: HistoryRecord): number {
  const value = json[name]
  if (!Number.isSafeInteger(value)) throw wrong(record, `after.${name} is not a whole number`)
  return value as number
}

function textsOf(
  json: JsonObject,
  name: string,
  record: HistoryRecord,
): Readonly<Record<string, string>> {
  const value = objectOf(json[name], record)
  const isText = (entry: [string, Json | undefined]): entry is [string, string] =>
    typeof entry[1] === 'string'
  const entries = Object.entries(value)
  if (!entries.every(isText)) throw wrong(record, `after.${name} has a value that is not a text`)
  return Object.fromEntries(entries)
}

function wrong(record: HistoryRecord, what: string): HistoryError {
  return new HistoryError(`record ${record.seq} (${record.operation}) cannot be applied: ${what}`)
}
