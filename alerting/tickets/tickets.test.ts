import { describe, expect, it } from 'vitest'
import { config, DELIVERED, DOWN, MINUTE_MS, ONE_TEAM, Outside, openPipeline } from '../testing.ts'

const MIRRORED = config(`${ONE_TEAM}\ntickets: { webhook: { url: 'http://localhost/' } }`)

describe('tickets', () => {
  it('are opened, worked on and finished, with a history', async () => {
    const { pipeline, operations } = await openPipeline()
    const { tickets } = pipeline
    const source = { kind: 'alert' as const, fingerprint: 'f' }
    const opened = await tickets.open(
      { title: 'Disk is full', severity: 'critical', source },
      'kim',
    )
    expect(opened).toMatchObject({ id: '1', state: 'open', assignee: null, createdBy: 'kim' })
    expect(tickets.openAbout(source)?.id).toBe('1')
    await tickets.change('1', { assignee: 'lee', state: 'in-progress' }, 'kim')
    const links = [{ title: 'runbook', url: 'https://example.com/disk' }]
    await tickets.change('1', { comment: 'grown', links, state: 'resolved' }, 'lee')
    const ticket = tickets.get('1')
    expect(ticket?.comments.map(({ by, text }) => [by, text])).toEqual([['lee', 'grown']])
    expect(ticket?.history.map(({ field, from, to }) => [field, from, to])).toEqual([
      ['state', null, 'open'],
      ['assignee', null, 'lee'],
      ['state', 'open', 'in-progress'],
      ['links', '[]', JSON.stringify(links)],
      ['state', 'in-progress', 'resolved'],
    ])
    expect(tickets.openAbout(source)).toBeUndefined()
    expect(operations.map(({ operation }) => operation)).toEqual([
      'ticket.create',
      'ticket.update',
      'ticket.update',
    ])
  })

  it.each([
    [{ title: ' ' }, 'title must have'],
    [{ comment: 'x'.repeat(20_000) }, 'a text of more than'],
    [{ links: [{ title: 'x', url: 'javascript:alert(1)' }] }, 'links must be addresses'],
    [{ assignee: 'x'.repeat(301) }, 'a name of more than'],
  ])('refuse %j', async (patch, message) => {
    const { pipeline } = await openPipeline()
    await pipeline.tickets.open({ title: 'T' }, 'kim')
    await expect(pipeline.tickets.change('1', patch, 'kim')).rejects.toThrow(message)
    await expect(pipeline.tickets.change('2', {}, 'kim')).rejects.toThrow('no ticket 2')
    expect(pipeline.tickets.get('1')?.revision).toBe(1)
  })

  it('are told to another system as they are now, once it answers, over restarts too', async () => {
    const outside = new Outside()
    outside.answer = () => DOWN
    const first = await openPipeline(MIRRORED, { outside })
    await first.pipeline.tickets.open({ title: 'A' }, 'kim')
    await first.pipeline.tickets.open({ title: 'B' }, 'kim')
    await first.pipeline.tickets.change('1', { assignee: 'lee' }, 'kim')
    await first.time.advance(10 * MINUTE_MS)
    expect(outside.tickets).toEqual([])
    await first.pipeline.stop()
    outside.answer = () => DELIVERED
    const { time, disk } = first
    const second = await openPipeline(MIRRORED, { outside, time, disk })
    await time.advance(2 * MINUTE_MS)
    expect(outside.tickets.map(({ title, assignee }) => [title, assignee]).sort()).toEqual([
      ['A', 'lee'],
      ['B', null],
    ])
    await second.pipeline.tickets.change('2', { state: 'closed' }, 'kim')
    await time.settle()
    expect(outside.tickets).toHaveLength(3)
    await second.pipeline.stop()
    expect(time.pendingTimers).toBe(0)
  })
})
