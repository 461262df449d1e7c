import { crc32 as zlibCrc32 } from 'node:zlib'
import { crc32c as hardwareCrc32c } from '@node-rs/crc32'

/** CRC-32C (Castagnoli, RFC 3720), the checksum of record batches of magic 2, with the processor's instruction. */
export function crc32c(bytes: Uint8Array): number {
  return hardwareCrc32c(bytes)
}

/** CRC-32 (ISO 3309, as in gzip), the checksum of messages of magic 0 and 1. */
export function crc32(bytes: Uint8Array): number {
  return zlibCrc32(bytes)
}
