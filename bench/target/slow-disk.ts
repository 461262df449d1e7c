/**
 * A preload (`node --import './bench/target/slow-disk.ts?ms=10'`) that makes every fdatasync and
 * fsync of the process take longer, on the main thread and on workers, which inherit preloads. The
 * broker's own code knows nothing of it: it sees a disk that takes its time.
 */
import type { NoParamCallback } from 'node:fs'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const delayMs = Number(new URL(import.meta.url).searchParams.get('ms'))
if (!(delayMs > 0)) throw new RangeError('slow-disk needs ?ms=N')

const still = new Int32Array(new SharedArrayBuffer(4))
const waitHere = (): void => void Atomics.wait(still, 0, 0, delayMs)

const { fdatasync, fsync, fdatasyncSync, fsyncSync } = fs

fs.fdatasyncSync = (descriptor: number): void => {
  fdatasyncSync(descriptor)
  waitHere()
}
fs.fsyncSync = (descriptor: number): void => {
  fsyncSync(descriptor)
  waitHere()
}

type Sync = (descriptor: number, callback: NoParamCallback) => void

function delayed(sync: Sync): Sync {
  return (descriptor, callback) =>
    sync(descriptor, (error) => setTimeout(() => callback(error), delayMs))
}

fs.fdatasync = delayed(fdatasync) as typeof fs.fdatasync
fs.fsync = delayed(fsync) as typeof fs.fsync
syncBuiltinESMExports()
