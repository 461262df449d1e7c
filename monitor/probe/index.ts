export { isProbeGroup, openKafkaLink, probeGroup } from './kafka-link.ts'
export { Probe } from './probe.ts'
export { ProbeStats } from './probe-stats.ts'
export { ensureProbeTopic, findProbeEndpoint, type ProbeLogin } from './probe-topic.ts'
