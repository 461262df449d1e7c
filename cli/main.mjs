// Where `glasslog` begins. Plain JavaScript, so that the directory for compiled code is known before
// the first TypeScript is loaded: else every start would strip the types of what comes first, and keep
// the parser for it (a WebAssembly module) in memory.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

keepCompiledCode()
await import('./main.ts')

/**
 * Keeps the compiled code of every module in the user's cache directory, for all threads and
 * processes that this one starts: the next start neither strips types nor compiles, takes half the
 * time, and has no compiler in memory. Whoever sets NODE_COMPILE_CACHE or NODE_DISABLE_COMPILE_CACHE
 * decides otherwise. Where the directory cannot be written, everything works as without.
 */
function keepCompiledCode() {
  const { NODE_COMPILE_CACHE: asked, XDG_CACHE_HOME: caches, HOME: home } = process.env
  const parent = caches || (home && join(home, '.cache'))
  // Asked for, so Node keeps one already; or nobody's, and a directory that all may write is no place for code.
  if (asked !== undefined || !parent) return
  const directory = join(parent, 'glasslog')
  const { directory: used } = enableCompileCache(directory)
  // Threads and child processes read it from the environment.
  if (used !== undefined) process.env.NODE_COMPILE_CACHE = directory
}
