import { DIRECT_ALIGNMENT_BYTES } from './disk.ts'

/** Node has it; the types of Node do not. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number
    readonly maximum: number
  }) => {
    readonly buffer: ArrayBuffer
  }
}

/** Memory that is known to begin at a page. */
const mapped = new WeakSet<ArrayBufferLike>()

/** WebAssembly counts memory in pages of this size. */
const WASM_PAGE_BYTES = 64 * 1024

/**
 * Memory that begins at a page of the machine, as reads past the page cache need it. Buffers of
 * Node's own begin wherever the allocator likes, and nothing tells their address; the memory of
 * WebAssembly is mapped by itself, page by page. What is never touched takes nothing, but each takes
 * 8 GiB of addresses: a process that may not have so many (`ulimit -v`) gets an ordinary buffer, which
 * `isAligned` tells from others.
 */
export function alignedBuffer(sizeBytes: number): Buffer {
  const pages = Math.ceil(sizeBytes / WASM_PAGE_BYTES)
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    mapped.add(memory.buffer)
    return Buffer.from(memory.buffer, 0, sizeBytes)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    return Buffer.allocUnsafeSlow(sizeBytes)
  }
}

/** Whether reads past the page cache may go into it; where it is not known where it lies they may not. */
export function isAligned({ buffer, byteOffset, length }: Buffer): boolean {
  const isWhole = byteOffset % DIRECT_ALIGNMENT_BYTES === 0 && length % DIRECT_ALIGNMENT_BYTES === 0
  return isWhole && mapped.has(buffer)
}
