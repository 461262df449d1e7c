import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../kit/index.ts'
import { createDrivers } from '../../monitor/disk/index.ts'
import { expansionTo, SimBroker } from '../../monitor/disk/testing.ts'

/** A volume group on a loop device, and what the driver lvm really makes of it. */

const MIB = 1024 ** 2
const GROUP = `glasslog-test-${process.pid}`

const run = (file: string, ...args: string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

/** Why the test cannot run here; null when it can. */
function obstacle(): string | null {
  if (process.platform !== 'linux') return 'LVM is of Linux'
  if (process.getuid?.() !== 0) return 'it needs root'
  if (!existsSync('/dev/mapper/control')) return 'there is no device-mapper'
  const missing = ['vgcreate', 'lvextend', 'mkfs.ext4', 'resize2fs', 'losetup'].find((program) => {
    try {
      return run('which', program) === ''
    } catch {
      return true
    }
  })
  return missing === undefined ? null : `there is no ${missing}`
}

const reason = obstacle()

describe.skipIf(reason !== null)(`the driver lvm (${reason ?? 'on a loop device'})`, () => {
  const directory = reason === null ? mkdtempSync(join(tmpdir(), 'glasslog-lvm-')) : ''
  const image = `${directory}.img`
  let loop = ''

  beforeAll(() => {
    writeFileSync(image, '')
    truncateSync(image, 512 * MIB)
    loop = run('losetup', '--find', '--show', image)
    run('vgcreate', GROUP, loop)
    run('lvcreate', '--yes', '--size', '128m', '--name', 'data', GROUP)
    run('mkfs.ext4', '-q', `/dev/${GROUP}/data`)
    run('mount', `/dev/${GROUP}/data`, directory)
  }, 60_000)

  afterAll(() => {
    for (const command of [
      ['umount', directory],
      ['vgremove', '--force', '--yes', GROUP],
      ['losetup', '--detach', loop],
    ]) {
      try {
        run(...(command as [string, ...string[]]))
      } catch {
        // What could not be made cannot be taken away.
      }
    }
    rmSync(directory, { recursive: true, force: true })
    rmSync(image, { force: true })
  }, 60_000)

  it('extends the volume and its file system while that is mounted, and only once', async () => {
    const settings = { volume: `/dev/${GROUP}/data`, prefix: [] }
    const drivers = createDrivers(
      { lvm: settings, kubernetes: null, webhook: null },
      { broker: new SimBroker(), clock: systemClock, environment: process.env, directory },
    )
    const driver = drivers.get('lvm')
    const usage = await new SimBroker().usage()
    const bounds = await driver?.bounds(usage)
    expect(bounds?.scaledBytes).toBe(128 * MIB)
    const before = statfsSync(directory)
    const expansion = expansionTo(128 * MIB, 256 * MIB)
    expect(await driver?.expand(expansion, usage)).toMatchObject({ kind: 'asked' })
    expect(await driver?.expand(expansion, usage)).toMatchObject({ kind: 'asked' })
    expect((await driver?.bounds(usage))?.scaledBytes).toBe(256 * MIB)
    const after = statfsSync(directory)
    expect((after.blocks - before.blocks) * after.bsize).toBeGreaterThan(0.9 * 128 * MIB)
  }, 60_000)
})
