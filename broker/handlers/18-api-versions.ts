import { abbreviate } from '../../kit/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse, errors } from '../../protocol/index.ts'
import type { Handler } from './handler.ts'
import { defineHandler } from './handler.ts'

const API_KEY = 18
const VERSIONS = { min: 0, max: 4 }
/** What KIP-511 allows as a client's name or version. */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/
/** They are labels of metrics, and stand in the history. */
const MAX_SOFTWARE_LENGTH = 128
/** From this version on a client says what it is. */
const SOFTWARE_VERSION = 3

interface ApiRange {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

/**
 * ApiVersions v0-v4 (KIP-35, KIP-511): which APIs in which versions. Derived from the registry, so
 * that what is advertised is what is implemented. A request in a newer version is answered in v0
 * with UNSUPPORTED_VERSION and the range of ApiVersions itself, so that the client can ask again.
 *
 * Features (KIP-584) are left empty: each of Kafka's turns on behaviour that is not there yet, such
 * as transactions of the second version or share groups.
 */
export function apiVersions(others: readonly Handler[]): Handler {
  const own = { apiKey: API_KEY, minVersion: VERSIONS.min, maxVersion: VERSIONS.max }
  const apiKeys: readonly ApiRange[] = [
    own,
    ...others.map(({ apiKey, versions }) => ({
      apiKey,
      minVersion: versions.min,
      maxVersion: versions.max,
    })),
  ].sort((a, b) => a.apiKey - b.apiKey)

  return defineHandler(
    ApiVersionsRequest,
    ApiVersionsResponse,
    {
      versions: `${VERSIONS.min}-${VERSIONS.max}`,
      stage: 'ordered',
      permissions: [],
      notes: ['No features are advertised (KIP-584).'],
      unsupported: {
        version: 0,
        response: { errorCode: errors.UNSUPPORTED_VERSION.code, apiKeys: [own] },
      },
    },
    (request, { apiVersion, connection }) => {
      if (apiVersion >= SOFTWARE_VERSION) {
        const { clientSoftwareName: name, clientSoftwareVersion: version } = request
        if (!SOFTWARE.test(name) || !SOFTWARE.test(version)) {
          return { errorCode: errors.INVALID_REQUEST.code, apiKeys: [] }
        }
        connection.softwareName = abbreviate(name, MAX_SOFTWARE_LENGTH)
        connection.softwareVersion = abbreviate(version, MAX_SOFTWARE_LENGTH)
      }
      return { errorCode: errors.NONE.code, apiKeys }
    },
  )
}
