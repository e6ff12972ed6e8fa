/** Where one node of a cluster listens. */
export interface BrokerPorts {
  readonly clients: number
  readonly replication: number
  readonly quorum: number
}

/**
 * The server.properties of node `index` (its id is `index + 1`). Every node is broker and controller, so that of three
 * any one may die. Three hold every record three times, and take records while two of the copies are in sync.
 */
export function brokerProperties(
  index: number,
  ports: readonly BrokerPorts[],
  advertised: string,
  dataFolder: string,
  chosen: Readonly<Record<string, string | number | boolean>>,
): string {
  const { clients, replication, quorum } = ports[index]!
  const voters = ports.map((each, at) => `${at + 1}@127.0.0.1:${each.quorum}`)
  const replicas = ports.length
  const inSync = replicas === 1 ? 1 : 2
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': index + 1,
    'controller.quorum.voters': voters.join(),
    // Clients have a listener of their own: what stands between them and a broker does not stand between brokers.
    listeners: [
      `CLIENTS://127.0.0.1:${clients}`,
      `REPLICATION://127.0.0.1:${replication}`,
      `QUORUM://127.0.0.1:${quorum}`,
    ].join(),
    'advertised.listeners': `CLIENTS://${advertised},REPLICATION://127.0.0.1:${replication}`,
    'listener.security.protocol.map': 'CLIENTS:PLAINTEXT,REPLICATION:PLAINTEXT,QUORUM:PLAINTEXT',
    'inter.broker.listener.name': 'REPLICATION',
    'controller.listener.names': 'QUORUM',
    'log.dirs': dataFolder,

    'auto.create.topics.enable': false,
    'unclean.leader.election.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,

    // A test does not wait: groups form at once, a broker that was killed is missed after three seconds and not nine.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 3000,

    // And it is small.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.num.partitions': 4,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,

    ...chosen,
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
