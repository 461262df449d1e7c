import { closeSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Histogram } from './histogram.ts'

const BLOCK_BYTES = 4096
const FILE_BLOCKS = 2048
const MAX_CALLS = 500
const MAX_TIME_MS = 1_000

export interface FdatasyncTime {
  readonly calls: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * The bare disk's answer to what every acknowledged write waits for: 4 KiB written over a file that
 * already has its blocks, then fdatasync. At most 500 calls or one second.
 */
export function measureFdatasync(directory: string): FdatasyncTime {
  const path = join(directory, 'fdatasync.probe')
  const file = openSync(path, 'w')
  try {
    const block = Buffer.alloc(BLOCK_BYTES, 1)
    for (let i = 0; i < FILE_BLOCKS; i++) writeSync(file, block, 0, BLOCK_BYTES, i * BLOCK_BYTES)
    fsyncSync(file)
    const micros = new Histogram()
    const endMs = performance.now() + MAX_TIME_MS
    while (micros.total < MAX_CALLS && performance.now() < endMs) {
      writeSync(file, block, 0, BLOCK_BYTES, micros.total * BLOCK_BYTES)
      const startMs = performance.now()
      fdatasyncSync(file)
      micros.record((performance.now() - startMs) * 1000)
    }
    return {
      calls: micros.total,
      p50Ms: micros.percentile(50) / 1000,
      p99Ms: micros.percentile(99) / 1000,
    }
  } finally {
    closeSync(file)
    rmSync(path)
  }
}
