import { expect, it } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import { EventLog, EventReporter } from '../../events/index.ts'
import { eventFamilies } from './events.ts'

it('show how many events were written, wait, and were dropped', async () => {
  const time = createSimTime()
  const eventLog = new EventLog({ ...time, onDropped: () => {} })
  const events = new EventReporter({ ...time, sinks: [eventLog.sink], log: eventLog })
  const families = eventFamilies(events)
  const value = (name: string): number | undefined => {
    const family = families.find((one) => one.name === name)
    if (!family || family.type === 'histogram') return undefined
    return [...family.samples()][0]?.value
  }
  const values = () => [
    value('glasslog_event_records_waiting'),
    value('glasslog_event_records_written_total'),
    value('glasslog_event_records_dropped_total'),
  ]
  events.report({ kind: 'broker-stopping' })
  expect(values()).toEqual([1, 0, 0])
  eventLog.open(async () => true)
  await time.advance(1000)
  expect(values()).toEqual([0, 1, 0])
  await eventLog.stop()
  events.report({ kind: 'storage-failed', detail: 'EIO' })
  expect(values()).toEqual([0, 1, 1])
  events.stop()
})
