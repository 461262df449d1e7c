import type { Disk, DiskLock } from '../../kit/index.ts'
import { writeWholeFile } from '../../kit/index.ts'
import { codeOf, LogStoreError } from './errors.ts'
import type { Layout } from './layout.ts'

/** Version of the whole directory's shape; each kind of file has its own beside it. */
export const DATA_FORMAT_VERSION = 1

/**
 * Locks the directory, makes what is missing, and refuses what a newer program wrote. Everything it
 * makes is durable when it resolves.
 */
export async function openDataDirectory(disk: Disk, layout: Layout): Promise<DiskLock> {
  await disk.makeDirectory(layout.directory)
  const lock = await disk.lock(layout.lockFile)
  if (lock === null) {
    throw new LogStoreError('in-use', `another process uses ${layout.directory}`)
  }
  try {
    await refuseRestoring(disk, layout)
    await checkFormat(disk, layout)
    for (const directory of [layout.journal, layout.topics, layout.quarantine]) {
      await disk.makeDirectory(directory)
    }
    await disk.syncDirectory(layout.directory)
    await syncParents(disk, layout.directory)
    return lock
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** The file says that a restore writes to the directory, or did not come to its end. */
async function refuseRestoring(disk: Disk, { directory }: Layout): Promise<void> {
  if (!(await disk.exists(`${directory}/restoring`))) return
  throw new LogStoreError(
    'corrupt',
    `a restore to ${directory} did not come to its end; run glasslog restore once more`,
  )
}

async function checkFormat(disk: Disk, layout: Layout): Promise<void> {
  const text = await readText(disk, layout.formatFile)
  if (text === undefined) {
    await writeFormat(disk, layout)
    return
  }
  const version = formatVersionIn(text)
  if (version === undefined) {
    throw new LogStoreError('corrupt', `${layout.formatFile} is not readable`)
  }
  if (version > DATA_FORMAT_VERSION) {
    throw new LogStoreError(
      'newer-format',
      `${layout.directory} has format ${version}; this program knows ${DATA_FORMAT_VERSION}`,
    )
  }
}

async function writeFormat(disk: Disk, layout: Layout): Promise<void> {
  const text = `${JSON.stringify({ format: 'glasslog-log', version: DATA_FORMAT_VERSION })}\n`
  await writeWholeFile(disk, layout.formatFile, (file) => file.write([Buffer.from(text)], 0))
}

function formatVersionIn(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('version' in value)) return undefined
    return typeof value.version === 'number' ? value.version : undefined
  } catch {
    return undefined
  }
}

/** A directory is found after power loss only when all those above it are. */
async function syncParents(disk: Disk, directory: string): Promise<void> {
  const names = directory.split('/')
  for (let count = names.length - 1; count > 0; count--) {
    const parent = names.slice(0, count).join('/') || '/'
    try {
      await disk.syncDirectory(parent)
    } catch (error) {
      // Those above may not be ours to open; whoever made them made them last.
      if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM') return
      throw error
    }
  }
  if (names[0] !== '') await disk.syncDirectory('.')
}

async function readText(disk: Disk, path: string): Promise<string | undefined> {
  if (!(await disk.exists(path))) return undefined
  const file = await disk.open(path, 'read')
  try {
    const bytes = Buffer.alloc(await file.size())
    return bytes.toString('utf8', 0, await file.read(bytes, 0))
  } finally {
    await file.close()
  }
}
