import { describe, expect, it } from 'vitest'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { fingerprintOf } from '../alerts/label-set.ts'
import { DEFAULT_CONFIG_YAML } from '../config/default-config.ts'
import type { Outcome } from '../delivery/notifier.ts'
import {
  alertNamed,
  config,
  DELIVERED,
  DOWN,
  HOUR_MS,
  MINUTE_MS,
  ONE_TEAM,
  Outside,
  openPipeline,
} from '../testing.ts'

const REFUSED: Outcome = { kind: 'failed', answer: 'no', isRefused: true, retryAfterMs: null }
const ONE_GROUP = ONE_TEAM.replace('[alertname]', '[]')

describe('grouping', () => {
  it('waits for companions, then for the interval, and says when it is over', async () => {
    const { fire, pass, outside, firing } = await openPipeline(config(ONE_GROUP))
    fire('A')
    await pass(15_000)
    fire('B')
    await pass(10_000)
    expect(outside.take()).toEqual([])
    await pass(5_000)
    expect(outside.take()).toEqual(['team/webhook first firing: A B; resolved: '])
    fire('C')
    await pass(4 * MINUTE_MS + 45_000)
    expect(outside.take()).toEqual([])
    await pass(15_000)
    expect(outside.take()).toEqual(['team/webhook new-alerts firing: A B C; resolved: '])
    firing.delete('B')
    await pass(5 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook resolved firing: A C; resolved: B'])
    firing.clear()
    await pass(5 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook resolved firing: ; resolved: A C'])
  })

  it('forgets all of an incident once it was told that it is over', async () => {
    const { fire, pass, firing, pipeline, outside } = await openPipeline()
    fire('A', 'B')
    await pass(MINUTE_MS)
    firing.clear()
    await pass(6 * MINUTE_MS)
    expect(outside.take()).toHaveLength(4)
    expect(pipeline.alerts.size).toBe(0)
    expect(pipeline.groups.size).toBe(0)
    expect(pipeline.waitingCount).toBe(0)
    fire('A')
    await pass(MINUTE_MS)
    const [first] = outside.arrivals
    expect(first?.notification.sequence).toBe(0)
  })

  it('says nothing of an alert that came and went within the wait', async () => {
    const { fire, pass, firing, outside, pipeline } = await openPipeline()
    fire('A')
    await pass(15_000)
    firing.clear()
    await pass(10 * MINUTE_MS)
    expect(outside.take()).toEqual([])
    expect(pipeline.alerts.size).toBe(0)
  })

  it('groups by all labels where the route says so', async () => {
    const { fire, pass, outside } = await openPipeline(
      config(ONE_TEAM.replace('[alertname]', "['...']")),
    )
    fire('A{x=1}', 'A{x=2}')
    await pass(MINUTE_MS)
    expect(outside.take()).toHaveLength(2)
  })

  it('takes an alert that nobody repeats for one that is over', async () => {
    const { pipeline, time, outside } = await openPipeline()
    await pipeline.receive([alertNamed('A', time.clock.now())])
    await time.advance(4 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: A; resolved: '])
    await time.advance(7 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook resolved firing: ; resolved: A'])
  })

  it('goes on when the clock is set back', async () => {
    const { fire, pass, outside, time } = await openPipeline()
    fire('A')
    await pass(15_000)
    time.setWallClock(time.clock.now() - 24 * HOUR_MS)
    await pass(6 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: A; resolved: '])
  })

  it('refuses what is no alert, and more than it may keep, and takes the rest', async () => {
    const { pipeline, time } = await openPipeline(undefined, { maxAlerts: 2 })
    const nowMs = time.clock.now()
    const refused = await pipeline.receive([
      alertNamed('A', nowMs),
      { ...alertNamed('B', nowMs), labels: { empty: '' } },
      alertNamed('C', nowMs),
      alertNamed('D', nowMs),
      alertNamed('A', nowMs),
    ])
    expect(refused).toEqual([
      { index: 1, reason: 'at least one label pair is required' },
      { index: 3, reason: 'more than 2 alerts' },
    ])
    expect(pipeline.alerts.size).toBe(2)
  })
})

describe('repeats', () => {
  it('comes again after the repeat interval, later each time up to the cap', async () => {
    const settings = config(`
route: { receiver: team, repeat_interval: 1h, repeat_backoff: 2, repeat_max: 3h }
receivers: [{ name: team, webhook_configs: [{ url: 'http://localhost/' }] }]`)
    const { fire, pass, outside } = await openPipeline(settings)
    fire('A')
    await pass(13 * HOUR_MS)
    const hours = outside.arrivals.map(({ atMs }, at, all) =>
      Math.round((atMs - (all[at - 1]?.atMs ?? atMs)) / HOUR_MS),
    )
    expect(hours).toEqual([0, 1, 2, 3, 3, 3])
    outside.take()
    fire('B')
    await pass(HOUR_MS + 10 * MINUTE_MS)
    // What is new starts it again.
    expect(outside.take()).toEqual([
      'team/webhook new-alerts firing: A B; resolved: ',
      'team/webhook repeat firing: A B; resolved: ',
    ])
  })

  it('does not come while somebody looks after all of it', async () => {
    const settings = config(ONE_GROUP.replace('group_by', 'repeat_interval: 10m, group_by'))
    const { fire, pass, outside, pipeline, firing, operations } = await openPipeline(settings)
    fire('A', 'B')
    await pass(MINUTE_MS)
    outside.take()
    const [a, b] = [...pipeline.alerts.keys()]
    await pipeline.acknowledgements.acknowledge([a ?? ''], 'kim', 'on it')
    await pass(11 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook repeat firing: A B; resolved: '])
    await pipeline.acknowledgements.acknowledge([b ?? ''], 'kim', '')
    await pass(HOUR_MS)
    expect(outside.take()).toEqual([])
    await pipeline.acknowledgements.withdraw(b ?? '', 'kim')
    await pass(15 * MINUTE_MS)
    expect(outside.take().length).toBeGreaterThan(0)
    firing.clear()
    await pass(6 * MINUTE_MS)
    expect(pipeline.acknowledgements.all()).toEqual([])
    expect(operations.map(({ operation }) => operation)).toEqual([
      'alert.acknowledge',
      'alert.acknowledge',
      'alert.unacknowledge',
    ])
    await expect(pipeline.acknowledgements.acknowledge(['x'], 'kim', '')).rejects.toThrow(
      'no alert x is firing',
    )
  })
})

describe('escalation', () => {
  const settings = () =>
    config(`
route:
  receiver: team
  group_interval: 1h
  escalation: [{ after: 10m, receiver: lead }, { after: 20m, receiver: boss }]
receivers:
- { name: team, webhook_configs: [{ url: 'http://localhost/' }] }
- { name: lead, webhook_configs: [{ url: 'http://localhost/' }] }
- { name: boss, webhook_configs: [{ url: 'http://localhost/' }] }`)

  it('goes up a step each time nobody acknowledges, and tells everyone of the end', async () => {
    const { fire, pass, outside, firing } = await openPipeline(settings())
    fire('A')
    await pass(MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: A; resolved: '])
    await pass(9 * MINUTE_MS)
    expect(outside.take()).toEqual([])
    await pass(MINUTE_MS)
    expect(outside.take()).toEqual(['lead/webhook escalation firing: A; resolved: '])
    await pass(10 * MINUTE_MS)
    expect(outside.take()).toEqual(['boss/webhook escalation firing: A; resolved: '])
    firing.clear()
    await pass(HOUR_MS + MINUTE_MS)
    expect(outside.take().sort()).toEqual([
      'boss/webhook resolved firing: ; resolved: A',
      'lead/webhook resolved firing: ; resolved: A',
      'team/webhook resolved firing: ; resolved: A',
    ])
  })

  it('counts from the start where an alert was over for a moment, unheard', async () => {
    const { fire, pass, outside, firing } = await openPipeline(settings())
    fire('A')
    await pass(5 * MINUTE_MS)
    firing.clear()
    await pass(MINUTE_MS)
    fire('A')
    await pass(6 * MINUTE_MS)
    expect(outside.take()).toContain('lead/webhook escalation firing: A; resolved: ')
  })

  it('stops where somebody acknowledged', async () => {
    const { fire, pass, outside, pipeline } = await openPipeline(settings())
    fire('A')
    await pass(11 * MINUTE_MS)
    expect(outside.take()).toHaveLength(2)
    await pipeline.acknowledgements.acknowledge([...pipeline.alerts.keys()], 'kim', '')
    await pass(HOUR_MS)
    expect(outside.take()).toEqual([])
  })
})

describe('what holds alerts back', () => {
  it('inhibits where the labels are equal, and tells once the source is over', async () => {
    const settings = config(`
route: { receiver: team, group_by: ['...'] }
receivers: [{ name: team, webhook_configs: [{ url: 'http://localhost/' }] }]
inhibit_rules:
- { source_matchers: ['kind = Down'], target_matchers: ['kind =~ "Down|Lag"'], equal: [cluster] }`)
    const { fire, pass, outside, firing, pipeline } = await openPipeline(settings)
    fire('Down{cluster=a}', 'Lag{cluster=a}', 'Lag{cluster=b}')
    await pass(MINUTE_MS)
    expect(outside.take().sort()).toEqual([
      'team/webhook first firing: Down{cluster=a}; resolved: ',
      'team/webhook first firing: Lag{cluster=b}; resolved: ',
    ])
    const judge = pipeline.judge()
    const held = [...pipeline.alerts.values()].filter((one) => judge.inhibitedBy(one).length > 0)
    expect(held.map(({ labels }) => labels.alertname)).toEqual(['Lag{cluster=a}'])
    firing.delete('Down{cluster=a}')
    await pass(6 * MINUTE_MS)
    expect(outside.take()).toContain('team/webhook first firing: Lag{cluster=a}; resolved: ')
  })

  it('silences for as long as somebody wants, and survives a change of mind', async () => {
    const { fire, pass, outside, pipeline, time, operations } = await openPipeline()
    const { silences } = pipeline
    const wish = {
      id: null,
      matchers: [{ label: 'alertname', operator: '=~' as const, value: 'A|B' }],
      startsAtMs: time.clock.now() - HOUR_MS,
      endsAtMs: time.clock.now() + HOUR_MS,
      createdBy: 'kim',
      comment: 'known',
    }
    const silence = await silences.set(wish, 'kim')
    expect(silence.startsAtMs).toBe(time.clock.now())
    fire('A', 'C')
    await pass(10 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: C; resolved: '])
    const longer = await silences.set({ ...silence, endsAtMs: silence.endsAtMs + HOUR_MS }, 'kim')
    expect(longer.id).toBe(silence.id)
    const other = await silences.set(
      { ...longer, matchers: [{ label: 'alertname', operator: '=', value: 'B' }] },
      'kim',
    )
    expect(other.id).not.toBe(silence.id)
    await pass(6 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: A; resolved: '])
    await silences.expire(other.id, 'lee')
    await expect(silences.expire(other.id, 'lee')).rejects.toThrow('already expired')
    await expect(silences.expire('x', 'lee')).rejects.toThrow('not found')
    expect(operations.map(({ operation }) => operation)).toEqual([
      'silence.create',
      'silence.update',
      'silence.create',
      'silence.expire',
    ])
    await time.advance(121 * HOUR_MS)
    expect(silences.all()).toEqual([])
  })

  it.each([
    [{ matchers: [] }, 'at least one matcher required'],
    [{ matchers: [{ label: 'a', operator: '=~', value: '.*' }] }, 'must not match the empty'],
    [{ matchers: [{ label: 'a', operator: '=~', value: '(' }] }, 'not a regular expression'],
    [{ endsAtMs: 1 }, 'end time must be after start time'],
    [{ comment: 'x'.repeat(5000) }, 'a text of more than 4096 characters'],
    [{ id: 'unknown' }, 'silence not found'],
  ] as const)('refuses a silence with %j', async (fault, message) => {
    const { pipeline, time } = await openPipeline()
    const wish = {
      id: null,
      matchers: [{ label: 'a', operator: '=' as const, value: 'b' }],
      startsAtMs: time.clock.now(),
      endsAtMs: time.clock.now() + HOUR_MS,
      createdBy: 'kim',
      comment: '',
    }
    await expect(pipeline.silences.set({ ...wish, ...fault }, 'kim')).rejects.toThrow(message)
    expect(pipeline.silences.all()).toEqual([])
  })

  it('is quiet in a muted time and speaks afterwards, also of what has ended meanwhile', async () => {
    const settings = config(`
route:
  receiver: team
  routes: [{ mute_time_intervals: [night] }]
receivers: [{ name: team, webhook_configs: [{ url: 'http://localhost/' }] }]
time_intervals:
- name: night
  time_intervals: [{ times: [{ start_time: '22:00', end_time: '24:00' }] }]`)
    const time = createSimTime(Date.UTC(2026, 0, 5, 21, 50))
    const { fire, pass, outside, firing } = await openPipeline(settings, { time })
    fire('A')
    await pass(5 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: A; resolved: '])
    await pass(6 * MINUTE_MS)
    firing.delete('A')
    fire('B')
    await pass(HOUR_MS + 45 * MINUTE_MS)
    expect(outside.take()).toEqual([])
    await pass(20 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook new-alerts firing: B; resolved: A'])
  })
})

describe('delivery', () => {
  it('brings everything once a server that was down for an hour is back, also what has ended', async () => {
    const outside = new Outside()
    outside.answer = () => DOWN
    const { fire, pass, firing, pipeline } = await openPipeline(undefined, { outside })
    fire('A', 'B')
    await pass(30 * MINUTE_MS)
    firing.delete('A')
    fire('C')
    await pass(30 * MINUTE_MS)
    expect(outside.take()).toEqual([])
    // Three groups, one server: it is asked about once a minute, not once a minute for each.
    expect(outside.attempts).toBeLessThan(90)
    const [failing] = pipeline.deliveries({ outcome: 'failing' })
    expect(failing).toMatchObject({ receiver: 'team', answer: 'connect ECONNREFUSED' })
    outside.answer = () => DELIVERED
    await pass(2 * MINUTE_MS)
    expect(outside.take().sort()).toEqual([
      'team/webhook first firing: ; resolved: A',
      'team/webhook first firing: B; resolved: ',
      'team/webhook first firing: C; resolved: ',
    ])
    expect(pipeline.deliveries({ outcome: 'failing' })).toEqual([])
    const delivered = pipeline.deliveries({ outcome: 'delivered' })
    expect(delivered).toHaveLength(3)
    expect(delivered.every(({ attempts, answer }) => attempts > 0 && answer === 'HTTP 200')).toBe(
      true,
    )
  })

  it('does not let one that is never accepted hold up the others', async () => {
    const outside = new Outside()
    outside.answer = (_, { alerts }) =>
      alerts.some(({ labels }) => labels.alertname === 'Bad') ? DOWN : DELIVERED
    const { fire, pass } = await openPipeline(undefined, { outside })
    fire('Bad')
    await pass(10 * MINUTE_MS)
    fire('Good')
    await pass(3 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: Good; resolved: '])
  })

  it('tells what became new while a notification was on its way', async () => {
    const outside = new Outside()
    let arrive = () => {}
    outside.answer = () => new Promise((resolve) => (arrive = () => resolve(DELIVERED)))
    const { fire, pass, time } = await openPipeline(config(ONE_GROUP), { outside })
    fire('A')
    await pass(MINUTE_MS)
    fire('B')
    await pass(6 * MINUTE_MS)
    arrive()
    await time.settle()
    arrive()
    await time.settle()
    expect(outside.take()).toEqual([
      'team/webhook first firing: A; resolved: ',
      'team/webhook new-alerts firing: A B; resolved: ',
    ])
  })

  it('goes on when a notifier breaks, which none should', async () => {
    const outside = new Outside()
    outside.answer = () => Promise.reject(new TypeError('broken'))
    const { fire, pass, pipeline } = await openPipeline(undefined, { outside })
    fire('A')
    await pass(MINUTE_MS)
    expect(pipeline.deliveries({})).toMatchObject([{ outcome: 'failing', answer: 'TypeError' }])
  })

  it('gives up after three days, and says so', async () => {
    const outside = new Outside()
    outside.answer = () => REFUSED
    const { pipeline, time } = await openPipeline(undefined, { outside })
    await pipeline.receive([alertNamed('A', time.clock.now())])
    await time.advance(73 * HOUR_MS)
    expect(pipeline.deliveries({})).toMatchObject([{ outcome: 'gave-up', receiver: 'team' }])
    expect(pipeline.alerts.size).toBe(0)
  })

  it('keeps quiet about the end where nobody wants to know, and tells of it when it starts again', async () => {
    const { fire, pass, outside, firing, pipeline } = await openPipeline(
      config(ONE_TEAM.replace('localhost/', "localhost/', send_resolved: false, timeout: '5s")),
    )
    fire('A')
    await pass(MINUTE_MS)
    firing.clear()
    await pass(6 * MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: A; resolved: '])
    expect(pipeline.alerts.size).toBe(0)
    fire('A')
    await pass(MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: A; resolved: '])
  })

  it('sends no test that it cannot keep for the history', async () => {
    const disk = createSimDisk()
    const { pipeline, outside } = await openPipeline(undefined, { disk })
    disk.plan = () => ({ kind: 'error', code: 'EIO' })
    await expect(pipeline.testContactPoint('team', 'kim')).rejects.toThrow('EIO')
    expect(outside.take()).toEqual([])
  })

  it('tests a contact point, and keeps what came back', async () => {
    const arrivedBefore: number[] = []
    const { pipeline, outside, operations } = await openPipeline(undefined, {
      observe: () => void arrivedBefore.push(outside.arrivals.length),
    })
    const deliveries = await pipeline.testContactPoint('team', 'kim')
    expect(deliveries).toMatchObject([
      { receiver: 'team', integration: 'webhook[0]', reason: 'test', outcome: 'delivered' },
    ])
    expect(outside.take()).toEqual(['team/webhook test firing: GlasslogTest; resolved: '])
    expect(pipeline.deliveries({})).toHaveLength(1)
    await expect(pipeline.testContactPoint('x', 'kim')).rejects.toThrow('no contact point x')
    // The history hears of it first.
    expect(arrivedBefore).toEqual([0])
    expect(operations).toMatchObject([
      {
        ...{ operation: 'contact-point.test', actor: 'kim', before: null },
        resource: { kind: 'contact-point', id: 'team' },
        after: { integrations: ['webhook[0]'] },
      },
    ])
  })
})

describe('without a configuration', () => {
  it('shows alerts, holds lesser ones back, tells nobody, and forgets what is over', async () => {
    const { fire, pass, outside, firing, pipeline } = await openPipeline(
      config(DEFAULT_CONFIG_YAML),
    )
    fire('Lag{alertname=Lag,severity=critical}', 'Lag{alertname=Lag,severity=warning}')
    await pass(MINUTE_MS)
    const judge = pipeline.judge()
    const held = [...pipeline.alerts.values()].filter((one) => judge.inhibitedBy(one).length > 0)
    expect(held.map(({ labels }) => labels.severity)).toEqual(['warning'])
    firing.clear()
    await pass(11 * MINUTE_MS)
    expect(pipeline.alerts.size).toBe(0)
    expect(outside.attempts).toBe(0)
  })
})

describe('a new configuration', () => {
  it('takes alerts where it wants them, and tells nothing twice where nothing changed', async () => {
    const { fire, pass, outside, pipeline } = await openPipeline()
    fire('A', 'B')
    await pass(MINUTE_MS)
    expect(outside.take()).toHaveLength(2)
    await pipeline.reconfigure(
      config(`
route: { receiver: team, group_by: [alertname], routes: [{ receiver: other, matchers: [alertname=B] }] }
receivers:
- { name: team, webhook_configs: [{ url: 'http://localhost/' }] }
- { name: other, slack_configs: [{ api_url_env: SLACK }] }`),
    )
    await pass(6 * MINUTE_MS)
    expect(outside.take()).toEqual(['other/slack first firing: B; resolved: '])
    expect(pipeline.groups.of(fingerprintOf({})).length).toBe(0)
  })

  it('that comes only after the start finds what its contact points were told, and are owed', async () => {
    const shown = config(DEFAULT_CONFIG_YAML)
    const first = await openPipeline(shown)
    await first.pipeline.reconfigure(config(ONE_TEAM))
    first.fire('A')
    await first.pass(MINUTE_MS)
    first.outside.answer = () => DOWN
    first.fire('B')
    await first.pass(MINUTE_MS)
    expect(first.outside.take()).toEqual(['team/webhook first firing: A; resolved: '])
    await first.pipeline.stop()

    first.outside.answer = () => DELIVERED
    const { outside, firing, pass, pipeline } = await openPipeline(shown, first)
    await pass(2_000)
    await pipeline.reconfigure(config(ONE_TEAM))
    await pass(MINUTE_MS)
    expect(outside.take()).toEqual(['team/webhook first firing: B; resolved: '])
    firing.clear()
    await pass(6 * MINUTE_MS)
    expect(outside.take().sort()).toEqual([
      'team/webhook resolved firing: ; resolved: A',
      'team/webhook resolved firing: ; resolved: B',
    ])
  })

  it('that comes back tells of what fired anew meanwhile', async () => {
    const { fire, pass, outside, pipeline, firing } = await openPipeline()
    fire('A')
    await pass(MINUTE_MS)
    await pipeline.reconfigure(config(DEFAULT_CONFIG_YAML))
    firing.clear()
    await pass(6 * MINUTE_MS)
    expect(pipeline.alerts.size).toBe(0)
    fire('A')
    await pass(MINUTE_MS)
    await pipeline.reconfigure(config(ONE_TEAM))
    await pass(MINUTE_MS)
    expect(outside.take()).toEqual([
      'team/webhook first firing: A; resolved: ',
      'team/webhook first firing: A; resolved: ',
    ])
  })
})
