import { createHash } from 'node:crypto'
import type { Disk, Uuid } from '../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../kit/index.ts'
import type { ImageLog } from '../log/index.ts'

/** A newer one than the program knows is refused. */
export const BACKUP_FORMAT_VERSION = 1
const FORMAT = 'glasslog-backup'

/** Written last: a directory without it is what is left of a backup that did not come to its end. */
export const MANIFEST_FILE = 'manifest.json'
/** The manifest's SHA-256, as `sha256sum -c` reads it. */
export const MANIFEST_HASH_FILE = 'manifest.sha256'
/** Where the files of the data directory are, by their paths there. */
export const CONTENT_DIRECTORY = 'data'

/** A file of the backup, by its path below the data directory. */
export interface BackupFile {
  readonly path: string
  readonly sizeBytes: number
  /** In hex. */
  readonly sha256: string
}

/** The history at the cut. */
export interface BackupHistory {
  readonly size: number
  /** Root of the Merkle tree over all of its records, in base64. */
  readonly root: string
  /** Hash of the state that they fold to, in hex. */
  readonly stateHash: string
  /** The last checkpoint that was signed until then; null when none ever was. */
  readonly checkpoint: string | null
}

/** What a backup is, what is in it, and how it can be recognised. */
export interface Manifest {
  readonly format: typeof FORMAT
  readonly version: number
  readonly id: Uuid
  /** Time of the cut, RFC 3339. */
  readonly createdAt: string
  readonly clusterId: string
  /** Last frame of the journal that belongs to it. */
  readonly journalSequence: number
  readonly history: BackupHistory
  /** Whether the keys are in it with which secrets are read and checkpoints signed. */
  readonly hasKeys: boolean
  readonly logs: readonly ImageLog[]
  /** Logs that could not be trusted any more when it was made; their records are not in it. */
  readonly quarantined: readonly string[]
  readonly files: readonly BackupFile[]
}

/** A backup cannot be made, or what should be one is not as it was made; the message says what to do. */
export class BackupFault extends Error {
  override readonly name = 'BackupFault'
}

/** The directory is not one that can be written to. */
export class TargetFault extends Error {
  override readonly name = 'TargetFault'
}

/** Makes the backup complete; everything else must be durable. */
export async function writeManifest(
  disk: Disk,
  directory: string,
  content: Omit<Manifest, 'format' | 'version'>,
): Promise<Manifest> {
  const manifest: Manifest = { format: FORMAT, version: BACKUP_FORMAT_VERSION, ...content }
  const bytes = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)
  const line = `${sha256Of(bytes)}  ${MANIFEST_FILE}\n`
  await replaceFile(disk, `${directory}/${MANIFEST_HASH_FILE}`, Buffer.from(line))
  await replaceFile(disk, `${directory}/${MANIFEST_FILE}`, bytes)
  return manifest
}

/** Throws a BackupFault when there is no whole backup of a version that this program knows. */
export async function readManifest(disk: Disk, directory: string): Promise<Manifest> {
  const bytes = await readWholeFile(disk, `${directory}/${MANIFEST_FILE}`)
  if (bytes === null) {
    const isBegun = await disk.exists(`${directory}/${CONTENT_DIRECTORY}`)
    throw new BackupFault(
      isBegun
        ? `${directory} holds a backup that did not come to its end; make another one`
        : `${directory} is no backup: it has no ${MANIFEST_FILE}`,
    )
  }
  const line = await readWholeFile(disk, `${directory}/${MANIFEST_HASH_FILE}`)
  if (line === null) throw new BackupFault(`${MANIFEST_HASH_FILE} is missing in ${directory}`)
  const manifest = parse(bytes)
  const version = manifest?.version
  if (typeof version === 'number' && version > BACKUP_FORMAT_VERSION) {
    throw new BackupFault(
      `${directory} has format ${version}; this program knows ${BACKUP_FORMAT_VERSION}: use a newer Glasslog`,
    )
  }
  if (line.toString() !== `${sha256Of(bytes)}  ${MANIFEST_FILE}\n`) {
    throw new BackupFault(`${MANIFEST_FILE} is not what ${MANIFEST_HASH_FILE} says: one is damaged`)
  }
  // What has the checksum that was written with it has the members that were written.
  if (manifest?.format !== FORMAT) throw new BackupFault(`${directory} is no backup of Glasslog`)
  return manifest
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function parse(bytes: Buffer): Manifest | null {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' ? (value as Manifest | null) : null
  } catch {
    return null
  }
}
