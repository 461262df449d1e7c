import { describe, expect, it } from 'vitest'
import { renderResults } from '../peers/report/results.ts'
import { comparison } from '../peers/testing.ts'
import { renderTablePage } from '../table/table-page.ts'
import { entry } from '../table/testing.ts'
import { readAdvantages, readThroughputs } from './results.ts'

/** The pages are made by those who make them, so that a new look of theirs is noticed here. */

describe('readAdvantages', () => {
  it('reads a ratio with its range and its goal', () => {
    const page = renderResults(
      [
        comparison('requests', [
          [150, 100],
          [200, 100],
          [240, 100],
        ]),
      ],
      [],
    )
    expect(readAdvantages(page)).toEqual([
      {
        load: 'requests',
        figure: 'requests/s',
        times: 2,
        lowest: 1.5,
        highest: 2.4,
        goal: 2,
        glasslog: '200',
        kafka: '100',
      },
    ])
  })

  it('turns around what is better when there is less of it', () => {
    const page = renderResults([comparison('latency', [[1, 4]])], [])
    expect(readAdvantages(page)[0]).toMatchObject({
      load: 'latency',
      times: 4,
      lowest: 4,
      highest: 4,
      goal: 1 / 0.7,
    })
  })

  it('leaves out goals that compare Glasslog with itself', () => {
    const page = renderResults([comparison('both-ways', [[300_000, 100_000]])], [])
    expect(readAdvantages(page)).toHaveLength(1)
  })

  it('finds nothing on a page without goals', () => {
    expect(readAdvantages('# Results\n')).toEqual([])
  })
})

describe('readThroughputs', () => {
  const page = renderTablePage([
    entry('rabbitmq-quorum', 100, [[1_000, 900]]),
    entry('glasslog-os', 100, [[5_000, 6_000]]),
    entry('glasslog-raw', 100, [[9_000, 9_000]]),
    entry('kafka', 1024, [[7, 7]]),
  ])

  it('takes the lower of both directions, with the makers’ own client only', () => {
    expect(readThroughputs(page, 100)).toEqual([
      {
        broker: 'Glasslog',
        setting: 'glasslog.durability=os',
        isOnDisk: false,
        recordsPerSecond: 5_000,
      },
      { broker: 'RabbitMQ', setting: 'quorum queues', isOnDisk: true, recordsPerSecond: 900 },
    ])
  })

  it('keeps sizes apart', () => {
    expect(readThroughputs(page, 1024).map(({ broker }) => broker)).toEqual(['Apache Kafka'])
  })
})
