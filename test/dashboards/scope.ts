/** Why panels of public boards can have no data here: families by their beginnings, first match counts. */
const OUT_OF_SCOPE: readonly (readonly [beginning: RegExp, reason: string])[] = [
  [/^(?:jvm|java)_/, 'JVM'],
  [/^(?:container|kubelet|kube|cadvisor|machine)_/, 'container runtime'],
  [
    /^kafka_server_(?:raftmetrics|raft_channel|metadataloader|brokermetadata|snapshotemitter)/,
    'KRaft quorum',
  ],
  [/^kafka_server_brokerservermetrics/, 'KRaft quorum'],
  [/^(?:zookeeper_|kafka_server_(?:zookeeper|sessionexpirelistener))/, 'ZooKeeper'],
  [/^(?:strimzi_|controller_runtime_)/, 'operator'],
  [/^node_/, 'node exporter'],
]

/** The reason why what reads these families is out of scope; null when it is in scope. */
export function outOfScope(families: readonly string[]): string | null {
  for (const family of families) {
    const found = OUT_OF_SCOPE.find(([beginning]) => beginning.test(family))
    if (found !== undefined) return found[1]
  }
  return null
}
