import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/**
 * A native library that is loaded when it is needed first: a broker stores and sends batches as they
 * come, so most never decompress one, and loading takes time at the start and memory ever after.
 */
export function onFirstUse<Library>(name: string): () => Library {
  let library: Library | undefined
  return () => {
    library ??= load(name) as Library
    return library
  }
}
