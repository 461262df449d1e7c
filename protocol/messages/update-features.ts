import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  int8,
  int16,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

const UpdatableFeatureResult = {
  feature: string(),
  errorCode: errorCode(),
  errorMessage: string({ nullable: '0+' }),
}

/** Changes the finalized versions of features (KIP-584). */
export const UpdateFeaturesRequest = request(
  57,
  'UpdateFeatures',
  versions('0-2', { flexible: '0+' }),
  {
    timeoutMs: int32({ default: 60000 }),
    featureUpdates: array({
      feature: string(),
      /** Below 1 removes the feature. */
      maxVersionLevel: int16(),
      allowDowngrade: bool({ versions: '0' }),
      /** 1: upgrade, 2: safe downgrade, 3: downgrade that may lose data. */
      upgradeType: int8({ versions: '1+', default: 1 }),
    }),
    validateOnly: bool({ versions: '1+', default: false }),
  },
)
export interface UpdateFeaturesRequest extends TypeOf<typeof UpdateFeaturesRequest> {}

export const UpdateFeaturesResponse = response(
  57,
  'UpdateFeatures',
  versions('0-2', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
    results: array(UpdatableFeatureResult, { versions: '0-1', ignorable: true }),
  },
)
export interface UpdateFeaturesResponse extends TypeOf<typeof UpdateFeaturesResponse> {}
