import { timeText, timeTicks, valueText, valueTicks } from './axes.ts'
import { Canvas } from './canvas.ts'
import { GLYPH_HEIGHT } from './glyphs.ts'
import type { Color } from './png.ts'
import { encodePng } from './png.ts'

export interface ChartLine {
  readonly points: readonly (readonly [timeMs: number, value: number])[]
}

export interface ChartContent {
  readonly startMs: number
  readonly endMs: number
  /** Two points that are further apart are not joined. */
  readonly stepMs: number
  /** The first is the one that it is about. */
  readonly lines: readonly ChartLine[]
  /** Where the alarm begins. */
  readonly threshold: number | null
  /** When it began. */
  readonly markMs: number
}

/** Twice the size in which it is shown, for screens with many pixels. */
const WIDTH = 1200
const HEIGHT = 400
const SCALE = 2
const LEFT = 96
const RIGHT = 24
const TOP = 20
const BOTTOM = 44
const GAP_STEPS = 2.5
/** Neither are shown by a mail reader that paints everything dark: the picture brings its own background. */
const PALETTE: readonly Color[] = [
  [255, 255, 255],
  [224, 224, 224],
  [90, 90, 90],
  [200, 40, 40],
  [255, 238, 236],
  [31, 111, 180],
  [217, 119, 6],
  [46, 125, 79],
  [124, 77, 176],
  [0, 131, 143],
]
const [GRID, INK, ALARM, SHADE, FIRST_LINE] = [1, 2, 3, 4, 5] as const
export const MAX_LINES = PALETTE.length - FIRST_LINE

/** A chart as a PNG file of some kilobytes. */
export function drawChart(content: ChartContent): Promise<Buffer> {
  const canvas = new Canvas(WIDTH, HEIGHT)
  const plot = new Plot(canvas, content)
  plot.shadeAlarm()
  plot.axes()
  content.lines.slice(0, MAX_LINES).forEach((line, at) => {
    plot.line(line, FIRST_LINE + at)
  })
  plot.threshold()
  return encodePng(WIDTH, HEIGHT, PALETTE, canvas.pixels)
}

class Plot {
  readonly #canvas: Canvas
  readonly #content: ChartContent
  readonly #ticks: readonly number[]
  readonly #lowest: number
  readonly #highest: number

  constructor(canvas: Canvas, content: ChartContent) {
    this.#canvas = canvas
    this.#content = content
    const { lowest, highest } = extremes(content)
    this.#ticks = valueTicks(lowest, highest, 5)
    this.#lowest = this.#ticks[0] ?? lowest
    this.#highest = this.#ticks.at(-1) ?? highest
  }

  axes(): void {
    const { startMs, endMs } = this.#content
    for (const value of this.#ticks) {
      const y = this.#y(value)
      this.#canvas.fill(LEFT, y, WIDTH - LEFT - RIGHT, 1, GRID)
      const text = valueText(value)
      const left = LEFT - 10 - Canvas.textWidth(text, SCALE)
      this.#canvas.text(text, left, y - (GLYPH_HEIGHT * SCALE) / 2, SCALE, INK)
    }
    const times = timeTicks(startMs, endMs, 8)
    const stepMs = (times[1] ?? 0) - (times[0] ?? 0)
    for (const time of times) {
      const x = this.#x(time)
      this.#canvas.fill(x, TOP, 1, HEIGHT - TOP - BOTTOM, GRID)
      const text = timeText(time, stepMs)
      const left = x - Math.round(Canvas.textWidth(text, SCALE) / 2)
      this.#canvas.text(text, left, HEIGHT - BOTTOM + 14, SCALE, INK)
    }
    this.#canvas.fill(LEFT, HEIGHT - BOTTOM, WIDTH - LEFT - RIGHT, 2, INK)
  }

  /** The time in which it fires. */
  shadeAlarm(): void {
    const from = Math.max(LEFT, this.#x(this.#content.markMs))
    this.#canvas.fill(from, TOP, WIDTH - RIGHT - from, HEIGHT - TOP - BOTTOM, SHADE)
  }

  threshold(): void {
    const { threshold } = this.#content
    if (threshold === null) return
    const y = this.#y(threshold)
    for (let x = LEFT; x < WIDTH - RIGHT; x += 16) this.#canvas.fill(x, y - 1, 10, 2, ALARM)
  }

  line({ points }: ChartLine, color: number): void {
    const gapMs = GAP_STEPS * this.#content.stepMs
    let last: readonly [number, number] | null = null
    for (const [timeMs, value] of points) {
      if (!Number.isFinite(value)) {
        last = null
        continue
      }
      const [x, y] = [this.#x(timeMs), this.#y(value)]
      const isJoined = last !== null && timeMs - last[0] <= gapMs
      const [fromX, fromY] = isJoined && last ? [this.#x(last[0]), this.#y(last[1])] : [x, y]
      this.#canvas.line(fromX, fromY, x, y, 3, color)
      last = [timeMs, value]
    }
  }

  #x(timeMs: number): number {
    const { startMs, endMs } = this.#content
    const share = (timeMs - startMs) / Math.max(1, endMs - startMs)
    return Math.round(LEFT + share * (WIDTH - LEFT - RIGHT))
  }

  #y(value: number): number {
    const share = (value - this.#lowest) / (this.#highest - this.#lowest || 1)
    return Math.round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM))
  }
}

/** With zero where that is near, so that a small change does not look like a large one. */
function extremes({ lines, threshold }: ChartContent): { lowest: number; highest: number } {
  let lowest = threshold ?? Number.POSITIVE_INFINITY
  let highest = threshold ?? Number.NEGATIVE_INFINITY
  for (const { points } of lines.slice(0, MAX_LINES)) {
    for (const [, value] of points) {
      if (!Number.isFinite(value)) continue
      lowest = Math.min(lowest, value)
      highest = Math.max(highest, value)
    }
  }
  if (lowest > highest) return { lowest: 0, highest: 1 }
  if (lowest > 0 && lowest < 0.7 * highest) lowest = 0
  return lowest === highest && lowest === 0 ? { lowest: 0, highest: 1 } : { lowest, highest }
}
