import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  featuresEpoch,
  int16,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

const SupportedFeatureKey = {
  name: string(),
  minVersion: int16(),
  maxVersion: int16(),
}

const FinalizedFeatureKey = {
  name: string(),
  maxVersionLevel: int16(),
  minVersionLevel: int16(),
}

/**
 * The first request of every client since 0.10: which APIs in which versions? A version that the
 * broker does not know is answered in version 0 with UNSUPPORTED_VERSION (KIP-511).
 */
export const ApiVersionsRequest = request(18, 'ApiVersions', versions('0-4', { flexible: '3+' }), {
  clientSoftwareName: string({ versions: '3+', ignorable: true }),
  clientSoftwareVersion: string({ versions: '3+', ignorable: true }),
})
export interface ApiVersionsRequest extends TypeOf<typeof ApiVersionsRequest> {}

/**
 * Its header is always version 0, see header.ts. Features may have a minimum of 0 only from version
 * 4 on; in 3 they must be left out (KIP-1022).
 */
export const ApiVersionsResponse = response(
  18,
  'ApiVersions',
  versions('0-4', { flexible: '3+' }),
  {
    errorCode: errorCode(),
    apiKeys: array({
      apiKey: int16(),
      /** Lowest version that is served. */
      minVersion: int16(),
      maxVersion: int16(),
    }),
    throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
    supportedFeatures: array(SupportedFeatureKey, { versions: '3+', tag: 0, ignorable: true }),
    finalizedFeaturesEpoch: featuresEpoch({ versions: '3+', default: -1, tag: 1, ignorable: true }),
    finalizedFeatures: array(FinalizedFeatureKey, { versions: '3+', tag: 2, ignorable: true }),
    /** Of controllers that migrate from ZooKeeper; always false here. */
    zkMigrationReady: bool({ versions: '3+', default: false, tag: 3, ignorable: true }),
  },
)
export interface ApiVersionsResponse extends TypeOf<typeof ApiVersionsResponse> {}
