import { BackupFault, LogStoreError, TargetFault } from '../../../broker/index.ts'
import { CommandFailure, EXIT } from '../../exit-codes.ts'

/** Classes of faults in what is read, by the names that their rooms give them. */
const DAMAGES: readonly string[] = ['DamagedError', 'HistoryError', 'NoteError', 'BackupError']

/** What a person can mend, in words and with the exit code for it. What is left is a fault of ours. */
export function explainedCopy(error: unknown): unknown {
  if (error instanceof TargetFault) return new CommandFailure(error.message, EXIT.config)
  if (error instanceof LogStoreError && error.reason === 'in-use') {
    return new CommandFailure(
      `${error.message}; stop it, or give --admin URL --token TOKEN when it is a broker`,
      EXIT.inUse,
    )
  }
  if (error instanceof BackupFault || error instanceof LogStoreError) {
    return new CommandFailure(error.message, EXIT.failed)
  }
  if (!(error instanceof Error)) return error
  const isOfTheDisk = 'code' in error && 'syscall' in error
  if (isOfTheDisk || DAMAGES.includes(error.name)) {
    return new CommandFailure(error.message, EXIT.failed)
  }
  return error
}
