/**
 * Opens something when it is asked for first, and again after it could not be opened: files may have
 * run out for a moment, and whoever asks next must not be told of it for good.
 */
export function onceItWorks<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => {
    opened ??= open().catch((cause: unknown) => {
      opened = undefined
      throw cause
    })
    return opened
  }
}
