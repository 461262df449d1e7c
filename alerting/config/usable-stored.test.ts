import { describe, expect, it } from 'vitest'
import { parseAlertingConfig } from './parse-config.ts'
import type { StoredAlerting } from './stored-config.ts'
import { withStored } from './stored-config.ts'
import { usableStored } from './usable-stored.ts'

const FILE = parseAlertingConfig(`
route: { receiver: team }
receivers:
- name: team
  webhook_configs: [{ url: 'http://127.0.0.1:1/' }]
`)
const NOTHING: StoredAlerting = { contactPoints: [], policy: null }
const GOOD = pointOf('on-call', { webhook_configs: [{ url: 'http://127.0.0.1:2/' }] })
const CHANGED = pointOf('on-call', { webhook_configs: [{ url: 'http://127.0.0.1:3/' }] })
const WRONG = pointOf('on-call', { webhok_configs: [] })
const OTHER = pointOf('other', { webhook_configs: [{ url: 'http://127.0.0.1:4/' }] })
const POLICY = { route: { receiver: 'other', routes: [{ receiver: 'on-call' }] } }
const NEWER_POLICY = { route: { receiver: 'on-call' } }
const WRONG_POLICY = { route: { receiver: 'nowhere' } }

function pointOf(name: string, settings: object) {
  return { name, settings, secrets: {} }
}

describe('what is kept elsewhere and cannot be used', () => {
  it.each<[string, StoredAlerting, StoredAlerting, StoredAlerting, readonly string[]]>([
    [
      'is nothing while all is good',
      { contactPoints: [GOOD, OTHER], policy: POLICY },
      { contactPoints: [CHANGED, OTHER], policy: NEWER_POLICY },
      { contactPoints: [CHANGED, OTHER], policy: NEWER_POLICY },
      [],
    ],
    [
      'stays as it was, and the rest changes',
      { contactPoints: [GOOD], policy: null },
      { contactPoints: [WRONG, OTHER], policy: POLICY },
      { contactPoints: [GOOD, OTHER], policy: POLICY },
      ['on-call: webhok_configs'],
    ],
    [
      'is a name that reaches nobody when it is new, so that routes to it stand',
      NOTHING,
      { contactPoints: [WRONG, OTHER], policy: POLICY },
      { contactPoints: [pointOf('on-call', {}), OTHER], policy: POLICY },
      ['on-call: webhok_configs'],
    ],
    [
      'leaves the contact point of the file in force',
      NOTHING,
      { contactPoints: [{ ...WRONG, name: 'team' }, OTHER], policy: null },
      { contactPoints: [OTHER], policy: null },
      ['team: webhok_configs'],
    ],
    [
      'leaves the policy before in force, and contact points change',
      { contactPoints: [GOOD, OTHER], policy: POLICY },
      { contactPoints: [CHANGED, OTHER], policy: WRONG_POLICY },
      { contactPoints: [CHANGED, OTHER], policy: POLICY },
      ['policy: route.receiver'],
    ],
    [
      'leaves the routes of the file in force where the policy before is no longer good either',
      { contactPoints: [GOOD, OTHER], policy: POLICY },
      { contactPoints: [CHANGED], policy: WRONG_POLICY },
      { contactPoints: [CHANGED], policy: null },
      ['policy: route.receiver'],
    ],
  ])('%s', (_, before, asked, inForce, places) => {
    const usable = usableStored(FILE, asked, before)
    expect(usable.stored).toEqual(inForce)
    expect(usable.faults.map(({ path }) => path)).toEqual(places)
    expect(() => withStored(FILE, usable.stored)).not.toThrow()
  })
})
