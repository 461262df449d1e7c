/** For log lines: what went wrong, in one sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}

/**
 * The data directory cannot be opened. `reason` says which kind of fault it is:
 * - `in-use`: another process holds the lock;
 * - `newer-format`: written by a newer version of the program;
 * - `corrupt`: something that was durable is damaged and no single partition can be blamed for it.
 */
export class LogStoreError extends Error {
  override readonly name = 'LogStoreError'
  readonly reason: 'in-use' | 'newer-format' | 'corrupt'

  constructor(reason: LogStoreError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
