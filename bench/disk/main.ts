import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Histogram } from '../measure/histogram.ts'
import { summarize } from '../measure/statistics.ts'
import type { WayToWrite } from './ways-to-write.ts'
import { WAYS_TO_WRITE } from './ways-to-write.ts'

/**
 * What this disk takes to make an append durable, by where it is written.
 *
 *     node bench/disk/main.ts [KIB] [DIR]   blocks of KIB (default 190, what a sync of produce-1k covers),
 *                                           in DIR (default: the temporary directory); half a minute
 */
const ROUNDS = 3
const MEASURED_MS = 2_000

interface Measured {
  readonly megabytesPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const sizeKiB = Number(process.argv[2] ?? 190)
if (!Number.isInteger(sizeKiB) || sizeKiB < 4 || sizeKiB > 16_384) {
  throw new Error('KIB is a whole number from 4 to 16384')
}
const directory = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'glasslog-disk-'))
try {
  const block = Buffer.alloc(sizeKiB * 1024, 1)
  const rounds: Measured[][] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(WAYS_TO_WRITE.map((way) => measure(way, block)))
  }
  console.log(
    `${sizeKiB} KiB, then fdatasync; medians of ${ROUNDS} rounds of ${MEASURED_MS / 1000} s in turn`,
  )
  for (const [index, way] of WAYS_TO_WRITE.entries()) {
    const median = (figure: (measured: Measured) => number): number =>
      summarize(rounds.flatMap((round) => round.slice(index, index + 1)).map(figure)).median
    console.log(
      `${way.name.padEnd(58)}${median(({ megabytesPerSecond }) => megabytesPerSecond)
        .toFixed(0)
        .padStart(6)} MB/s` +
        `   p50 ${median(({ p50Ms }) => p50Ms).toFixed(2)} ms   p99 ${median(({ p99Ms }) => p99Ms).toFixed(2)} ms`,
    )
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function measure(way: WayToWrite, block: Buffer): Measured {
  const paths = Array.from({ length: way.files }, (_, index) => join(directory, `${index}`))
  const files = paths.map((path) => openSync(path, 'w+'))
  try {
    way.prepare(files)
    const micros = new Histogram()
    const startedMs = performance.now()
    let nowMs = startedMs
    for (let turn = 0; nowMs - startedMs < MEASURED_MS; turn++) {
      way.write(files, block, turn)
      const doneMs = performance.now()
      micros.record((doneMs - nowMs) * 1000)
      nowMs = doneMs
    }
    return {
      megabytesPerSecond: (micros.total * block.length) / 1000 / (nowMs - startedMs),
      p50Ms: micros.percentile(50) / 1000,
      p99Ms: micros.percentile(99) / 1000,
    }
  } finally {
    for (const file of files) closeSync(file)
    for (const path of paths) rmSync(path)
  }
}
