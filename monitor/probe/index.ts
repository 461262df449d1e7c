export { openKafkaLink } from './kafka-link.ts'
export { Probe } from './probe.ts'
export { ensureProbeTopic, findProbeEndpoint, type ProbeLogin } from './probe-topic.ts'
