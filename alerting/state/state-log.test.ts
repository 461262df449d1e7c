import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../kit/index.ts'
import { createSimDisk } from '../../kit/testing.ts'
import { normalizeAlert } from '../alerts/alert.ts'
import { alertNamed } from '../testing.ts'
import type { AlertingEvent } from './event.ts'
import { AlertingVersionError, StateLog } from './state-log.ts'

const open = (disk = createSimDisk()) => StateLog.open(disk, 'state', silentLogger)
const alertEvent = (name: string): AlertingEvent => ({
  kind: 'alert',
  alert: normalizeAlert(alertNamed(name, 0), 0),
})
const channel = {
  groupKey: '{}:{}',
  groupLabels: {},
  receiver: 'team',
  integration: 'webhook[0]',
  escalationStep: null,
}
const silence = {
  id: 's',
  matchers: [],
  startsAtMs: 0,
  endsAtMs: 1,
  updatedAtMs: 0,
  createdBy: '',
  comment: '',
}

describe('the log of alerting', () => {
  it('gives back the state that it had', async () => {
    const disk = createSimDisk()
    const log = await open(disk)
    const names = Array.from({ length: 1_200 }, (_, at) => `A${at}`)
    for (const name of names) log.apply(alertEvent(name))
    const [first = '', second = ''] = log.state.alerts.keys()
    const events: AlertingEvent[] = [
      { kind: 'silence', silence },
      { kind: 'due', channel, thread: 't', owed: [first, second], reason: 'first', atMs: 5 },
      {
        kind: 'told',
        channel: JSON.stringify(['{}:{}', 'team', 'webhook[0]', null]),
        firing: [first],
        resolved: [],
        atMs: 6,
        isRepeat: false,
        isComplete: false,
      },
      {
        kind: 'acknowledged',
        acknowledgement: { fingerprint: first, by: 'k', comment: '', atMs: 7 },
      },
      { kind: 'alert-ended', fingerprint: second, endsAtMs: 9 },
    ]
    for (const event of events) log.apply(event)
    await log.commit()
    const before = [...log.state.snapshot()]
    for (const choice of disk.crashChoices(20, 1)) {
      const again = await open(disk.afterCrash(choice))
      expect([...again.state.snapshot()]).toEqual(before)
      // What a snapshot holds is what a second start reads.
      await again.close()
    }
    const [told] = log.state.channels.values()
    expect(told?.owed).toEqual(new Set([second]))
    expect(told?.due?.sinceMs).toBe(5)
    expect(log.state.alerts.get(first)?.dueAtMs).toBe(5)
  })

  it('writes all anew in another file after the disk failed, and once the file has grown', async () => {
    const disk = createSimDisk()
    const log = await open(disk)
    log.apply(alertEvent('A'))
    disk.plan = ({ kind }) =>
      kind === 'sync' ? { kind: 'error', code: 'EIO' } : { kind: 'proceed' }
    await expect(log.commit()).rejects.toThrow('EIO')
    await expect(log.commit()).rejects.toThrow('EIO')
    disk.plan = () => ({ kind: 'proceed' })
    log.apply(alertEvent('B'))
    await log.commit()
    expect((await open(disk.afterCrash({ kind: 'nothing' }))).state.alerts.size).toBe(2)
    const [file] = await disk.list('state')
    for (let round = 0; round < 60; round++) {
      for (let at = 0; at < 400; at++) log.apply(alertEvent(`A${at}`))
      await log.commit()
    }
    const files = await disk.list('state')
    expect(files).toHaveLength(1)
    expect(files).not.toEqual([file])
    const reader = await disk.open(`state/${files[0]}`, 'read')
    expect(await reader.size()).toBeLessThan(6_000_000)
  })

  it('refuses files of a newer program', async () => {
    const disk = createSimDisk()
    await (await open(disk)).close()
    const [name = ''] = await disk.list('state')
    const file = await disk.open(`state/${name}`, 'write')
    await file.write([Buffer.from('glasslog alerting state 2\n')], 0)
    await expect(open(disk)).rejects.toThrow(AlertingVersionError)
  })
})
