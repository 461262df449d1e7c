import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const AFTER_MS = 1_000

/** What a start leaves to be done once it is over and the first clients are served. */
export function tidyAfterStart(): void {
  setTimeout(() => {
    // Else written at the end, which a process that is killed does not come to.
    flushCompileCache()
    letGoOfStart()
  }, AFTER_MS).unref()
}

/**
 * Loading some hundred modules leaves a heap that V8 keeps at its size for as long as nothing is
 * allocated: 45 MiB of an idle broker. A collection that asks for memory back is only to be had
 * through the function that V8 has for tests; it takes some tens of milliseconds, once.
 * The flag stays, since it is the whole process's and journal threads may be about to use it.
 */
function letGoOfStart(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
