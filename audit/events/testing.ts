import type { JsonObject } from '../json.ts'

/**
 * What OCSF 1.3.0 asks of the classes that we export to: names, requirements and numbers of its
 * attributes as the published schema has them (schema.ocsf.io), as JSON Schema. Attributes that the
 * schema does not have fail, and so do wrong types and missing ones.
 */
const text = { type: 'string' }
const whole = { type: 'integer' }
const anything = {}

function object(properties: JsonObject, required: readonly string[] = []): JsonObject {
  return { type: 'object', additionalProperties: false, properties, required }
}

function oneOfThese(...values: number[]): JsonObject {
  return { enum: values }
}

const user = {
  ...object({
    name: text,
    uid: text,
    type_id: oneOfThese(0, 1, 2, 3, 4, 99),
    credential_uid: text,
  }),
  anyOf: [{ required: ['name'] }, { required: ['uid'] }],
}

const actor = {
  ...object({
    user,
    authorizations: {
      type: 'array',
      items: object({ decision: text, policy: object({ name: text, uid: text, desc: text }) }),
    },
    app_name: text,
    app_uid: text,
  }),
  anyOf: [{ required: ['user'] }, { required: ['app_name'] }, { required: ['app_uid'] }],
}

const networkEndpoint = {
  ...object({
    ip: { type: 'string', minLength: 2 },
    name: text,
    hostname: text,
    port: whole,
    svc_name: text,
    uid: text,
  }),
  anyOf: [{ required: ['ip'] }, { required: ['name'] }, { required: ['svc_name'] }],
}

const managedEntity = {
  ...object({ data: { type: 'object' }, name: text, type: text, uid: text, version: text }),
  anyOf: [{ required: ['name'] }, { required: ['uid'] }],
}

const metadata = object(
  {
    version: { const: '1.3.0' },
    product: object({ name: text, vendor_name: text, uid: text, version: text }),
    uid: text,
    sequence: whole,
    correlation_uid: text,
    event_code: text,
    log_name: text,
    logged_time: whole,
    original_time: text,
  },
  ['version', 'product'],
)

/** Attributes of every class: base event, classification and occurrence. */
const BASE: JsonObject = {
  activity_id: whole,
  activity_name: text,
  category_uid: whole,
  class_uid: whole,
  type_uid: whole,
  time: whole,
  severity_id: oneOfThese(0, 1, 2, 3, 4, 5, 6, 99),
  status_id: oneOfThese(0, 1, 2, 99),
  status_code: text,
  status_detail: text,
  message: text,
  metadata,
  unmapped: { type: 'object' },
}

const BASE_REQUIRED = [
  'activity_id',
  'category_uid',
  'class_uid',
  'metadata',
  'severity_id',
  'time',
  'type_uid',
]

interface ClassFacts {
  readonly category: number
  readonly activities: readonly number[]
  readonly attributes: JsonObject
  readonly required: readonly string[]
}

const FACTS: Readonly<Record<number, ClassFacts>> = {
  3001: {
    category: 3,
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99],
    attributes: { actor, user, user_result: user, src_endpoint: networkEndpoint },
    required: ['user'],
  },
  3002: {
    category: 3,
    activities: [0, 1, 2, 3, 4, 5, 99],
    attributes: {
      actor,
      user,
      service: object({ name: text, uid: text, version: text }),
      dst_endpoint: networkEndpoint,
      src_endpoint: networkEndpoint,
      auth_protocol: text,
      auth_protocol_id: oneOfThese(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99),
    },
    // The schema wants a service or a destination; we always have the service.
    required: ['user', 'service'],
  },
  3004: {
    category: 3,
    activities: [0, 1, 2, 3, 4, 99],
    attributes: {
      actor,
      comment: text,
      entity: managedEntity,
      entity_result: managedEntity,
      src_endpoint: networkEndpoint,
    },
    required: ['entity'],
  },
  6003: {
    category: 6,
    activities: [0, 1, 2, 3, 4, 99],
    attributes: {
      actor,
      api: object(
        {
          operation: text,
          service: object({ name: text, uid: text, version: text }),
          request: object({ uid: text, flags: anything }, ['uid']),
          response: object({ code: whole, error: text, error_message: text, message: text }),
          version: text,
        },
        ['operation'],
      ),
      resources: {
        type: 'array',
        items: object({ type: text, name: text, uid: text, data: anything }),
      },
      src_endpoint: networkEndpoint,
      dst_endpoint: networkEndpoint,
    },
    required: ['actor', 'api', 'src_endpoint'],
  },
}

/** JSON Schema of one class; type_uid has to belong to class and activity. */
export function ocsfSchema(classUid: number): JsonObject {
  const facts = FACTS[classUid]
  if (!facts) throw new RangeError(`no facts about class ${classUid}`)
  const { category, activities, attributes, required } = facts
  return {
    ...object({ ...BASE, ...attributes }, [...BASE_REQUIRED, ...required]),
    oneOf: activities.map((activity) => ({
      properties: {
        activity_id: { const: activity },
        type_uid: { const: classUid * 100 + activity },
        class_uid: { const: classUid },
        category_uid: { const: category },
      },
      // An activity that the class does not name has to be named by the event.
      ...(activity === 99 ? { required: ['activity_name'] } : {}),
    })),
  }
}
