import { inBytes } from '../step.ts'
import type { DriverAnswer, DriverBounds, ExpansionDriver } from './driver.ts'
import type { CommandResult, RunCommand } from './run-command.ts'

export interface LvmSettings {
  /** The logical volume, as `/dev/GROUP/NAME`. */
  readonly volume: string
  /** A directory on its file system. */
  readonly directory: string
  /** Put before each command, such as `sudo -n`; empty for a process that is root. */
  readonly prefix: readonly string[]
}

/**
 * Extends a logical volume and then its file system, which stays mounted (lvextend(8), resize2fs(8),
 * xfs_growfs(8), btrfs-filesystem(8)). Every command names the size that is wanted or takes all there
 * is, so that one which was run before a crash is run again without harm.
 */
export function createLvmDriver(settings: LvmSettings, run: RunCommand): ExpansionDriver {
  const { volume, directory, prefix } = settings
  const command = (file: string, ...args: string[]): Promise<CommandResult> => {
    const [first = file, ...rest] = [...prefix, file, ...args]
    return run(first, rest)
  }
  const bounds = async (): Promise<DriverBounds> => {
    const columns = ['--noheadings', '--nosuffix', '--units', 'b', '--separator', ',']
    const told = await command('lvs', ...columns, '-o', 'lv_size,vg_free', volume)
    const [sizeBytes, freeBytes] = told.stdout.trim().split(',').map(Number)
    if (told.code !== 0 || !Number.isSafeInteger(sizeBytes) || !Number.isSafeInteger(freeBytes))
      throw new Error(`lvs ${volume}: ${told.stderr || 'an answer that is not understood'}`)
    const scaledBytes = sizeBytes ?? 0
    return { scaledBytes, largestBytes: scaledBytes + (freeBytes ?? 0) }
  }
  const fileSystem = async () => {
    const told = await command('findmnt', '-n', '-o', 'FSTYPE,TARGET', '-T', directory)
    if (told.code !== 0) throw new Error(`findmnt ${directory}: ${told.stderr}`)
    const [type = '', ...mountPoint] = told.stdout.trim().split(/\s+/)
    return { type, growth: growthOf(type, volume, mountPoint.join(' ')) }
  }
  return {
    name: 'lvm',
    scales: 'volume',
    bounds,
    async expand({ step: { to } }): Promise<DriverAnswer> {
      // A volume that grows under a file system which does not is taken from others for nothing, step by step.
      const { type, growth } = await fileSystem()
      if (growth === null)
        return { kind: 'refused', detail: `no way to grow a file system of type ${type}` }
      const { scaledBytes } = await bounds()
      if (scaledBytes === null || scaledBytes < to) {
        const extended = await command('lvextend', '--size', `${to}b`, volume)
        if (extended.code !== 0) return { kind: 'refused', detail: `lvextend: ${extended.stderr}` }
      }
      const grown = await command(...growth)
      if (grown.code !== 0) throw new Error(grown.stderr)
      return { kind: 'asked', detail: `${volume} has ${inBytes(to)}` }
    },
  }
}

/** The command that makes a file system as large as its volume; null for one that we know none for. */
function growthOf(
  type: string,
  volume: string,
  mountPoint: string,
): readonly [file: string, ...args: string[]] | null {
  switch (type) {
    case 'ext2':
    case 'ext3':
    case 'ext4':
      return ['resize2fs', volume]
    case 'xfs':
      return ['xfs_growfs', mountPoint]
    case 'btrfs':
      return ['btrfs', 'filesystem', 'resize', 'max', mountPoint]
    default:
      return null
  }
}
