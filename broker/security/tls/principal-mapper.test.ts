import { describe, expect, it } from 'vitest'
import { parsePrincipalRules } from './principal-mapper.ts'

const NAME = 'CN=Duke,OU=ServiceUsers,O=Unknown,L=Unknown,ST=Unknown,C=Unknown'

function map(rules: string, name: string): string | null {
  const mapper = parsePrincipalRules(rules)
  if ('fault' in mapper) throw new Error(mapper.fault)
  return mapper.map(name)
}

describe('ssl.principal.mapping.rules', () => {
  it.each([
    ['DEFAULT', NAME, NAME],
    ['', NAME, NAME],
    ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/', NAME, 'Duke'],
    ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L', NAME, 'duke'],
    ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/U', NAME, 'DUKE'],
    ['RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/', NAME, 'Duke@ServiceUsers'],
    ['RULE:^CN=(.*?),OU=Other.*$/$1/, DEFAULT', NAME, NAME],
    ['RULE:CN=(\\w+)\\/x.*/$1/,RULE:CN=(\\w+),.*/second-$1/', NAME, 'second-Duke'],
    // A pattern is the whole name, not a part of it.
    ['RULE:CN=Duke/admin/', NAME, null],
    ['RULE:^CN=.*OU=ServiceUsers/$1/', 'CN=x', null],
    ['DEFAULT', 'x'.repeat(1025), null],
    // Whoever did not log in is nobody's name.
    ['RULE:^CN=(\\w+)$/$1/', 'CN=ANONYMOUS', null],
    ['RULE:^CN=(\\w+)$/$1/U', 'CN=anonymous', null],
  ])('%s', (rules, name, principal) => {
    expect(map(rules, name)).toBe(principal)
  })

  it.each(['RULE:abc', 'RULE:a/b', 'nonsense', 'DEFAULT nonsense', 'RULE:(/x/'])(
    'are refused when they are none: %s',
    (rules) => {
      expect(parsePrincipalRules(rules)).toHaveProperty('fault')
    },
  )
})
