/** Node has it; the types of Node do not. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number
    readonly maximum: number
  }) => {
    readonly buffer: ArrayBuffer
  }
}

/** WebAssembly counts memory in pages of this size. */
const WASM_PAGE_BYTES = 64 * 1024

/**
 * Memory that begins at a page of the machine, as reads past the page cache need it. Buffers of
 * Node's own begin wherever the allocator likes, and nothing tells their address; the memory of
 * WebAssembly is mapped by itself, page by page. What is never touched takes nothing, but each takes
 * 8 GiB of addresses: a process that may not have so many (`ulimit -v`) gets an ordinary buffer, with
 * which such reads are refused.
 */
export function alignedBuffer(sizeBytes: number): Buffer {
  const pages = Math.ceil(sizeBytes / WASM_PAGE_BYTES)
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    return Buffer.from(memory.buffer, 0, sizeBytes)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    return Buffer.allocUnsafeSlow(sizeBytes)
  }
}
