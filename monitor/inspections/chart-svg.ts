import type { Chart } from './finding.ts'

const WIDTH = 640
const HEIGHT = 200
const LEFT = 64
const BOTTOM = 24
const TOP = 28

/** A chart as a picture that needs nothing else: an area under a line, with its highest value and its times. */
export function renderChart({ title, unit, points }: Chart): string {
  const highest = Math.max(0, ...points.map(([, value]) => value)) || 1
  const firstMs = points[0]?.[0] ?? 0
  const lastMs = points.at(-1)?.[0] ?? 1
  const spanMs = Math.max(1, lastMs - firstMs)
  const x = (timeMs: number) => LEFT + ((timeMs - firstMs) / spanMs) * (WIDTH - LEFT - 8)
  const y = (value: number) => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - BOTTOM - TOP)
  const line = points
    .map(([timeMs, value]) => `${x(timeMs).toFixed(1)},${y(value).toFixed(1)}`)
    .join(' ')
  const base = HEIGHT - BOTTOM
  const area =
    points.length === 0
      ? ''
      : `${x(firstMs).toFixed(1)},${base} ${line} ${x(lastMs).toFixed(1)},${base}`
  const text = (atX: number, atY: number, content: string, anchor = 'start') =>
    `<text x="${atX}" y="${atY}" text-anchor="${anchor}">${escaped(content)}</text>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12" fill="#444">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(8, 16, `${title} (${unit})`),
    text(LEFT - 6, TOP + 4, shortNumber(highest), 'end'),
    text(LEFT - 6, base, '0', 'end'),
    text(LEFT, HEIGHT - 8, timeOf(firstMs, points.length)),
    text(WIDTH - 8, HEIGHT - 8, timeOf(lastMs, points.length), 'end'),
    `<polygon points="${area}" fill="#3b82f6" fill-opacity="0.2"/>`,
    `<polyline points="${line}" fill="none" stroke="#1d4ed8" stroke-width="1.5"/>`,
    `</svg>`,
  ].join('\n')
}

function timeOf(timeMs: number, count: number): string {
  return count === 0 ? 'no data' : new Date(timeMs).toISOString().slice(5, 16).replace('T', ' ')
}

function shortNumber(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)}G`
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)}k`
  return String(Math.round(value * 100) / 100)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
