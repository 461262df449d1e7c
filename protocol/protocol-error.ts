/**
 * Bytes that are not what a message's declaration says, or a value that cannot be written in the
 * version asked for. On reading it means a broken or hostile peer: the connection is not usable any
 * more, because nobody knows where the next field begins. On writing it is a fault of this program.
 *
 * `path` names the field, for example `topics[3].partitions[0].fetchOffset`. It grows while the
 * error climbs through the codecs, so that the path costs nothing as long as nothing goes wrong.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly reason: string
  /** Name of the message, for example `FetchRequest`; empty outside of one. */
  messageName = ''
  version = -1
  path = ''

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }

  /** Puts the name of the enclosing field in front of the path. */
  within(field: string): this {
    const joint = this.path === '' || this.path.startsWith('[') ? '' : '.'
    this.path = `${field}${joint}${this.path}`
    return this
  }

  /** Puts the index of the enclosing array's element in front of the path. */
  withinElement(index: number): this {
    return this.within(`[${index}]`)
  }

  of(messageName: string, version: number): this {
    this.messageName = messageName
    this.version = version
    this.message = `${messageName} v${version}${this.path === '' ? '' : ` ${this.path}`}: ${this.reason}`
    return this
  }
}
