import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  partitionIndex,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'

/** Moves replicas between the log directories of one broker (KIP-113). */
export const AlterReplicaLogDirsRequest = request(
  34,
  'AlterReplicaLogDirs',
  versions('0-2', { flexible: '2+' }),
  {
    dirs: array({
      path: string(),
      topics: array({
        name: topicName(),
        partitions: array(partitionIndex()),
      }),
    }),
  },
)
export interface AlterReplicaLogDirsRequest extends TypeOf<typeof AlterReplicaLogDirsRequest> {}

export const AlterReplicaLogDirsResponse = response(
  34,
  'AlterReplicaLogDirs',
  versions('0-2', { flexible: '2+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    results: array({
      topicName: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
      }),
    }),
  },
)
export interface AlterReplicaLogDirsResponse extends TypeOf<typeof AlterReplicaLogDirsResponse> {}
