/**
 * What is in effect until somebody says where notifications shall go: alerts are grouped and shown, and
 * nobody is told. A worse alert holds back the lesser ones about the same thing.
 */
export const DEFAULT_CONFIG_YAML = `
route:
  receiver: console
  group_by: [alertname, cluster]
receivers:
- name: console
inhibit_rules:
- source_matchers: ['severity = critical']
  target_matchers: ['severity =~ "warning|info"']
  equal: [alertname, cluster, topic, consumergroup, instance]
`
