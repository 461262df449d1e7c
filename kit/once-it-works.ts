/**
 * Opens something when it is asked for first, and again after it could not be opened: files may have
 * run out for a moment, and whoever asks next must not be told of it for good. It is also how code is
 * loaded that a start does not need, by an `import()` in `open`.
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
