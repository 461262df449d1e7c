import type { SocketConstructorOpts } from 'node:net'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/** Node's types know one kind of handle only; an accepted connection's is another, and taken as well. */
type SocketHandle = NonNullable<SocketConstructorOpts['handle']>

/** Bytes of one read from a socket. */
export const RECEIVE_BYTES = 64 * 1024

/** Where the next bytes go, and who is told that they are there. */
export interface Receiver {
  /** Asked before each read; undefined for the buffer that all sockets share. */
  readonly space: Buffer | undefined
  /** `bytes` lie in what `space` gave, or in the shared buffer, which the next read overwrites. */
  receive(bytes: Buffer): void
}

/**
 * Makes of an accepted socket, before its first byte, one that reads into buffers of ours. Node
 * otherwise makes a new buffer for every read, and the garbage collector then runs at the rate of
 * the bytes that arrive (at 200 MB/s: one full collection of 5 to 15 ms in each 100 ms).
 *
 * Node offers this (`onread`) for sockets that connect, not for those that a server accepts; so the
 * connection's handle moves to a socket that was made with it. What TLS deciphers comes as it is.
 */
export function receivingSocket(accepted: Socket, shared: Buffer, receiver: Receiver): Socket {
  if (accepted instanceof TLSSocket) {
    return accepted.on('data', (bytes: Buffer) => receiver.receive(bytes))
  }
  const owner = accepted as Socket & { _handle: SocketHandle | undefined }
  const handle = owner._handle
  owner._handle = undefined
  // Without its handle it is an empty shell; the server must not wait for it.
  accepted.destroy()
  let buffer = shared
  return new Socket({
    handle,
    allowHalfOpen: true,
    onread: {
      buffer() {
        buffer = receiver.space ?? shared
        return buffer
      },
      callback(sizeBytes) {
        receiver.receive(buffer.subarray(0, sizeBytes))
        return true
      },
    },
  })
}
