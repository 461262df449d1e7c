import { describe, expect, it } from 'vitest'
import { rows } from './rows.ts'
import { renderTablePage } from './table-page.ts'
import { entry } from './testing.ts'

describe('renderTablePage', () => {
  it('gives medians with their range, both ways, and names the settings', () => {
    const page = renderTablePage([
      entry('kafka-flush', 1024, [
        [1_000, 2_000],
        [3_000, 1_000],
        [2_000, 3_000],
      ]),
    ])
    expect(page).toContain(
      '| Apache Kafka | durable: log.flush.interval.messages=1 | after fsync | Java | 2,000 (1,000 to 3,000) | 2,000 (1,000 to 3,000) | 2.05 | 2.05 | 1.00 | 2.00 |',
    )
  })

  it('names what is missing, and what was never tried, instead of passing over it', () => {
    const page = renderTablePage([{ ...entry('rabbitmq-stream', 100, []), missing: 'no RabbitMQ' }])
    expect(page).toContain('- **rabbitmq-stream**: no RabbitMQ')
    expect(page).toContain('- **rocketmq**: not measured')
  })

  it('keeps the order of the rows and says how to repeat one', () => {
    const page = renderTablePage([
      entry('rocketmq', 100, [[1, 1]]),
      entry('glasslog', 100, [
        [1, 1],
        [1, 1],
      ]),
    ])
    expect(page.indexOf('| Glasslog |')).toBeLessThan(page.indexOf('| RocketMQ |'))
    expect(page).toContain('`npm run bench:table -- --system glasslog --runs 2 --seconds 5`')
    expect(page).toContain('`start rocketmq`')
  })
})

it('every row has a name of its own, and every durable one says when it acknowledges', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  for (const { setting, acknowledged } of rows) {
    expect(setting.includes('durable')).toBe(/^after f(data)?sync$/.test(acknowledged))
  }
})
