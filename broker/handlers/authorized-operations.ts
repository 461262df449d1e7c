/**
 * Operations that a principal may do on a resource, one bit for each, by the number of Kafka's
 * AclOperation (KIP-430). There is no authorizer yet, so everybody may do what the resource knows.
 */
const BITS = {
  read: 1 << 3,
  write: 1 << 4,
  create: 1 << 5,
  delete: 1 << 6,
  alter: 1 << 7,
  describe: 1 << 8,
  clusterAction: 1 << 9,
  describeConfigs: 1 << 10,
  alterConfigs: 1 << 11,
  idempotentWrite: 1 << 12,
} as const

/** Stands for "not asked for" (Kafka's default of the field). */
export const NOT_ASKED = -2147483648

export const TOPIC_OPERATIONS =
  BITS.read |
  BITS.write |
  BITS.create |
  BITS.delete |
  BITS.alter |
  BITS.describe |
  BITS.describeConfigs |
  BITS.alterConfigs

export const CLUSTER_OPERATIONS =
  BITS.create |
  BITS.alter |
  BITS.describe |
  BITS.clusterAction |
  BITS.describeConfigs |
  BITS.alterConfigs |
  BITS.idempotentWrite

export const GROUP_OPERATIONS = BITS.read | BITS.delete | BITS.describe
