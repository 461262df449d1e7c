import { compact } from './labels.ts'
import type { Panel } from './panel.ts'
import { MARGIN_PX } from './panel.ts'
import type { Throughput } from './results.ts'
import { amountScale } from './scale.ts'
import { element, text } from './svg.ts'

const ROW_PX = 25
const BAR_PX = 14
const GROUP_GAP_PX = 9
const FIRST_ROW_PX = 116
const LEGEND_PX = 77
const SETTING_PX = 142
const COLUMNS_PX = [
  [346, 566],
  [630, 850],
] as const
/** Room for the number beside the longest bar. */
const NUMBER_PX = 52

/** The same brokers with records of one size. */
export interface ThroughputColumn {
  readonly title: string
  readonly throughputs: readonly Throughput[]
}

/** What gets through each broker in both directions: a bar for each setting, a column for each size. */
export function throughputPanel(columns: readonly [ThroughputColumn, ThroughputColumn]): Panel {
  const rows = rowsOf(columns)
  if (rows.length === 0) return { heightPx: 0, elements: [] }
  const last = rows.at(-1)
  return {
    heightPx: (last?.topPx ?? 0) + ROW_PX + 22,
    elements: [
      text(MARGIN_PX, 34, 'title', 'Writing and reading at once'),
      text(
        MARGIN_PX,
        55,
        'small muted',
        "Records/s that get through in both directions, on 2 cores and 4 GiB, with the Java client of each broker's own makers.",
      ),
      ...legend(),
      ...columns.map(({ title }, i) =>
        text(COLUMNS_PX[i]?.[0] ?? 0, FIRST_ROW_PX - 10, 'small muted', title),
      ),
      ...rows.flatMap(labels),
      ...columns.flatMap((column, i) => bars(column, rows, COLUMNS_PX[i] ?? [0, 0])),
    ],
  }
}

interface RowPlace {
  readonly broker: string
  readonly setting: string
  readonly isFirstOfBroker: boolean
  readonly topPx: number
}

function rowsOf(columns: readonly ThroughputColumn[]): readonly RowPlace[] {
  const keys = new Map<string, Throughput>()
  for (const { throughputs } of columns) for (const one of throughputs) keys.set(keyOf(one), one)
  let topPx = FIRST_ROW_PX - ROW_PX - GROUP_GAP_PX
  let before = ''
  return [...keys.values()].map(({ broker, setting }) => {
    const isFirstOfBroker = broker !== before
    topPx += ROW_PX + (isFirstOfBroker ? GROUP_GAP_PX : 0)
    before = broker
    return { broker, setting, isFirstOfBroker, topPx }
  })
}

function keyOf({ broker, setting }: Pick<Throughput, 'broker' | 'setting'>): string {
  return `${broker} ${setting}`
}

function legend(): readonly string[] {
  const y = LEGEND_PX
  const mark = (x: number, className: string): string =>
    element('rect', { x, y: y - 9, width: 10, height: 10, rx: 2, class: className })
  return [
    mark(MARGIN_PX, 'other'),
    text(MARGIN_PX + 15, y, 'small', 'acknowledged once on the disk'),
    mark(MARGIN_PX + 212, 'other-open'),
    text(MARGIN_PX + 227, y, 'small', 'acknowledged before it is there'),
  ]
}

function labels({ broker, setting, isFirstOfBroker, topPx }: RowPlace): readonly string[] {
  const baseline = topPx + ROW_PX / 2 + 4.5
  return [
    ...(isFirstOfBroker ? [text(MARGIN_PX, baseline, 'strong', broker)] : []),
    text(SETTING_PX, baseline, 'small muted', setting),
  ]
}

function bars(
  { throughputs }: ThroughputColumn,
  rows: readonly RowPlace[],
  [from, to]: readonly [number, number],
): readonly string[] {
  const scale = amountScale(
    throughputs.map(({ recordsPerSecond }) => recordsPerSecond),
    from,
    to - NUMBER_PX,
  )
  return throughputs.flatMap((one) => {
    const place = rows.find((row) => keyOf(row) === keyOf(one))
    if (!place) return []
    const end = scale.at(one.recordsPerSecond)
    const colour = one.broker === 'Glasslog' ? 'ahead' : 'other'
    return [
      element('rect', {
        x: from,
        y: place.topPx + (ROW_PX - BAR_PX) / 2,
        width: Math.max(end - from, 1.5),
        height: BAR_PX,
        rx: 2,
        class: one.isOnDisk ? colour : `${colour}-open`,
      }),
      text(
        end + 6,
        place.topPx + ROW_PX / 2 + 4.5,
        one.isOnDisk ? 'small strong' : 'small',
        compact(one.recordsPerSecond),
      ),
    ]
  })
}
