import type { MarkdownRow } from './markdown-table.ts'
import { readMarkdownTable } from './markdown-table.ts'

/** How many times better Glasslog is than Apache Kafka at one thing: above 1 it is ahead. */
export interface Advantage {
  readonly load: string
  readonly figure: string
  readonly times: number
  readonly lowest: number
  readonly highest: number
  readonly goal: number
  /** The figures themselves, medians as the page has them. */
  readonly glasslog: string
  readonly kafka: string
}

/** One row of the table of brokers: what got through in both directions. */
export interface Throughput {
  readonly broker: string
  /** What was set, in short. */
  readonly setting: string
  /** Whether a write is on the disk when it is acknowledged. */
  readonly isOnDisk: boolean
  readonly recordsPerSecond: number
}

const GOALS_HEADING = '### Against the goals'
/** `0.68 (0.62 to 0.71)`: a median with lowest and highest. */
const RANGE = /^([\d.,]+) \(([\d.,]+) to ([\d.,]+)\)$/
const GOAL = /^(>=|<=) ([\d.]+)$/
/** The client that each broker's own makers give to its users. */
const OWN_CLIENT = 'Java'
const ON_DISK = /^after f(?:data)?sync/

/**
 * The ratios of RESULTS.md that have a goal, by the raw client, whose section comes first. Where
 * less is better, the ratio is turned around.
 */
export function readAdvantages(resultsPage: string): readonly Advantage[] {
  return readMarkdownTable(resultsPage, GOALS_HEADING).flatMap((row) => {
    const ratio = readRange(row.get('ratio'))
    const [, relation, bound] = GOAL.exec(row.get('goal') ?? '') ?? []
    if (!ratio || relation === undefined) return []
    const goal = Number(bound)
    const named = {
      load: row.get('load') ?? '',
      figure: row.get('figure') ?? '',
      glasslog: medianText(row, 'Glasslog'),
      kafka: medianText(row, 'Apache Kafka'),
    }
    const { median, low, high } = ratio
    if (relation === '>=') return [{ ...named, times: median, lowest: low, highest: high, goal }]
    return [{ ...named, times: 1 / median, lowest: 1 / high, highest: 1 / low, goal: 1 / goal }]
  })
}

/** The rows of TABLE.md for one size of records, each through its own makers' client. */
export function readThroughputs(tablePage: string, recordBytes: number): readonly Throughput[] {
  return readMarkdownTable(tablePage, `## Records of ${recordBytes} B`).flatMap((row) => {
    const written = readRange(row.get('written records/s'))
    const read = readRange(row.get('read records/s'))
    if (!written || !read || row.get('client') !== OWN_CLIENT) return []
    return [
      {
        broker: row.get('broker') ?? '',
        setting: shortSetting(row.get('setting')),
        isOnDisk: ON_DISK.test(row.get('acknowledged') ?? ''),
        recordsPerSecond: Math.min(written.median, read.median),
      },
    ]
  })
}

/** `durable: quorum queues, persistent messages` is called `quorum queues`. */
function shortSetting(cell = ''): string {
  return cell.replace(/^[^:]*: (?:topic: )?/, '').split(', ')[0] ?? ''
}

function readRange(cell = ''): { median: number; low: number; high: number } | null {
  const match = RANGE.exec(cell)
  if (!match) return null
  const [median = 0, low = 0, high = 0] = match
    .slice(1)
    .map((text) => Number(text.replaceAll(',', '')))
  return { median, low, high }
}

function medianText(row: MarkdownRow, title: string): string {
  return row.get(title)?.split(' (')[0] ?? ''
}
