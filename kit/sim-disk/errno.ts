/** An error as the operating system gives it. */
export function errno(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated disk, '${path}'`), { code, path })
}
