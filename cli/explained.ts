import { HistoryError } from '../audit/index.ts'
import { LogStoreError } from '../broker/index.ts'
import { ConfigError } from '../kit/index.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'
import { configFailure } from './options.ts'

/**
 * Faults of opening a data directory that a person can mend, in words and with the exit code for
 * them. What is left is a fault of ours and is answered as it is, to crash.
 */
export function explained(error: unknown, dataDir: string): unknown {
  if (error instanceof ConfigError) return configFailure(error.faults.map(({ message }) => message))
  if (error instanceof LogStoreError && error.reason === 'in-use') {
    return new CommandFailure(`${dataDir} is in use by another process`, EXIT.inUse)
  }
  if (error instanceof LogStoreError || error instanceof HistoryError) {
    return new CommandFailure(`cannot open ${dataDir}: ${error.message}`, EXIT.failed)
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return new CommandFailure(
      `${error.message}; end what listens there, or give another port with --kafka-port or --admin-port`,
      EXIT.failed,
    )
  }
  return error
}
