import { describe, expect, it } from 'vitest'
import { ApiVersionsResponse, apiByKey, codec, Reader, Writer } from '../../protocol/index.ts'
import { handlers } from './index.ts'

describe('the registry', () => {
  it('has each API once, in the order of the keys', () => {
    const keys = handlers.map(({ apiKey }) => apiKey)
    expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b))
  })

  it.each(handlers.map((handler) => [handler.name, handler] as const))(
    'serves %s in every stable version from the oldest on',
    (name, { apiKey, versions, request, response }) => {
      expect(apiByKey(apiKey)).toMatchObject({ name, request, response })
      expect(versions).toEqual({ min: request.versions.min, max: request.latestStable })
    },
  )

  it('says what is left out in sentences', () => {
    for (const { notes, skipped } of handlers) {
      for (const text of [...notes, ...skipped]) expect(text).toMatch(/[.]$/)
    }
  })

  it('has something to say in the version for clients of the future only for ApiVersions', () => {
    const exceptions = handlers.filter(({ unsupported }) => unsupported !== null)
    expect(exceptions.map(({ name }) => name)).toEqual(['ApiVersions'])
    for (const { unsupported, encode } of exceptions) {
      const writer = new Writer()
      encode(writer, unsupported?.version ?? -1, unsupported?.response)
      const reader = new Reader(Buffer.concat(writer.finish()))
      const answer = codec(ApiVersionsResponse, 0).read(reader)
      expect(answer.apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }])
    }
  })
})
