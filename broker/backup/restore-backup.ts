import type { Disk } from '../../kit/index.ts'
import { LogStoreError } from '../log/index.ts'
import type { CopyOptions } from './create-backup.ts'
import { RESTORED_FILE, RESTORING_FILE } from './data-files.ts'
import type { Manifest } from './manifest.ts'
import { readManifest } from './manifest.ts'
import { readBackup } from './read-backup.ts'
import { requireEmpty } from './require-empty.ts'
import { TargetTree } from './target-tree.ts'

/** What a restored directory says of itself until the broker has recorded it. */
export interface RestoredNote {
  readonly backupId: string
  readonly createdAt: string
  readonly historySize: number
  readonly historyRoot: string
}

/**
 * Makes a data directory out of a backup, checking all of it on the way. The directory must not
 * exist or be empty, or be what a restore left that did not come to its end; until it has, no broker
 * starts on it. Throws a TargetFault, a LogStoreError when a process uses the directory, a
 * BackupFault, or the disk's error.
 */
export async function restoreBackup(
  directory: string,
  dataDirectory: string,
  options: CopyOptions,
): Promise<Manifest> {
  const { disk } = options
  await readManifest(disk, directory)
  await requireTarget(disk, dataDirectory)
  await disk.makeDirectory(dataDirectory)
  const lock = await disk.lock(`${dataDirectory}/lock`)
  if (lock === null) throw new LogStoreError('in-use', `another process uses ${dataDirectory}`)
  try {
    // Another restore may have come to its end meanwhile.
    await requireTarget(disk, dataDirectory)
    await begin(options, dataDirectory)
    return await fill(directory, dataDirectory, options)
  } finally {
    await lock.release()
  }
}

/** Throws a TargetFault when there is anything but what an earlier attempt left. */
async function requireTarget(disk: Disk, dataDirectory: string): Promise<void> {
  if (await disk.exists(`${dataDirectory}/${RESTORING_FILE}`)) return
  await requireEmpty(disk, dataDirectory, ['lock', 'lost+found'])
}

/** What an earlier attempt left goes. */
async function begin({ disk }: CopyOptions, dataDirectory: string): Promise<void> {
  const marker = `${dataDirectory}/${RESTORING_FILE}`
  if (!(await disk.exists(marker))) {
    const file = await disk.open(marker, 'create')
    await file.sync()
    await file.close()
  }
  await disk.syncDirectory(dataDirectory)
  for (const name of await disk.list(dataDirectory)) {
    if ([RESTORING_FILE, 'lock', 'lost+found'].includes(name)) continue
    await disk.remove(`${dataDirectory}/${name}`)
  }
}

async function fill(
  directory: string,
  dataDirectory: string,
  options: CopyOptions,
): Promise<Manifest> {
  const { disk } = options
  const tree = new TargetTree(disk, dataDirectory)
  const manifest = await readBackup(directory, options, {
    file: (path, write) => tree.create(path, write),
    index: (path, bytes) => tree.create(path, (file) => file.write([bytes], 0)),
  })
  const { id: backupId, createdAt, history } = manifest
  const note: RestoredNote = {
    ...{ backupId, createdAt },
    ...{ historySize: history.size, historyRoot: history.root },
  }
  await tree.create(RESTORED_FILE, async (file) => {
    await file.write([Buffer.from(`${JSON.stringify(note)}\n`)], 0)
    await file.sync()
  })
  await tree.sync()
  await disk.remove(`${dataDirectory}/${RESTORING_FILE}`)
  await disk.syncDirectory(dataDirectory)
  return manifest
}
