import { amountText, compact, labelOf } from './labels.ts'
import type { Panel } from './panel.ts'
import { MARGIN_PX, RIGHT_PX } from './panel.ts'
import type { Advantage } from './results.ts'
import type { Scale } from './scale.ts'
import { ratioScale } from './scale.ts'
import { element, text } from './svg.ts'

const ROW_PX = 27
const BAR_PX = 13
const FIRST_ROW_PX = 100
const PLOT_FROM_PX = 250
const PLOT_TO_PX = 640
const GLASSLOG_PX = 752
/** Room for a bar's number beside it. */
const NUMBER_PX = 8

/** How many times better Glasslog is, one bar for each goal: to the right of the line it is ahead. */
export function advantagePanel(advantages: readonly Advantage[]): Panel {
  if (advantages.length === 0) return { heightPx: 0, elements: [] }
  const values = advantages.flatMap(({ times, goal, lowest, highest }) => [
    times,
    goal,
    lowest,
    highest,
  ])
  const scale = ratioScale(values, PLOT_FROM_PX, PLOT_TO_PX)
  const bottomPx = FIRST_ROW_PX + advantages.length * ROW_PX
  return {
    heightPx: bottomPx + 34,
    elements: [
      text(MARGIN_PX, 40, 'title', 'Glasslog against Apache Kafka'),
      text(
        MARGIN_PX,
        61,
        'small muted',
        'How many times better, on the same 2 cores and 4 GiB. Glasslog has every acknowledged write on disk, Kafka does not.',
      ),
      ...legend(),
      ...grid(scale, bottomPx),
      ...advantages.flatMap((advantage, i) => row(advantage, scale, FIRST_ROW_PX + i * ROW_PX)),
      element('line', {
        x1: scale.at(1),
        y1: FIRST_ROW_PX - 4,
        x2: scale.at(1),
        y2: bottomPx + 2,
        class: 'axis',
      }),
    ],
  }
}

function legend(): readonly string[] {
  const y = FIRST_ROW_PX - 12
  const mark = (x: number, className: string): string =>
    element('rect', { x, y: y - 9, width: 10, height: 10, rx: 2, class: className })
  return [
    mark(MARGIN_PX, 'ahead'),
    text(MARGIN_PX + 15, y, 'small', 'Glasslog ahead'),
    mark(MARGIN_PX + 118, 'behind'),
    text(MARGIN_PX + 133, y, 'small', 'behind'),
    element('line', {
      x1: MARGIN_PX + 194,
      y1: y - 10,
      x2: MARGIN_PX + 194,
      y2: y + 2,
      class: 'goal',
    }),
    text(MARGIN_PX + 202, y, 'small', 'goal'),
    text(GLASSLOG_PX, y, 'small muted end', 'Glasslog'),
    text(RIGHT_PX, y, 'small muted end', 'Kafka'),
  ]
}

function grid({ at, ticks }: Scale, bottomPx: number): readonly string[] {
  return ticks.flatMap((tick) => [
    element('line', {
      x1: at(tick),
      y1: FIRST_ROW_PX - 4,
      x2: at(tick),
      y2: bottomPx + 2,
      class: 'grid',
    }),
    text(at(tick), bottomPx + 18, 'small muted middle', times(tick)),
  ])
}

/** `2×` and `½×` read better than 0.5. */
function times(value: number): string {
  return value >= 1 ? `${value}×` : `1/${1 / value}×`
}

function row(advantage: Advantage, { at }: Scale, topPx: number): readonly string[] {
  const isAhead = advantage.times >= 1
  const [start, end] = [at(1), at(advantage.times)].sort((a, b) => a - b) as [number, number]
  const barTop = topPx + (ROW_PX - BAR_PX) / 2
  const middle = topPx + ROW_PX / 2
  const baseline = middle + 4.5
  const goal = at(advantage.goal)
  const tip = isAhead
    ? Math.max(at(advantage.highest), goal) + NUMBER_PX
    : at(advantage.lowest) - NUMBER_PX
  const number = `${compact(advantage.times)}×`
  return [
    text(MARGIN_PX, baseline, '', labelOf(advantage)),
    element('rect', {
      x: start,
      y: barTop,
      width: Math.max(end - start, 1),
      height: BAR_PX,
      rx: 2,
      class: isAhead ? 'ahead' : 'behind',
    }),
    element('line', {
      x1: at(advantage.lowest),
      y1: middle,
      x2: at(advantage.highest),
      y2: middle,
      class: 'range',
    }),
    element('line', { x1: goal, y1: barTop - 4, x2: goal, y2: barTop + BAR_PX + 4, class: 'goal' }),
    text(tip, baseline, isAhead ? 'strong' : 'strong end', number),
    text(GLASSLOG_PX, baseline, 'small end', amountText(advantage, advantage.glasslog)),
    text(RIGHT_PX, baseline, 'small muted end', amountText(advantage, advantage.kafka)),
  ]
}
