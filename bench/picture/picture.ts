import { advantagePanel } from './advantage-panel.ts'
import type { Panel } from './panel.ts'
import { WIDTH_PX } from './panel.ts'
import { readAdvantages, readThroughputs } from './results.ts'
import { element } from './svg.ts'
import { styleSheet } from './theme.ts'
import { throughputPanel } from './throughput-panel.ts'

const BOTTOM_PX = 8
const TITLE = 'How fast Glasslog is beside Apache Kafka, RabbitMQ and RocketMQ'

/** The main results as an SVG, from the pages as they are committed: whoever has them can draw it. */
export function drawPicture(resultsPage: string, tablePage: string): string {
  const panels = [
    advantagePanel(readAdvantages(resultsPage)),
    throughputPanel([
      { title: '100 B records', throughputs: readThroughputs(tablePage, 100) },
      { title: '1 KiB records', throughputs: readThroughputs(tablePage, 1024) },
    ]),
  ]
  const heightPx = panels.reduce((sum, panel) => sum + panel.heightPx, BOTTOM_PX)
  const card = { x: 0.5, y: 0.5, width: WIDTH_PX - 1, height: heightPx - 1, rx: 8, class: 'card' }
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH_PX} ${heightPx}`,
    width: WIDTH_PX,
    height: heightPx,
    role: 'img',
  }
  return `${element(
    'svg',
    root,
    `\n${element('title', {}, TITLE)}\n`,
    `${element('style', {}, styleSheet())}\n`,
    `${element('rect', card)}\n`,
    ...stack(panels),
  )}\n`
}

function stack(panels: readonly Panel[]): readonly string[] {
  let topPx = 0
  return panels.map(({ heightPx, elements }) => {
    const group = element('g', { transform: `translate(0 ${topPx})` }, `\n${elements.join('\n')}\n`)
    topPx += heightPx
    return `${group}\n`
  })
}
