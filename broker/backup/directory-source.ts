import type { Clock, Disk, Random } from '../../kit/index.ts'
import { randomUuid, readWholeFile } from '../../kit/index.ts'
import { LogImage, LogStoreError } from '../log/index.ts'
import { KEY_FILES, PROOF_FILES } from './data-files.ts'
import { FileReader, sizesOf } from './file-reader.ts'
import { BackupFault } from './manifest.ts'
import type { BackupSource, SourceCut, SourceFile } from './source.ts'
import { withoutZeros } from './without-zeros.ts'

export interface DirectorySourceOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly dataDirectory: string
  readonly withKeys: boolean
}

/**
 * The data directory of a broker that does not run, which is locked until it is closed: nothing in
 * it changes, also not what a crash left. Throws a LogStoreError when a process uses it, a
 * BackupFault when it is no data directory.
 */
export async function openDirectorySource(
  options: DirectorySourceOptions,
): Promise<BackupSource & { close(): Promise<void> }> {
  const { disk, dataDirectory } = options
  if (!(await disk.exists(`${dataDirectory}/format.json`))) {
    throw new BackupFault(
      `no broker runs on ${dataDirectory}, and it is not a data directory: name another with --data-dir DIR or --admin URL --token TOKEN`,
    )
  }
  const lock = await disk.lock(`${dataDirectory}/lock`)
  if (lock === null) throw new LogStoreError('in-use', `another process uses ${dataDirectory}`)
  try {
    const cut = await cutOf(options)
    const files = new FileReader(disk, dataDirectory)
    return {
      cut,
      read: (path, position, target) => files.read(path, position, target),
      journalCopied: async () => {},
      keepAlive: async () => {},
      async close() {
        await files.close()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function cutOf(options: DirectorySourceOptions): Promise<SourceCut> {
  const { disk, clock, random, dataDirectory, withKeys } = options
  const checkpoint = await readWholeFile(disk, `${dataDirectory}/checkpoint`)
  if (checkpoint === null) {
    throw new BackupFault(`${dataDirectory} has no checkpoint: no broker ever came up on it`)
  }
  const journal = (await disk.list(`${dataDirectory}/journal`)).map((name) => `journal/${name}`)
  const sized = (paths: readonly string[]): Promise<readonly SourceFile[]> =>
    sizesOf(disk, dataDirectory, paths)
  return {
    id: randomUuid(random),
    createdAt: new Date(clock.now()).toISOString(),
    journal: await Promise.all(
      (await sized(journal)).map((file) => withoutZeros(disk, dataDirectory, file)),
    ),
    small: await sized(['format.json', 'checkpoint', ...PROOF_FILES]),
    segments: Array.from(new LogImage(checkpoint).segments(), ({ path, sizeBytes }) => {
      return { path, sizeBytes }
    }),
    keys: withKeys ? await sized(KEY_FILES) : [],
    journalSequence: null,
    logs: [],
  }
}
