import { expect, it } from 'vitest'
import type { Finding } from './inspections/index.ts'
import { findingHistoryOperation } from './operation-history.ts'

it('tells the history what was done with a finding, however long the names of clients are', () => {
  const name = 'x'.repeat(30_000)
  const before: Finding = {
    ...{ id: 'consumer-stopped-1', check: 'consumer-stopped', title: 'Stopped', area: 'groups' },
    ...{ severity: 'critical', resource: { kind: 'group', name }, summary: `${name} has stopped.` },
    ...{ evidence: { facts: [], chart: null }, cause: name, verify: 'Look again.' },
    ...{ remedy: { steps: [name], action: null }, state: 'open' },
    ...{ firstSeenAtMs: 1, lastSeenAtMs: 1, raisedAtMs: 1, raises: 1 },
    ...{ mutedUntilMs: null, mutedBy: null, fixedAtMs: null, fixedBy: null },
  }
  const after: Finding = { ...before, state: 'muted', mutedUntilMs: 9, mutedBy: 'alice' }
  const told = findingHistoryOperation(
    { operation: 'inspection.mute', actor: 'alice', before, after },
    { id: 'an-id', occurredAtMs: 5 },
  )
  expect(told).toMatchObject({
    ...{ id: 'an-id', operation: 'inspection.mute', resource: before.id, occurredAtMs: 5 },
    ...{ onBehalfOf: 'User:alice', before: { state: 'open' }, after: { mutedBy: 'alice' } },
  })
  expect(told.after).not.toHaveProperty('remedy')
  // What the broker takes of a value is 16 KiB.
  expect(JSON.stringify(told.after).length).toBeLessThan(16 * 1024)
})
