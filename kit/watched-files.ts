import type { Disk } from './disk.ts'
import { readWholeFile } from './files.ts'
import type { Logger } from './logger.ts'
import type { Cancel, Timers } from './timers.ts'

/** Contents by path. */
export type FileContents = ReadonlyMap<string, Buffer>

export interface WatchedFilesOptions {
  readonly disk: Disk
  readonly timers: Timers
  readonly logger: Logger
  readonly intervalMs: number
  /** Told what became of files that have changed: null when they are in use, else why they cannot be. */
  readonly onRead?: (fault: string | null) => void
}

/** The contents of all the files; throws when one is missing or cannot be read. */
export async function readFiles(disk: Disk, paths: readonly string[]): Promise<FileContents> {
  const contents = new Map<string, Buffer>()
  for (const path of paths) {
    const bytes = await readWholeFile(disk, path)
    if (bytes === null) throw new Error(`there is no file ${path}`)
    contents.set(path, bytes)
  }
  return contents
}

/**
 * Reads small files again from time to time and hands them on when one has changed, so that keys can
 * be renewed without a restart. `onChange` may throw: the contents are then not usable (a file may
 * be half written), which is logged once, and the next change is looked at again.
 */
export function watchFiles(
  initial: FileContents,
  onChange: (contents: FileContents) => void,
  { disk, timers, logger, intervalMs, onRead = () => {} }: WatchedFilesOptions,
): Cancel {
  const paths = [...initial.keys()]
  let known = initial
  let complaint = ''
  let isReading = false
  const check = async (): Promise<void> => {
    try {
      const contents = await readFiles(disk, paths)
      if (paths.every((path) => contents.get(path)?.equals(known.get(path) ?? NOTHING))) return
      known = contents
      onChange(contents)
      complaint = ''
      logger.info({ paths }, 'files were read again')
      onRead(null)
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      if (message === complaint) return
      complaint = message
      logger.error(
        { paths, reason: message },
        'files have changed and cannot be used; the old ones hold',
      )
      onRead(message)
    }
  }
  return timers.every(intervalMs, () => {
    // A slow disk must not make checks pile up.
    if (isReading) return
    isReading = true
    void check().finally(() => {
      isReading = false
    })
  })
}

const NOTHING = Buffer.alloc(0)
