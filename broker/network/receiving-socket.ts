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

interface OnRead {
  buffer(): Buffer
  callback(sizeBytes: number): boolean
}

/**
 * Makes of an accepted socket, before its first byte, one that reads into buffers of ours. Node
 * otherwise makes a new buffer for every read, and the garbage collector then runs at the rate of
 * the bytes that arrive (at 200 MB/s: one full collection of 5 to 15 ms in each 100 ms).
 *
 * Node offers this (`onread`) for sockets that connect, not for those that a server accepts: an
 * accepted connection's handle moves to a socket that was made with it, and what TLS deciphers is
 * sent to where such a socket keeps its buffers.
 */
export function receivingSocket(accepted: Socket, shared: Buffer, receiver: Receiver): Socket {
  let buffer = shared
  const onread: OnRead = {
    buffer() {
      buffer = receiver.space ?? shared
      return buffer
    },
    callback(sizeBytes) {
      receiver.receive(buffer.subarray(0, sizeBytes))
      return true
    },
  }
  if (accepted instanceof TLSSocket) {
    receiveDeciphered(accepted, onread)
    // What came before, or comes as before because this release of Node keeps its buffers elsewhere.
    return accepted.on('data', (bytes: Buffer) => receiver.receive(bytes))
  }
  const owner = accepted as Socket & { _handle: SocketHandle | undefined }
  const handle = owner._handle
  owner._handle = undefined
  // Without its handle it is an empty shell; the server must not wait for it.
  accepted.destroy()
  return new Socket({ handle, allowHalfOpen: true, onread })
}

/** A handle that deciphers can be told where to put the bytes, as that of a plain socket. */
interface DecipheringHandle {
  useUserBuffer?(buffer: Buffer): void
}

/** A TLS socket is its handle's for good; so it is given what `onread` leaves on a socket. */
function receiveDeciphered(socket: TLSSocket, onread: OnRead): void {
  const { _handle: handle } = socket as TLSSocket & { readonly _handle: DecipheringHandle | null }
  const model: object = new Socket({ onread })
  const named = (name: string): symbol | undefined =>
    Object.getOwnPropertySymbols(model).find(({ description }) => description === name)
  const slots = [named('kBuffer'), named('kBufferGen'), named('kBufferCb')] as const
  const [current, next, taken] = slots
  if (!handle?.useUserBuffer || !current || !next || !taken) return
  const first = onread.buffer()
  handle.useUserBuffer(first)
  Object.assign(socket, { [current]: first, [next]: onread.buffer, [taken]: onread.callback })
}
