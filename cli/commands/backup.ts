import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { BackupNote, CopyOptions, Manifest } from '../../broker/index.ts'
import {
  createBackup,
  noteBackup,
  openDirectorySource,
  readBackup,
  requireEmpty,
} from '../../broker/index.ts'
import { createLogger, readWholeFile } from '../../kit/index.ts'
import { findAdmin } from '../admin-client.ts'
import type { Flags } from '../arguments.ts'
import { parseArguments, wrongUsage } from '../arguments.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'
import { machine } from '../platform.ts'
import { processConfig } from '../process-config.ts'
import { BrokerSource } from './backup/broker-source.ts'
import { copyRate } from './backup/copy-rate.ts'
import { explainedCopy } from './backup/failures.ts'
import { Progress, sizeText } from './backup/progress.ts'

const VALUED = ['admin', 'token', 'data-dir', 'rate', 'reason']
/** Leaves room for producers on a disk of ordinary speed. */
const RATE_BESIDE_PRODUCERS = '64M'

const platform = machine(createLogger('error'))

/** `glasslog backup DIR`: all data of a broker as it is at one moment, running or not. */
export async function backup(args: readonly string[]): Promise<number> {
  const switches = ['with-keys', 'verify', 'json']
  const { flags, words } = parseArguments(args, { command: 'backup', valued: VALUED, switches })
  const [directory] = words
  if (directory === undefined || words.length > 1)
    throw wrongUsage('backup', 'backup needs one DIR')
  try {
    const path = resolve(directory)
    const isDone = flags.has('verify')
    const manifest = isDone ? await verify(path, flags) : await create(path, flags)
    report(manifest, flags, isDone ? 'sound' : 'done')
    return EXIT.ok
  } catch (error) {
    throw explainedCopy(error)
  }
}

async function verify(directory: string, flags: Flags): Promise<Manifest> {
  const progress = new Progress('verified')
  try {
    return await readBackup(directory, copyOptions(flags, 'max', progress))
  } finally {
    progress.end()
  }
}

async function create(directory: string, flags: Flags): Promise<Manifest> {
  // Before a broker is asked for anything.
  await requireEmpty(platform.disk, directory)
  const dataDir = resolve(
    flags.get('data-dir') ??
      process.env.GLASSLOG_DATA_DIR ??
      processConfig.rows['data-dir'].default,
  )
  const given = { admin: flags.get('admin'), token: flags.get('token') }
  const admin = await findAdmin({ ...given, dataDir })
  if (!admin) return ofDirectory(directory, dataDir, flags)
  if (given.admin !== undefined && flags.has('with-keys')) {
    throw wrongUsage('backup', '--with-keys needs --data-dir: keys do not leave their machine')
  }
  const { disk, timers } = platform
  const source = await BrokerSource.begin({
    ...{ admin, disk, timers, withKeys: flags.has('with-keys'), reason: flags.get('reason') },
    dataDirectory: given.admin === undefined ? dataDir : null,
  })
  return ofBroker(source, directory, flags)
}

async function ofBroker(source: BrokerSource, directory: string, flags: Flags): Promise<Manifest> {
  const progress = new Progress('copied')
  try {
    const options = copyOptions(flags, RATE_BESIDE_PRODUCERS, progress)
    const manifest = await createBackup(source, directory, options)
    await source.end({ content: await contentOf(manifest, directory) })
    return manifest
  } catch (error) {
    const failure = error instanceof Error ? error.message : 'unknown'
    // What went wrong first is what the person hears.
    await source.end({ failure: failure.slice(0, 1000) }).catch(() => {})
    throw error
  } finally {
    progress.end()
  }
}

async function ofDirectory(directory: string, dataDir: string, flags: Flags): Promise<Manifest> {
  const { disk, clock, random } = platform
  const withKeys = flags.has('with-keys')
  const source = await openDirectorySource({
    ...{ disk, clock, random, withKeys, dataDirectory: dataDir },
  })
  const progress = new Progress('copied')
  try {
    const manifest = await createBackup(source, directory, copyOptions(flags, 'max', progress))
    await leaveNote(manifest, directory, dataDir)
    return manifest
  } finally {
    progress.end()
    await source.close()
  }
}

/** The next start puts it into the history. What cannot be written to cannot be noted: the backup is good all the same. */
async function leaveNote(manifest: Manifest, directory: string, dataDir: string): Promise<void> {
  const { id: backupId, createdAt } = manifest
  const note = { backupId, createdAt, content: await contentOf(manifest, directory) }
  try {
    await noteBackup(platform.disk, dataDir, note)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`the history will have no record of this backup: ${reason}\n`)
  }
}

function copyOptions(flags: Flags, rate: string, progress: Progress): CopyOptions {
  const { disk, clock, timers } = platform
  const bytesPerSecond = copyRate('backup', flags.get('rate') ?? rate)
  return { disk, clock, timers, bytesPerSecond, onProgress: progress.show }
}

/** What the broker puts into its record. */
async function contentOf(
  { files, history }: Manifest,
  directory: string,
): Promise<BackupNote['content']> {
  const manifest = await readWholeFile(platform.disk, `${directory}/manifest.json`)
  if (manifest === null) throw new CommandFailure(`${directory} is gone`, EXIT.failed)
  return {
    files: files.length,
    sizeBytes: totalBytesOf(files),
    historySize: history.size,
    manifest: createHash('sha256').update(manifest).digest('hex'),
  }
}

function totalBytesOf(files: Manifest['files']): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

function report(manifest: Manifest, flags: Flags, verdict: 'done' | 'sound'): void {
  const { id, createdAt, clusterId, history, logs, files, hasKeys, quarantined } = manifest
  const sizeBytes = totalBytesOf(files)
  if (flags.has('json')) {
    const summary = { id, createdAt, clusterId, hasKeys, quarantined, sizeBytes }
    const counts = { files: files.length, partitions: logs.length, historySize: history.size }
    console.log(JSON.stringify({ verdict, ...summary, ...counts }))
    return
  }
  console.log(`${verdict}: backup ${id} of cluster ${clusterId} as of ${createdAt}`)
  console.log(`${sizeText(sizeBytes)} in ${files.length} files, ${logs.length} partitions`)
  console.log(`history of ${history.size} records, root ${history.root}`)
  if (!hasKeys) {
    console.log(
      'without keys: keep secrets.key and audit/checkpoint.key elsewhere, a restore needs them (--with-keys puts them in)',
    )
  }
  for (const log of quarantined) console.log(`not in it: ${log}, which is in quarantine`)
}
