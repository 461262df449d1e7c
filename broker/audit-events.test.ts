import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { ocsfSchema } from '../audit/events/testing.ts'
import type { HistoryRecord, JsonObject } from '../audit/index.ts'
import { formatEvent } from '../audit/index.ts'
import { exampleRecord } from '../audit/testing.ts'
import { operationKinds, operations } from './control/index.ts'

/** Every operation has its event in OCSF, in the class that the published schema has for it. */

const OBSERVED = [
  { operation: 'login', kind: 'attempts' },
  { operation: 'access', kind: 'attempts' },
  { operation: 'audit.read', kind: 'audit' },
  { operation: 'cluster.create', kind: 'cluster' },
  { operation: 'contact-point.secrets.read', kind: 'contact-point-secrets' },
]

const CONTROLLED = operationKinds.map((operation) => ({
  operation,
  kind: operations[operation].resource,
}))

/** The operation when it was done, and when it was refused. */
function recordsOf(operation: string, kind: string): readonly HistoryRecord[] {
  const resource = { kind, name: 'alice', id: 'id-1' }
  const isEnd = /\.(delete|purge|revoke|expire)$/.test(operation)
  const isBegin = /\.(create|upsert)$/.test(operation)
  const done = exampleRecord(4, {
    operation,
    resource,
    before: isBegin ? null : { name: 'alice' },
    after: isEnd ? null : { name: 'alice', changed: true },
    reason: 'ticket 5',
  })
  const refused = exampleRecord(5, {
    operation,
    resource,
    before: null,
    after: null,
    source: { ip: '', listener: '' },
    decision: { allowed: false, rule: 'default' },
    outcome: { code: 'CLUSTER_AUTHORIZATION_FAILED', message: 'not allowed' },
    reversal: 'none',
  })
  return [done, refused]
}

const events = [...CONTROLLED, ...OBSERVED].flatMap(({ operation, kind }) =>
  recordsOf(operation, kind).map((record) => formatEvent('ocsf', record, 'glasslog/cluster-1')),
)

describe('OCSF events', () => {
  it('are what the schema of their class says', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    const faults = events.flatMap((line) => {
      const event = JSON.parse(line) as JsonObject & { class_uid: number }
      const validate = ajv.compile(ocsfSchema(event.class_uid))
      return validate(event) ? [] : [`${line}: ${ajv.errorsText(validate.errors)}`]
    })
    expect(faults).toEqual([])
  })

  it('are the golden ones', async () => {
    await expect(`${events.join('\n')}\n`).toMatchFileSnapshot('../audit/events/golden/ocsf.jsonl')
  })

  it.each([
    ['user.scram.upsert', 3001],
    ['account.create', 3001],
    ['login', 3002],
    ['acl.create', 3004],
    ['token.revoke', 3004],
    ['topic.create', 6003],
    ['audit.read', 6003],
  ])('of %s are of class %d', (operation, classUid) => {
    const of = events.filter((line) => line.includes(`"event_code":"${operation}"`))
    expect(of.length).toBe(2)
    for (const line of of) expect(JSON.parse(line)).toMatchObject({ class_uid: classUid })
  })
})
