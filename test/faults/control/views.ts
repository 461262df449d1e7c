import type { Json } from '../../../audit/index.ts'
import { canonicalJson, resourceKey } from '../../../audit/index.ts'
import {
  ACL_OPERATIONS,
  ACL_PERMISSIONS,
  ACL_RESOURCE_TYPES,
  DEFAULT_DISK_POLICY,
  PATTERN_TYPES,
} from '../../../broker/control/index.ts'
import {
  DescribeAclsRequest,
  DescribeAclsResponse,
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
  DescribeConfigsRequest,
  DescribeConfigsResponse,
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
  MetadataRequest,
  MetadataResponse,
} from '../../../protocol/index.ts'
import type { Address, KafkaDoor } from './doors.ts'
import { askHttp } from './doors.ts'
import { differences, isSame } from './history-checker.ts'
import type { Members, Model } from './model.ts'

/** Somebody who may see everything, at both doors. */
export interface Looker {
  readonly address: Address
  readonly token: string
  readonly kafka: KafkaDoor
}

/** Without a record: the history's own, and that of events. */
const BUILT_IN_TOPICS: readonly string[] = ['__audit', '__events']
const TOPIC = 2
const TOPIC_CONFIG_SOURCE = 1
const ANY = 1

/** Everything that the two doors show, compared with what there should be. Answers what differs. */
export async function compareViews(looker: Looker, model: Model): Promise<readonly string[]> {
  const state = await stateAt(looker)
  const shown = [
    ...differences('GET /v1/audit/state', state.resources, model),
    ...(await compareTopics(looker, model)),
    ...(await comparePeople(looker, model)),
    ...(await compareRules(looker, model)),
    ...(await compareMachine(looker, model)),
    ...(await compareAlarms(looker, model)),
  ]
  return shown
}

export interface ShownState {
  readonly seq: number
  readonly hash: string
  readonly resources: ReadonlyMap<string, Json>
}

/** All of `GET /v1/audit/state`, now or as of a record. */
export async function stateAt(
  { address, token }: Omit<Looker, 'kafka'>,
  at?: number,
): Promise<ShownState> {
  const target = `GET /v1/audit/state?limit=10000${at === undefined ? '' : `&at=${at}`}`
  const { body, code } = await askHttp(address, target, { token, mark: 'checker' })
  if (code !== 'NONE') throw new Error(`${target} was answered ${code}`)
  const resources = body.resources as readonly {
    readonly resource: Parameters<typeof resourceKey>[0]
    readonly value: Json
  }[]
  return {
    seq: Number(body.seq),
    hash: String(body.hash),
    resources: new Map(resources.map(({ resource, value }) => [resourceKey(resource), value])),
  }
}

async function list({ address, token }: Looker, path: string, name: string): Promise<Members[]> {
  const target = `GET ${path}${path.includes('?') ? '&' : '?'}limit=1000`
  const { body } = await askHttp(address, target, { token, mark: 'checker' })
  if (body.next !== null) throw new Error(`${path} has more than one page`)
  return body[name] as Members[]
}

async function compareTopics(looker: Looker, model: Model): Promise<readonly string[]> {
  const { kafka } = looker
  const essence = ({ name, id, configs }: Members, partitions: unknown): string =>
    JSON.stringify([name, id, partitions, sorted(configs as Members)])
  const live = model.liveTopics().map((topic) => essence(topic, topic.partitionCount))
  const overHttp = (await list(looker, '/v1/topics', 'topics'))
    .filter(({ name }) => !BUILT_IN_TOPICS.includes(String(name)))
    .map((topic) => essence(topic, topic.partitions))
  const names = model.liveTopics().map(({ name }) => String(name))
  const metadata = await kafka.ask('checker', MetadataRequest, MetadataResponse, 12, {
    topics: null,
    allowAutoTopicCreation: false,
  })
  const configs = await kafka.ask('checker', DescribeConfigsRequest, DescribeConfigsResponse, 1, {
    resources: names.map((resourceName) => ({
      ...{ resourceType: TOPIC, resourceName, configurationKeys: null },
    })),
  })
  const setOn = new Map(
    configs.results.map((one) => [
      one.resourceName,
      Object.fromEntries(
        one.configs
          .filter(({ configSource }) => configSource === TOPIC_CONFIG_SOURCE)
          .map(({ name, value }) => [name, value]),
      ),
    ]),
  )
  const overKafka = metadata.topics
    .filter(({ name }) => !BUILT_IN_TOPICS.includes(String(name)))
    .map(({ name, topicId, partitions }) =>
      essence({ name, id: topicId, configs: setOn.get(name ?? '') ?? {} }, partitions.length),
    )
  const deleted = await list(looker, '/v1/deleted-topics', 'topics')
  return [
    ...compare('GET /v1/topics', overHttp, live),
    ...compare('Metadata and DescribeConfigs', overKafka, live),
    ...compare(
      'GET /v1/deleted-topics',
      deleted.map(({ id }) => String(id)),
      model.deletedTopics().map(({ id }) => String(id)),
    ),
  ]
}

async function comparePeople(looker: Looker, model: Model): Promise<readonly string[]> {
  const users = [...model.ofKind('user')].map(({ name, credentials }) => {
    const stored = Object.entries(credentials as Members).sort()
    return JSON.stringify([name, stored.map(([kind, one]) => [kind, (one as Members).iterations])])
  })
  const overHttp = (await list(looker, '/v1/users', 'users')).map(({ name, credentials }) =>
    JSON.stringify([
      name,
      (credentials as Members[]).map(({ mechanism, iterations }) => [mechanism, iterations]).sort(),
    ]),
  )
  const [request, response] = [
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
  ]
  const described = await looker.kafka.ask('checker', request, response, 0, { users: null })
  const overKafka = described.results.map(({ user, credentialInfos }) => {
    const infos = credentialInfos.map(({ mechanism, iterations }) => [
      mechanism === 1 ? 'SCRAM-SHA-256' : 'SCRAM-SHA-512',
      iterations,
    ])
    return JSON.stringify([user, infos.sort()])
  })
  const accountOf = ({ name, roles }: Members, isDisabled: unknown): string =>
    JSON.stringify([name, roles, isDisabled])
  const accounts = await list(looker, '/v1/accounts', 'accounts')
  const tokens = await list(looker, '/v1/tokens', 'tokens')
  return [
    ...compare('GET /v1/users', overHttp, users),
    ...compare('DescribeUserScramCredentials', overKafka, users),
    ...compare(
      'GET /v1/accounts',
      accounts.map((account) => accountOf(account, account.disabled)),
      [...model.ofKind('account')].map((account) => accountOf(account, account.isDisabled)),
    ),
    ...compare(
      'GET /v1/tokens',
      tokens.map(({ id, account }) => `${id} ${account}`),
      [...model.ofKind('api-token')].map(({ id, account }) => `${id} ${account}`),
    ),
  ]
}

async function compareRules(looker: Looker, model: Model): Promise<readonly string[]> {
  const { kafka } = looker
  const aclText = (acl: Members): string => {
    const { resourceType, resourceName, patternType, principal, host, operation, permission } = acl
    const what = [resourceType, patternType, resourceName]
    return JSON.stringify([...what, principal, host, operation, permission])
  }
  const acls = [...model.ofKind('acl')].map(aclText)
  const described = await kafka.ask('checker', DescribeAclsRequest, DescribeAclsResponse, 1, {
    ...{ resourceTypeFilter: ANY, resourceNameFilter: null, patternTypeFilter: ANY },
    ...{ principalFilter: null, hostFilter: null, operation: ANY, permissionType: ANY },
  })
  const overKafka = described.resources.flatMap(
    ({ resourceType, resourceName, patternType, acls }) =>
      acls.map(({ principal, host, operation, permissionType }) =>
        aclText({
          ...{ resourceName, principal, host },
          resourceType: nameOf(ACL_RESOURCE_TYPES, resourceType),
          patternType: nameOf(PATTERN_TYPES, patternType),
          operation: nameOf(ACL_OPERATIONS, operation),
          permission: nameOf(ACL_PERMISSIONS, permissionType),
        }),
      ),
  )
  const roleText = ({ name, rules }: Members): string =>
    JSON.stringify([name, (rules as Members[]).map((rule) => sorted(rule))])
  const roles = (await list(looker, '/v1/roles', 'roles')).filter(({ builtIn }) => !builtIn)
  const quotaText = (parts: readonly (readonly [string, Json | undefined])[], limits: Json) =>
    JSON.stringify([parts, sorted(limits as Members)])
  const { entries } = await kafka.ask(
    ...(['checker', DescribeClientQuotasRequest, DescribeClientQuotasResponse, 1] as const),
    { components: [], strict: false },
  )
  const quotas = (entries ?? []).map(({ entity, values }) =>
    quotaText(
      sorted(Object.fromEntries(entity.map((one) => [one.entityType, one.entityName]))),
      Object.fromEntries(values.map(({ key, value }) => [key, value])),
    ),
  )
  const expectedQuotas = [...model.ofKind('client-quota')].map(({ entity, limits }) => {
    const { clientId, ...rest } = entity as Members
    const named = clientId === undefined ? rest : { ...rest, 'client-id': clientId }
    return quotaText(sorted(named), limits ?? null)
  })
  const [request, response] = [DescribeDelegationTokenRequest, DescribeDelegationTokenResponse]
  const { tokens } = await kafka.ask('checker', request, response, 2, { owners: null })
  return [
    ...compare('GET /v1/acls', (await list(looker, '/v1/acls', 'acls')).map(aclText), acls),
    ...compare('DescribeAcls', overKafka, acls),
    ...compare('DescribeClientQuotas', quotas, expectedQuotas),
    ...compare('GET /v1/roles', roles.map(roleText), [...model.ofKind('role')].map(roleText)),
    ...compare(
      'DescribeDelegationToken',
      tokens.map(({ tokenId }) => tokenId),
      [...model.ofKind('delegation-token')].map(({ id }) => String(id)),
    ),
  ]
}

/** The listeners, and what is said about the disk. */
async function compareMachine(looker: Looker, model: Model): Promise<readonly string[]> {
  const { address, token } = looker
  const show = async (path: string): Promise<Members> =>
    (await askHttp(address, `GET ${path}`, { token, mark: 'checker' })).body as Members
  const listenerText = ({ name, protocol }: Members): string => `${name} ${protocol}`
  const listeners = await list(looker, '/v1/listeners', 'listeners')
  const configured = { name: 'SASL_PLAINTEXT', protocol: 'SASL_PLAINTEXT' }
  const [policy] = [...model.ofKind('disk-policy'), { ...DEFAULT_DISK_POLICY }]
  const { capacityBytes } = await show('/v1/disk-capacity')
  const [capacity] = [...model.ofKind('disk-capacity'), { capacityBytes: null }]
  const text = (members: Members): string => JSON.stringify(sorted(members))
  const quotaText = ({ entity, limits }: Members): string =>
    JSON.stringify([sorted(entity as Members), sorted(limits as Members)])
  return [
    ...compare('GET /v1/listeners', listeners.map(listenerText), [
      ...[configured, ...model.ofKind('listener')].map(listenerText),
    ]),
    ...compare('GET /v1/disk-policy', [text(await show('/v1/disk-policy'))], [text(policy ?? {})]),
    ...compare('GET /v1/disk-capacity', [`${capacityBytes}`], [`${capacity?.capacityBytes}`]),
    ...compare(
      'GET /v1/quotas',
      (await list(looker, '/v1/quotas', 'quotas')).map(quotaText),
      [...model.ofKind('client-quota')].map(quotaText),
    ),
  ]
}

/** What the monitor goes by. */
async function compareAlarms(looker: Looker, model: Model): Promise<readonly string[]> {
  const { address, token } = looker
  const pointText = ({ name, settings }: Members, secrets: readonly string[]): string =>
    canonicalJson([name ?? null, settings ?? null, [...secrets].sort()])
  const text = (value: Json | Members): string => canonicalJson(value as Json)
  const name = 'notification-policy'
  const target = `GET /v1/${name}`
  const { body } = await askHttp(address, target, { token, mark: 'checker' })
  return [
    ...compare('GET /v1/rules', (await list(looker, '/v1/rules', 'groups')).map(text), [
      ...[...model.ofKind('rule-group')].map(text),
    ]),
    ...compare(
      'GET /v1/contact-points',
      (await list(looker, '/v1/contact-points', 'contactPoints')).map((point) =>
        pointText(point, point.secrets as readonly string[]),
      ),
      [...model.ofKind('contact-point')].map((point) =>
        pointText(point, Object.keys(point.secrets as Members)),
      ),
    ),
    ...compare(
      target,
      [text((body as Members).policy ?? null)],
      [text(model.valueOf({ kind: name, name, id: null }))],
    ),
  ]
}

function compare(
  what: string,
  shown: readonly string[],
  expected: readonly string[],
): readonly string[] {
  const [one, other] = [[...shown].sort(), [...expected].sort()]
  if (isSame(one, other)) return []
  const missing = other.filter((text) => !one.includes(text))
  const surplus = one.filter((text) => !other.includes(text))
  return [`${what}: missing ${missing.join(' ')}; too much ${surplus.join(' ')}`]
}

function nameOf(codes: Readonly<Record<string, number>>, code: number): string {
  return Object.entries(codes).find(([, one]) => one === code)?.[0] ?? `code ${code}`
}

function sorted(members: Members): readonly (readonly [string, Json | undefined])[] {
  return Object.entries(members).sort(([one], [other]) => (one < other ? -1 : 1))
}
