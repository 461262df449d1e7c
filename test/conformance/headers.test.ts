import { describe, expect, it } from 'vitest'
import {
  Reader,
  readRequestHeader,
  readResponseHeader,
  Writer,
  writeRequestHeader,
  writeResponseHeader,
} from '../../protocol/index.ts'
import type { FieldDescription } from './descriptions.ts'
import { loadDescriptions } from './descriptions.ts'
import { isIn } from './version-notation.ts'

const messages = loadDescriptions('3.9.1')

const VALUES: Readonly<Record<string, number | string>> = {
  RequestApiKey: 3,
  RequestApiVersion: 12,
  CorrelationId: 0x01020304,
  ClientId: 'somebody',
}

/** A header's bytes, put together from its description alone. */
function describedBytes(name: string, version: number): Buffer {
  const description = messages.get(name)
  const parts = (description?.fields ?? [])
    .filter((field) => isIn(field.versions, version))
    .map((field) => fieldBytes(field, VALUES[field.name]))
  const tags = isIn(description?.flexibleVersions, version) ? [Buffer.from([0])] : []
  return Buffer.concat([...parts, ...tags])
}

function fieldBytes({ name, type }: FieldDescription, value: number | string | undefined): Buffer {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(type === 'int16' ? 2 : 4)
    bytes.writeIntBE(value, 0, bytes.length)
    return bytes
  }
  if (value === undefined || type !== 'string')
    throw new Error(`a new field of the header: ${name}`)
  // The description exempts the client id from compact lengths, the only field to have that.
  return Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
}

describe('headers', () => {
  it.each([0, 1, 2] as const)('request header v%i', (version) => {
    const bytes = describedBytes('RequestHeader', version)
    const header = readRequestHeader(new Reader(bytes), version)
    expect(header).toEqual({
      apiKey: 3,
      apiVersion: 12,
      correlationId: 0x01020304,
      clientId: version === 0 ? null : 'somebody',
    })
    const writer = new Writer()
    writeRequestHeader(writer, version, header)
    expect(Buffer.concat(writer.finish())).toEqual(bytes)
  })

  it.each([0, 1] as const)('response header v%i', (version) => {
    const bytes = describedBytes('ResponseHeader', version)
    const correlationId = readResponseHeader(new Reader(bytes), version)
    expect(correlationId).toBe(0x01020304)
    const writer = new Writer()
    writeResponseHeader(writer, version, correlationId)
    expect(Buffer.concat(writer.finish())).toEqual(bytes)
  })
})
