import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { Cancel, Disk, Logger, Timers } from '../../../kit/index.ts'
import { ConfigError } from '../../../kit/index.ts'
import type { FileContents } from '../../security/index.ts'
import { readFiles, watchFiles } from '../../security/index.ts'

/** Key and certificates of the admin port, in one PEM text. */
export interface AdminTls {
  readonly key: Buffer
  readonly cert: Buffer
  /** From now on a renewed file is used for new connections. Answers how to stop looking. */
  follow(server: Pick<Server, 'setSecureContext'>): Cancel
}

interface AdminTlsOptions {
  readonly disk: Disk
  readonly timers: Timers
  readonly logger: Logger
}

const RELOAD_INTERVAL_MS = 10_000
const MIN_VERSION = 'TLSv1.2'

/** Reads the key store. Throws a ConfigError when it is not there, or of no use. */
export async function openAdminTls(path: string, options: AdminTlsOptions): Promise<AdminTls> {
  const contents = await readKeystore(options.disk, path)
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

async function readKeystore(disk: Disk, path: string): Promise<FileContents> {
  try {
    const contents = await readFiles(disk, [path])
    const pem = contents.get(path)
    createSecureContext({ key: pem, cert: pem })
    return contents
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError([
      { name: 'admin-tls-keystore', message: `admin-tls-keystore: ${reason}` },
    ])
  }
}
