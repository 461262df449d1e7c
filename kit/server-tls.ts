import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import { ConfigError } from './config-table.ts'
import type { Disk } from './disk.ts'
import type { Logger } from './logger.ts'
import type { Cancel, Timers } from './timers.ts'
import type { FileContents } from './watched-files.ts'
import { readFiles, watchFiles } from './watched-files.ts'

/** Key and certificates of a port that speaks HTTPS, in one PEM text. */
export interface ServerTls {
  readonly key: Buffer
  readonly cert: Buffer
  /** From now on a renewed file is used for new connections. Answers how to stop looking. */
  follow(server: Pick<Server, 'setSecureContext'>): Cancel
}

interface ServerTlsOptions {
  readonly disk: Disk
  readonly timers: Timers
  readonly logger: Logger
}

const RELOAD_INTERVAL_MS = 10_000
const MIN_VERSION = 'TLSv1.2'

/** Reads the key store that the configuration key `name` names. Throws a ConfigError when it is not there, or of no use. */
export async function openServerTls(
  name: string,
  path: string,
  options: ServerTlsOptions,
): Promise<ServerTls> {
  const contents = await readKeystore(name, options.disk, path)
  const pem = pemOf(contents)
  return {
    key: pem,
    cert: pem,
    follow(server) {
      const renew = (changed: FileContents): void => {
        const renewed = pemOf(changed)
        server.setSecureContext({ key: renewed, cert: renewed, minVersion: MIN_VERSION })
      }
      return watchFiles(contents, renew, { ...options, intervalMs: RELOAD_INTERVAL_MS })
    },
  }

  function pemOf(files: FileContents): Buffer {
    return files.get(path) ?? Buffer.alloc(0)
  }
}

async function readKeystore(name: string, disk: Disk, path: string): Promise<FileContents> {
  try {
    const contents = await readFiles(disk, [path])
    const pem = contents.get(path)
    createSecureContext({ key: pem, cert: pem })
    return contents
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError([{ name, message: `${name}: ${reason}` }])
  }
}
